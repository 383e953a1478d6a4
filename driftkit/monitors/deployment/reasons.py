"""What metrics lack to decide, and what they decide, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftkit.formats.deployment.metrics import Bias
    from driftkit.formats.deployment.plan import PlannedMetric
    from driftkit.monitors.deployment.judged import Judged

FEW = "too few data"
_ARMS = ("the champion", "the challenger")


def lacking(each: Judged, look: int) -> str | None:
    """What a metric lacks at a look to be decided by; None where it lacks nothing."""
    if each.bounds.reason is not None:
        return each.bounds.reason
    if not each.measured[look]:
        if each.metric.table:
            return "no table of metrics has values of both arms"
        bias = each.metric.bias
        if bias is not None and each.evidence.counted[look].all():
            return f"{_without_group(each, bias, look)} has {values_of(each.metric)}"
        return f"{_without_rows(each, look)} has {values_of(each.metric)}"
    known = np.isfinite([each.bounds.low[look], each.bounds.high[look]]).any()
    return None if each.bounds.ready[look] and known else _unready(each, look)


def _unready(each: Judged, look: int) -> str:
    seen = each.evidence
    if not np.isfinite(seen.difference[look]):
        if each.metric.kind == "auc":
            return "the labels of an arm are all of one class"
        return "there is no time of constant weights in which both arms have values"
    if each.bounds.ready[look] and not seen.variance[look] > 0:
        return "no value differs from another, so that nothing tells how sure the difference is"
    return FEW


def _without_rows(each: Judged, look: int) -> str:
    lacks = [arm for arm, rows in zip(_ARMS, each.evidence.counted[look], strict=True) if not rows]
    return "no row of either arm" if len(lacks) > 1 else f"no row of {lacks[0]}"


def _without_group(each: Judged, bias: Bias, look: int) -> str:
    """Of groups of which an arm has no row, the first."""
    assert each.evidence.bias is not None  # noqa: S101  (of metrics of this kind)
    arm, group = np.argwhere(each.evidence.bias.counted[look] == 0)[0].tolist()
    groups = (f"with {bias.group}", f"without {bias.group}")
    return f"no row of {_ARMS[arm]} {groups[group]}"


def values_of(metric: PlannedMetric) -> str:
    """What a row must have for a metric to be of it."""
    if not metric.needs:
        return f"a finite number in {' and '.join(metric.columns) or metric.name}"
    *first, last = [_SAID.get(each, each) for each in metric.needs]
    return f"{', '.join(first)} and {last}" if first else last


def harm_in_words(harmed: Sequence[Judged], look: int) -> str:
    """By how much metrics are worse, at a look."""
    return " and ".join(
        f"{each.metric.name} is worse by at least {-each.bounds.high[look]:.4g}, "
        f"where {each.metric.margin:.4g} is allowed"
        if each.bounds.high[look] < -each.metric.margin
        else f"{each.metric.name} is worse, by at least {-each.bounds.high[look]:.2g}"
        for each in harmed
    )


def pass_in_words(decisive: Sequence[Judged]) -> str:
    """What is known of metrics that all pass."""
    better = [each.metric.name for each in decisive if each.metric.superior]
    others = [each.metric.name for each in decisive if not each.metric.superior]
    said = [f"{listed(better)} better"] if better else []
    return " and ".join([*said, f"{listed(others)} not worse than allowed"] if others else said)


def listed(names: Sequence[str]) -> str:
    """Names and their verb."""
    *first, last = names
    verb = "are" if first else "is"
    return f"{', '.join(first)} and {last} {verb}" if first else f"{last} {verb}"


_SAID = {
    "label": "a label",
    "prediction": "a prediction",
    "probability": "a probability from 0 to 1",
    "pair": "another row beside it",
}
