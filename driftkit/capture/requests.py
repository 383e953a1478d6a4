"""A dataset of captured requests: the rows sent to an endpoint and its answers."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING

from driftkit.capture.attribute_columns import chunks_apart, given_attributes, with_values
from driftkit.capture.csv_requests import csv_chunk
from driftkit.capture.json_requests import json_chunk
from driftkit.capture.pairs import MISMATCH, Pair, pairs
from driftkit.capture.table import record_table, record_tables
from driftkit.capture.variant import VARIANT, variant_of
from driftkit.capture.window import TimeRange, hours_of, select
from driftkit.columns.chunk import EXAMPLES_KEPT
from driftkit.columns.times import INFERENCE_TIME
from driftkit.errors import InputError
from driftkit.readers.dataset import FileDataset, TableChunk, text_columns
from driftkit.readers.lines import Batch, Piece, units_of_lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from driftkit.capture.table import RecordTable
    from driftkit.io.finding import File
    from driftkit.readers.dataset import Source
    from driftkit.readers.lines import Block
    from driftkit.settings import Position, Settings, TimeUnit

# Of so many files, spread over the window, so many lines tell the layout; fewer of them where no
# field has a name that could be missing in the first.
FILES_LOOKED_AT = 16
LOOKED_AT = 1000
CSV_LOOKED_AT = 100
HEAD_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How the rows of a capture are put together.

    Attributes:
        encoding: of the payloads, "CSV" or "JSON".
        names: of the columns, in their order.
        shape: fields sent and answered in a row of CSV; (0, 0) for JSON.
        position: whether the answered columns come first.
    """

    encoding: str
    names: tuple[str, ...]
    shape: tuple[int, int] = (0, 0)
    position: Position = "START"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureReader:
    """How the rows of captured data are read.

    Attributes:
        layout: how rows are put together.
        window: in which records count.
        unit: by which rows are told apart by their time; None where they are not.
        sides: that are read; all of them for none.
        attributes: that callers gave, the last columns.
        variant: whether the production variant, as the path tells it, is the column after them.
    """

    layout: Layout
    window: TimeRange
    unit: TimeUnit | None = None
    sides: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()
    variant: bool = False

    def __call__(self, parts: Sequence[Piece]) -> Iterator[TableChunk]:
        """The rows; records that cannot be read are set aside."""
        if not self.variant:
            yield from self._rows(parts)
            return
        for name, some in groupby(parts, lambda part: variant_of(part.file.path).variant):
            yield from (with_values(each, (name or None,)) for each in self._rows(tuple(some)))

    def _rows(self, parts: Sequence[Piece]) -> Iterator[TableChunk]:
        for found in record_tables(parts, self.window, events=bool(self.attributes)):
            table = found.only(self.sides)
            yield from chunks_apart(table, self.unit, self.attributes, self._chunk)

    def _chunk(self, found: RecordTable) -> TableChunk:
        if self.layout.encoding == "CSV":
            return csv_chunk(found, self.layout.shape, self.layout.position)
        return json_chunk(found, self.layout.names)


def read_captures(source: Source) -> FileDataset:
    """A dataset of captured requests in the window of the settings.

    Args:
        source: captured data; its settings say position of the answered columns, variant, start
            and end of the window, and whether records are told apart by their time, or by
            attributes of their callers.

    Raises:
        InputError: there are several variants, the window is empty, or there is no captured
            record.
    """
    name, settings = source.name, source.settings
    kept, window = select(source.files, settings.window)
    hours = hours_of(kept)
    layout = _layout(kept, name, settings, source.known)
    given = given_attributes(kept, settings.partition.segment_by)
    if layout.encoding == "CSV" and sum(layout.shape) < len(source.known):
        in_payload = [each for each in source.known if each not in given]
        layout = replace(layout, names=named_by_place(in_payload, sum(layout.shape)))
    attributes = tuple(each for each in given if each not in layout.names)
    by_variant = VARIANT in {*settings.partition.segment_by} - {*attributes, *layout.names}
    timed = settings.partition.time_column == INFERENCE_TIME and INFERENCE_TIME not in layout.names
    reader = CaptureReader(
        layout=layout,
        window=window,
        unit=settings.partition.time_unit if timed else None,
        sides=settings.read.capture_sides,
        attributes=attributes,
        variant=by_variant,
    )
    last = (VARIANT,) if by_variant else ()
    columns = text_columns((*layout.names, *attributes, *last), name)
    return FileDataset(name=name, columns=columns, units=units_of_lines(kept, reader), hours=hours)


