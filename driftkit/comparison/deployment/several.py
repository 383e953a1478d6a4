"""Error rates of claims about several metrics and challengers, and p-values adjusted for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike

    from driftkit.comparison.deployment.ratios import Numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """One-sided error rates at which a single metric of a single challenger is tested.

    Attributes:
        promote: of the claim that a metric is not worse than allowed.
        roll_back: of the claim that a metric is harmed.
    """

    promote: float
    roll_back: float


def levels(promote: float, roll_back: float, *, metrics: int, challengers: int) -> Levels:
    """Splits the error rates of a plan over metrics and challengers.

    To promote is to claim that every metric is not worse than allowed: each may be tested at the
    full rate (intersection-union test, Berger 1982). To roll back is to claim that any of them is
    harmed: each gets its part (Bonferroni). The best of several challengers may be promoted, so
    that each gets its part of that rate; each is rolled back for itself, and the rate of rolling
    back holds for each challenger.

    Args:
        promote: rate at which any challenger may be promoted wrongly.
        roll_back: rate at which a challenger may be rolled back wrongly.
        metrics: that decide: goals and guardrails.
        challengers: how many.

    >>> levels(0.05, 0.05, metrics=5, challengers=2)
    Levels(promote=0.025, roll_back=0.01)
    """
    return Levels(promote=promote / challengers, roll_back=roll_back / metrics)


def holm(p_values: ArrayLike) -> Numbers:
    """P-values for which the chance of any false claim holds, whatever their dependence.

    Source: Holm 1979, "A Simple Sequentially Rejective Multiple Test Procedure".

    Args:
        p_values: shape (tests,); NaN for those that could not be made, which do not count.

    Returns:
        The same shape, NaN where there was none.

    >>> holm([0.01, 0.04, 0.03])
    array([0.03, 0.06, 0.06])
    """
    return _adjusted(p_values, _holm)


def benjamini_hochberg(p_values: ArrayLike) -> Numbers:
    """P-values for which the expected share of false claims among all claims holds.

    For independent and positively dependent tests. Source: Benjamini and Hochberg 1995,
    "Controlling the False Discovery Rate".

    Args:
        p_values: as of `holm`.

    Returns:
        As of `holm`.

    >>> benjamini_hochberg([0.01, 0.04, 0.03])
    array([0.03, 0.04, 0.04])
    """
    return _adjusted(p_values, _benjamini_hochberg)


def hochberg_sidak(p_values: ArrayLike) -> Numbers:
    """P-values for which the chance of any false claim holds, less cautious than Holm's.

    For independent and positively dependent tests: Hochberg's steps from the largest p-value down
    (1988, "A Sharper Bonferroni Procedure"), with Sidak's 1 - (1 - p)^k for Bonferroni's k p.

    Args:
        p_values: as of `holm`.

    Returns:
        As of `holm`.

    >>> hochberg_sidak([0.01, 0.04, 0.03]).round(6)
    array([0.029701, 0.04    , 0.04    ])
    """
    return _adjusted(p_values, _hochberg_sidak)


def _adjusted(p_values: ArrayLike, adjust: Callable[[Numbers, Numbers], Numbers]) -> Numbers:
    """Applies a rule for rising p-values and the number of those that are not smaller."""
    given = np.asarray(p_values, dtype=np.float64)
    # NaN comes last in the order.
    order = np.argsort(given, kind="stable")[: np.count_nonzero(~np.isnan(given))]
    found = np.full(given.shape, np.nan)
    found[order] = adjust(given[order], np.arange(len(order), 0, -1, dtype=np.float64))
    return found


def _holm(rising: Numbers, left: Numbers) -> Numbers:
    return np.minimum(np.maximum.accumulate(rising * left), 1.0)


def _benjamini_hochberg(rising: Numbers, left: Numbers) -> Numbers:
    rank = left[::-1]
    return _least_from_the_top(rising * len(rising) / rank)


def _hochberg_sidak(rising: Numbers, left: Numbers) -> Numbers:
    # 1 - (1 - p)^k, without the rounding of 1 - p; of p = 1 the logarithm is minus infinity.
    with np.errstate(divide="ignore"):
        return _least_from_the_top(-np.expm1(left * np.log1p(-rising)))


def _least_from_the_top(rising: Numbers) -> Numbers:
    return np.minimum.accumulate(rising[::-1])[::-1]
