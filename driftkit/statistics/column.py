"""All states of one column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from driftkit.statistics.distinct import Registers
from driftkit.statistics.extremes import Extremes
from driftkit.statistics.frequencies import Frequencies
from driftkit.statistics.kll import KllSketch
from driftkit.statistics.moments import Moments
from driftkit.statistics.presence import Presence
from driftkit.statistics.types import TypeCounts

if TYPE_CHECKING:
    from driftkit.columns.types import InferredType

# States never change, so all that are empty share these: parts of a table are tens of thousands.
_PRESENCE, _TYPES, _MOMENTS, _EXTREMES = Presence(), TypeCounts(), Moments(), Extremes()
_SKETCH, _DISTINCT, _FREQUENCIES = KllSketch(), Registers(), Frequencies()


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnState:
    """What is known of a column's values.

    A text column's type is known only when all rows were seen, so one pass keeps the numbers
    of the values that look numeric and the frequencies of all.

    Attributes:
        name: of the column.
        declared: the type that the input declares; None for text.
        presence: rows with and without a value.
        types: values by the type they look like.
        moments: of the finite numbers.
        extremes: of the finite numbers.
        sketch: of the finite numbers, in row order.
        distinct: of all values: of their text where the column is text.
        frequencies: of the values' text; for numbers of declared type of the domain alone.
        non_finite: NaN and infinite numbers, which count as values but are in none of moments,
            extremes and sketch: one of them would leave nothing else in a mean.
    """

    name: str
    declared: InferredType | None = None
    presence: Presence = _PRESENCE
    types: TypeCounts = _TYPES
    moments: Moments = _MOMENTS
    extremes: Extremes = _EXTREMES
    sketch: KllSketch = _SKETCH
    distinct: Registers = _DISTINCT
    frequencies: Frequencies = _FREQUENCIES
    non_finite: int = 0

    def __add__(self, other: ColumnState) -> ColumnState:
        return ColumnState(
            name=self.name,
            declared=self.declared,
            presence=self.presence + other.presence,
            types=self.types + other.types,
            moments=self.moments + other.moments,
            extremes=self.extremes + other.extremes,
            sketch=self.sketch + other.sketch,
            distinct=self.distinct + other.distinct,
            frequencies=self.frequencies + other.frequencies,
            non_finite=self.non_finite + other.non_finite,
        )

    @property
    def inferred(self) -> InferredType:
        """The declared type, else the one that the values decide."""
        return self.declared or self.types.inferred
