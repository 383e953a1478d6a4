"""Text as its writer means it: words that stand for missing values, commas that are decimal."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pyarrow as pa
from pyarrow import compute as pc

from driftkit.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftkit.columns.chunk import Chunk, Rejections
    from driftkit.readers.dataset import FileDataset, Unit
    from driftkit.settings import Read

_COMMA = r"^([-+]?[0-9]*),([0-9]+(?:[eE][-+]?[0-9]+)?)$"
# Settings by whether they are about CSV alone, or about all text.
_OF_CSV, _OF_TEXT = ("separator", "encoding"), ("null_values", "decimal")


@dataclass(frozen=True, slots=True, kw_only=True)
class Conventions:
    """How values are written in text.

    Attributes:
        null_values: texts that stand for a missing value.
        comma: whether decimals stand behind a comma.
    """

    null_values: tuple[str, ...] = ()
    comma: bool = False

    def meant(self, texts: pa.ChunkedArray) -> pa.ChunkedArray:
        """The texts, missing where a word says so, numbers with a decimal point."""
        if pa.types.is_dictionary(texts.type):
            texts = texts.cast(texts.type.value_type)
        if self.null_values:
            words = pa.array(self.null_values, texts.type)
            texts = pc.if_else(pc.is_in(texts, words), pa.scalar(None, texts.type), texts)
        if self.comma:
            texts = pc.replace_substring_regex(texts, _COMMA, r"\1.\2")
        return texts


@dataclass(frozen=True, slots=True, kw_only=True)
class MeantChunk:
    """Rows of text as their writer means them."""

    chunk: Chunk
    conventions: Conventions
    typed: frozenset[int]

    @property
    def num_rows(self) -> int:
        """Number of rows."""
        return self.chunk.num_rows

    @property
    def rejected(self) -> Rejections:
        """Records set aside."""
        return self.chunk.rejected

    @property
    def moment(self) -> str | None:
        """The day or hour, where rows are told apart by it."""
        return getattr(self.chunk, "moment", None)

    def column(self, index: int) -> pa.ChunkedArray:
        """The values of a column."""
        values = self.chunk.column(index)
        return values if index in self.typed else self.conventions.meant(values)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeantUnit:
    """A unit whose text is read as its writer means it.

    Attributes:
        unit: as it stands.
        conventions: of its writer.
        typed: places of the columns that are no text.
    """

    unit: Unit
    conventions: Conventions
    typed: frozenset[int] = frozenset()

    @property
    def name(self) -> str:
        """What is read."""
        return self.unit.name

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return self.unit.size

    def chunks(self) -> Iterator[MeantChunk]:
        """The rows in their order."""
        for chunk in self.unit.chunks():
            yield MeantChunk(chunk=chunk, conventions=self.conventions, typed=self.typed)


def as_meant(dataset: FileDataset, settings: Read) -> FileDataset:
    """The dataset, its text read by the conventions that the settings name."""
    if not settings.null_values and settings.decimal != ",":
        return dataset
    conventions = Conventions(null_values=settings.null_values, comma=settings.decimal == ",")
    typed = frozenset(
        place for place, column in enumerate(dataset.columns) if column.declared is not None
    )
    return replace(
        dataset,
        units=tuple(
            MeantUnit(unit=unit, conventions=conventions, typed=typed) for unit in dataset.units
        ),
    )


def refuse_for(name: str, kind: str, settings: Read, *, text: bool = True) -> None:
    """Refuses settings that are about CSV, for an input that is none.

    Args:
        name: of the input.
        kind: of the input, for people.
        settings: of the run.
        text: whether the input's values are text, so that they have conventions too.

    Raises:
        InputError: there are such settings.
    """
    names = _OF_CSV if text else (*_OF_CSV, *_OF_TEXT)
    given = [each for each in names if getattr(settings, each) not in {None, (), "."}]
    if given:
        options = ", ".join(f"--{each.replace('_', '-')}" for each in given)
        raise InputError(
            f"{' and '.join(given)} say how CSV is written, and this is none",
            where=name,
            expected="CSV",
            found=kind,
            todo=f"Leave {options} out",
        )
