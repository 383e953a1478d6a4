"""Kayenta's judge of all metrics: scores of groups, their weighted sum, and what follows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from driftkit.comparison.deployment.kayenta import MetricResult

_COUNTED = ("Pass", "High", "Low", "NodataFailMetric")
_TOO_MANY_WITHOUT_DATA = 0.5
WITHOUT_DATA = "Canary Failed: 50% or more metrics returned NODATA"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """A metric that is not muted: its name, the groups that it counts in, and its result."""

    name: str
    groups: Sequence[str]
    result: MetricResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What the judge says of the canary.

    Attributes:
        classification: Pass, Marginal or Fail.
        score: 0 to 100, two digits.
        reason: why it is 0 whatever the groups say; None where it is not.
        groups: group -> its score by itself, not rounded.
    """

    classification: Literal["Pass", "Marginal", "Fail"]
    score: float
    reason: str | None
    groups: Mapping[str, float]


def summarise(
    metrics: Sequence[Scored],
    weights: Mapping[str, float],
    *,
    pass_score: float = 95.0,
    marginal_score: float = 75.0,
) -> Summary:
    """The score of a canary, and whether it passes.

    Args:
        metrics: at least one; muted ones left out.
        weights: group -> percent of the score; groups without share what is left equally.
        pass_score: from which on the canary passes.
        marginal_score: from which on it does not fail.

    >>> from driftkit.comparison.deployment.kayenta import MetricResult
    >>> results = [MetricResult(classification=each) for each in ("Pass", "High", "Low")]
    >>> metrics = [Scored(name=r.classification, groups=["all"], result=r) for r in results]
    >>> summarise(metrics, {}).score
    33.33
    """
    counts = {group: _counts(group, metrics) for group in _groups(metrics)}
    scores = {
        group: 100.0 * good / whole if whole else 0.0 for group, (good, whole) in counts.items()
    }
    reason = _failed(metrics)
    if reason is not None:
        return Summary(classification="Fail", score=0.0, reason=reason, groups=scores)
    shares = _shares(scores, weights)
    score = sum(
        shares[group] / 100 * (scores[group] if whole else 100.0)
        for group, (_, whole) in counts.items()
    )
    score = round(score, 2)
    classification: Literal["Pass", "Marginal", "Fail"] = "Fail"
    if score >= pass_score:
        classification = "Pass"
    elif score >= marginal_score:
        classification = "Marginal"
    return Summary(classification=classification, score=score, reason=None, groups=scores)


def _groups(metrics: Iterable[Scored]) -> list[str]:
    return list(dict.fromkeys(group for metric in metrics for group in metric.groups))


def _counts(group: str, metrics: Iterable[Scored]) -> tuple[int, int]:
    """The metrics of a group that pass, and those that count: all but those without data."""
    found = [each.result.classification for each in metrics if group in each.groups]
    return found.count("Pass"), sum(each in _COUNTED for each in found)


def _shares(groups: Iterable[str], weights: Mapping[str, float]) -> dict[str, float]:
    """Percent of the score of each group."""
    without = [group for group in groups if group not in weights]
    rest = (100.0 - sum(weights.values())) / len(without) if without else 0.0
    return {group: weights.get(group, rest) for group in groups}


def _failed(metrics: Sequence[Scored]) -> str | None:
    for metric in metrics:
        if metric.result.critical and metric.result.classification != "Pass":
            return f"Canary Failed: {metric.result.reason}"
    empty = sum(each.result.classification == "Nodata" for each in metrics)
    return WITHOUT_DATA if empty >= _TOO_MANY_WITHOUT_DATA * len(metrics) else None
