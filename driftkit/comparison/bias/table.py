"""Counts of rows by facet, label, prediction and group: all that bias metrics need."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from driftkit.dialects import AWS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from driftkit.dialects import Dialect

NO_GROUP = "Group variable is empty or not provided"


class UndefinedMetricError(ValueError):
    """A metric has no value on these counts; the message goes into analysis.json."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupTable:
    """Rows counted four ways, one table or a whole batch of them.

    Attributes:
        counts: shape (..., 2, 2, 2, groups): facet (0 the rest, 1 the disadvantaged facet) x
            label (0 negative, 1 positive) x prediction (0, 1) x group.
        weighted: which groups take part in conditional disparity; rows without a group do not.
        group_problem: why there is no conditional disparity; None where there is one.
        rules: of the dialect: what metrics make of sides and groups that lack something.
    """

    counts: NDArray[np.float64]
    weighted: NDArray[np.bool_]
    group_problem: str | None = NO_GROUP
    rules: Dialect = AWS

    def batch(self, counts: NDArray[np.float64]) -> GroupTable:
        """The same table with other counts."""
        return replace(self, counts=counts)

    @property
    def undefined(self) -> float:
        """What 0/0 is, and infinity less infinity."""
        return 0.0 if self.rules.nothing_by_nothing_is_zero else np.nan

    @property
    def rows(self) -> float:
        """Rows of a single table."""
        return float(self.counts.sum())

    def cells(self) -> NDArray[np.float64]:
        """Counts over all groups, shape (..., 2, 2, 2)."""
        return np.asarray(self.counts.sum(axis=-1))

    def sizes(self) -> NDArray[np.float64]:
        """Rows of the rest and of the facet, shape (..., 2)."""
        return np.asarray(self.counts.sum(axis=(-1, -2, -3)))

    def labels(self) -> NDArray[np.float64]:
        """Rows by facet and label, shape (..., 2, 2)."""
        return np.asarray(self.counts.sum(axis=(-1, -2)))

    def predictions(self) -> NDArray[np.float64]:
        """Rows by facet and prediction, shape (..., 2, 2)."""
        return np.asarray(self.counts.sum(axis=(-1, -3)))


def divide(
    numerator: NDArray[np.float64], denominator: NDArray[np.float64], undefined: float = 0.0
) -> NDArray[np.float64]:
    """Division in which x/0 is infinite, and 0/0 is 0 as smclarify has it, or another number.

    >>> divide(np.array([1.0, 0.0, 1.0]), np.array([2.0, 0.0, 0.0])).tolist()
    [0.5, 0.0, inf]
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.divide(numerator, denominator)
    return np.where((denominator == 0) & (numerator == 0), undefined, ratio)


def subtract(
    left: NDArray[np.float64], right: NDArray[np.float64], undefined: float = 0.0
) -> NDArray[np.float64]:
    """Difference in which infinity less infinity is 0 as smclarify has it, or another number."""
    with np.errstate(invalid="ignore"):
        difference = np.subtract(left, right)
    return np.where(np.isinf(left) & (left == right), undefined, difference)
