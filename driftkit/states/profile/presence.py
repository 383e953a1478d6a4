"""Counts of present and missing values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from driftkit.states.schemas import COUNT, Field, count_findings, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftkit.states.profile.state_table import StateTable
    from driftkit.states.schemas import Finding


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


def _check(table: StateTable) -> Iterator[Finding]:
    yield from count_findings(FIELDS, table)
    wrong = table.numbers("present") + table.numbers("missing") != table.rows
    yield "missing", "with those present the table's rows", wrong


FIELDS = (Field(name="present", type=COUNT), Field(name="missing", type=COUNT))
PRESENCE = plain(Presence(), FIELDS, check=_check)
