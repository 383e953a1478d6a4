"""What the data-quality monitor returns: files, tables and how they show in a notebook."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from driftkit.errors import FormatError
from driftkit.formats import constraints as constraints_file
from driftkit.formats import segments as segment_files
from driftkit.formats import statistics as statistics_file
from driftkit.formats import violations as violations_file
from driftkit.formats.document import Kind
from driftkit.formats.places import place
from driftkit.io.reading import of_a_run
from driftkit.monitors import segments as of_segments
from driftkit.monitors.baselines import BaselineFiles
from driftkit.monitors.kept import read_baseline_states
from driftkit.monitors.result_files import (
    CONSTRAINTS,
    OF_A_RUN,
    STATISTICS,
    SUGGESTIONS,
    VIOLATIONS,
    write_run,
)
from driftkit.report.tables import html_page_part, statistics_rows, table
from driftkit.statistics import storage

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from driftkit.columns.chunk import Rejections
    from driftkit.formats.constraints import Constraints
    from driftkit.formats.places import Named, Place
    from driftkit.formats.statistics import Statistics
    from driftkit.formats.violations import Violation
    from driftkit.monitors.segments import SegmentResult
    from driftkit.readers.dataset import Dataset
    from driftkit.statistics.splits import Key
    from driftkit.statistics.states import States
    from driftkit.violations.evidence import Finding, Skipped


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """How the numbers came about.

    Attributes:
        rows: rows that entered the statistics.
        seconds: wall time from opening the data to the result.
        engine: the engine and its runner, for people.
        rejected: records that were set aside, by reason.
        set_aside: columns that were not monitored, with the reason.
        note: what the user should know of the engine's choice.
        remarks: what the user should know of columns that were monitored, a line each.
    """

    rows: int
    seconds: float
    engine: str
    rejected: Rejections
    set_aside: Mapping[str, str]
    note: str | None = None
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Baseline:
    """What is normal: constraints and, where known, the statistics they came from.

    Attributes:
        constraints: of every column.
        statistics: of every column, where they are known.
        deequ_suggestions: the content of deequ_suggestions.json, where Deequ computed it.
        states: what statistics were read from; more data can be added to them.
        segment_constraints: of the segments, by their values; of all others under None.
        run: how the numbers came about.
    """

    constraints: Constraints
    statistics: Statistics | None = None
    deequ_suggestions: Mapping[str, Any] | None = None
    states: States | None = field(default=None, compare=False, repr=False)
    segment_constraints: Mapping[Key | None, Constraints] = field(
        default_factory=dict, compare=False, repr=False
    )
    run: Run | None = field(default=None, compare=False)

    @property
    def files(self) -> dict[str, dict[str, Any]]:
        """File name -> content, as `write` writes it."""
        files = {CONSTRAINTS: self.constraints.to_dict()}
        if self.statistics is not None:
            files = {STATISTICS: self.statistics.to_dict(), **files}
        if self.deequ_suggestions is not None:
            files[SUGGESTIONS] = dict(self.deequ_suggestions)
        if self.states is not None and self.segment_constraints:
            of_all = of_segments.constraints_file(self.states, self.segment_constraints)
            files[segment_files.CONSTRAINTS_FILE] = of_all or {}
        return files

    def write(self, directory: Named, *, keep_states: bool = False) -> tuple[Place, ...]:
        """Writes the files, all of them or none, in place of those of an earlier run.

        Args:
            directory: made where it is missing.
            keep_states: whether states.arrow is written too, so that data can be added later;
                with segments or blocks of time it always is.

        Raises:
            OutputError: the directory cannot be written.
        """
        needed = self.states is not None and bool(self.states.table.splits)
        # A baseline that was read and edited need not know all of its folder.
        replaced = () if self.run is None else OF_A_RUN
        return write_run(
            self.files, directory, self.states if keep_states or needed else None, replaced
        )

    @classmethod
    @of_a_run
    def read(
        cls,
        directory: Named | None = None,
        *,
        statistics: Named | None = None,
        constraints: Named | None = None,
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
        measured = None
        if files.statistics is not None:
            measured = statistics_file.read_file(files.statistics)
            _agree(constrained, measured, f"{files.constraints} and {files.statistics}")
        if folder is None or not (folder / segment_files.CONSTRAINTS_FILE).exists():
            return cls(constraints=constrained, statistics=measured)
        states = read_baseline_states(folder, None if files.mixed else measured)
        edited = segment_files.read_constraints(folder / segment_files.CONSTRAINTS_FILE)
        of_segments.refuse_strange(states, edited, folder)
        return cls(
            constraints=constrained,
            statistics=measured,
            states=states,
            segment_constraints=of_segments.segment_constraints(states, constrained, edited),
        )

    def statistics_table(self) -> pd.DataFrame:
        """One row a feature: type, presence, moments, extremes, distinct values."""
        return table([] if self.statistics is None else statistics_rows(self.statistics))

    def __repr__(self) -> str:
        # A notebook's plain-text view and a failing assertion would print every sketch.
        return f"<Baseline of {len(self.constraints.features)} features>"

    def _repr_html_(self) -> str:
        return html_page_part("Baseline", self.statistics_table(), notes(self.run))


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class MonitoringResult:
    """A window against its baseline: statistics, constraints and violations.

    Attributes:
        statistics: of the window.
        constraints: as a baseline of the window would have them.
        violations: of the baseline's constraints.
        findings: one a violation, in the same order.
        not_made: the checks that could not be made.
        segments: the segments of the window, each against its own baseline.
        states: what the statistics were read from; windows can be combined by them.
        baseline: what the window was compared with.
        run: how the numbers came about.
    """

    statistics: Statistics
    constraints: Constraints
    violations: tuple[Violation, ...]
    findings: tuple[Finding, ...] = ()
    not_made: tuple[Skipped, ...] = ()
    segments: tuple[SegmentResult, ...] = ()
    states: States | None = field(default=None, compare=False, repr=False)
    baseline: Baseline | None = field(default=None, compare=False)
    run: Run | None = field(default=None, compare=False)

    def not_made_lines(self) -> list[str]:
        """The checks that could not be made, a line each, for people."""
        return [
            f"{each.check} of {each.feature}: {each.reason}"
            if each.feature
            else f"{each.check}: {each.reason}"
            for each in self.not_made
        ]

    @property
    def files(self) -> dict[str, dict[str, Any]]:
        """File name -> content, as `write` writes it."""
        files = {
            STATISTICS: self.statistics.to_dict(),
            CONSTRAINTS: self.constraints.to_dict(),
            VIOLATIONS: violations_file.Violations(violations=self.violations).to_dict(),
        }
        if self.segments:
            files[segment_files.VIOLATIONS_FILE] = of_segments.violations_file(self.segments)
        return files

    def write(self, directory: Named, *, keep_states: bool = True) -> tuple[Place, ...]:
        """Writes the files, all of them or none, in place of those of an earlier run.

        Args:
            directory: made where it is missing.
            keep_states: whether states.arrow is written too, by which windows can be combined.

        Raises:
            OutputError: the directory cannot be written.
        """
        # Who compares files has read no rows, so that the states of those that were stay.
        replaced = [name for name in OF_A_RUN if self.run is not None or name != storage.FILE]
        return write_run(self.files, directory, self.states if keep_states else None, replaced)

    @classmethod
    @of_a_run
    def read(cls, directory: Named) -> MonitoringResult:
        """Reads what an earlier run wrote, driftkit's or AWS's.

        Raises:
            FormatError: a file is missing or is not what it should be.
        """
        folder = place(directory)
        return cls(
            statistics=statistics_file.read_file(folder / STATISTICS),
            constraints=constraints_file.read_file(folder / CONSTRAINTS),
            violations=violations_file.read_file(
                folder / VIOLATIONS, violations_file.Violation
            ).violations,
        )

    def statistics_table(self) -> pd.DataFrame:
        """One row a feature of the window."""
        return table(statistics_rows(self.statistics))

    def violations_table(self) -> pd.DataFrame:
        """One row a violation, most serious first."""
        columns = ("segment", *VIOLATION_COLUMNS) if self.segments else VIOLATION_COLUMNS
        return table(self.violation_rows(), columns=columns)

    def violation_rows(self) -> list[dict[str, Any]]:
        """The rows of `violations_table`; with segments, those of the table come first."""
        if not self.findings and not self.segments:
            return [_bare_row(violation) for violation in self.violations]
        rows = _ranked(self.violations, self.findings)
        if not self.segments:
            return rows
        of_parts = [
            {**row, "segment": segment.label}
            for segment in self.segments
            for row in _ranked(segment.outcome.violations, segment.outcome.findings)
        ]
        of_parts.sort(key=lambda row: -row["severity"])
        return [*({**row, "segment": None} for row in rows), *of_parts]

    def __repr__(self) -> str:
        features, found = len(self.statistics.features), len(self.violations)
        return f"<MonitoringResult of {features} features, {found} violations>"

    def _repr_html_(self) -> str:
        title = f"{len(self.violations)} violations" if self.violations else "No violations"
        return html_page_part(title, self.violations_table(), notes(self.run))


VIOLATION_COLUMNS = (
    *("feature_name", "constraint_check_type", "severity", "expected"),
    *("observed", "cause", "description"),
)


def _ranked(
    violations: tuple[Violation, ...], findings: tuple[Finding, ...]
) -> list[dict[str, Any]]:
    pairs = zip(violations, findings, strict=True)
    ranked = sorted(pairs, key=lambda pair: -pair[1].severity)
    return [_row(violation, finding) for violation, finding in ranked]


def _row(violation: Violation, finding: Finding) -> dict[str, Any]:
    return {
        "feature_name": violation.feature_name,
        "constraint_check_type": violation.constraint_check_type,
        "severity": finding.severity,
        "expected": finding.expected,
        "observed": finding.observed,
        "cause": finding.cause,
        "description": violation.description,
    }


def _bare_row(violation: Violation) -> dict[str, Any]:
    return {
        **dict.fromkeys(VIOLATION_COLUMNS),
        "feature_name": violation.feature_name,
        "constraint_check_type": violation.constraint_check_type,
        "description": violation.description,
    }


def _agree(constraints: Constraints, statistics: Statistics, where: str) -> None:
    measured = {feature.name for feature in statistics.features}
    strange = [feature.name for feature in constraints.features if feature.name not in measured]
    if strange:
        raise FormatError(
            "constraints and statistics disagree",
            where=where,
            expected="statistics of every feature that has constraints",
            found="none of " + ", ".join(repr(name) for name in strange[:5]),
            todo="Take both files from one baseline, or leave the statistics out",
        )


def notes(run: Run | None) -> list[str]:
    """What a person should know of how the numbers came about, a line each."""
    if run is None:
        return []
    notes = [f"{run.rows:,} rows in {run.seconds:.1f} s by {run.engine}"]
    notes += [run.note] if run.note else []
    if run.rejected.total:
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in run.rejected.counts.items())
        notes.append(f"set aside {run.rejected.total:,} records: {reasons}")
    notes += [f"column {name} not monitored: {reason}" for name, reason in run.set_aside.items()]
    return [*notes, *run.remarks]


def remarks_of(dataset: Dataset) -> tuple[str, ...]:
    """What a person should know of the columns of a dataset, a line each."""
    return tuple(f"column {name}: {remark}" for name, remark in dataset.remarks.items())
