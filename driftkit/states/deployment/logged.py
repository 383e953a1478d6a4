"""Rewards of logged requests by arm, segment and propensity, which add up: any policy is read of them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from driftkit.columns.chunk import Rejections

if TYPE_CHECKING:
    from driftkit.native.arrays import Floats, Integers

KEYS = ("arm", "segment", "half", "source", "propensity")
"""Indices of arm, segment and half; `LOGGED` or `BY_WEIGHTS`; the bits of the double."""
SUMS = ("requests", "rewards", "squares")
LOGGED, BY_WEIGHTS = 0, 1
MOST_CELLS = 1 << 16
# Binary digits of propensities that are kept: all, or fewer where there are too many to keep.
DIGITS = (53, 20, 14, 10)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedSums:
    """The sums of some requests. Keys are sorted and different; both arrays have a row for each.

    Where propensities have more different values than `MOST_CELLS` cells, they are rounded, the
    same for every order in which states are added: to 20 binary digits, which changes a weight by
    a millionth at most, or to 14 or 10. Cells that are still more are all kept.

    Attributes:
        keys: shape (cells, `KEYS`).
        sums: shape (cells, `SUMS`).
        digits: index in `DIGITS` of those that are kept.
        without_reward: requests without a reward.
        span: first and last second since 1970 of a request; None where no time is known.
        rejected: records that were set aside.
    """

    keys: Integers = field(default_factory=lambda: np.empty((0, len(KEYS)), np.int64))
    sums: Floats = field(default_factory=lambda: np.empty((0, len(SUMS))))
    digits: int = 0
    without_reward: int = 0
    span: tuple[int, int] | None = None
    rejected: Rejections = field(default_factory=Rejections)

    @property
    def rows(self) -> int:
        """Requests that it is of."""
        return round(float(self.sums[:, 0].sum())) + self.without_reward

    @property
    def propensities(self) -> Floats:
        """Of each cell; NaN where they are missing."""
        return np.ascontiguousarray(self.keys[:, KEYS.index("propensity")]).view(np.float64)

    def __add__(self, other: LoggedSums) -> LoggedSums:
        spans = [each.span for each in (self, other) if each.span is not None]
        together = replace(
            self,
            without_reward=self.without_reward + other.without_reward,
            span=(min(s[0] for s in spans), max(s[1] for s in spans)) if spans else None,
            rejected=self.rejected + other.rejected,
        )
        if not len(other.keys):
            return together
        return together.with_cells(
            np.concatenate([self.keys, other.keys]),
            np.concatenate([self.sums, other.sums]),
            max(self.digits, other.digits),
        )

    def with_cells(self, keys: Integers, sums: Floats, digits: int = 0) -> LoggedSums:
        """The same of other cells, keys of which may stand several times.

        Args:
            keys: as the attribute, in any order.
            sums: as the attribute.
            digits: index in `DIGITS` of those that are kept at most.
        """
        for level in range(digits, len(DIGITS)):
            found, index = np.unique(_rounded(keys, DIGITS[level]), axis=0, return_inverse=True)
            if len(found) <= MOST_CELLS or level == len(DIGITS) - 1:
                break
        at = index.reshape(-1)
        columns = [np.bincount(at, column, len(found)) for column in sums.T]
        return replace(self, keys=found, sums=np.stack(columns, axis=1), digits=level)


def _rounded(keys: Integers, digits: int) -> Integers:
    if digits == DIGITS[0]:
        return keys
    column = KEYS.index("propensity")
    found = keys.copy()
    values = np.ascontiguousarray(keys[:, column]).view(np.float64)
    parts, powers = np.frexp(values)
    whole = np.ldexp(np.rint(np.ldexp(parts, digits)), powers - digits)
    found[:, column] = whole.view(np.int64)
    return found
