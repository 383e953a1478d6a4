"""The state of a regression's errors: sums over all rows, and over random groups of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from driftkit.native.arrays import Floats

GROUPS = 100
_SEED = 7

# Columns of `Residuals.groups`.
N, ABSOLUTE, SQUARED, LABEL_MEAN, LABEL_M2, PREDICTION_MEAN, PREDICTION_M2 = range(7)


def _nothing(rows: int) -> Floats:
    return np.zeros((rows, 7))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Residuals:
    """Errors of predictions; states add up.

    The groups stand for the rows when samples are drawn: a random share of the groups is a
    random share of the rows.

    Attributes:
        whole: N, ABSOLUTE, SQUARED, ... of all rows, shape (1, 7).
        groups: the same of each group, shape (100, 7).
    """

    whole: Floats = field(default_factory=lambda: _nothing(1))
    groups: Floats = field(default_factory=lambda: _nothing(GROUPS))

    @classmethod
    def from_predictions(cls, labels: Floats, predictions: Floats) -> Residuals:
        """The state of some rows; all numbers are finite.

        Sums run from the first row to the last, as in Spark's RegressionMetrics, so that one
        file gives the containers' last digits.
        """
        if not labels.size:
            return cls()
        every = np.zeros(labels.size, dtype=np.int64)
        member = np.random.default_rng(_SEED).integers(0, GROUPS, labels.size)
        # Errors and squares beyond doubles are infinite, which needs no warning.
        with np.errstate(over="ignore", invalid="ignore"):
            errors = labels - predictions
            sums = _Sums(errors=errors, labels=labels, predictions=predictions)
            return cls(whole=sums.by(every, 1), groups=sums.by(member, GROUPS))

    def __add__(self, other: Residuals) -> Residuals:
        with np.errstate(over="ignore", invalid="ignore"):
            return Residuals(
                whole=_joined(self.whole, other.whole), groups=_joined(self.groups, other.groups)
            )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Residuals):
            return NotImplemented
        return bool(np.array_equal(self.whole, other.whole)) and bool(
            np.array_equal(self.groups, other.groups)
        )

    __hash__ = None  # type: ignore[assignment]

    @property
    def rows(self) -> int:
        """All rows."""
        return int(self.whole[0, N])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sums:
    errors: Floats
    labels: Floats
    predictions: Floats

    def by(self, group: np.typing.NDArray[np.int64], count: int) -> Floats:
        """The sums of each group, shape (count, 7)."""
        table = _nothing(count)
        table[:, N] = np.bincount(group, minlength=count)
        table[:, ABSOLUTE] = np.bincount(group, np.abs(self.errors), count)
        table[:, SQUARED] = np.bincount(group, self.errors * self.errors, count)
        for values, mean in ((self.labels, LABEL_MEAN), (self.predictions, PREDICTION_MEAN)):
            table[:, mean] = np.bincount(group, values, count) / np.maximum(table[:, N], 1)
            centred = values - table[group, mean]
            table[:, mean + 1] = np.bincount(group, centred * centred, count)
        return table


def merged_groups(groups: Floats) -> Floats:
    """The sums of some groups together, shape (1, 7)."""
    total = _nothing(1)
    with np.errstate(over="ignore", invalid="ignore"):
        for group in groups:
            total = _joined(total, group[None, :])
    return total


def _joined(a: Floats, b: Floats) -> Floats:
    """Sums of two parts, group by group (Chan, Golub, LeVeque 1979)."""
    n = a[:, N] + b[:, N]
    joined = a + b
    for mean in (LABEL_MEAN, PREDICTION_MEAN):
        gap = b[:, mean] - a[:, mean]
        share = b[:, N] / np.maximum(n, 1)
        # An empty part must not round the other's mean.
        moved = np.where(a[:, N] == 0, b[:, mean], a[:, mean] + gap * share)
        joined[:, mean] = np.where(b[:, N] == 0, a[:, mean], moved)
        between = np.where((a[:, N] > 0) & (b[:, N] > 0), gap * gap * a[:, N] * share, 0.0)
        joined[:, mean + 1] = a[:, mean + 1] + b[:, mean + 1] + between
    return joined
