"""Whether a day is unusual: beyond what the days of a reference differ among themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.detection.evidence import Strongest, least
from driftkit.comparison.detection.expectation import Calendar, expectation, step_of
from driftkit.comparison.detection.shapes import lengths
from driftkit.comparison.probabilities import student_two_sided

if TYPE_CHECKING:
    from driftkit.comparison.arrays import Floats, Integers, Truths
    from driftkit.comparison.detection.day_scores import DayScores
    from driftkit.comparison.detection.expectation import Expectation
    from driftkit.comparison.detection.shapes import Lengths

_PAIRS = 15
# Shape of the tail: fixed, since an estimate from a few exceedances hides plain faults.
_SHAPE = 0.2
# So many rows of a day that come together count as one.
_CLUMP = 3
_SMALL = 1e-300


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Calibration:
    """How days of a reference differ; arrays of features by scores unless it says otherwise.

    Attributes:
        expectation: what days are expected to be.
        kept: features by days by scores, which days are of the reference.
        days: how many days there are.
        expected: features by days by scores.
        between: variance between days beyond sampling.
        sampling: mean sampling variance.
        correlation: of a day with the next.
        freedom: degrees of freedom.
        slope: change of a day.
        centre: the mean day of the reference.
        end: how long after it the reference ends.
        length: of the reference, from the beginning of its first day to the end of its last.
        tail: rank of the exceedance from which the tail is fitted.
        threshold: the exceedance at this rank.
        excess: scale of what is beyond it.
        lengths: of scores that are judged together; None where there are none.
    """

    expectation: Expectation
    kept: Truths
    days: Floats
    expected: Floats
    between: Floats
    sampling: Floats
    correlation: Floats
    freedom: Floats
    slope: Floats
    centre: Floats
    end: Floats
    length: Floats
    tail: Floats
    threshold: Floats
    excess: Floats
    lengths: Lengths | None


def calibrate(
    scores: DayScores, dates: Integers, reference: Truths, *, calendar: Calendar | None = None
) -> Calibration:
    """How the reference's days differ from each other.

    Args:
        scores: of all days.
        dates: days since 1970-01-01, ascending.
        reference: features by days, which of them are ordinary.
        calendar: what is known of the days; weekdays unless it is given.
    """
    kept = reference[..., None] & scores.known
    days = np.maximum(kept.sum(axis=1), 1).astype(np.float64)
    sampling = (scores.variances * kept).sum(axis=1) / days
    model = expectation(scores.values, kept, dates, calendar or Calendar.of_days(dates))
    expected = model.of(scores.values)
    residuals = (scores.values - expected) * kept
    freedom = days - model.parameters
    between = np.maximum(0.0, (residuals**2).sum(axis=1) / np.maximum(freedom, 1) - sampling)
    leverage = model.leverage()
    spread = between[:, None] + scores.variances + (between + sampling)[:, None] * leverage
    leaving_out = (
        np.abs(residuals) / np.maximum(1 - leverage, 1e-9) / np.sqrt(np.maximum(spread, _SMALL))
    )
    joint, together = None, scores.together
    if together.stop:
        first = together.start
        joint, leaving_out[..., first] = lengths(leaving_out[..., together], kept[..., first])
    tail, threshold, excess = _tail(np.where(kept, leaving_out, -1.0), days)
    centre = (kept * dates[:, None]).sum(axis=1) / days
    since = (dates[:, None] - centre[:, None]) * kept
    first, last = _ends(dates, kept)
    return Calibration(
        expectation=model,
        kept=kept,
        days=days,
        expected=expected,
        between=between,
        sampling=sampling,
        correlation=correlation_of(residuals, dates, kept),
        freedom=freedom,
        slope=(since * residuals).sum(axis=1) / np.maximum((since**2).sum(axis=1), _SMALL),
        centre=centre,
        end=last - centre,
        length=last - first,
        tail=tail,
        threshold=threshold,
        excess=excess,
        lengths=joint,
    )


def unusual(
    scores: DayScores, dates: Integers, reference: Truths, *, calendar: Calendar | None = None
) -> Strongest:
    """How surely the last day, or the mean of the last few, is none of the reference's: by feature.

    Each p-value is the larger of a Student tail and of a tail fitted to the reference's own largest
    days, so that it is never smaller than either allows.

    Args:
        scores: of all days; the last one is judged.
        dates: days since 1970-01-01, ascending; or other blocks, numbered.
        reference: features by days, which of them are ordinary.
        calendar: what is known of the days; weekdays unless it is given.
    """
    calendar = calendar or Calendar.of_days(dates)
    known = calibrate(scores, dates, reference, calendar=calendar)
    pools = [size for size in calendar.pools if size <= len(dates)]
    shares = np.array([calendar.pools[size] for size in pools])
    effect = scores.effects[:, -1] - known.expectation.of(scores.effects)[:, -1]
    matters = (np.abs(effect) >= scores.least) & (scores.weights > 0) & scores.known[:, -1]
    # The first of those that are judged together speaks for the others.
    asked = matters.copy()
    asked[:, scores.together] |= asked[:, scores.together][:, :1]
    table = np.ones((len(effect), len(pools), effect.shape[1]))
    for index, size in enumerate(pools):
        table[:, index][asked] = _pooled(known, scores, dates, size, asked)
    table[:, 0] = np.minimum(table[:, 0], _novelty(scores, known.kept, matters))
    with np.errstate(divide="ignore", invalid="ignore"):
        table = table / scores.weights[:, None] / (shares / shares.sum())[:, None]
    p, pool, score = least(table)
    return Strongest(
        p=p,
        kind=[scores.kinds[index] for index in score.tolist()],
        effect=effect[np.arange(len(p)), score],
        window=np.array(pools)[pool],
    )


def _ends(dates: Integers, kept: Truths) -> tuple[Floats, Floats]:
    """When the first day of the reference begins and its last one ends, features by scores.

    A day's own number is its middle. Where the reference has no day, it is the day of number 0.
    """
    some, every, half = kept.any(axis=1), dates[:, None], step_of(dates) / 2
    first = np.where(kept, every, dates.max()).min(axis=1)
    last = np.where(kept, every, dates.min()).max(axis=1)
    return np.where(some, first, 0) - half, np.where(some, last, 0) + half


def _tail(exceedances: Floats, days: Floats) -> tuple[Floats, Floats, Floats]:
    """The rank of the threshold, the threshold, and the scale of what is beyond it."""
    ordered = -np.sort(-exceedances, axis=1)
    rank = np.minimum(np.maximum(6, days.astype(np.int64) // 8), ordered.shape[1] - 1)
    threshold = np.take_along_axis(ordered, rank[:, None], axis=1)[:, 0]
    beyond = np.arange(ordered.shape[1])[:, None] < rank[:, None]
    sums = ((ordered - threshold[:, None]) * beyond).sum(axis=1)
    return rank.astype(np.float64), threshold, np.maximum(0.3, 0.8 * sums / np.maximum(rank, 1))


def correlation_of(residuals: Floats, dates: Integers, kept: Truths) -> Floats:
    """Of days that follow each other; raised, since it comes out too low in short series.

    Of batches that come once in seven days, one follows the other as a day does a day.
    """
    near = np.diff(dates) < 1.5 * step_of(dates)
    follows = near[:, None] & kept[:, 1:] & kept[:, :-1]
    pairs = follows.sum(axis=1)
    products = (residuals[:, 1:] * residuals[:, :-1] * follows).sum(axis=1)
    variance = (residuals**2).sum(axis=1) / np.maximum(kept.sum(axis=1), 1)
    return raised(products / np.maximum(pairs, 1) / np.maximum(variance, _SMALL), pairs)


def raised(first: Floats, pairs: Integers) -> Floats:
    """The correlation of neighbours from one that so many pairs show, which comes out too low."""
    found = np.clip(first + (1 + 3 * first) / np.maximum(pairs, 1) + 0.05, 0.1, 0.95)
    return np.where(pairs > _PAIRS, found, 0.3)


def variance_factor(correlation: Floats, days: Floats) -> Floats:
    """By how much correlation widens a mean of so many days: 1 + 2 sum (1 - j/w) rho^j."""
    longest = int(days.max(initial=1))
    steps = np.arange(1, max(longest, 2))
    parts = np.maximum(0.0, 1 - steps / days[..., None]) * correlation[..., None] ** steps
    return np.asarray(np.maximum(1.0, 1 + 2 * parts.sum(axis=-1)))


def _pooled(
    known: Calibration, scores: DayScores, dates: Integers, size: int, matters: Truths
) -> Floats:
    """p-values of the mean of the last days, of the features and scores that matter.

    What is expected of these days has an error of its own: that of the mean, the season and the
    covariates, and that of the trend, which grows with the distance from the reference, until half of
    its length after its end.
    """
    seen = scores.known.copy()
    seen[:, :-size] = False
    pooled = np.maximum(seen.sum(axis=1), 1)
    share = seen / pooled[:, None]
    gap = ((scores.values - known.expected) * share).sum(axis=1)[matters]
    sampled = (scores.variances * share**2).sum(axis=1)[matters]
    days, rho, between = (each[matters] for each in (known.days, known.correlation, known.between))
    width = pooled[matters].astype(np.float64)
    most = known.end + known.length / 2
    later = np.minimum((share * dates[:, None]).sum(axis=1) - known.centre, most)
    # Of many directions together the trend is asked from the end of the reference on, and whole from
    # half its length later: ten doubts of it would hide what lasts for days.
    some = scores.together
    ended = (later - known.end)[:, some] * (2 * most / known.length)[:, some]
    later[:, some] = np.minimum(later[:, some], ended)
    later = np.maximum(later, 0.0)
    lasting = between * variance_factor(rho, np.minimum(days, 30)) + known.sampling[matters]
    scale = max(float(np.ptp(dates)), 1.0)
    doubt = known.expectation.doubt(share, later / scale, matters)
    rises = np.broadcast_to(scores.rises, matters.shape)[matters]
    gap = np.where(rises, np.maximum(gap, 0.0), gap)
    variance = between * variance_factor(rho, width) / width + sampled + lasting * doubt
    slope = known.slope[matters]
    allowed = np.where(np.sign(gap) == np.sign(slope), np.abs(slope) * later[matters], 0.0)
    x = np.maximum(0.0, np.abs(gap) - allowed) / np.sqrt(np.maximum(variance, 1e-18))
    x = _together(known, scores, x, matters)
    freedom = known.freedom[matters]
    thinned = freedom / variance_factor(rho, np.minimum(days, 8))
    p = student_two_sided(x, np.clip(np.where(days >= 12, thinned, freedom), 3.0, 1000.0))
    p = np.maximum(p, _fitted_tail(known, x, matters))
    rare = _rare(known, scores, share)[matters]
    return np.where(gap > 0, np.maximum(p, rare), p)


def _together(known: Calibration, scores: DayScores, x: Floats, matters: Truths) -> Floats:
    """Deviations, where the first of the scores that are judged together has the length of all."""
    if known.lengths is None:
        return x
    table = np.zeros(matters.shape)
    table[matters] = x
    table[:, scores.together.start] = np.maximum(0.0, known.lengths.of(table[:, scores.together]))
    return np.asarray(table[matters])


def _fitted_tail(known: Calibration, x: Floats, matters: Truths) -> Floats:
    threshold, scale = known.threshold[matters], known.excess[matters]
    beyond = np.maximum(x - threshold, 0.0)
    share = (known.tail[matters] + 0.5) / (known.days[matters] + 1)
    fitted = share * (1 + _SHAPE * beyond / scale) ** (-1 / _SHAPE)
    return np.where(x > threshold, fitted, 0.0)


def _rare(known: Calibration, scores: DayScores, share: Floats) -> Floats:
    """The least that a p-value may be of what most days do not have, such as snow.

    So many days had any, of all; and how much there is when there is some has the heavy tail of
    squares, from the most that a day had.
    """
    had = np.where(known.kept, scores.effects, 0.0)
    days = (had > 0).sum(axis=1)
    now = (scores.effects * share).sum(axis=1)
    rows = np.maximum((scores.rows * share).sum(axis=1), 1)
    most = np.maximum(np.maximum(had.max(axis=1), _CLUMP / rows), scores.least)
    bound = (days + 1) / (known.days + 1) * np.minimum(1.0, most / np.maximum(now, _SMALL)) ** 2
    return np.where(scores.share & (days < known.days / 2), bound, 0.0)


def _novelty(scores: DayScores, kept: Truths, matters: Truths) -> Floats:
    """p-values of rows that no day of the reference had; three rows count as one that is sure."""
    never = np.where(kept, scores.effects, 0.0).max(axis=1) <= 0
    n, m = scores.rows[:, -1], (scores.rows * kept).sum(axis=1)
    hits = np.maximum(1, np.round(scores.effects[:, -1] * n / _CLUMP))
    sure = scores.novel & never & matters
    # Things that one day alone had are as many as new ones to be expected in all (Good 1953).
    unseen = (n / np.maximum(n + m, 1)) ** hits * (1 + scores.once)
    return np.where(sure, np.minimum(unseen, 1.0), 1.0)
