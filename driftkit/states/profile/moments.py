"""Sum, mean and deviation."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from driftkit.states.schemas import COUNT, NUMBER, Field, count_findings, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from driftkit.states.profile.state_table import StateTable
    from driftkit.states.schemas import Finding

    # How many values a part has and its numbers, and those of another part, to the numbers of both.
    Join = Callable[[Any, Sequence[Any], Any, Sequence[Any]], Sequence[Any]]

_ROUNDING = 2.0**-52
TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """Sum and squared deviation of the finite values.

    Attributes:
        n: number of values.
        total: their sum.
        average: the running mean of Welford's update, which differs from total / n in the
            last bits; only `m2` is read from it.
        m2: sum of squared deviations from the mean.
    """

    n: int = 0
    total: float = 0.0
    average: float = 0.0
    m2: float = 0.0

    def __add__(self, other: Moments) -> Moments:
        """The moments of two parts together."""
        if not self.n or not other.n:
            return self if self.n else other
        total, average, m2 = _joined(
            self.n,
            (self.total, self.average, self.m2),
            other.n,
            (other.total, other.average, other.m2),
        )
        return Moments(n=self.n + other.n, total=total, average=average, m2=m2)

    @property
    def mean(self) -> float | None:
        """The mean; None where there are no values."""
        return self.total / self.n if self.n else None

    @property
    def std_dev(self) -> float | None:
        """The population standard deviation; None where there are no values."""
        return sqrt(self.m2 / self.n) if self.n else None


def _joined(n: Any, sums: Sequence[Any], more: Any, others: Sequence[Any]) -> Sequence[Any]:
    """Joins two parts as Spark's CentralMomentAgg does (Chan, Golub, LeVeque 1979)."""
    delta = others[1] - sums[1]
    delta_n = delta / (n + more)
    return (
        sums[0] + others[0],
        sums[1] + delta_n * more,
        sums[2] + others[2] + delta * delta_n * n * more,
    )


def from_left(table: StateTable, fields: Sequence[Field], join: Join) -> list[list[Any]]:
    """For each field, of each column the sum of all tables, joined from left to right where there are values.

    Args:
        table: of states.
        fields: the count, then the numbers.
        join: what `+` makes of numbers, here of all columns at once.
    """
    counts, *numbers = (table.grid(field.name) for field in fields)
    parts = np.stack(numbers, axis=1)
    n, sums = counts[0], parts[0]
    # As with Python's numbers, what overflows is infinite.
    with np.errstate(all="ignore"):
        for more, others in zip(counts[1:], parts[1:], strict=True):
            both = np.stack(join(n, sums, more, others))
            sums = np.where(n == 0, others, np.where(more == 0, sums, both))
            n = n + more
    return [n.tolist(), *sums.tolist()]


def _check(table: StateTable) -> Iterator[Finding]:
    yield from count_findings(FIELDS[:1], table)
    n, m2 = table.numbers("finite"), table.numbers("m2")
    some = n + table.numbers("non_finite")
    yield "finite", "no more values than are present", some > table.numbers("present")
    low, high = table.known("minimum"), table.known("maximum")
    with np.errstate(all="ignore"):
        furthest = np.maximum(np.abs(low), np.abs(high))
        slack = (n * _ROUNDING + TOLERANCE) * furthest
        # What overflowed is infinite or no number, and says nothing.
        held = np.isfinite(n * furthest)
        means = {"sum": table.numbers("sum") / n, "average": table.numbers("average")}
        for name, mean in means.items():
            inside = (mean >= low - slack) & (mean <= high + slack)
            yield name, "a mean from minimum to maximum", (n > 0) & held & ~inside
        held = np.isfinite(4 * n * furthest * furthest)
    yield "m2", "0 or more", (m2 < 0) | (held & ~np.isfinite(m2))
    for field in FIELDS[1:]:
        wrong = (n == 0) & (table.numbers(field.name) != 0)
        yield field.name, "0 where there are no finite values", wrong


FIELDS = (
    Field(name="finite", type=COUNT, attribute="n"),
    Field(name="sum", type=NUMBER, attribute="total"),
    Field(name="average", type=NUMBER),
    Field(name="m2", type=NUMBER),
)
MOMENTS = plain(
    Moments(), FIELDS, check=_check, merge=lambda table: from_left(table, FIELDS, _joined)
)
