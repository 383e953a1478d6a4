"""Whether a day is unusual: beyond what the days of a reference differ among themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.detection.evidence import Strongest, least
from driftkit.comparison.probabilities import student_two_sided

if TYPE_CHECKING:
    from driftkit.comparison.arrays import Floats, Integers, Truths
    from driftkit.comparison.detection.day_scores import DayScores

# Days that are pooled, and the part of the error rate that each pool has.
POOLS = {1: 0.55, 2: 0.15, 4: 0.15, 8: 0.15}
_WEEKS = 28
_WEEKDAYS = 5
_WEEKDAYS_DIFFER = 2.2
_PAIRS = 15
# Shape of the tail: fixed, since an estimate from a few exceedances hides plain faults.
_SHAPE = 0.2
_SMALL = 1e-300


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Calibration:
    """How days of a reference differ; arrays of features by scores unless it says otherwise.

    Attributes:
        days: by feature, how many days there are.
        expected: features by days by scores; means of the reference, by weekday where they differ.
        between: variance between days beyond sampling.
        sampling: mean sampling variance.
        correlation: of a day with the next.
        freedom: degrees of freedom.
        slope: change of a day.
        centre: by feature, the mean day of the reference.
        tail: rank of the exceedance from which the tail is fitted, by feature.
        threshold: the exceedance at this rank.
        excess: scale of what is beyond it.
    """

    days: Floats
    expected: Floats
    between: Floats
    sampling: Floats
    correlation: Floats
    freedom: Floats
    slope: Floats
    centre: Floats
    tail: Floats
    threshold: Floats
    excess: Floats


def calibrate(scores: DayScores, dates: Integers, reference: Truths) -> Calibration:
    """How the reference's days differ from each other.

    Args:
        scores: of all days.
        dates: days since 1970-01-01, ascending.
        reference: features by days, which of them are ordinary.
    """
    kept = reference[..., None].astype(np.float64)
    days = np.maximum(kept.sum(axis=1), 1.0)
    mean = (scores.values * kept).sum(axis=1) / days
    residuals = (scores.values - mean[:, None]) * kept
    sampling = (scores.variances * kept).sum(axis=1) / days
    weekday = (dates + 3) % 7
    effects, shrunk, of_weekday = _weekdays(residuals, weekday, reference)
    expected = mean[:, None] + effects[:, weekday]
    residuals = (scores.values - expected) * kept
    leverage = (
        1 / days[:, None] + shrunk[:, None] / np.maximum(of_weekday[:, weekday], 1)[..., None]
    )
    leverage = np.minimum(leverage, np.where(shrunk[:, None] > 0, 0.6, 1 / days[:, None]))
    freedom = days - 1 - 6 * shrunk
    between = np.maximum(0.0, (residuals**2).sum(axis=1) / np.maximum(freedom, 1) - sampling)
    spread = between[:, None] + scores.variances + (between + sampling)[:, None] * leverage
    leaving_out = (
        np.abs(residuals) / np.maximum(1 - leverage, 1e-9) / np.sqrt(np.maximum(spread, _SMALL))
    )
    tail, threshold, excess = _tail(np.where(kept > 0, leaving_out, -1.0), days)
    centre = (reference * dates).sum(axis=1) / days[:, 0]
    since = (dates - centre[:, None])[..., None] * kept
    return Calibration(
        days=days[:, 0],
        expected=expected,
        between=between,
        sampling=sampling,
        correlation=_correlation(residuals, dates, reference),
        freedom=freedom,
        slope=(since * residuals).sum(axis=1) / np.maximum((since**2).sum(axis=1), _SMALL),
        centre=centre,
        tail=tail,
        threshold=threshold,
        excess=excess,
    )


def unusual(scores: DayScores, dates: Integers, reference: Truths) -> Strongest:
    """How surely the last day, or the mean of the last few, is none of the reference's: by feature.

    Each p-value is the larger of a Student tail and of a tail fitted to the reference's own largest
    days, so that it is never smaller than either allows.

    Args:
        scores: of all days; the last one is judged.
        dates: days since 1970-01-01, ascending.
        reference: features by days, which of them are ordinary.
    """
    known = calibrate(scores, dates, reference)
    pools = [size for size in POOLS if size <= len(dates)]
    shares = np.array([POOLS[size] for size in pools])
    kept = reference[..., None]
    usual = (scores.effects * kept).sum(axis=1) / known.days[:, None]
    effect = scores.effects[:, -1] - usual
    matters = (np.abs(effect) >= scores.least) & (scores.weights > 0)
    table = np.ones((len(effect), len(pools), effect.shape[1]))
    for index, size in enumerate(pools):
        table[:, index][matters] = _pooled(known, scores, dates, size, matters)
    table[:, 0] = np.minimum(table[:, 0], _novelty(scores, reference, matters))
    with np.errstate(divide="ignore"):
        table = table / scores.weights[:, None] / (shares / shares.sum())[:, None]
    p, pool, score = least(table)
    return Strongest(
        p=p,
        kind=[scores.kinds[index] for index in score.tolist()],
        effect=effect[np.arange(len(p)), score],
        window=np.array(pools)[pool],
    )


def _weekdays(
    residuals: Floats, weekday: Integers, reference: Truths
) -> tuple[Floats, Floats, Floats]:
    """Means by weekday, shrunk; by how much (features by scores); and days of each weekday."""
    is_weekday = (weekday[:, None] == np.arange(7)).astype(np.float64)
    of_weekday = reference @ is_weekday
    days = reference.sum(axis=1)
    asked = (days >= _WEEKS) & ((of_weekday > 0).sum(axis=1) >= _WEEKDAYS)
    sums = np.einsum("dw,fdj->fwj", is_weekday, residuals)
    means = sums / np.maximum(of_weekday, 1)[..., None]
    between = (of_weekday[..., None] * means**2).sum(axis=1) / 6
    inside = residuals - means[:, weekday] * reference[..., None]
    within = (inside**2).sum(axis=1) / np.maximum(days - 7, 1)[:, None]
    ratio = between / np.maximum(within, _SMALL)
    clear = asked[:, None] & (ratio > _WEEKDAYS_DIFFER)
    shrunk = np.where(clear, 1 - 1 / np.maximum(ratio, 1.0), 0.0)
    return means * shrunk[:, None], shrunk, of_weekday


def _tail(exceedances: Floats, days: Floats) -> tuple[Floats, Floats, Floats]:
    """The rank of the threshold, the threshold, and the scale of what is beyond it."""
    ordered = -np.sort(-exceedances, axis=1)
    rank = np.minimum(np.maximum(6, days[:, 0].astype(np.int64) // 8), ordered.shape[1] - 1)
    at = np.broadcast_to(rank[:, None, None], (len(rank), 1, ordered.shape[2]))
    threshold = np.take_along_axis(ordered, at, axis=1)[:, 0]
    beyond = np.arange(ordered.shape[1])[:, None] < rank[:, None, None]
    sums = ((ordered - threshold[:, None]) * beyond).sum(axis=1)
    return rank.astype(np.float64), threshold, np.maximum(0.3, 0.8 * sums / rank[:, None])


def _correlation(residuals: Floats, dates: Integers, reference: Truths) -> Floats:
    """Of consecutive days; raised, since it comes out too low in short series."""
    follows = (np.diff(dates) == 1) & reference[:, 1:] & reference[:, :-1]
    pairs = follows.sum(axis=1)[:, None]
    products = (residuals[:, 1:] * residuals[:, :-1] * follows[..., None]).sum(axis=1)
    days = np.maximum(reference.sum(axis=1), 1)[:, None]
    variance = (residuals**2).sum(axis=1) / days
    first = products / np.maximum(pairs, 1) / np.maximum(variance, _SMALL)
    raised = np.clip(first + (1 + 3 * first) / np.maximum(pairs, 1) + 0.05, 0.1, 0.95)
    return np.where(pairs > _PAIRS, raised, 0.3)


def _variance_factor(correlation: Floats, days: Floats) -> Floats:
    """By how much correlation widens a mean of so many days: 1 + 2 sum (1 - j/w) rho^j."""
    longest = int(days.max(initial=1))
    steps = np.arange(1, max(longest, 2))
    parts = np.maximum(0.0, 1 - steps / days[..., None]) * correlation[..., None] ** steps
    return np.asarray(np.maximum(1.0, 1 + 2 * parts.sum(axis=-1)))


def _pooled(
    known: Calibration, scores: DayScores, dates: Integers, size: int, matters: Truths
) -> Floats:
    """p-values of the mean of the last days, of the features and scores that matter."""
    gap = (scores.values[:, -size:] - known.expected[:, -size:]).mean(axis=1)[matters]
    seen = scores.variances[:, -size:].mean(axis=1)[matters] / size
    days = np.broadcast_to(known.days[:, None], matters.shape)[matters]
    rho, between = known.correlation[matters], known.between[matters]
    own = between * _variance_factor(rho, np.full_like(days, size)) / size
    reference = between * _variance_factor(rho, np.minimum(days, 30)) / days
    variance = own + seen + reference + known.sampling[matters] / days
    slope = known.slope[matters]
    centre = np.broadcast_to(known.centre[:, None], matters.shape)[matters]
    later = np.minimum(dates[-size:].mean() - centre, days)
    allowed = np.where(np.sign(gap) == np.sign(slope), np.maximum(np.abs(slope) * later, 0.0), 0.0)
    x = np.maximum(0.0, np.abs(gap) - allowed) / np.sqrt(np.maximum(variance, 1e-18))
    freedom = known.freedom[matters]
    thinned = freedom / _variance_factor(rho, np.minimum(days, 8))
    p = student_two_sided(x, np.maximum(3.0, np.where(days >= 12, thinned, freedom)))
    return np.maximum(p, _fitted_tail(known, x, matters))


def _fitted_tail(known: Calibration, x: Floats, matters: Truths) -> Floats:
    threshold, scale = known.threshold[matters], known.excess[matters]
    rank = np.broadcast_to(known.tail[:, None], matters.shape)[matters]
    days = np.broadcast_to(known.days[:, None], matters.shape)[matters]
    beyond = np.maximum(x - threshold, 0.0)
    fitted = (rank + 0.5) / (days + 1) * (1 + _SHAPE * beyond / scale) ** (-1 / _SHAPE)
    return np.where(x > threshold, fitted, 0.0)


def _novelty(scores: DayScores, reference: Truths, matters: Truths) -> Floats:
    """p-values of rows that no day of the reference had; three rows count as one that is sure."""
    never = np.where(reference[..., None], scores.effects, 0.0).max(axis=1) <= 0
    rows = 1 / scores.variances - 0.75
    n, m = rows[:, -1], (rows * reference[..., None]).sum(axis=1)
    hits = np.maximum(1, np.round(scores.effects[:, -1] * n / 3))
    sure = scores.novel & never & matters
    return np.where(sure, (n / (n + m)) ** hits, 1.0)
