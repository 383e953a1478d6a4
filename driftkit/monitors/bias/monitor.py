"""The bias monitor: did the treatment of groups change?"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from functools import partial
from os import PathLike
from typing import TYPE_CHECKING, Any, Unpack

from driftkit.compute.job import Job
from driftkit.dialects import dialect
from driftkit.errors import SettingsError
from driftkit.formats import analysis_config
from driftkit.formats.analysis import STAGES
from driftkit.io.reading import of_data
from driftkit.monitors.baselines import baseline_of
from driftkit.monitors.bias import sampling_noise
from driftkit.monitors.bias.analysis import basic_statistics, performance_report, report
from driftkit.monitors.bias.checks import DriftRule, check
from driftkit.monitors.bias.inputs import Opened, opened, read_flip_rows
from driftkit.monitors.bias.plan import BiasPlan, plan
from driftkit.monitors.bias.results import BiasBaseline, BiasResult
from driftkit.monitors.bias.settings import BiasKeywords, BiasSettings
from driftkit.monitors.bias.unseen import unseen_remarks
from driftkit.readers.dataset import judge
from driftkit.readers.opening import refuse_results
from driftkit.results.contract import Run
from driftkit.settings.declaring import spelt_out
from driftkit.states.groups.fold import count
from driftkit.states.groups.outcomes import Outcomes
from driftkit.states.groups.tables import GroupReader

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from driftkit.comparison.bias.noise import Noise
    from driftkit.compute.job import Progress
    from driftkit.formats.analysis import Analysis
    from driftkit.formats.analysis_config import AnalysisConfig
    from driftkit.monitors.bias.analysis import BiasReport

__all__ = ["BiasBaseline", "BiasResult", "baseline", "monitor"]


@spelt_out(BiasSettings)
@of_data
def baseline(
    data: Any,
    *,
    analysis_config: Any,
    progress: Progress | None = None,
    **settings: Unpack[BiasKeywords],
) -> BiasBaseline:
    """Measures the bias that is normal.

    Args:
        data: a path, a list of paths (files, folders, globs, URLs), a pandas or Spark
            DataFrame, an Arrow table, or a mapping of columns to values.
        analysis_config: Clarify's analysis_config.json, as a mapping or the file's path.
        progress: called with units done, units in all and rows so far.
        **settings: how data are read and computed, for example dialect="aws".

    Raises:
        InputError: the data cannot be read, or nothing is predicted positive.
        SettingsError: a setting is unknown, or names what is not there.
        FormatError: the configuration is not what it should be.
        EngineError: Spark failed.
    """
    return _learned(data, analysis_config, settings, progress)


def _learned(
    data: Any, config: Any, settings: Mapping[str, Any], progress: Progress | None
) -> BiasBaseline:
    measured = _measure(data, config, settings, progress, known=None)
    return BiasBaseline(
        analysis=measured.analysis,
        intervals=measured.intervals,
        run=measured.run,
        remarks=measured.remarks,
    )


@spelt_out(BiasSettings)
@of_data
def monitor(
    data: Any,
    baseline: Any,
    *,
    analysis_config: Any,
    progress: Progress | None = None,
    **settings: Unpack[BiasKeywords],
) -> BiasResult:
    """Looks at a window of data and says which metrics are worse than in the baseline.

    Args:
        data: as for `baseline`; merged captures are recognised by themselves.
        baseline: what is normal: a BiasBaseline, the path or URL of its folder or analysis.json, an
            earlier result, or a table of data that is measured with the same configuration.
        analysis_config: as for `baseline`.
        progress: called with units done, units in all and rows so far.
        **settings: as for `baseline`; start and end choose the window.

    Raises:
        InputError: the data cannot be read, or nothing is predicted positive.
        SettingsError: a setting is unknown, or names what is not there.
        FormatError: configuration or baseline are not what they should be, or of other facets.
        EngineError: Spark failed.
    """
    refuse_results(data)
    normal = _resolved_baseline(baseline, analysis_config, settings)
    measured = _measure(data, analysis_config, settings, progress, known=normal.analysis)
    chosen = measured.settings
    _refuse_unknown_metrics(chosen.allowed, measured.analysis)
    rule = DriftRule(
        dialect=dialect(chosen.run.compute.dialect),
        noise=measured.noise,
        baseline_deviations=sampling_noise.deviations(normal.intervals or {}),
        allowed=chosen.allowed,
        confidence=chosen.confidence,
    )
    outcome = check(measured.analysis, normal.analysis, rule)
    return BiasResult(
        analysis=measured.analysis,
        violations=outcome.violations,
        compared=outcome.compared,
        skipped=outcome.skipped,
        intervals=measured.intervals,
        run=measured.run,
        remarks=measured.remarks,
    )


def _refuse_unknown_metrics(allowed: Iterable[str], analysis: Analysis) -> None:
    stages = filter(None, map(analysis.stage, STAGES))
    groups = [group for stage in stages for facet in stage.facets.values() for group in facet]
    known = {metric.name for group in groups for metric in group.metrics}
    strange = [name for name in allowed if name not in known]
    if strange:
        raise SettingsError(
            "ranges are allowed for metrics that were not measured",
            where="allowed",
            expected=", ".join(sorted(known)),
            found=", ".join(map(repr, strange)),
            todo="Correct the names",
        )


def _resolved_baseline(handed_in: Any, config: Any, settings: Mapping[str, Any]) -> BiasBaseline:
    chosen = {name: settings[name] for name in settings if name not in {"start", "end"}}
    return baseline_of(
        handed_in, BiasBaseline, BiasResult, lambda data: _learned(data, config, chosen, None)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Measured:
    """A report and all that belongs to it."""

    analysis: Analysis
    noise: Mapping[tuple[str, str, int, str], Noise]
    intervals: Mapping[str, Any] | None
    run: Run
    remarks: tuple[str, ...]
    settings: BiasSettings


def _measure(
    data: Any,
    config: Any,
    settings: Mapping[str, Any],
    progress: Progress | None,
    *,
    known: Analysis | None,
) -> _Measured:
    began = time.perf_counter()
    chosen = BiasSettings.from_keywords(**settings)
    source = opened(data, _config(config), chosen, header_given=settings.get("header") is not None)
    wanted = source.config
    asked = plan(wanted, source.dataset.columns, chosen, source.roles)
    reader = _counted(source, asked, wanted, chosen, progress)
    unseen = unseen_remarks(reader, known)
    found = report(reader, asked.stages, read_flip_rows(source, asked, reader, chosen))
    noise, intervals = _noise(found, chosen)
    about = Run.about("bias", source.dataset, chosen.run)
    return _Measured(
        analysis=_with_statistics(found, reader, chosen),
        noise=noise,
        intervals=intervals,
        run=about.ended(reader.counts, source.engine, began),
        remarks=(*unseen, *_remarks(reader, intervals)),
        settings=chosen,
    )


def _config(config: Any) -> AnalysisConfig:
    if isinstance(config, str | PathLike):
        return analysis_config.read_file(config)
    return analysis_config.read(config)


def _counted(
    source: Opened,
    asked: BiasPlan,
    config: AnalysisConfig,
    settings: BiasSettings,
    progress: Progress | None,
) -> GroupReader:
    """The counts of all rows: the one pass over the data."""
    job = Job(fold=partial(count, asked.count), divisible=True)
    counts = source.runner.run(source.dataset, job, progress)
    judge(source.dataset, counts.rejected, counts.rows)
    rules = dialect(settings.run.compute.dialect)
    return GroupReader(
        counts=counts,
        facets=asked.facets,
        outcomes=Outcomes(counts=counts, positives=config.label_values_or_threshold, rules=rules),
        rules=rules,
    )


def _noise(
    found: BiasReport, settings: BiasSettings
) -> tuple[dict[tuple[str, str, int, str], Noise], dict[str, Any] | None]:
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
