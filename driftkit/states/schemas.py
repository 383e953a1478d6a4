"""How states of a class are kept: their fields in an Arrow table, what is checked, and how many add up."""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

import pyarrow as pa

from driftkit.native.arrays import Truths

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from driftkit.native.arrays import Floats
    from driftkit.states.profile.state_table import StateTable

S = TypeVar("S")
# A field, what it should hold, and the rows in which it does not.
Finding = tuple[str, str, Truths]

COUNT, NUMBER, TEXT = pa.int64(), pa.float64(), pa.string()
TEXTS, COUNTS, LEVELS = pa.list_(TEXT), pa.list_(COUNT), pa.list_(pa.list_(NUMBER))


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A column of an Arrow table of states.

    Attributes:
        name: of the column.
        type: of its values.
        attribute: the state's attribute that it holds, where it is called otherwise.
        nullable: whether it may be null.
        since: the version of the format that has it first.
    """

    name: str
    type: pa.DataType
    attribute: str = ""
    nullable: bool = False
    since: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class StateSchema(Generic[S]):
    """How the states of a class are kept, checked and added up.

    Attributes:
        empty: the identity of `+`, which a file of a version without the fields is taken to have.
        fields: the columns.
        encode: the values of a state's fields.
        decode: the states of a record batch, one a row.
        check: what no rows can have; the first finding of a field that is wrong is told.
        merge: for each column of several tables the sum from left to right, as `+` gives it.
        of_block: the state of a block of finite numbers, for a statistic of numbers alone that only
            the dialect "textbook" has.
        told: what such a state says of a column with so many finite numbers, by the statistic's name.
    """

    empty: S
    fields: tuple[Field, ...]
    encode: Callable[[S], Sequence[Any]]
    decode: Callable[[pa.RecordBatch], Iterable[S]]
    check: Callable[[StateTable], Iterator[Finding]]
    merge: Callable[[StateTable], Iterable[S]]
    of_block: Callable[[Block], S] | None = None
    told: Callable[[S, int], Mapping[str, float | None]] | None = None


class Block(NamedTuple):
    """Some finite numbers that fit into a core's cache.

    Attributes:
        n: how many there are.
        total: their sum.
        average: their mean.
        deviations: of each from the mean.
        squares: of the deviations.
        m2: sum of the squares.
    """

    n: int
    total: float
    average: float
    deviations: Floats
    squares: Floats
    m2: float


def plain(
    empty: S,
    fields: tuple[Field, ...],
    *,
    check: Callable[[StateTable], Iterator[Finding]],
    merge: Callable[[StateTable], Iterable[list[Any]]] | None = None,
) -> StateSchema[S]:
    """The schema of states whose attributes are the fields.

    Args:
        empty: as in the schema.
        fields: as in the schema.
        check: as in the schema.
        merge: for each field the sums of all columns; those of counts, if it is not given.
    """
    names = [field.attribute or field.name for field in fields]

    def made(columns: Iterable[list[Any]]) -> Iterator[S]:
        for values in zip(*columns, strict=True):
            yield type(empty)(**dict(zip(names, values, strict=True)))

    def sums(table: StateTable) -> Iterable[list[Any]]:
        return (table.grid(field.name).sum(axis=0).tolist() for field in fields)

    return StateSchema(
        empty=empty,
        fields=fields,
        encode=attrgetter(*names),
        decode=lambda batch: made(batch.column(field.name).to_pylist() for field in fields),
        check=check,
        merge=lambda table: made((merge or sums)(table)),
    )


def count_findings(fields: Sequence[Field], table: StateTable) -> Iterator[Finding]:
    """Counts that are negative or more than there are rows."""
    for field in fields:
        counts = table.numbers(field.name)
        wrong = (counts < 0) | (counts > table.rows)
        yield field.name, "0 or more, and no more than the table's rows", wrong
