"""Adds columns to a dataset that are made of others, chunk by chunk."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import pyarrow as pa
import pyarrow.types as kind_of

from driftkit.columns.chunk import Column
from driftkit.columns.types import InferredType
from driftkit.errors import InputError
from driftkit.readers.mapped import mapped
from driftkit.readers.texts import MEASURES, measured_texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from driftkit.columns.chunk import Chunk, Rejections, TimeKey
    from driftkit.formats.derived import Derivation
    from driftkit.readers.dataset import Dataset


class Maker(Protocol):
    """Makes some columns of others; pickled and sent to the workers."""

    @property
    def columns(self) -> tuple[Column, ...]:
        """Those that are made."""

    def table(self, chunk: Chunk) -> pa.Table:
        """Their values, in this order, of the rows of a chunk of the dataset."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextMaker:
    """Measures the texts of a column.

    Attributes:
        name: of the column.
        index: of the column.
    """

    name: str
    index: int

    @property
    def columns(self) -> tuple[Column, ...]:
        """One a measure."""
        return tuple(
            Column(name=f"{self.name}.{of}", declared=kind, arrow=_ARROW[kind])
            for of, kind in MEASURES.items()
        )

    def table(self, chunk: Chunk) -> pa.Table:
        """The measures of each text."""
        return measured_texts(chunk.column(self.index))


_ARROW = {
    InferredType.INTEGRAL: pa.int64(),
    InferredType.FRACTIONAL: pa.float64(),
    InferredType.STRING: pa.string(),
}


@dataclass(slots=True, kw_only=True)
class _MoreColumns:
    """A chunk with further columns; see `driftkit.columns.chunk.Chunk`.

    Columns are asked for one after the other, so those of one maker are held at a time.
    """

    chunk: Chunk
    making: _Making
    _held: tuple[int, pa.Table] | None = field(default=None, repr=False)

    @property
    def num_rows(self) -> int:
        """Number of rows."""
        return self.chunk.num_rows

    @property
    def rejected(self) -> Rejections:
        """Records that were set aside."""
        return self.chunk.rejected

    @property
    def time_key(self) -> TimeKey | None:
        """The time of all rows."""
        return self.chunk.time_key

    def column(self, index: int) -> pa.ChunkedArray:
        """The values of a column."""
        after = index - self.making.width
        if after < 0:
            return self.chunk.column(index)
        number, inside = self.making.origins[after]
        if self._held is None or self._held[0] != number:
            self._held = None
            self._held = number, self.making.makers[number].table(self.chunk)
        return self._held[1].column(inside)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Making:
    """Makes the chunks; pickled and sent to the workers.

    Attributes:
        width: columns that chunks have without those that are made.
        makers: of the others, in their order.
        origins: maker, and column of its own, of each column that is made.
    """

    width: int
    makers: tuple[Maker, ...]
    origins: tuple[tuple[int, int], ...]

    def __call__(self, chunks: Iterable[Chunk], path: str) -> Iterator[Chunk]:
        """A chunk for each."""
        del path
        return (_MoreColumns(chunk=chunk, making=self) for chunk in chunks)


def not_made(names: Iterable[str], derivation: Derivation) -> tuple[str, ...]:
    """Those of the names that are of columns which are not made of others."""
    made = {column.name for each in _made_by_name(derivation) for column in each.columns}
    return tuple(name for name in names if name not in made)


def _made_by_name(derivation: Derivation) -> Iterator[Maker]:
    return (TextMaker(name=name, index=0) for name in derivation.text_columns)


def with_derived(dataset: Dataset, derivation: Derivation, *, strict: bool) -> Dataset:
    """The dataset with the columns that are made of its own, after them.

    Args:
        dataset: of files, tables in memory or a Spark data frame.
        derivation: how they are made.
        strict: whether columns of which some are made must be there; what a window lacks is found
            when it is compared.

    Raises:
        InputError: a column is not there or not of texts, or one that is made is there already.
    """
    if not derivation:
        return dataset
    makers = tuple(_makers(dataset, derivation, strict=strict))
    made = [column for each in makers for column in each.columns]
    _refuse_twice(dataset, made)
    columns = (*dataset.columns, *made)
    origins = tuple(
        (number, index) for number, each in enumerate(makers) for index in range(len(each.columns))
    )
    making = _Making(width=len(dataset.columns), makers=makers, origins=origins)
    return mapped(dataset, columns, making)


def _makers(dataset: Dataset, derivation: Derivation, *, strict: bool) -> Iterator[Maker]:
    known = {column.name: index for index, column in enumerate(dataset.columns)}
    for name in derivation.text_columns:
        index = known.get(name)
        if index is not None and _is_text(dataset.columns[index]):
            yield TextMaker(name=name, index=index)
        elif strict:
            raise _no_texts(dataset, name, index)


def _is_text(column: Column) -> bool:
    if column.declared is None:
        return True
    kind = column.arrow
    if kind is not None and kind_of.is_dictionary(kind):
        kind = kind.value_type
    return kind is not None and bool(
        kind_of.is_string(kind) or kind_of.is_large_string(kind) or kind_of.is_string_view(kind)
    )


def _no_texts(dataset: Dataset, name: str, index: int | None) -> InputError:
    if index is None:
        found = f"columns {', '.join(column.name for column in dataset.columns[:5])}"
    else:
        found = f"values of type {dataset.columns[index].arrow}"
    return InputError(
        f"there are no texts in column {name!r}",
        where=f"text_columns, {dataset.name}",
        expected="a column of texts",
        found=found,
        todo="Check the spelling, or leave the column out of the text columns",
    )


def _refuse_twice(dataset: Dataset, made: Sequence[Column]) -> None:
    there = {column.name for column in dataset.columns} | {*dataset.set_aside}
    twice = [column.name for column in made if column.name in there]
    if twice:
        raise InputError(
            "a column that would be made of others is there already",
            where=dataset.name,
            expected="no column of that name",
            found=", ".join(map(repr, twice[:5])),
            todo="Rename it, or leave the column that it is made of out of the text columns",
        )
