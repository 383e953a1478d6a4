"""What the model-quality monitor returns: its files, metrics and findings."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar

from driftkit.formats import violations as violations_file
from driftkit.formats.document import Kind
from driftkit.formats.jackson import dumps
from driftkit.formats.model_quality import calibration as calibration_file
from driftkit.formats.model_quality import constraints as constraints_file
from driftkit.formats.model_quality import loss_calibration as losses_file
from driftkit.formats.model_quality import statistics as statistics_file
from driftkit.formats.model_quality.problems import LESS
from driftkit.formats.model_quality.statistics import parts
from driftkit.io.locations import locate
from driftkit.io.reading import of_a_run
from driftkit.monitors.baselines import BaselineFiles
from driftkit.monitors.model_quality.baseline_intervals import intervals_of
from driftkit.monitors.model_quality.checks import metric_name
from driftkit.monitors.model_quality.figures import figures
from driftkit.monitors.model_quality.score_figures import score_figures
from driftkit.report import methods as page_methods
from driftkit.results import methods
from driftkit.results.contract import Metric
from driftkit.results.findings import finding_of, graded
from driftkit.results.tables import baseline_html
from driftkit.states.state_files import FILE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from driftkit.comparison.quality_intervals import Interval
    from driftkit.formats.model_quality.calibration import Calibration
    from driftkit.formats.model_quality.constraints import MetricConstraint, ModelConstraints
    from driftkit.formats.model_quality.loss_calibration import LossCalibration
    from driftkit.formats.model_quality.statistics import ModelStatistics
    from driftkit.formats.violations import MetricViolation
    from driftkit.io.locations import PathOrUrl
    from driftkit.io.publishing import Content
    from driftkit.monitors.model_quality.checks import MetricCheck
    from driftkit.results.contract import Finding, Run, Skipped
    from driftkit.results.figures import Figure
    from driftkit.states.quality.storage import QualityStates

    Intervals = Mapping[str, Interval | None]

STATISTICS = statistics_file.NAME
CONSTRAINTS = constraints_file.NAME
VIOLATIONS = violations_file.NAME

_COLUMNS = {
    "metric": "name",
    "value": "value",
    "low": "lower",
    "high": "upper",
    "standard_deviation": "standard_deviation",
}


def _notes(result: ModelBaseline | ModelResult) -> list[str]:
    """What a person should know of how the numbers came about, a line each."""
    examples = result.run.rejected.examples if result.run else ()
    return [*methods.notes(result), *(f"  {example}" for example in examples)]


def _beside(result: ModelBaseline) -> dict[str, Content]:
    """The files that a baseline may have beside Model Monitor's."""
    known = result.calibration
    of = {} if known is None else {calibration_file.NAME: dumps(known.to_dict())}
    return {**methods.kept_states(result), **of}


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelBaseline:
    """What quality is normal.

    Attributes:
        constraints: the bounds of each metric.
        statistics: from which they came; None where only constraints are known.
        intervals: of 95 %, by metric, where the baseline was just measured.
        states: what it was read from, where states were handed in; written beside the files.
        calibration: what its scores mean, or which errors are to be expected, by which quality is
            estimated without labels; written beside the files.
        run: how it was measured.
    """

    constraints: ModelConstraints
    statistics: ModelStatistics | None = None
    intervals: Intervals | None = field(default=None, compare=False)
    states: QualityStates | None = field(default=None, compare=False, repr=False)
    calibration: Calibration | LossCalibration | None = field(
        default=None, compare=False, repr=False
    )
    run: Run | None = field(default=None, compare=False)

    METRIC_COLUMNS: ClassVar[Mapping[str, str]] = _COLUMNS
    _repr_html_ = baseline_html
    notes = _notes
    write = methods.written_as(parts, _beside, (FILE, calibration_file.NAME))
    statistics_table = metrics_table = methods.statistics_table

    @property
    def known_intervals(self) -> Intervals:
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

    @classmethod
    @of_a_run
    def read(
        cls,
        directory: PathOrUrl | None = None,
        *,
        statistics: PathOrUrl | None = None,
        constraints: PathOrUrl | None = None,
    ) -> ModelBaseline:
        """Reads a baseline from a folder or from files by name.

        One of a baseline's files may stand for its folder. A folder may lack statistics.json; how
        noisy the baseline itself is is not known then.

        Raises:
            FormatError: a file is missing or is not what it should be.
        """
        files = BaselineFiles.of(directory, statistics, constraints, Kind.MODEL_STATISTICS)
        kept = None if files.folder is None else files.folder / calibration_file.NAME
        return cls(
            constraints=constraints_file.read_file(files.constraints),
            statistics=None
            if files.statistics is None
            else statistics_file.read_file(files.statistics),
            calibration=losses_file.read_file(kept) if kept and kept.exists() else None,
        )

    def metrics(self) -> list[Metric]:
        """Every metric with its 95 % interval."""
        found = self.statistics
        return [] if found is None else [*_metrics(found, self.known_intervals)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelResult:
    """A window's quality against its baseline.

    Attributes:
        statistics: of the window.
        constraints: what they would be, were the window the baseline.
        violations: metrics that got worse.
        judgements: every metric that has a constraint beside its threshold, with intervals.
        skipped: metrics that could not be compared, with the reason.
        intervals: of 95 %, by metric, where the window was just measured.
        baseline: what the window was compared with.
        states: what it was read from, where states were handed in; written beside the files.
        labels: how many captures have a label, and how late labels come, where a merge tells it.
        run: how the numbers came about.
    """

    statistics: ModelStatistics
    constraints: ModelConstraints
    violations: tuple[MetricViolation, ...]
    judgements: tuple[MetricCheck, ...] = field(default=(), compare=False)
    skipped: tuple[Skipped, ...] = field(default=(), compare=False)
    intervals: Intervals | None = field(default=None, compare=False, repr=False)
    baseline: ModelBaseline | None = field(default=None, compare=False, repr=False)
    states: QualityStates | None = field(default=None, compare=False, repr=False)
    labels: tuple[Metric, ...] = field(default=(), compare=False, repr=False)
    run: Run | None = field(default=None, compare=False)

    COLUMNS: ClassVar[Mapping[str, str]] = {
        "metric": "metric",
        "constraint_check_type": "check",
        "value": "value",
        "interval": "interval",
        "baseline": "baseline",
        "allowed": "allowed",
        "description": "message",
    }
    METRIC_COLUMNS: ClassVar[Mapping[str, str]] = {
        **_COLUMNS,
        **{name: name for name in ("baseline", "threshold", "violated", "beyond_noise")},
    }
    _repr_html_ = page_methods.shown
    report = page_methods.report
    plot = page_methods.plot
    notes = _notes
    write = methods.written_as(parts, methods.kept_states)
    statistics_table = metrics_table = methods.statistics_table
    violations_table = methods.violations_table

    @property
    def files(self) -> dict[str, dict[str, Any]]:
        """File name -> content."""
        return {
            STATISTICS: self.statistics.to_dict(),
            CONSTRAINTS: self.constraints.to_dict(),
            VIOLATIONS: violations_file.Violations(violations=self.violations).to_dict(),
        }

    @classmethod
    @of_a_run
    def read(cls, directory: PathOrUrl) -> ModelResult:
        """Reads what an earlier run wrote, driftkit's or AWS's.

        Raises:
            FormatError: a file is missing or is not what it should be.
        """
        folder = locate(directory)
        return cls(
            statistics=statistics_file.read_file(folder / STATISTICS),
            constraints=constraints_file.read_file(folder / CONSTRAINTS),
            violations=violations_file.read_file(
                folder / VIOLATIONS, violations_file.MetricViolation
            ).violations,
        )

    def as_baseline(self) -> ModelBaseline:
        """The window as what is normal for those after it."""
        return ModelBaseline(constraints=self.constraints, statistics=self.statistics, run=self.run)

    def figures(self) -> list[Figure]:
        """The curves and the confusion matrix, beside the baseline's.

        With states that have every score also the calibration and how the scores are spread.
        """
        normal = self.baseline
        drawn = figures(self.statistics, normal.statistics if normal else None)
        if self.states is None:
            return drawn
        known = normal.states.state.scores if normal and normal.states else None
        return [*drawn, *score_figures(self.states.state.scores, known)]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The metrics that got worse, in the order of the constraints."""
        metrics = {metric_name(each.name): each for each in self.metrics()}
        found = (finding_of(each, metrics.get(each.metric_name)) for each in self.violations)
        return graded(found, self.run)

    def metrics(self) -> list[Metric]:
        """Every metric with its 95 % interval and, where it has a constraint, what is allowed."""
        before = self.baseline.statistics if self.baseline else None
        bounds = self.baseline.constraints.metrics if self.baseline else {}
        compared = {each.metric: each for each in self.judgements}
        violated = {each.metric_name for each in self.violations}
        known = intervals_of(self.statistics) if self.intervals is None else self.intervals
        quality = [
            replace(
                metric,
                baseline=before.metrics[metric.name].value
                if before and metric.name in before.metrics
                else None,
                allowed=_allowed(bounds[metric.name]) if metric.name in bounds else None,
                violated=metric_name(metric.name) in violated if metric.name in compared else None,
                beyond_noise=compared[metric.name].beyond_noise
                if metric.name in compared
                else None,
            )
            for metric in _metrics(self.statistics, known)
        ]
        return [*quality, *self.labels]


def _metrics(statistics: ModelStatistics, intervals: Intervals) -> Iterator[Metric]:
    for name, metric in statistics.metrics.items():
        interval = intervals.get(name)
        yield Metric(
            group="quality",
            name=name,
            value=metric.value,
            interval=(interval.low, interval.high) if interval else None,
            standard_deviation=metric.standard_deviation,
            rows=statistics.item_count,
        )


def _allowed(bound: MetricConstraint) -> tuple[float, float]:
    if bound.comparison_operator == LESS:
        return bound.threshold, math.inf
    return -math.inf, bound.threshold
