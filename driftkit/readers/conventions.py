"""Conventions of text columns: words for missing values, decimal commas."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import pyarrow as pa
from pyarrow import compute as pc

from driftkit.errors import InputError
from driftkit.readers.dataset import TableChunk

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from driftkit.columns.chunk import Chunk
    from driftkit.readers.dataset import FileDataset, FileUnit
    from driftkit.settings import Read, Settings

_COMMA = r"^([-+]?[0-9]*),([0-9]+(?:[eE][-+]?[0-9]+)?)$"
# Settings that say something of some inputs only.
_OF_TEXT = ("separator", "encoding", "null_values", "decimal")
_HOURS = "start and end choose hours of captured data", "--start and --end"
_OF_CAPTURES = {
    "start": _HOURS,
    "end": _HOURS,
    "variant": ("a variant is one of captured data", "--variant"),
}


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
class MeantRows:
    """Rows whose text is read as its writer means it.

    Attributes:
        read: gives the rows as they stand.
        conventions: of their writer.
        are_text: of each column, whether it is text.
    """

    read: Callable[[Sequence[Any]], Iterator[Chunk]]
    conventions: Conventions
    are_text: tuple[bool, ...]

    def __call__(self, pieces: Sequence[Any]) -> Iterator[TableChunk]:
        """The rows of some pieces."""
        for chunk in self.read(pieces):
            columns = {
                str(index): self.conventions.meant(values) if is_text else values
                for index, is_text in enumerate(self.are_text)
                for values in [chunk.column(index)]
            }
            yield TableChunk(
                table=pa.table(columns), rejected=chunk.rejected, time_key=chunk.time_key
            )


def as_meant(dataset: FileDataset, settings: Read) -> FileDataset:
    """The dataset, its text read by the conventions that the settings name."""
    if not settings.null_values and settings.decimal != ",":
        return dataset
    conventions = Conventions(null_values=settings.null_values, comma=settings.decimal == ",")
    are_text = tuple(column.declared is None for column in dataset.columns)
    meant = partial(MeantRows, conventions=conventions, are_text=are_text)
    # Text is in files alone.
    units = cast("tuple[FileUnit[Any], ...]", dataset.units)
    return replace(
        dataset, units=tuple(replace(unit, read=meant(read=unit.read)) for unit in units)
    )


def refuse_settings(name: str, kind: str, settings: Settings, reads: Collection[str]) -> None:
    """Refuses settings that say nothing of an input.

    Args:
        name: of the input.
        kind: of the input, for people.
        settings: of the run.
        reads: names of those that do say something of it.

    Raises:
        InputError: there are others.
    """
    values = {
        **{each: getattr(settings.read, each) for each in _OF_TEXT},
        **{each: getattr(settings.window, each) for each in _OF_CAPTURES},
    }
    unread = {each: value for each, value in values.items() if each not in reads}
    given = [each for each, value in unread.items() if value not in {None, (), "."}]
    if not given:
        return
    of_text = [each for each in given if each in _OF_TEXT]
    if of_text:
        what, expected = f"{' and '.join(of_text)} say how CSV is written", "CSV"
        options = ", ".join(f"--{each.replace('_', '-')}" for each in of_text)
    else:
        what, options = _OF_CAPTURES[given[0]]
        expected = "captured data under <endpoint>/<variant>/yyyy/mm/dd/hh/"
    raise InputError(
        f"{what}, and this is none",
        where=name,
        expected=expected,
        found=kind,
        todo=f"Leave {options} out",
    )
