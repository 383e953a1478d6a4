"""Skewness of numbers, from sums of squared and cubed deviations that add up."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import isfinite, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from driftkit.states.profile.moments import TOLERANCE, from_left
from driftkit.states.schemas import COUNT, NUMBER, Field, plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from driftkit.states.profile.state_table import StateTable
    from driftkit.states.schemas import Block, Finding

# A mean of equal values differs from them by so much.
_HALF = 8192
_ROUNDING = 32 * 2.0**-52


@dataclass(frozen=True, slots=True, kw_only=True)
class ThirdMoment:
    """Sums of powers of deviations from the mean; those of parts add up.

    Attributes:
        n: number of values; fewer than the column has where some were read by a version of driftkit,
            or in a dialect, that does not look at it.
        average: their mean.
        m2: sum of squared deviations.
        m3: sum of cubed deviations.
    """

    n: int = 0
    average: float = 0.0
    m2: float = 0.0
    m3: float = 0.0

    def __add__(self, other: ThirdMoment) -> ThirdMoment:
        """The sums of two parts together."""
        if not self.n or not other.n:
            return self if self.n else other
        average, m2, m3 = _joined(
            self.n,
            (self.average, self.m2, self.m3),
            other.n,
            (other.average, other.m2, other.m3),
        )
        return ThirdMoment(n=self.n + other.n, average=average, m2=m2, m3=m3)

    @property
    def skewness(self) -> float | None:
        """The third standardised moment of the values as a population; None where they are all alike.

        Source: scipy.stats.skew, of whose two forms this is the biased one, as the standard deviation.

        >>> ThirdMoment(n=3, average=1.0, m2=6.0, m3=6.0).skewness
        0.7071067811865475
        """
        spread = self.m2 / self.n if self.n else 0.0
        # Of values that differ by rounding alone, it would be noise.
        noise = _ROUNDING * self.average
        same_type = spread <= noise * noise
        if same_type or not isfinite(spread):
            return None
        found = self.m3 / self.n / spread / sqrt(spread)
        return found if isfinite(found) else None

    def statistics(self, n: int) -> dict[str, float | None]:
        """What it says of a column with so many finite values, if it has seen all of them."""
        return {"skewness": self.skewness} if n and n == self.n else {}


def _of_block(block: Block) -> ThirdMoment:
    # Products of longer arrays would be shared out among threads, each of which costs more than it saves.
    m3 = float(block.squares[:_HALF] @ block.deviations[:_HALF])
    if block.n > _HALF:
        m3 += float(block.squares[_HALF:] @ block.deviations[_HALF:])
    return ThirdMoment(n=block.n, average=block.average, m2=block.m2, m3=m3)


def _joined(n: Any, sums: Sequence[Any], more: Any, others: Sequence[Any]) -> Sequence[Any]:
    """Joins two parts (Pebay, "Formulas for Robust, One-Pass Parallel Computation", 2008)."""
    delta = others[0] - sums[0]
    delta_n = delta / (n + more)
    between = delta * delta_n * n * more
    return (
        sums[0] + delta_n * more,
        sums[1] + others[1] + between,
        sums[2]
        + others[2]
        + between * delta_n * (n - more)
        + 3.0 * delta_n * (n * others[1] - more * sums[1]),
    )


def _check(table: StateTable) -> Iterator[Finding]:
    n, average, m2, m3 = (table.numbers(field.name) for field in _FIELDS)
    finite = table.numbers("finite")
    yield "skew_n", "0 or more, and no more than the finite values", (n < 0) | (n > finite)
    for field in _FIELDS[1:]:
        wrong = (n == 0) & (table.numbers(field.name) != 0)
        yield field.name, "0 where there are no values", wrong
    low, high = table.known("minimum"), table.known("maximum")
    with np.errstate(all="ignore"):
        furthest = np.maximum(np.abs(low), np.abs(high))
        # What overflowed is infinite or no number, and says nothing.
        held = (n > 0) & np.isfinite(8 * n * furthest**3)
        slack = TOLERANCE * furthest
        inside = (average >= low - slack) & (average <= high + slack)
        yield "skew_average", "a mean from minimum to maximum", held & ~inside
        yield "skew_m2", "0 or more", (m2 < 0) | (held & ~np.isfinite(m2))
        most = (1 + TOLERANCE) * (high - low + slack) * m2 + slack**3
        yield "skew_m3", "no more than the squares times the range", held & ~(np.abs(m3) <= most)


_FIELDS = (
    Field(name="skew_n", type=COUNT, attribute="n", since=2),
    Field(name="skew_average", type=NUMBER, attribute="average", since=2),
    Field(name="skew_m2", type=NUMBER, attribute="m2", since=2),
    Field(name="skew_m3", type=NUMBER, attribute="m3", since=2),
)
SKEWNESS = replace(
    plain(
        ThirdMoment(),
        _FIELDS,
        check=_check,
        merge=lambda table: from_left(table, _FIELDS, _joined),
    ),
    of_block=_of_block,
    told=ThirdMoment.statistics,
)
