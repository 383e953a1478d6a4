"""What the model-quality monitor returns: files, tables and how they show in a notebook."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from driftkit.formats import violations as violations_file
from driftkit.formats.document import Kind
from driftkit.formats.jackson import dumps
from driftkit.formats.model_quality import constraints as model_quality_constraints
from driftkit.formats.model_quality import statistics as model_quality_statistics
from driftkit.formats.model_quality.statistics import parts
from driftkit.formats.places import place
from driftkit.io.reading import of_a_run
from driftkit.monitors.baselines import BaselineFiles
from driftkit.monitors.result_files import CONSTRAINTS, STATISTICS, VIOLATIONS
from driftkit.monitors.results import notes
from driftkit.report.files import write_outputs
from driftkit.report.tables import html_page_part, table
from driftkit.violations.quality_noise import intervals_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from os import PathLike

    import pandas as pd

    from driftkit.comparison.quality_intervals import Interval
    from driftkit.formats.model_quality.constraints import ModelConstraints
    from driftkit.formats.model_quality.statistics import ModelStatistics
    from driftkit.formats.places import Place
    from driftkit.formats.violations import MetricViolation
    from driftkit.monitors.results import Run
    from driftkit.violations.model_quality import Judgement


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelBaseline:
    """What quality is normal.

    Attributes:
        constraints: the bounds of each metric.
        statistics: from which they came; None where only constraints are known.
        intervals: of 95 %, by metric, where the baseline was just measured.
        run: how it was measured.
    """

    constraints: ModelConstraints
    statistics: ModelStatistics | None = None
    intervals: Mapping[str, Interval | None] | None = None
    run: Run | None = field(default=None, compare=False)

    @property
    def known_intervals(self) -> Mapping[str, Interval | None]:
        """The intervals, measured or as far as the statistics tell them."""
        if self.intervals is not None:
            return self.intervals
        return {} if self.statistics is None else intervals_of(self.statistics)

    @property
    def files(self) -> dict[str, dict[str, Any]]:
        """File name -> content."""
        files = {CONSTRAINTS: self.constraints.to_dict()}
        if self.statistics is not None:
            files = {STATISTICS: self.statistics.to_dict(), **files}
        return files

    def write(self, directory: str | PathLike[str]) -> tuple[Place, ...]:
        """Writes the files, all of them or none.

        Raises:
            OutputError: the directory cannot be written.
        """
        texts: dict[str, str | bytes | Iterable[str]] = {}
        if self.statistics is not None:
            texts[STATISTICS] = parts(self.statistics)
        texts[CONSTRAINTS] = dumps(self.constraints.to_dict())
        return write_outputs(directory, texts)

    @classmethod
    @of_a_run
    def read(
        cls,
        directory: str | PathLike[str] | None = None,
        *,
        statistics: str | PathLike[str] | None = None,
        constraints: str | PathLike[str] | None = None,
    ) -> ModelBaseline:
        """Reads a baseline from a folder or from files by name.

        One of a baseline's files may stand for its folder. A folder may lack statistics.json; how
        noisy the baseline itself is is not known then.

        Raises:
            FormatError: a file is missing or is not what it should be.
        """
        files = BaselineFiles.of(directory, statistics, constraints, Kind.MODEL_STATISTICS)
        return cls(
            constraints=model_quality_constraints.read_file(files.constraints),
            statistics=None
            if files.statistics is None
            else model_quality_statistics.read_file(files.statistics),
        )

    def metrics_table(self) -> pd.DataFrame:
        """One row a metric with its 95 % interval."""
        return table(self.metric_rows(), columns=_COLUMNS)

    def metric_rows(self) -> list[dict[str, Any]]:
        """The rows of `metrics_table`."""
        if self.statistics is None:
            return []
        return metric_rows(self.statistics, self.known_intervals)

    def _repr_html_(self) -> str:
        return html_page_part("Baseline", self.metrics_table(), notes(self.run))


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelResult:
    """A window's quality against its baseline.

    Attributes:
        statistics: of the window.
        constraints: what they would be, were the window the baseline.
        violations: metrics that got worse.
        judgements: every metric beside its threshold, with intervals.
        not_made: metrics that could not be compared, with the reason.
        run: how the numbers came about.
    """

    statistics: ModelStatistics
    constraints: ModelConstraints
    violations: tuple[MetricViolation, ...]
    judgements: tuple[Judgement, ...] = ()
    not_made: Mapping[str, str] = field(default_factory=dict)
    run: Run | None = field(default=None, compare=False)

    @property
    def files(self) -> dict[str, dict[str, Any]]:
        """File name -> content."""
        return {
            STATISTICS: self.statistics.to_dict(),
            CONSTRAINTS: self.constraints.to_dict(),
            VIOLATIONS: self._violations(),
        }

    def write(self, directory: str | PathLike[str]) -> tuple[Place, ...]:
        """Writes the files, all of them or none.

        Raises:
            OutputError: the directory cannot be written.
        """
        texts: dict[str, str | bytes | Iterable[str]] = {
            STATISTICS: parts(self.statistics),
            CONSTRAINTS: dumps(self.constraints.to_dict()),
            VIOLATIONS: dumps(self._violations()),
        }
        return write_outputs(directory, texts)

    @classmethod
    @of_a_run
    def read(cls, directory: str | PathLike[str]) -> ModelResult:
        """Reads what an earlier run wrote, driftkit's or AWS's.

        Raises:
            FormatError: a file is missing or is not what it should be.
        """
        folder = place(directory)
        return cls(
            statistics=model_quality_statistics.read_file(folder / STATISTICS),
            constraints=model_quality_constraints.read_file(folder / CONSTRAINTS),
            violations=violations_file.read_file(
                folder / VIOLATIONS, violations_file.MetricViolation
            ).violations,
        )

    def metrics_table(self) -> pd.DataFrame:
        """One row a metric that has a constraint: value, interval, threshold, what to think."""
        return table(self.metric_rows(), columns=_JUDGED_COLUMNS)

    def metric_rows(self) -> list[dict[str, Any]]:
        """The rows of `metrics_table`."""
        return [_judged_row(judgement) for judgement in self.judgements]

    def _violations(self) -> dict[str, Any]:
        return violations_file.Violations(violations=self.violations).to_dict()

    def _repr_html_(self) -> str:
        title = f"{len(self.violations)} violations" if self.violations else "No violations"
        return html_page_part(title, self.metrics_table(), notes(self.run))


_COLUMNS = ("metric", "value", "low", "high", "standard_deviation")
_JUDGED_COLUMNS = ("metric", "value", "low", "high", "threshold", "worse", "beyond_noise")


def metric_rows(
    statistics: ModelStatistics, intervals: Mapping[str, Interval | None]
) -> list[dict[str, Any]]:
    """One row a metric with its 95 % interval."""
    rows = []
    for name, metric in statistics.metrics.items():
        interval = intervals.get(name)
        rows.append(
            {
                "metric": name,
                "value": metric.value,
                "low": interval.low if interval else None,
                "high": interval.high if interval else None,
                "standard_deviation": metric.standard_deviation,
            }
        )
    return rows


def _judged_row(judgement: Judgement) -> dict[str, Any]:
    interval = judgement.interval
    return {
        "metric": judgement.metric,
        "value": judgement.value,
        "low": interval.low if interval else None,
        "high": interval.high if interval else None,
        "threshold": judgement.threshold,
        "worse": judgement.worse,
        "beyond_noise": judgement.beyond_noise,
    }