def _layout(files: Sequence[File], name: str, settings: Settings, known: Sequence[str]) -> Layout:
    position = settings.read.output_columns_position
    looked_at, unread = _looked_at(files, settings.read.capture_sides)
    mismatches = [each for each in unread if MISMATCH in each]
    if len(mismatches) > len(looked_at):
        where, _, said = mismatches[0].rpartition(f": {MISMATCH}")
        raise InputError(
            f"{MISMATCH}{said}",
            where=where,
            todo="Make the endpoint answer in the content type in which it is asked",
        )
    if not looked_at:
        raise InputError(
            "there is no captured record in it",
            where=name,
            expected="lines of JSON with captureData",
            found="; ".join(unread[:EXAMPLES_KEPT]) or "nothing",
            todo="Check that it is captured data, or choose --format",
        )
    encoding = Counter(pair.encoding for pair in looked_at).most_common(1)[0][0]
    if encoding == "JSON":
        return Layout(encoding=encoding, names=_json_names(looked_at, position))
    shape = Counter(pair.shape for pair in looked_at if pair.encoding == "CSV").most_common(1)[0][0]
    names = named_by_place(known, sum(shape))
    return Layout(encoding="CSV", names=names, shape=shape, position=position)


def named_by_place(known: Sequence[str], count: int) -> tuple[str, ...]:
    """The names of so many columns: the baseline's as far as it has some, then _c4 and so on."""
    return (*known[:count], *(f"_c{index}" for index in range(len(known), count)))


def _looked_at(files: Sequence[File], sides: tuple[str, ...]) -> tuple[list[Pair], list[str]]:
    """The first records of some files, and where and why others could not be read."""
    step = -(-len(files) // FILES_LOOKED_AT) or 1
    heads = [first for file in files[::step] if (first := _first(file)) is not None]
    found, unread = _read(heads, sides, CSV_LOOKED_AT)
    if not found or any(pair.encoding != "CSV" for pair in found):
        return _read(heads, sides, LOOKED_AT)
    return found, unread


def _first(file: File) -> Block | None:
    """The first lines of a file; None if there is none."""
    return next(Piece(file=file).blocks(HEAD_BYTES), None)


def _read(
    heads: Sequence[Block], sides: tuple[str, ...], count: int
) -> tuple[list[Pair], list[str]]:
    found: list[Pair] = []
    unread: list[str] = []
    for head in heads:
        lines = head.content.split(b"\n", count)[:count]
        block = replace(head, content=b"\n".join(lines))
        records = record_table(Batch(blocks=(block,))).only(sides)
        unread += records.rejected.examples
        for number, pair in enumerate(pairs(records)):
            if isinstance(pair, Pair):
                found.append(pair)
            else:
                unread += records.rejection(number, pair).examples
    return found, unread


def _json_names(looked_at: Sequence[Pair], position: Position) -> tuple[str, ...]:
    """All fields, sorted by name on either side, as Spark sorts JSON's."""
    rows = [row for pair in looked_at if pair.encoding == "JSON" for row in pair.json_rows()]
    sent = {
        name
        for pair in looked_at
        for row in pair.sent or []
        if isinstance(row, dict)
        for name in row
    }
    answered = sorted({name for row in rows for name in row} - sent)
    return (*answered, *sorted(sent)) if position == "START" else (*sorted(sent), *answered)
