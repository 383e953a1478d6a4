"""Adds columns to a dataset that are made of others, chunk by chunk."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count, takewhile
from typing import TYPE_CHECKING, Protocol

import pyarrow as pa
import pyarrow.types as kind_of

from driftkit.columns.chunk import Column
from driftkit.columns.types import InferredType
from driftkit.errors import InputError
from driftkit.readers.arrow import holds_vectors
from driftkit.readers.joint_cells import holds_values, joint_cells
from driftkit.readers.mapped import mapped
from driftkit.readers.some_columns import without
from driftkit.readers.texts import MEASURES as OF_TEXTS
from driftkit.readers.texts import measured_texts
from driftkit.readers.vectors import MEASURES as OF_VECTORS
from driftkit.readers.vectors import joined_vectors, measured_vectors, parsed_vectors

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from driftkit.columns.chunk import Chunk, Rejections, TimeKey
    from driftkit.formats.derived import Derivation, JointSide
    from driftkit.readers.dataset import Dataset

MADE_INTO_OTHERS = "columns that are made of it are monitored instead"


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
        return _named(self.name, OF_TEXTS)

    def table(self, chunk: Chunk) -> pa.Table:
        """The measures of each text."""
        return measured_texts(chunk.column(self.index))


@dataclass(frozen=True, slots=True, kw_only=True)
class VectorMaker:
    """Measures vectors.

    Attributes:
        name: of the column.
        indices: of the column; of several columns, where each has a number of the vector.
        is_text: whether numbers, or a single column's lists of them, are written as text.
    """

    name: str
    indices: tuple[int, ...]
    is_text: bool = False

    @property
    def columns(self) -> tuple[Column, ...]:
        """One a measure."""
        return _named(self.name, OF_VECTORS)

    def table(self, chunk: Chunk) -> pa.Table:
        """The measures of each vector."""
        return measured_vectors(self._vectors(chunk), self.name)

    def _vectors(self, chunk: Chunk) -> pa.ChunkedArray:
        found = [chunk.column(index) for index in self.indices]
        if not self.is_text:
            return found[0]
        return parsed_vectors(found[0]) if len(found) == 1 else joined_vectors(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class JointMaker:
    """Puts the values of two columns into cells.

    Attributes:
        name: of the column that is made.
        indices: of the two columns.
        sides: how the values of each are told apart.
    """

    name: str
    indices: tuple[int, int]
    sides: tuple[JointSide, JointSide]

    @property
    def columns(self) -> tuple[Column, ...]:
        """One of categories."""
        return (Column(name=self.name, declared=InferredType.STRING, arrow=pa.string()),)

    def table(self, chunk: Chunk) -> pa.Table:
        """The cell of each row."""
        first, second = (chunk.column(index) for index in self.indices)
        return pa.table({self.name: joint_cells(first, second, self.sides)})


def _named(name: str, measures: Mapping[str, InferredType]) -> tuple[Column, ...]:
    return tuple(
        Column(name=f"{name}.{of}", declared=kind, arrow=_ARROW[kind])
        for of, kind in measures.items()
    )


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
    made = {*made_of_one(derivation), *derivation.joint_columns}
    return tuple(name for name in names if name not in made)


def made_of_one(derivation: Derivation) -> dict[str, str]:
    """The columns that are made of a single one, each with that one."""
    kinds = ((OF_TEXTS, derivation.text_columns), (OF_VECTORS, derivation.embedding_columns))
    return {f"{name}.{of}": name for measures, some in kinds for name in some for of in measures}


def joint_sources(dataset: Dataset, derivation: Derivation) -> Dataset:
    """The dataset of those columns only of which some are made that are of two.

    Raises:
        InputError: one of them is not there, or has values that cannot be told apart.
    """
    known = {column.name: column for column in dataset.columns}
    wanted = [name for each in derivation.joints for name in each.columns]
    for name in wanted:
        if name not in known or not holds_values(known[name].arrow):
            raise _lacking("values", "joint_columns", name, dataset)
    return without(dataset, {name: "" for name in known if name not in wanted})


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
    used = [index for each in makers if isinstance(each, VectorMaker) for index in each.indices]
    aside = {dataset.columns[index].name: MADE_INTO_OTHERS for index in used}
    return without(mapped(dataset, columns, making), aside)


def _makers(dataset: Dataset, derivation: Derivation, *, strict: bool) -> Iterator[Maker]:
    known = {column.name: index for index, column in enumerate(dataset.columns)}
    kinds = (
        ("texts", "text_columns", derivation.text_columns, _text_maker),
        ("vectors", "embedding_columns", derivation.embedding_columns, _vector_maker),
    )
    for what, setting, names, make in kinds:
        for name in names:
            maker = make(dataset, known, name)
            if maker is not None:
                yield maker
            elif strict:
                raise _lacking(what, setting, name, dataset)
    for each in derivation.joints:
        first, second = (known.get(name) for name in each.columns)
        if each.sides is not None and first is not None and second is not None:
            yield JointMaker(name=each.name, indices=(first, second), sides=each.sides)


def _text_maker(dataset: Dataset, known: Mapping[str, int], name: str) -> Maker | None:
    index = known.get(name)
    is_text = index is not None and _is_text(dataset.columns[index])
    return TextMaker(name=name, index=index) if index is not None and is_text else None


def _vector_maker(dataset: Dataset, known: Mapping[str, int], name: str) -> Maker | None:
    index = known.get(name)
    if index is None:
        # JSON's arrays are a column an element.
        numbered = takewhile(known.__contains__, (f"{name}.{index}" for index in count()))
        indices = tuple(known[each] for each in numbered)
        return VectorMaker(name=name, indices=indices, is_text=True) if len(indices) > 1 else None
    column = dataset.columns[index]
    is_text = not holds_vectors(column.arrow)
    if is_text and not _is_text(column):
        return None
    return VectorMaker(name=name, indices=(index,), is_text=is_text)


def _is_text(column: Column) -> bool:
    if column.declared is None:
        return True
    kind = column.arrow
    if kind is not None and kind_of.is_dictionary(kind):
        kind = kind.value_type
    return kind is not None and bool(
        kind_of.is_string(kind) or kind_of.is_large_string(kind) or kind_of.is_string_view(kind)
    )


def _lacking(what: str, setting: str, name: str, dataset: Dataset) -> InputError:
    known = {column.name: column for column in dataset.columns}
    if name in known:
        found = f"values of type {known[name].arrow}"
    else:
        found = dataset.set_aside.get(name) or f"columns {', '.join([*known][:5])}"
    return InputError(
        f"there are no {what} in column {name!r}",
        where=f"{setting}, {dataset.name}",
        expected=f"a column of {what}",
        found=found,
        todo=f"Check the spelling, or leave the column out of {setting}",
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
            todo="Rename it, or do not ask for the columns of which it would be one",
        )
