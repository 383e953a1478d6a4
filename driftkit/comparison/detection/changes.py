"""Whether the days of a reference are two: before and after a day at which a feature moved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.probabilities import student_two_sided

if TYPE_CHECKING:
    from driftkit.comparison.arrays import Floats, Integers
    from driftkit.comparison.detection.day_scores import DayScores

# Days on either side.
LEAST = 7
# Times the smallest effect that matters from day to day.
_TIMES = 5
_SMALL = 1e-300


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Changes:
    """The day at which each feature moved most surely; arrays by feature.

    Attributes:
        p: corrected for all days and scores of the feature.
        day: the index of the first day after the move.
        kind: what moved.
        effect: mean of the days from there on, less that of the days before.
    """

    p: Floats
    day: Integers
    kind: list[str]
    effect: Floats


def changes(scores: DayScores) -> Changes:
    """The most sure step of the days in two, by Student's test of both means.

    The days' variance is that around both means, and widened by their correlation from day to day,
    so that a slow trend is no step. Bonferroni over steps, and over scores by their weights.

    Args:
        scores: of at least twice seven days.
    """
    values, count = scores.values, scores.values.shape[1]
    steps = np.arange(LEAST, count - LEAST + 1)
    before, after = steps[:, None], count - steps[:, None]
    sums, squares = values.cumsum(axis=1), (values**2).sum(axis=1, keepdims=True)
    first, total = sums[:, steps - 1], sums[:, -1:]
    gap = (total - first) / after - first / before
    inside = squares - first**2 / before - (total - first) ** 2 / after
    variance = np.maximum(inside, 0.0) / (count - 2)
    rho = _correlation(values, steps)
    widened = variance * (1 + rho) / (1 - rho) * (1 / before + 1 / after)
    t = gap / np.sqrt(np.maximum(widened, _SMALL))
    effects = scores.effects.cumsum(axis=1)
    moved = (effects[:, -1:] - effects[:, steps - 1]) / after - effects[:, steps - 1] / before
    freedom = np.maximum(3.0, (count - 2) * (1 - rho) / (1 + rho))
    matters = (np.abs(moved) >= _TIMES * scores.least) & (scores.weights[:, None] > 0)
    p = np.ones(t.shape)
    p[matters] = student_two_sided(t[matters], freedom[matters])
    with np.errstate(divide="ignore", invalid="ignore"):
        table = np.where(matters, p * len(steps) / scores.weights[:, None], 1.0)
    best = table.reshape(len(table), -1).argmin(axis=1)
    step, score = np.unravel_index(best, table.shape[1:])
    rows = np.arange(len(table))
    return Changes(
        p=np.minimum(1.0, table[rows, step, score]),
        day=steps[step],
        kind=[scores.kinds[index] for index in score.tolist()],
        effect=moved[rows, step, score],
    )


def _correlation(values: Floats, steps: Integers) -> Floats:
    """Of a day with the next around both means, 0.1 to 0.95; features by steps by scores.

    From running sums, since hours of a month are hundreds of steps.
    """
    count = values.shape[1]
    sums, products = _running(values), _running(values[:, 1:] * values[:, :-1])
    first, total = sums[:, steps], sums[:, -1:]
    low, high = first / steps[:, None], (total - first) / (count - steps)[:, None]
    last, following = values[:, steps - 1], values[:, steps]
    inside = (
        products[:, steps - 1]
        - low * (2 * first - values[:, :1] - last)
        + (steps - 1)[:, None] * low**2
        + (last - low) * (following - high)
        + (products[:, -1:] - products[:, steps])
        - high * (2 * (total - first) - following - values[:, -1:])
        + (count - steps - 1)[:, None] * high**2
    )
    squares = (values**2).sum(axis=1, keepdims=True)
    around = squares - steps[:, None] * low**2 - (count - steps)[:, None] * high**2
    raised = inside / np.maximum(around, _SMALL)
    raised = raised + (1 + 3 * raised) / count
    return np.asarray(np.clip(raised, 0.1, 0.95))


def _running(values: Floats) -> Floats:
    """The sum of the first so many days, from none on."""
    return np.concatenate([np.zeros_like(values[:, :1]), values.cumsum(axis=1)], axis=1)
