"""What the one look of a fixed horizon says of a metric: the interval and p value made for its kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from driftkit.comparison.deployment.estimates import Estimate
from driftkit.comparison.deployment.means import Sample, welch
from driftkit.comparison.deployment.paired import mcnemar, tango
from driftkit.comparison.deployment.rates import Rate, score_interval, score_test
from driftkit.comparison.deployment.ratios import ratio

if TYPE_CHECKING:
    from driftkit.formats.deployment.plan import PlannedMetric
    from driftkit.monitors.deployment.evidence import Evidence
    from driftkit.native.arrays import Floats

OF_RATES: Final = "fixed horizon, score interval"
OF_PAIRED_RATES: Final = "fixed horizon, Tango's score interval"
OF_MEANS: Final = "fixed horizon, Student's t"
OF_OTHERS: Final = "fixed horizon"


def method_of(evidence: Evidence, metric: PlannedMetric, look: int) -> str:
    """Which interval fits what was seen.

    Scores for rates of requests, whose variance follows from the rate, of arms (Miettinen and
    Nurminen) and of pairs (Tango); Student's t for means, with Welch's degrees of freedom, of pairs
    and of users in buckets; the normal one where nothing better is known: of several epochs, of
    covariates, of ratios and of areas under the curve.
    """
    plain = evidence.is_one_epoch and evidence.users is None and not metric.covariate
    if evidence.events is not None and plain and evidence.variance[look] >= 0:
        return OF_PAIRED_RATES if evidence.epochs is None else OF_RATES
    if np.isfinite(_degrees(evidence, metric, look)):
        return OF_MEANS
    return OF_OTHERS


def interval(
    evidence: Evidence, metric: PlannedMetric, look: int, alpha: float
) -> tuple[float, float]:
    """The difference's interval, each end by itself a one-sided bound at alpha / 2.

    Args:
        evidence: of the metric at each look.
        metric: as planned.
        look: at which its rows are enough.
        alpha: how often the interval may miss.
    """
    method = method_of(evidence, metric, look)
    if method == OF_RATES:
        ends = score_interval(*_rates(evidence, look), alpha)
    elif method == OF_PAIRED_RATES:
        ends = tango(*_discordant(evidence, look), evidence.units[look], alpha)
    else:
        ends = _estimate(evidence, metric, look).interval(alpha)
    return float(ends[0]), float(ends[1])


def p_value(evidence: Evidence, metric: PlannedMetric, look: int) -> float:
    """Of no difference, both sides; NaN where nothing varies. Arguments as of `interval`."""
    method = method_of(evidence, metric, look)
    if method == OF_RATES:
        return float(score_test(*_rates(evidence, look)).p_different)
    if method == OF_PAIRED_RATES:
        return float(mcnemar(*_discordant(evidence, look)))
    return float(_estimate(evidence, metric, look).against().p_different)


def _rates(evidence: Evidence, look: int) -> tuple[Rate, Rate]:
    assert evidence.events is not None  # noqa: S101  (of rates)
    champion, challenger = zip(evidence.events[look], evidence.counted[look], strict=True)
    return Rate(part=champion[0], whole=champion[1]), Rate(part=challenger[0], whole=challenger[1])


def _discordant(evidence: Evidence, look: int) -> tuple[float, float]:
    """Pairs with the event in the champion's answer alone, and in the challenger's alone.

    By the sums of the differences of pairs, which are -1, 0 or 1, and of their squares.
    """
    n, difference = evidence.units[look], evidence.difference[look]
    squares = evidence.variance[look] * n * (n - 1) + n * difference**2
    challenger = np.rint((squares + n * difference) / 2)
    return float(np.rint(squares) - challenger), float(challenger)


def _estimate(evidence: Evidence, metric: PlannedMetric, look: int) -> Estimate:
    return Estimate(
        difference=evidence.difference[look],
        variance=evidence.variance[look],
        degrees=_degrees(evidence, metric, look),
    )


def _degrees(evidence: Evidence, metric: PlannedMetric, look: int) -> float:
    """The degrees of freedom of the variance; infinite where they are not known."""
    if not evidence.is_one_epoch or metric.kind == "auc":
        return np.inf
    if evidence.users is not None:
        return float(evidence.users[look].max() - 1)
    if evidence.epochs is None:
        return float(evidence.units[look] - 1)
    if evidence.windows is None or metric.covariate:
        return np.inf
    return _welch_degrees(evidence.windows[: look + 1].sum(axis=0))


def _welch_degrees(sums: Floats) -> float:
    """Of rows, sum and sum of squares of both arms."""
    n, s, ss = sums.T
    variance = ratio(np.maximum(ss - s * ratio(s, n), 0.0), n - 1)
    champion, challenger = (
        Sample(n=n[arm], mean=ratio(s, n)[arm], variance=variance[arm]) for arm in (0, 1)
    )
    return float(np.asarray(welch(champion, challenger).degrees))
