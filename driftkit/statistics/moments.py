"""Sum, mean and deviation."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt


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
        """Joins two parts as Spark's CentralMomentAgg does (Chan, Golub, LeVeque 1979)."""
        if not self.n or not other.n:
            return self if self.n else other
        n = self.n + other.n
        delta = other.average - self.average
        delta_n = delta / n
        return Moments(
            n=n,
            total=self.total + other.total,
            average=self.average + delta_n * other.n,
            m2=self.m2 + other.m2 + delta * delta_n * self.n * other.n,
        )

    @property
    def mean(self) -> float | None:
        """The mean; None where there are no values."""
        return self.total / self.n if self.n else None

    @property
    def std_dev(self) -> float | None:
        """The population standard deviation; None where there are no values."""
        return sqrt(self.m2 / self.n) if self.n else None
