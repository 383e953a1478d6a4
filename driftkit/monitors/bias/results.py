"""What the bias monitor returns: its files, metrics and findings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from driftkit.errors import FormatError
from driftkit.formats import analysis as analysis_file
from driftkit.formats import violations as violations_file
from driftkit.formats.python_json import dumps, read_object
from driftkit.io.locations import locate
from driftkit.io.reading import of_a_run
from driftkit.monitors.bias import sampling_noise
from driftkit.report import methods as page_methods
from driftkit.results import methods
from driftkit.results.contract import Metric
from driftkit.results.findings import finding_of, graded
from driftkit.results.tables import baseline_html

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from driftkit.formats.analysis import Analysis, FacetMetrics, Stage, StageMetrics
    from driftkit.formats.violations import BiasViolation
    from driftkit.io.locations import PathOrUrl
    from driftkit.monitors.bias.checks import Compared
    from driftkit.results.contract import Finding, Run, Skipped
    from driftkit.states.groups.storage import GroupStates

ANALYSIS = analysis_file.NAME
VIOLATIONS = violations_file.NAME
INTERVALS = sampling_noise.NAME

_COLUMNS = {
    "stage": "stage",
    "facet": "facet",
    "value": "facet_value",
    "rows": "rows",
    "metric": "name",
    "current": "value",
    "lower": "lower",
    "upper": "upper",
    "detectable": "detectable",
    "note": "reason",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BiasBaseline:
    """The bias that is normal.

    Attributes:
        analysis: the content of analysis.json, AWS's or driftkit's.
        intervals: the content of intervals.json; None in the aws dialect and for AWS's baselines.
        states: the counts behind it, where they are kept; written beside the files.
        run: how the numbers came about.
        remarks: what a person should know of the data.
    """

    analysis: Analysis
    intervals: Mapping[str, Any] | None = None
    states: GroupStates | None = field(default=None, compare=False, repr=False)
    run: Run | None = field(default=None, compare=False)
    remarks: tuple[str, ...] = field(default=(), compare=False)

    METRIC_COLUMNS: ClassVar[Mapping[str, str]] = _COLUMNS
    _repr_html_ = baseline_html
    write = methods.written_as(dumps, methods.kept_states)
    statistics_table = metrics_table = methods.statistics_table

    @property
    def files(self) -> dict[str, dict[str, Any]]:
        """File name -> content, as `write` writes it."""
        return _files(self.analysis, self.intervals)

    @classmethod
    @of_a_run
    def read(cls, where: PathOrUrl) -> BiasBaseline:
        """Reads a baseline from a folder, or an analysis.json by its name.

        Raises:
            FormatError: a file is missing or is not what it should be.
        """
        path = locate(where)
        file = path / ANALYSIS if path.is_dir() else path
        analysis = analysis_file.read_file(file)
        if analysis.pre_training is None and analysis.post_training is None:
            raise FormatError(
                "the baseline has no bias metrics",
                where=str(file),
                expected="pre_training_bias_metrics or post_training_bias_metrics",
                found=", ".join(analysis.extra) or "nothing",
                todo="Give the analysis.json of `driftkit bias baseline`, or of Clarify",
            )
        intervals = file.with_name(INTERVALS)
        return cls(
            analysis=analysis,
            intervals=sampling_noise.read(read_object(intervals), str(intervals))
            if intervals.exists()
            else None,
        )

    def notes(self) -> list[str]:
        """What a person should know of how the numbers came about, a line each."""
        return [*methods.notes(self), *self.remarks]

    def metrics(self) -> list[Metric]:
        """Every metric of each value of each facet."""
        return [*_metrics(self.analysis, self.intervals)]


@dataclass(frozen=True, slots=True, kw_only=True)
class BiasResult:
    """A window against its baseline.

    Attributes:
        analysis: the content of analysis.json.
        violations: in the order of the report.
        compared: every metric that was compared.
        skipped: what could not be compared.
        intervals: the content of intervals.json; None in the aws dialect.
        states: the counts behind it, where they are kept; written beside the files.
        run: how the numbers came about.
        remarks: what a person should know of the data.
    """

    analysis: Analysis
    violations: tuple[BiasViolation, ...]
    compared: tuple[Compared, ...] = field(default=(), compare=False)
    skipped: tuple[Skipped, ...] = field(default=(), compare=False)
    intervals: Mapping[str, Any] | None = None
    states: GroupStates | None = field(default=None, compare=False, repr=False)
    run: Run | None = field(default=None, compare=False)
    remarks: tuple[str, ...] = field(default=(), compare=False)

    COLUMNS: ClassVar[Mapping[str, str]] = {
        "facet": "facet",
        "facet_value": "facet_value",
        "metric": "metric",
        "baseline": "baseline",
        "current": "value",
        "allowed": "allowed",
        "interval": "interval",
        "description": "message",
    }
    METRIC_COLUMNS: ClassVar[Mapping[str, str]] = {
        **_COLUMNS,
        **{name: name for name in ("baseline", "allowed", "violated")},
    }
    _repr_html_ = page_methods.shown
    report = page_methods.report
    write = methods.written_as(dumps, methods.kept_states)
    statistics_table = metrics_table = methods.statistics_table
    violations_table = methods.violations_table
    violation_rows = methods.violation_rows
    figures = methods.no_figures

    @property
    def files(self) -> dict[str, dict[str, Any]]:
        """File name -> content, as `write` writes it."""
        violations = violations_file.Violations(
            violations=self.violations, version=violations_file.CLARIFY_VERSION
        )
        return {**_files(self.analysis, self.intervals), VIOLATIONS: violations.to_dict()}

    @classmethod
    @of_a_run
    def read(cls, directory: PathOrUrl) -> BiasResult:
        """Reads what an earlier run wrote, driftkit's or AWS's.

        Raises:
            FormatError: a file is missing or is not what it should be.
        """
        normal = BiasBaseline.read(directory)
        return cls(
            analysis=normal.analysis,
            intervals=normal.intervals,
            violations=violations_file.read_file(
                locate(directory) / VIOLATIONS, violations_file.BiasViolation
            ).violations,
        )

    def as_baseline(self) -> BiasBaseline:
        """The window as what is normal for those after it."""
        return BiasBaseline(
            analysis=self.analysis,
            intervals=self.intervals,
            states=self.states,
            run=self.run,
            remarks=self.remarks,
        )

    def notes(self) -> list[str]:
        """What a person should know of how the numbers came about, a line each."""
        return self.as_baseline().notes()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The metrics that are worse, in the order of the file."""
        known = {_key(each.violation()): each for each in self.compared}
        found = (_finding(each, known.get(_key(each))) for each in self.violations)
        return graded(found, self.run)

    def metrics(self) -> list[Metric]:
        """Every metric of each value of each facet, beside what is allowed."""
        return [*_metrics(self.analysis, self.intervals, self.compared)]


