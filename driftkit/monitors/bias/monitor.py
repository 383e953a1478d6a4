"""The bias monitor: did the treatment of groups change?"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Unpack

from driftkit.dialects import dialect
from driftkit.errors import SettingsError
from driftkit.formats.violations import BIAS_CHECK
from driftkit.io.reading import of_data
from driftkit.monitors.baselines import baseline_of
from driftkit.monitors.bias import sampling_noise
from driftkit.monitors.bias.analysis import basic_statistics, performance_report, report
from driftkit.monitors.bias.checks import DriftRule, check
from driftkit.monitors.bias.counting import KEPT, Request, counted, requested
from driftkit.monitors.bias.plan import stages_of
from driftkit.monitors.bias.results import BiasBaseline, BiasResult
from driftkit.monitors.bias.settings import BiasKeywords, BiasSettings
from driftkit.monitors.bias.unseen import unseen_remarks
from driftkit.monitors.kept_states import save_states
from driftkit.readers.opening import refuse_results
from driftkit.settings.declaring import changed, spelt_out
from driftkit.settings.patterns import refuse_unmatched
from driftkit.states.groups.outcomes import Outcomes
from driftkit.states.groups.storage import GroupStates
from driftkit.states.groups.tables import GroupReader

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftkit.comparison.bias.noise import Noise
    from driftkit.compute.job import Progress
    from driftkit.formats.analysis import Analysis, Stage
    from driftkit.monitors.bias.analysis import BiasReport
    from driftkit.monitors.bias.sampling_noise import MetricKey
    from driftkit.results.contract import Run

__all__ = [
    "BiasBaseline",
    "BiasResult",
    "GroupStates",
    "baseline",
    "combine",
    "monitor",
    "save_states",
    "states",
]

combine = KEPT.combine


@spelt_out(BiasSettings)
@of_data
def baseline(
    data: Any,
    *,
    analysis_config: Any,
    keep_states: bool = False,
    progress: Progress | None = None,
    **settings: Unpack[BiasKeywords],
) -> BiasBaseline:
    """Measures the bias that is normal.

    Args:
        data: a path, a list of paths (files, folders, globs, URLs), a pandas or Spark
            DataFrame, an Arrow table, or a mapping of columns to values; or states, in files too.
        analysis_config: Clarify's analysis_config.json, as a mapping or the file's path.
        keep_states: whether `write` writes states.arrow too, by which windows are combined.
        progress: called with units done, units in all and rows so far.
        **settings: how data are read and computed, for example dialect="aws".

    Raises:
        InputError: the data cannot be read, or nothing is predicted positive.
        SettingsError: a setting is unknown, or names what is not there.
        FormatError: the configuration is not what it should be.
        EngineError: Spark failed.
    """
    asked = requested(analysis_config, settings, keep_states=keep_states)
    return _learned(data, asked, progress)


def _learned(data: Any, asked: Request, progress: Progress | None) -> BiasBaseline:
    measured = _measure(data, asked, progress, known=None)
    return BiasBaseline(
        analysis=measured.analysis,
        intervals=measured.intervals,
        states=measured.states,
        run=measured.run,
        remarks=measured.remarks,
    )


@spelt_out(BiasSettings)
@of_data
def states(
    data: Any,
    *,
    analysis_config: Any,
    progress: Progress | None = None,
    **settings: Unpack[BiasKeywords],
) -> GroupStates:
    """What is counted in a window, to be looked at with others without reading its rows again.

    `baseline` and `monitor` take it in place of data, `save_states` writes it, and `combine` adds up
    several.

    Args:
        data: as for `baseline`.
        analysis_config: as for `baseline`.
        progress: as for `baseline`.
        **settings: as for `baseline`.

    Raises:
        DriftkitError: as `baseline`.
    """
    asked = requested(analysis_config, settings, keep_states=True)
    found = counted(data, asked, progress).states
    assert found is not None  # noqa: S101  (they were asked for)
    return found


@spelt_out(BiasSettings)
@of_data
def monitor(
    data: Any,
    baseline: Any,
    *,
    analysis_config: Any,
    keep_states: bool = False,
    progress: Progress | None = None,
    **settings: Unpack[BiasKeywords],
) -> BiasResult:
    """Looks at a window of data and says which metrics are worse than in the baseline.

    Args:
        data: as for `baseline`; merged captures are recognised by themselves.
        baseline: what is normal: a BiasBaseline, the path or URL of its folder or analysis.json, an
            earlier result, or a table of data that is measured with the same configuration.
        analysis_config: as for `baseline`.
        keep_states: as for `baseline`.
        progress: called with units done, units in all and rows so far.
        **settings: as for `baseline`; start and end choose the window.

    Raises:
        InputError: the data cannot be read, or nothing is predicted positive.
        SettingsError: a setting is unknown, or names what is not there.
        FormatError: configuration or baseline are not what they should be, or of other facets.
        EngineError: Spark failed.
    """
    refuse_results(data)
    asked = requested(analysis_config, settings, keep_states=keep_states)
    chosen = asked.settings
    _refuse_unmeasured(chosen, stages_of(asked.config))
    unlimited = replace(asked, settings=changed(chosen, start=None, end=None), keep_states=False)
    normal = baseline_of(
        baseline, BiasBaseline, BiasResult, lambda table: _learned(table, unlimited, None)
    )
    measured = _measure(data, asked, progress, known=normal.analysis)
    # Without predictions a stage is left out.
    _refuse_unmeasured(chosen, measured.stages)
    return _compared(measured, normal, chosen)


def beside(report: BiasResult, baseline: BiasBaseline) -> BiasResult:
    """A report that was read from its files, with what its baseline says of every metric.

    What violates is what its files say, whatever dialect and ranges they were made with.

    Args:
        report: without comparisons.
        baseline: what it was compared with.

    Raises:
        FormatError: the baseline is of other facets, or of another label.
    """
    rule = DriftRule(
        dialect=dialect("aws" if report.intervals is None else "textbook"),
        noise=sampling_noise.noise_of(report.intervals or {}),
        baseline_deviations=sampling_noise.deviations(baseline.intervals or {}),
    )
    outcome = check(report.analysis, baseline.analysis, rule)
    compared = [
        replace(
            each,
            comparison=replace(each.comparison, worse=each.violation() in report.violations),
        )
        for each in outcome.compared
    ]
    return replace(report, compared=tuple(compared), skipped=outcome.skipped)


def _refuse_unmeasured(settings: BiasSettings, stages: Mapping[Stage, tuple[str, ...]]) -> None:
    known = {name for names in stages.values() for name in names}
    severity = settings.run.grading.severity
    refuse_unmatched("severity", severity, {BIAS_CHECK, *known}, "checks or metrics")
    strange = [name for name in settings.allowed if name not in known]
    if strange:
        raise SettingsError(
            "ranges are allowed for metrics that were not measured",
            where="allowed",
            expected=", ".join(sorted(known)),
            found=", ".join(map(repr, strange)),
            todo="Correct the names",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Measured:
    """A report and all that belongs to it."""

    analysis: Analysis
    noise: Mapping[MetricKey, Noise]
    intervals: Mapping[str, Any] | None
    stages: Mapping[Stage, tuple[str, ...]]
    states: GroupStates | None
    run: Run
    remarks: tuple[str, ...]


def _measure(
    data: Any, asked: Request, progress: Progress | None, *, known: Analysis | None
) -> _Measured:
    began = time.perf_counter()
    settings = asked.settings
    found = counted(data, asked, progress)
    rules = dialect(settings.run.compute.dialect)
    positives = asked.config.label_values_or_threshold
    reader = GroupReader(
        counts=found.counts,
        facets=found.plan.facets,
        outcomes=Outcomes(counts=found.counts, positives=positives, rules=rules),
        rules=rules,
    )
    unseen = unseen_remarks(reader, known)
    bias = report(reader, found.plan.stages, found.flip_test(settings))
    noise, intervals = _noise(bias, settings)
    return _Measured(
        analysis=_with_statistics(bias, reader, settings),
        noise=noise,
        intervals=intervals,
        stages=found.plan.stages,
        states=found.states,
        run=found.run.ended(found.counts, began),
        remarks=(*unseen, *_remarks(reader, intervals)),
    )


def _compared(measured: _Measured, normal: BiasBaseline, settings: BiasSettings) -> BiasResult:
    rule = DriftRule(
        dialect=dialect(settings.run.compute.dialect),
        noise=measured.noise,
        baseline_deviations=sampling_noise.deviations(normal.intervals or {}),
        allowed=settings.allowed,
        confidence=settings.confidence,
    )
    outcome = check(measured.analysis, normal.analysis, rule)
    return BiasResult(
        analysis=measured.analysis,
        violations=outcome.violations,
        compared=outcome.compared,
        skipped=outcome.skipped,
        intervals=measured.intervals,
        states=measured.states,
        run=measured.run,
        remarks=measured.remarks,
    )


def _noise(
    found: BiasReport, settings: BiasSettings
) -> tuple[dict[MetricKey, Noise], dict[str, Any] | None]:
    """Spreads and intervals; the aws dialect has neither, as Clarify has not."""
    if dialect(settings.run.compute.dialect).point_rule:
        return {}, None
    noise = sampling_noise.sampling_noise(found, seed=settings.seed)
    return noise, sampling_noise.document(
        found, noise, confidence=settings.confidence, small_group=settings.small_group
    )


def _with_statistics(found: BiasReport, reader: GroupReader, settings: BiasSettings) -> Analysis:
    extra: dict[str, Any] = {}
    post = found.groups.get("post_training")
    groups = found.groups.get("pre_training") or post or {}
    if settings.basic_statistics:
        facets = basic_statistics(post or groups, predicted=post is not None)
        extra["bias_basic_stats"] = {"facets": facets}
    if settings.performance_report and post:
        (first, *_), *_ = post.values()
        extra["model_performance_report"] = performance_report(reader, first)
    return replace(found.analysis, extra=extra)


def _remarks(reader: GroupReader, intervals: Mapping[str, Any] | None) -> tuple[str, ...]:
    remarks = []
    predicted = reader.counts.plan.prediction is not None
    unlabelled = reader.outcomes.unlabelled(predicted=predicted)
    if unlabelled:
        remarks.append(f"{unlabelled:,} rows without label or prediction were set aside")
    for index in dict.fromkeys(each for facet in reader.counts.plan.facets for each in facet):
        facts = reader.counts.columns[index]
        if facts.missing:
            remarks.append(
                f"{facts.missing:,} rows have no value of facet {facts.column.name}; "
                "they count among the rest"
            )
    small = {
        f"{facet} {value['value_or_threshold']}"
        for facets in (intervals or {}).get("facets", {}).values()
        for facet, values in facets.items()
        for value in values
        if value["small"]
    }
    if small:
        remarks.append(f"small groups, whose metrics say little: {', '.join(sorted(small))}")
    return tuple(remarks)
