"""Counts of values by inferred type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from driftkit.columns.types import InferredType, decide
from driftkit.states.schemas import COUNT, Field, count_findings, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftkit.states.profile.state_table import StateTable
    from driftkit.states.schemas import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeCounts:
    """Values by the type they look like, missing ones left out.

    Where the input declares a column's type, every value counts as of that type.
    """

    integral: int = 0
    fractional: int = 0
    boolean: int = 0
    string: int = 0

    def __add__(self, other: TypeCounts) -> TypeCounts:
        return TypeCounts(
            integral=self.integral + other.integral,
            fractional=self.fractional + other.fractional,
            boolean=self.boolean + other.boolean,
            string=self.string + other.string,
        )

    @property
    def inferred(self) -> InferredType:
        """The type of the column."""
        return decide(
            integral=self.integral,
            fractional=self.fractional,
            boolean=self.boolean,
            string=self.string,
        )

    def by_type(self) -> dict[InferredType, int]:
        """The counts by type, those of no value left out."""
        counts = {
            InferredType.INTEGRAL: self.integral,
            InferredType.FRACTIONAL: self.fractional,
            InferredType.BOOLEAN: self.boolean,
            InferredType.STRING: self.string,
        }
        return {kind: count for kind, count in counts.items() if count}


def _check(table: StateTable) -> Iterator[Finding]:
    yield from count_findings(FIELDS, table)
    some = sum(table.numbers(field.name) for field in FIELDS)
    yield "string", "no more values than are present", some > table.numbers("present")


FIELDS = tuple(
    Field(name=name, type=COUNT) for name in ("integral", "fractional", "boolean", "string")
)
TYPES = plain(TypeCounts(), FIELDS, check=_check)
