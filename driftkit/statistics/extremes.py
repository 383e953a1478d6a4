"""The smallest and the largest value."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Extremes:
    """Minimum and maximum of the finite values; None where there are none."""

    minimum: float | None = None
    maximum: float | None = None

    def __add__(self, other: Extremes) -> Extremes:
        if self.minimum is None or self.maximum is None:
            return other
        if other.minimum is None or other.maximum is None:
            return self
        return Extremes(
            minimum=min(self.minimum, other.minimum), maximum=max(self.maximum, other.maximum)
        )
