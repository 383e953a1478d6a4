"""Confidence intervals of model-quality metrics and of their differences."""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot, sqrt
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.classification import (
    BETAS,
    Cells,
    Counts,
    binary_metrics,
    multiclass_metrics,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

# The 97.5 % quantile of the normal distribution.
Z = 1.959963984540054
RESAMPLES = 1_000
_SEED = 20_130_101


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """Where the truth lies with 95 % confidence.

    Attributes:
        value: what was measured.
        low: lower end.
        high: upper end.
    """

    value: float
    low: float
    high: float

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high


def wilson(part: int, whole: int) -> Interval | None:
    """The interval of a share (Wilson 1927, "Probable inference", JASA 22:209).

    >>> interval = wilson(15, 20)
    >>> round(interval.low, 4), round(interval.high, 4)
    (0.5313, 0.8881)
    """
    if not whole:
        return None
    low, high = wilson_ends(np.float64(part), np.float64(whole), Z)
    return Interval(value=part / whole, low=float(low), high=float(high))


def wilson_ends(
    part: NDArray[np.float64] | np.float64, whole: NDArray[np.float64] | np.float64, z: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The ends of Wilson's interval of shares.

    Args:
        part: of the rows, those counted; any shape.
        whole: the rows, more than 0.
        z: the normal quantile of the level, `Z` for 95 %.

    Returns:
        Lower and upper ends.

    >>> low, high = wilson_ends(np.array([15.0]), np.array([20.0]), Z)
    >>> round(float(low[0]), 4), round(float(high[0]), 4)
    (0.5313, 0.8881)
    """
    share = part / whole
    squared = z * z
    middle = (share + squared / (2 * whole)) / (1 + squared / whole)
    half = z * np.sqrt(share * (1 - share) / whole + squared / (4 * whole * whole))
    half /= 1 + squared / whole
    # At 0 and 1 the bound is the share itself, which rounding must not miss.
    low = np.where(part == 0, 0.0, middle - half)
    return low, np.where(part == whole, 1.0, middle + half)


def normal(value: float, variance: float, *, low: float, high: float) -> Interval:
    """The interval of a mean of many rows, within the bounds of what it can be."""
    half = Z * sqrt(max(variance, 0.0))
    return Interval(value=value, low=max(value - half, low), high=min(value + half, high))


def difference(now: Interval, before: Interval) -> Interval:
    """The interval of a difference of two independent estimates, from theirs.

    For shares with Wilson intervals this is Newcombe's method 10 (1998, Statistics in Medicine
    17:873); for others its generalisation (Zou and Donner 2008, ibid. 27:1693).

    >>> gap = difference(wilson(56, 70), wilson(48, 80))
    >>> round(gap.low, 4), round(gap.high, 4)
    (0.0524, 0.3339)
    """
    value = now.value - before.value
    low = value - _apart(now.value - now.low, before.high - before.value)
    high = value + _apart(now.high - now.value, before.value - before.low)
    return Interval(value=value, low=low, high=high)


def _apart(a: float, b: float) -> float:
    try:
        return sqrt(a**2 + b**2)
    except OverflowError:
        return hypot(a, b)


def complement(interval: Interval | None) -> Interval | None:
    """The interval of 1 less a share."""
    if interval is None:
        return None
    return Interval(value=1 - interval.value, low=1 - interval.high, high=1 - interval.low)


def binary_intervals(cells: Cells) -> dict[str, Interval | None]:
    """The intervals of the metrics of a binary classifier, AUC aside."""
    recall = wilson(cells.tp, cells.tp + cells.fn)
    false_positives = wilson(cells.fp, cells.fp + cells.tn)
    rows = cells.tp + cells.fp + cells.fn + cells.tn
    return {
        "recall": recall,
        "precision": wilson(cells.tp, cells.tp + cells.fp),
        "accuracy": wilson(cells.tp + cells.tn, rows),
        "true_positive_rate": recall,
        "true_negative_rate": complement(false_positives),
        "false_positive_rate": false_positives,
        "false_negative_rate": complement(recall),
        **_bootstrap_of_f(cells),
    }


def _bootstrap_of_f(cells: Cells) -> dict[str, Interval | None]:
    counts = np.array([cells.tp, cells.fp, cells.fn, cells.tn])
    measured = binary_metrics(cells)
    drawn = resampled_counts(counts).astype(np.float64)
    tp, fp, fn = drawn[:, 0], drawn[:, 1], drawn[:, 2]
    return {name: percentile(measured[name], _f(tp, fp, fn, beta)) for name, beta in BETAS.items()}


def _f(
    tp: NDArray[np.float64], fp: NDArray[np.float64], fn: NDArray[np.float64], beta: float
) -> NDArray[np.float64]:
    squared = beta * beta
    below = (1 + squared) * tp + squared * fn + fp
    return np.divide((1 + squared) * tp, below, out=np.zeros_like(tp), where=below > 0)


def multiclass_intervals(matrix: Counts) -> dict[str, Interval | None]:
    """The intervals of the metrics of a classifier of several classes."""
    rows, right = int(matrix.sum()), int(np.diag(matrix).sum())
    measured = multiclass_metrics(matrix)
    drawn = [multiclass_metrics(each.reshape(matrix.shape)) for each in resampled_counts(matrix)]
    names = ("weighted_precision", *(f"weighted_{name}" for name in BETAS))
    shares = dict.fromkeys(("accuracy", "weighted_recall"), wilson(right, rows))
    return shares | {
        name: percentile(measured[name], np.array([each[name] for each in drawn])) for name in names
    }


def resampled_counts(counts: Counts) -> Counts:
    """The counts of rows drawn again with replacement: a bootstrap that needs no rows.

    Args:
        counts: of any shape, taken as flat.

    Returns:
        Shape (resamples, cells), seeded.
    """
    flat = counts.reshape(-1)
    total = int(flat.sum())
    if not total:
        return np.zeros((1, flat.size), dtype=np.int64)
    return np.random.default_rng(_SEED).multinomial(total, flat / total, size=RESAMPLES)


def bootstrap(
    groups: NDArray[np.float64],
    metric: Callable[[NDArray[np.float64]], NDArray[np.float64]],
) -> NDArray[np.float64]:
    """A metric over states drawn again with replacement.

    Args:
        groups: sums of random groups of rows, shape (groups, sums).
        metric: sums of shape (resamples, sums) to the metric of each.
    """
    count = len(groups)
    drawn = np.random.default_rng(_SEED).multinomial(count, np.full(count, 1 / count), RESAMPLES)
    return metric(drawn @ groups)


def percentile(value: float, drawn: NDArray[np.float64]) -> Interval | None:
    """The interval between the 2.5 % and 97.5 % quantiles of resamples (Efron 1979)."""
    finite = drawn[np.isfinite(drawn)]
    if not finite.size or not np.isfinite(value):
        return None
    low, high = np.quantile(finite, [0.025, 0.975])
    # A value at the edge of what is possible may lie outside of what was drawn.
    return Interval(value=value, low=min(float(low), value), high=max(float(high), value))


def hanley_mcneil(auc: float, positives: int, negatives: int) -> float:
    """The variance of an AUC of which only the class sizes are known (Radiology 1982, 143:29)."""
    q1, q2 = auc / (2 - auc), 2 * auc * auc / (1 + auc)
    spread = auc * (1 - auc)
    spread += (positives - 1) * (q1 - auc * auc) + (negatives - 1) * (q2 - auc * auc)
    return spread / (positives * negatives)


def deviation(values: Sequence[float]) -> float:
    """The standard deviation over samples, n - 1 below the line; NaN where one of them is."""
    with np.errstate(over="ignore", invalid="ignore"):
        return float(np.std(np.array(values), ddof=1)) if len(values) > 1 else float("nan")
