"""Judges the drift of a window that was measured, beside its baseline and the windows before it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from driftkit.capture.variant import VARIANT
from driftkit.dialects import IN_TEXTBOOK
from driftkit.formats import explanations
from driftkit.io.locations import locate
from driftkit.monitors.data_quality.checks.phrases import listed
from driftkit.monitors.data_quality.drift.causes import Sides, with_causes
from driftkit.monitors.data_quality.drift.counting import rows_in_none
from driftkit.monitors.data_quality.drift.findings import skipped
from driftkit.monitors.data_quality.drift.impacts import with_impact
from driftkit.monitors.data_quality.drift.upstream import upstream_of
from driftkit.monitors.data_quality.drift.verdicts import judge, marked
from driftkit.monitors.data_quality.drift.windows import (
    baseline_counts,
    by_time,
    earlier_counts,
    statistics_counts,
    window_counts,
)
from driftkit.states.partitions.partition import PartitionOptions

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from driftkit.dialects import Dialect
    from driftkit.formats.drift import Drift
    from driftkit.monitors.data_quality.results import Baseline, MonitoringResult
    from driftkit.settings import Settings
    from driftkit.settings.detection import Detection
    from driftkit.states.cells.counted import CellCounts
    from driftkit.states.states import States


def splits_of(
    baseline: Baseline, settings: Settings, rules: Dialect
) -> tuple[PartitionOptions, ...]:
    """How a window is told apart, where it is judged at all: by time, and several variants of it."""
    if rules.name not in IN_TEXTBOOK:
        return ()
    known = {each.name for each in baseline.constraints.features}
    by_variant = settings.window.together and VARIANT not in known
    variants = (PartitionOptions(by=(VARIANT,)),) if by_variant else ()
    return (*by_time(baseline.cells, settings), *variants)


def without_splits(states: States, partitions: Sequence[PartitionOptions]) -> States:
    """States without those of parts, which would double a file that nobody asks for them."""
    gone = {(each.by, each.unit) for each in partitions}
    kept = tuple(each for each in states.table.partitions if (each.by, each.unit) not in gone)
    return replace(states, table=replace(states.table, partitions=kept))


def with_drift(
    result: MonitoringResult,
    baseline: Baseline,
    history: Sequence[Any],
    asked: Detection,
    rules: Dialect,
) -> MonitoringResult:
    """The result with its verdicts of drift, in the dialect that has them.

    Raises:
        InputError: something of the history is no report.
        FormatError: a file of it, or of the importance of features, is damaged.
    """
    if rules.name not in IN_TEXTBOOK:
        return result
    normal = baseline_counts(baseline.statistics, baseline.cells)
    if normal is None:
        return result
    states = result.states
    window = (
        statistics_counts(result.statistics, normal)
        if states is None
        else window_counts(states, normal)
    )
    normal = normal.on(window.grids)
    earlier, remarks = earlier_counts(history, window.grids)
    split = states.blocks() if states is not None else None
    aside = rows_in_none(split) if split is not None else None
    unlike = _counted_otherwise(result, baseline, window)
    remarks = [*filter(None, (aside, unlike)), *remarks]
    # The times of rows have no distribution that is compared, and a zone that is judged.
    drift = judge(normal, window, earlier, asked, {*_not_compared(result, baseline)} - {normal.by})
    if baseline.outcomes is not None:
        table = None if states is None else states.table
        drift = with_impact(drift, baseline.outcomes, result.statistics, table)
    drift = _with_causes(drift, result, baseline, (normal, window), asked)
    run = result.run
    if run is not None and remarks:
        run = replace(run, remarks=(*run.remarks, *remarks))
    missed = (*result.skipped, *skipped(drift))
    return replace(result, drift=drift, cells=marked(window, drift), skipped=missed, run=run)


def _counted_otherwise(
    result: MonitoringResult, baseline: Baseline, window: CellCounts
) -> str | None:
    """A line about columns of text of which the baseline does not know what the window does."""
    judged = {*(grid.name for grid in window.grids), window.by}
    known = {each.name for each in baseline.constraints.features}
    columns = result.states.table.columns if result.states else ()
    names = [
        each.name
        for each in columns
        if each.name in known - judged
        and each.presence.present
        and not each.inferred.is_numeric
        and each.frequencies.buckets is not None
    ]
    if not names:
        return None
    return (
        f"no verdict of drift on {listed(names)}: too many different values for the baseline, which "
        "did not count them by their hash, or for the window alone; make the baseline again, of its "
        "rows and by the engine scan"
    )


def _with_causes(
    drift: Drift,
    result: MonitoringResult,
    baseline: Baseline,
    counts: tuple[CellCounts, CellCounts],
    asked: Detection,
) -> Drift:
    """The verdicts with what changed, where the baseline's statistics are known."""
    if baseline.statistics is None:
        return drift
    sides = Sides(
        baseline=baseline.statistics,
        window=result.statistics,
        baseline_counts=counts[0],
        window_counts=counts[1],
        baseline_states=baseline.states,
        window_states=result.states,
        importance={} if asked.importance is None else _importance(asked.importance),
        upstream=upstream_of(
            asked.sources, [each.feature for each in drift.features], baseline.derivation
        ),
    )
    return with_causes(drift, sides)


def _importance(where: str) -> dict[str, float]:
    """Each feature's part of what decides, of several outputs of the model the largest one.

    Raises:
        FormatError: there is no analysis.json with attributions.
    """
    path = locate(where)
    file = path / explanations.NAME if path.is_dir() else path
    found: dict[str, float] = {}
    for label in explanations.read_file(file).labels.values():
        total = sum(map(abs, label.global_shap_values.values()))
        for feature, value in label.global_shap_values.items():
            found[feature] = max(found.get(feature, 0.0), abs(value) / total if total else 0.0)
    return found


def _not_compared(result: MonitoringResult, baseline: Baseline) -> Iterator[str]:
    """Features whose distribution the baseline's constraints do not compare."""
    constraints = baseline.constraints
    own = constraints.own_configs
    known = {each.name for each in constraints.features}
    for feature in result.statistics.features:
        config = own.get(feature.name, constraints.monitoring_config)
        if feature.name not in known or not config.distribution.perform_comparison:
            yield feature.name
