"""Arrow tables as chunks, for tests of the fold."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pyarrow as pa

from driftkit.columns.chunk import Column, Rejections
from driftkit.columns.types import InferredType
from driftkit.states.profile.buckets import NONE
from driftkit.states.profile.column import STATES
from driftkit.states.profile.table import FoldOptions, fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftkit.states.partitions.partition import TableState
    from driftkit.states.profile.frequencies import Frequencies


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A table as one chunk."""

    table: pa.Table
    rejected: Rejections = field(default_factory=Rejections)
    time_key: None = None

    @property
    def num_rows(self) -> int:
        """Number of rows."""
        return int(self.table.num_rows)

    def column(self, index: int) -> pa.ChunkedArray:
        """The column at an index."""
        return self.table.column(index)


def columns_of(table: pa.Table) -> tuple[Column, ...]:
    """The columns; strings are text whose type is not declared."""
    return tuple(Column(name=each.name, declared=_declared(each.type)) for each in table.schema)


def folded(
    table: pa.Table, options: FoldOptions | None = None, cuts: Sequence[int] = ()
) -> TableState:
    """The state of a table that comes in chunks, cut before the given rows."""
    edges = [0, *cuts, table.num_rows]
    pieces = [
        Part(table=table.slice(start, stop - start)) for start, stop in itertools.pairwise(edges)
    ]
    return fold(columns_of(table), pieces, options)


def as_of_version_1(table: TableState, *, hashed: bool = False) -> TableState:
    """The state as far as the first version of the format knows it, and segments but for what they hash.

    Within days it kept the times themselves, of which the hours are kept now.
    """
    later = {name: schema.empty for name, schema in STATES.items() if schema.fields[0].since > 1}

    def known(part: TableState, but: tuple[str, ...] = ()) -> TableState:
        columns = (
            replace(
                each,
                **later,
                frequencies=each.frequencies if hashed else _counted_alone(each.frequencies),
            )
            for each in part.columns
            if each.name not in but
        )
        return replace(part, columns=tuple(columns))

    partitions = tuple(
        replace(
            split,
            parts={
                key: known(part, split.by if split.unit == "day" else ())
                for key, part in split.parts.items()
            },
            rest=None if split.rest is None else known(split.rest),
        )
        for split in table.partitions
    )
    return replace(known(table), partitions=partitions)


def _counted_alone(found: Frequencies) -> Frequencies:
    """Without rows by the hash of their values, which the first version has only where it counted all."""
    return replace(found, buckets=None if found.overflowed else NONE)


def _declared(kind: pa.DataType) -> InferredType | None:
    if pa.types.is_integer(kind):
        return InferredType.INTEGRAL
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return InferredType.FRACTIONAL
    if pa.types.is_boolean(kind):
        return InferredType.BOOLEAN
    return InferredType.STRING if pa.types.is_temporal(kind) else None