def _files(analysis: Analysis, intervals: Mapping[str, Any] | None) -> dict[str, dict[str, Any]]:
    files = {ANALYSIS: analysis.to_dict()}
    return files if intervals is None else {**files, INTERVALS: dict(intervals)}


def _metrics(
    analysis: Analysis, intervals: Mapping[str, Any] | None, compared: Sequence[Compared] = ()
) -> Iterator[Metric]:
    known = {(each.stage, each.facet, each.facet_value, each.metric): each for each in compared}
    for stage, metrics, facet, value, group in _groups(analysis, intervals):
        noise = {each["name"]: each for each in group.get("metrics", ())}
        for metric in value.metrics:
            about = noise.get(metric.name, {})
            other = known.get((stage, facet, value.value_or_threshold, metric.name))
            yield Metric(
                group="bias",
                name=metric.name,
                value=metric.value,
                dimensions={
                    "stage": stage,
                    "target": metrics.label,
                    "target_value": metrics.label_value_or_threshold,
                    "facet": facet,
                    "facet_value": value.value_or_threshold,
                },
                baseline=other.baseline if other else None,
                allowed=other.comparison.allowed if other else None,
                violated=other.comparison.worse if other else None,
                interval=None if about.get("lower") is None else (about["lower"], about["upper"]),
                standard_deviation=about.get("standard_deviation"),
                detectable=about.get("detectable_difference"),
                rows=group.get("rows"),
                reason=metric.error or ("small group" if group.get("small") else None),
            )


def _groups(
    analysis: Analysis, intervals: Mapping[str, Any] | None
) -> Iterator[tuple[Stage, StageMetrics, str, FacetMetrics, Mapping[str, Any]]]:
    """Every value of every facet, and what intervals.json says of its group."""
    known = {} if intervals is None else intervals["facets"]
    for stage in analysis_file.STAGES:
        metrics = analysis.stage(stage)
        if metrics is None:
            continue
        for facet, values in metrics.facets.items():
            noise = known.get(f"{stage}_bias_metrics", {}).get(facet, ())
            # Of other groups than the report's, nothing is known of these.
            noise = noise if len(noise) == len(values) else [{}] * len(values)
            for value, group in zip(values, noise, strict=True):
                yield stage, metrics, facet, value, group


def _key(violation: BiasViolation) -> tuple[str, ...]:
    return violation.facet, violation.facet_value, violation.metric_name, violation.description


def _finding(violation: BiasViolation, compared: Compared | None = None) -> Finding:
    metric = None
    if compared is not None:
        metric = Metric(
            group="bias",
            name=compared.metric,
            value=compared.current,
            baseline=compared.baseline,
            allowed=compared.comparison.allowed,
            interval=compared.comparison.interval,
        )
    return finding_of(violation, metric, facet=violation.facet, facet_value=violation.facet_value)
