"""A chunk of rows as Arrow columns, from which states are folded."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

    from driftkit.columns.types import InferredType

EXAMPLES_KEPT = 3
TimeKey: TypeAlias = tuple[str | None]
"""A day or hour, as 2024-03-18 or 2024-03-18T15; None in it where it is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column to be monitored.

    Attributes:
        name: its name in statistics.json.
        declared: the type that the input itself declares (Parquet, data frames);
            None where values are text and typed by Model Monitor's rules (CSV, JSON, captures).
        arrow: the Arrow type behind `declared`.
    """

    name: str
    declared: InferredType | None = None
    arrow: pa.DataType | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejections:
    """Records that could not be read and were set aside, counted by reason; they add up."""

    counts: Mapping[str, int] = field(default_factory=dict)
    examples: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        """Number of records set aside."""
        return sum(self.counts.values())

    def __add__(self, other: Rejections) -> Rejections:
        counts = dict(self.counts)
        for reason, count in other.counts.items():
            counts[reason] = counts.get(reason, 0) + count
        examples = (self.examples + other.examples)[:EXAMPLES_KEPT]
        return Rejections(counts=counts, examples=examples)


class Chunk(Protocol):
    """Some rows of a dataset. Columns are read when asked for, so that one is in memory at a time."""

    @property
    def num_rows(self) -> int:
        """Number of rows, those set aside not counted."""

    @property
    def rejected(self) -> Rejections:
        """Records set aside while this chunk was read."""

    @property
    def time_key(self) -> TimeKey | None:
        """The time of all rows, where they are told apart by one that is in none of their columns."""

    def column(self, index: int) -> pa.ChunkedArray:
        """The values of the column at `index` of the dataset's columns; nulls are missing values.

        Text columns (`declared is None`) are Arrow strings (plain, large or dictionary);
        declared numeric ones are integers, floats or decimals, Boolean ones booleans,
        String ones strings, or timestamps, dates and times, which count as text.
        """
