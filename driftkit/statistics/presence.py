"""How many rows have a value."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """Rows with and without a value; NaN is a value."""

    present: int = 0
    missing: int = 0

    def __add__(self, other: Presence) -> Presence:
        return Presence(present=self.present + other.present, missing=self.missing + other.missing)

    @property
    def rows(self) -> int:
        """All rows."""
        return self.present + self.missing

    @property
    def completeness(self) -> float | None:
        """Share of rows with a value; None where there are no rows."""
        return self.present / self.rows if self.rows else None
