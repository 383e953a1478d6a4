"""All states of one column."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from driftkit.states.profile.distinct import DISTINCT, Registers
from driftkit.states.profile.extremes import EXTREMES, Extremes
from driftkit.states.profile.frequencies import FREQUENCIES, Frequencies
from driftkit.states.profile.moments import MOMENTS, Moments
from driftkit.states.profile.presence import PRESENCE, Presence
from driftkit.states.profile.sketches import SKETCHES
from driftkit.states.profile.skewness import SKEWNESS, ThirdMoment
from driftkit.states.profile.types import TYPES, TypeCounts
from driftkit.states.schemas import COUNT, Field, StateSchema, count_findings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from driftkit.columns.types import InferredType
    from driftkit.states.profile.kll import KllSketch
    from driftkit.states.schemas import Block

_NON_FINITE = Field(name="non_finite", type=COUNT)
# Every state of a column: how it is kept, checked and added up.
STATES: Mapping[str, StateSchema[Any]] = {
    "presence": PRESENCE,
    "types": TYPES,
    "extremes": EXTREMES,
    "moments": MOMENTS,
    "sketch": SKETCHES,
    "distinct": DISTINCT,
    "frequencies": FREQUENCIES,
    "non_finite": StateSchema(
        empty=0,
        fields=(_NON_FINITE,),
        encode=lambda count: [count],
        decode=lambda batch: batch.column("non_finite").to_pylist(),
        check=lambda table: count_findings([_NON_FINITE], table),
        merge=lambda table: table.grid("non_finite").sum(axis=0).tolist(),
    ),
    "third_moment": SKEWNESS,
}
# Those of numbers alone, which a block of them fills.
OF_BLOCKS: Mapping[str, Callable[[Block], Any]] = {
    name: schema.of_block for name, schema in STATES.items() if schema.of_block
}


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
        third_moment: of the finite numbers, in the dialect "textbook".
    """

    name: str
    declared: InferredType | None = None
    # States never change, so all that are empty share these: parts of a table are tens of thousands.
    presence: Presence = PRESENCE.empty
    types: TypeCounts = TYPES.empty
    moments: Moments = MOMENTS.empty
    extremes: Extremes = EXTREMES.empty
    sketch: KllSketch = SKETCHES.empty
    distinct: Registers = DISTINCT.empty
    frequencies: Frequencies = FREQUENCIES.empty
    non_finite: int = 0
    third_moment: ThirdMoment = SKEWNESS.empty

    def __add__(self, other: ColumnState) -> ColumnState:
        sums = {name: getattr(self, name) + getattr(other, name) for name in STATES}
        return ColumnState(name=self.name, declared=self.declared, **sums)

    @property
    def inferred(self) -> InferredType:
        """The declared type, else the one that the values decide."""
        return self.declared or self.types.inferred

    @property
    def further(self) -> dict[str, float | None]:
        """The statistics that statistics.json has not, by name; those that are not known left out."""
        told = [
            schema.told(getattr(self, name), self.moments.n)
            for name, schema in STATES.items()
            if schema.told
        ]
        return dict(chain.from_iterable(each.items() for each in told))
