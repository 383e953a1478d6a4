"""Error rates of claims about several metrics and challengers, and p-values adjusted for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from driftkit.comparison.arrays import Floats


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


def holm(p_values: ArrayLike) -> Floats:
    """P-values for which the chance of any false claim holds, whatever their dependence.

    Source: Holm 1979, "A Simple Sequentially Rejective Multiple Test Procedure".

    Args:
        p_values: shape (tests,); NaN for those that could not be made, which do not count.

    Returns:
        The same shape, NaN where there was none.

    >>> holm([0.01, 0.04, 0.03])
    array([0.03, 0.06, 0.06])
    """
    given = np.asarray(p_values, dtype=np.float64)
    # NaN comes last in the order.
    order = np.argsort(given, kind="stable")[: np.count_nonzero(~np.isnan(given))]
    found = np.full(given.shape, np.nan)
    left = np.arange(len(order), 0, -1, dtype=np.float64)
    found[order] = np.minimum(np.maximum.accumulate(given[order] * left), 1.0)
    return found
