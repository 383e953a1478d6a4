"""What the data-quality monitor returns: its files, metrics and findings."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar

from driftkit.formats import constraints as constraints_file
from driftkit.formats import drift as drift_file
from driftkit.formats import segments as segment_files
from driftkit.formats import statistics as statistics_file
from driftkit.formats import violations as violations_file
from driftkit.formats.derived import DERIVED_FILE, Derivation
from driftkit.formats.document import Kind
from driftkit.formats.statistics import Statistics
from driftkit.io.locations import locate
from driftkit.io.reading import of_a_run
from driftkit.monitors.baselines import BaselineFiles
from driftkit.monitors.data_quality import segments as of_segments
from driftkit.monitors.data_quality.distances import distances_of_result
from driftkit.monitors.data_quality.drift import findings as of_drift
from driftkit.monitors.data_quality.figures import figures
from driftkit.monitors.data_quality.kept_files import (
    binary_files,
    read_cells,
    read_derivation,
    read_drift,
    read_outcomes,
    refuse_unmeasured,
    write_run,
)
from driftkit.monitors.data_quality.profile import profile_metrics, profile_rows
from driftkit.monitors.data_quality.result_files import (
    CONSTRAINTS,
    OF_A_RUN,
    STATISTICS,
    SUGGESTIONS,
    VIOLATIONS,
)
from driftkit.monitors.saved_states import read_baseline_states
from driftkit.report import methods as page_methods
from driftkit.results import methods
from driftkit.results.findings import graded, ranked
from driftkit.results.tables import baseline_html, rows_of, table
from driftkit.states import storage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd

    from driftkit.formats.constraints import Constraints
    from driftkit.formats.drift import Drift
    from driftkit.formats.violations import Violation
    from driftkit.io.locations import Location, PathOrUrl
    from driftkit.monitors.data_quality.segments import SegmentResult
    from driftkit.results.contract import Finding, Metric, Run, Skipped
    from driftkit.results.figures import Figure
    from driftkit.states.cells.counted import CellCounts
    from driftkit.states.cells.outcomes import CellOutcomes
    from driftkit.states.partitions.partition import Key
    from driftkit.states.states import States


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Baseline:
    """What is normal: constraints and, where known, the statistics they came from.

    Attributes:
        constraints: of every column.
        statistics: of every column, where they are known.
        deequ_suggestions: the content of deequ_suggestions.json, where Deequ computed it.
        derivation: how some of the columns were made of others.
        states: what statistics were read from; more data can be added to them.
        segment_constraints: of the segments, by their values; of all others under None.
        cells: counts of its blocks of time, by which windows are judged; None without blocks.
        outcomes: what a model predicted, by cell; None where no column of predictions was named.
        run: how the numbers came about.
    """

    constraints: Constraints
    statistics: Statistics | None = None
    deequ_suggestions: Mapping[str, Any] | None = None
    derivation: Derivation = field(default_factory=Derivation)
    states: States | None = field(default=None, compare=False, repr=False)
    segment_constraints: Mapping[Key | None, Constraints] = field(
        default_factory=dict, compare=False, repr=False
    )
    cells: CellCounts | None = field(default=None, compare=False, repr=False)
    outcomes: CellOutcomes | None = field(default=None, compare=False, repr=False)
    run: Run | None = field(default=None, compare=False)

    _repr_html_ = baseline_html
    notes = methods.notes

    @property
    def files(self) -> dict[str, dict[str, Any]]:
        """File name -> content, as `write` writes it."""
        return self._files(Statistics.to_dict)

    def _files(self, of_statistics: Callable[[Statistics], Any]) -> dict[str, Any]:
        files = {CONSTRAINTS: self.constraints.to_dict()}
        if self.statistics is not None:
            files = {STATISTICS: of_statistics(self.statistics), **files}
        if self.deequ_suggestions is not None:
            files[SUGGESTIONS] = dict(self.deequ_suggestions)
        if self.derivation:
            files[DERIVED_FILE] = self.derivation.to_dict()
        if self.states is not None and self.segment_constraints:
            of_all = of_segments.constraints_file(self.states, self.segment_constraints)
            files[segment_files.CONSTRAINTS_FILE] = of_all or {}
        return files

    def write(self, directory: PathOrUrl, *, keep_states: bool = False) -> tuple[Location, ...]:
        """Writes the files, all of them or none, in place of those of an earlier run.

        Args:
            directory: made where it is missing.
            keep_states: whether states.arrow is written too, so that data can be added later;
                with segments or blocks of time it always is.

        Raises:
            OutputError: the directory cannot be written.
        """
        needed = self.states is not None and bool(self.states.table.partitions)
        # A baseline that was read and edited need not know all of its folder.
        replaced = () if self.run is None else OF_A_RUN
        states = self.states if keep_states or needed else None
        kept = binary_files(states, self.cells, self.outcomes)
        return write_run(self._files(Statistics.dumped), directory, kept, replaced)

    @classmethod
    @of_a_run
    def read(
        cls,
        directory: PathOrUrl | None = None,
        *,
        statistics: PathOrUrl | None = None,
        constraints: PathOrUrl | None = None,
    ) -> Baseline:
        """Reads a baseline from a folder or from files by name.

        One of a baseline's files may stand for its folder. A folder may lack statistics.json;
        distributions cannot be compared then. Where it has segment_constraints.json, the states of
        the segments are read from its states.arrow.

        Raises:
            FormatError: a file is missing or is not what it should be.
        """
        files = BaselineFiles.of(directory, statistics, constraints, Kind.STATISTICS)
        folder = files.folder
        constrained = constraints_file.read_file(files.constraints)
        derivation = read_derivation(locate(files.constraints).parent)
        measured = None
        if files.statistics is not None:
            measured = statistics_file.read_file(files.statistics)
            refuse_unmeasured(constrained, measured, f"{files.constraints} and {files.statistics}")
        whole = None if files.mixed else folder
        found = cls(
            constraints=constrained,
            statistics=measured,
            derivation=derivation,
            cells=None if whole is None else read_cells(whole),
            outcomes=None if whole is None else read_outcomes(whole),
        )
        if folder is None or not (folder / segment_files.CONSTRAINTS_FILE).exists():
            return found
        states = read_baseline_states(folder, None if files.mixed else measured)
        edited = segment_files.read_constraints(folder / segment_files.CONSTRAINTS_FILE)
        of_segments.refuse_strange(states, edited, folder)
        constraints_of = of_segments.segment_constraints(states, constrained, edited)
        return replace(found, states=states, segment_constraints=constraints_of)

    def metrics(self) -> list[Metric]:
        """The numbers of every column."""
        return [] if self.statistics is None else profile_metrics(self.statistics)

    def statistics_table(self) -> pd.DataFrame:
        """One row a feature: type, presence, moments, extremes, distinct values."""
        return table([] if self.statistics is None else profile_rows(self.statistics))

    def __repr__(self) -> str:
        # A notebook's plain-text view and a failing assertion would print every sketch.
        return f"<Baseline of {len(self.constraints.features)} features>"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class MonitoringResult:
    """A window against its baseline: statistics, constraints and violations.

    Attributes:
        statistics: of the window.
        constraints: as a baseline of the window would have them.
        violations: of the baseline's constraints.
        found: one finding a violation, in the same order; empty for what was read.
        skipped: the checks that could not be made.
        distances: of every feature that has one, whether or not it is compared.
        segments: the segments of the window, each against its own baseline.
        drift: of each feature whether it is different or unusual; None in the dialect "aws".
        cells: counts of the window, by which later ones look back at it.
        states: what the statistics were read from; windows can be combined by them.
        baseline: what the window was compared with.
        run: how the numbers came about.
    """

    statistics: Statistics
    constraints: Constraints
    violations: tuple[Violation, ...]
    found: tuple[Finding, ...] = field(default=(), compare=False)
    skipped: tuple[Skipped, ...] = field(default=(), compare=False)
    distances: tuple[Metric, ...] = field(default=(), compare=False)
    segments: tuple[SegmentResult, ...] = ()
    drift: Drift | None = field(default=None, compare=False)
    cells: CellCounts | None = field(default=None, compare=False, repr=False)
    states: States | None = field(default=None, compare=False, repr=False)
    baseline: Baseline | None = field(default=None, compare=False)
    run: Run | None = field(default=None, compare=False)

    COLUMNS: ClassVar[Mapping[str, str]] = {
        "feature_name": "feature",
        "constraint_check_type": "check",
        "severity": "severity",
        "expected": "expected",
        "observed": "observed",
        "cause": "cause",
        "description": "message",
    }
    distances_table = distances_of_result
    _repr_html_ = page_methods.shown
    report = page_methods.report
    plot = page_methods.plot

    def notes(self) -> list[str]:
        """What a person should know of how the numbers came about, a line each."""
        return [*methods.notes(self), *of_drift.notes(self.drift)]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Alarms of drift, then the violations that none of them tells; those of segments are last."""
        own = self.found or of_segments.bare_findings(self.violations)
        of_parts = (each for segment in self.segments for each in segment.findings)
        return graded((*of_drift.told_once(self.drift, own), *of_parts), self.run)

    @property
    def files(self) -> dict[str, dict[str, Any]]:
        """File name -> content, as `write` writes it."""
        return self._files(Statistics.to_dict)

    def _files(self, of_statistics: Callable[[Statistics], Any]) -> dict[str, Any]:
        files = {
            STATISTICS: of_statistics(self.statistics),
            CONSTRAINTS: self.constraints.to_dict(),
            VIOLATIONS: violations_file.Violations(violations=self.violations).to_dict(),
        }
        if self.states is not None and self.states.derivation:
            files[DERIVED_FILE] = self.states.derivation.to_dict()
        if self.segments:
            files[segment_files.VIOLATIONS_FILE] = of_segments.violations_file(self.segments)
        if self.drift is not None:
            files[drift_file.NAME] = self.drift.to_dict()
        return files

    def write(self, directory: PathOrUrl, *, keep_states: bool = True) -> tuple[Location, ...]:
        """Writes the files, all of them or none, in place of those of an earlier run.

        Args:
            directory: made where it is missing.
            keep_states: whether states.arrow is written too, by which windows can be combined.

        Raises:
            OutputError: the directory cannot be written.
        """
        # Who compares files has read no rows, so that the states of those that were stay.
        replaced = [name for name in OF_A_RUN if self.run is not None or name != storage.FILE]
        kept = self.states if keep_states else None
        binary = binary_files(kept, self.cells)
        return write_run(self._files(Statistics.dumped), directory, binary, replaced)

    @classmethod
    @of_a_run
    def read(cls, directory: PathOrUrl) -> MonitoringResult:
        """Reads what an earlier run wrote, driftkit's or AWS's.

        Raises:
            FormatError: a file is missing or is not what it should be.
        """
        folder = locate(directory)
        return cls(
            statistics=statistics_file.read_file(folder / STATISTICS),
            constraints=constraints_file.read_file(folder / CONSTRAINTS),
            violations=violations_file.read_file(
                folder / VIOLATIONS, violations_file.Violation
            ).violations,
            segments=of_segments.read_violations(folder),
            drift=read_drift(folder),
            cells=read_cells(folder),
        )

    def figures(self) -> list[Figure]:
        """The distribution of every column beside the baseline's."""
        return figures(self.statistics, self.baseline.statistics if self.baseline else None)

    def as_baseline(self) -> Baseline:
        """The window as what is normal for those after it."""
        return Baseline(
            statistics=self.statistics,
            constraints=self.constraints,
            derivation=self.states.derivation if self.states else Derivation(),
            states=self.states,
            segment_constraints=of_segments.segment_constraints(self.states, self.constraints),
            run=self.run,
        )

    def metrics(self) -> list[Metric]:
        """The numbers of every column, then the distances, then those of the segments."""
        of_parts = [each for segment in self.segments for each in segment.distances]
        before = self.baseline.statistics if self.baseline else None
        measured = [*profile_metrics(self.statistics, before), *self.distances]
        return [*measured, *of_drift.metrics(self.drift), *of_parts]

    def statistics_table(self) -> pd.DataFrame:
        """One row a feature of the window, with its distance from the baseline."""
        return table(profile_rows(self.statistics, self.distances))

    def drift_table(self) -> pd.DataFrame:
        """One row a feature: its verdict, how far it moved, how sure that is, and since when."""
        return table(list(of_drift.rows(self.drift)))

    def violations_table(self) -> pd.DataFrame:
        """One row a violation, most serious first."""
        return table(self.violation_rows(), self._columns)

    def violation_rows(self) -> list[dict[str, Any]]:
        """The rows of `violations_table`; with segments, those of the table come first."""
        return rows_of(ranked(self.findings), self._columns)

    @property
    def _columns(self) -> dict[str, str]:
        return {**({"segment": "segment"} if self.segments else {}), **self.COLUMNS}

    def __repr__(self) -> str:
        features, found = len(self.statistics.features), len(self.violations)
        return f"<MonitoringResult of {features} features, {found} violations>"
