"""Captured CSV payloads as text columns: joined as text, and parsed all at once.

A record whose two payloads are a plain line each is joined without a look at its fields but for
their number. All others (several lines, quotes, BASE64) are decoded one by one and written as CSV
again, in their place, so that one parse takes them all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from pyarrow import compute as pc
from pyarrow import csv

from driftkit.native.slicing import is_worth_cutting
from driftkit.readers.csv_columns import cut_lines
from driftkit.readers.csv_files import text_options
from driftkit.readers.csv_parts import read_whole
from driftkit.readers.dataset import TableChunk
from driftkit.readers.lines import Tally
from driftkit.records.captured import INPUT, OUTPUT, Captured
from driftkit.records.pairs import Pair, pairs
from driftkit.records.payload import csv_line
from driftkit.records.uniform import uniform

if TYPE_CHECKING:
    from driftkit.columns.chunk import Rejections
    from driftkit.settings import Position

Shape = tuple[int, int]
OTHER_FIELDS = "whose payload has another number of fields"
# Of these bytes a line that needs no look is made.
_ODD = '["\r\n]'


def csv_chunk(found: Captured, shape: Shape, position: Position) -> TableChunk:
    """The rows of captured CSV payloads of a shape; other records are set aside."""
    table = cut_table(found, shape, position)
    if table is not None:
        return TableChunk(table=table, rejected=found.rejected)
    joined, plain = _joined(found, shape, position)
    rejected = found.rejected
    if not pc.all(plain).as_py():
        joined, others = _with_others(found, joined, plain, shape, position)
        rejected += others
    # The last line has an end too: a parser would not see it if it were empty.
    ended = pa.concat_arrays([joined, pa.array([""] if len(joined) else [], joined.type)])
    content = pc.binary_join(pa.ListArray.from_arrays([0, len(ended)], ended), "\n")[0]
    return TableChunk(table=parsed(content.as_buffer(), sum(shape)), rejected=rejected)


def cut_table(found: Captured, shape: Shape, position: Position) -> pa.Table | None:
    """The rows of records that all are a plain line on each side; None where they are not."""
    count = found.records.num_rows
    # A line that is nothing but an empty field is for a parser of CSV to understand.
    if not is_worth_cutting(found.records.nbytes) or sum(shape) < 2:
        return None
    columns: list[pa.Array] = []
    for name, fields in _sides(shape, position):
        lines = found.side(name, "data")
        if not fields:
            if lines.null_count != count:
                return None
            continue
        encoded = pc.equal(found.side(name, "encoding"), "CSV")
        if lines.null_count or encoded.true_count != count:
            return None
        cut = cut_lines(lines, fields)
        if cut is None:
            return None
        columns += cut
    return pa.table({str(place): column for place, column in enumerate(columns)})


def plain_table(content: bytes, shape: Shape, position: Position) -> pa.Table | None:
    """The rows of records that are all laid out alike, with a plain line on each side.

    None where they are not; `csv_chunk` reads all there is.
    """
    found = uniform(content)
    if found is None:
        return None
    paths = []
    for name, fields in _sides(shape, position):
        path = ("captureData", name, "data")
        if not fields and found.constant(*path) is None:
            continue
        if path not in found.free or found.constant("captureData", name, "encoding") != "CSV":
            return None
        # The parser counts the fields of both sides together: one side is left to be counted.
        if fields == min(filter(None, shape)) and not _all_of(found.strings(*path), fields):
            return None
        paths.append(path)
    try:
        return parsed(found.lines(*paths), sum(shape)) if paths else None
    except pa.ArrowInvalid:
        return None


def _all_of(lines: pa.Array, fields: int) -> bool:
    return bool(pc.all(pc.equal(pc.count_substring(lines, ","), fields - 1)).as_py())


def parsed(lines: pa.Buffer, fields: int) -> pa.Table:
    """Lines of CSV that all have this number of fields, as text columns."""
    places = [str(place) for place in range(fields)]
    if not lines.size:
        return pa.table({place: pa.array([], pa.string()) for place in places})
    return csv.read_csv(
        read_whole(lines),
        read_options=csv.ReadOptions(
            use_threads=False, column_names=places, block_size=lines.size + 1
        ),
        parse_options=csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
        convert_options=text_options(places),
    )


def _sides(shape: Shape, position: Position) -> tuple[tuple[str, int], tuple[str, int]]:
    sent, answered = (INPUT, shape[0]), (OUTPUT, shape[1])
    return (answered, sent) if position == "START" else (sent, answered)


def _joined(found: Captured, shape: Shape, position: Position) -> tuple[pa.Array, pa.Array]:
    """A line for every record, and whether it may be taken as it is."""
    lines, plain = [], []
    for name, fields in _sides(shape, position):
        line = found.side(name, "data")
        if not fields:
            plain.append(pc.is_null(line))
            continue
        line = pc.replace_substring_regex(line, "[\r\n]+$", "")
        lines.append(line)
        plain += [
            pc.equal(found.side(name, "encoding"), "CSV"),
            pc.equal(pc.count_substring(line, ","), fields - 1),
            pc.invert(pc.match_substring_regex(line, _ODD)),
        ]
    whole = lines[0] if len(lines) == 1 else pc.binary_join_element_wise(*lines, ",")
    flags = plain[0]
    for flag in plain[1:]:
        flags = pc.and_(flags, flag)
    return whole, pc.fill_null(flags, fill_value=False)


def _with_others(
    found: Captured, joined: pa.Array, plain: pa.Array, shape: Shape, position: Position
) -> tuple[pa.Array, Rejections]:
    """The lines, those of the other records decoded and written again, or left out."""
    others = found.kept(pc.invert(plain))
    written: list[str | None] = []
    rejections = Tally()
    for number, pair in enumerate(pairs(others)):
        text, reason = _written(pair, shape, position)
        written.append(text)
        if reason:
            rejections.append(others.rejection(number, reason))
    places = np.flatnonzero(~np.asarray(plain))
    lines = joined.to_pylist()
    for place, text in zip(places.tolist(), written, strict=True):
        lines[place] = text
    return pa.array(lines, pa.string()).drop_null(), rejections.total


def _written(pair: Pair | str, shape: Shape, position: Position) -> tuple[str | None, str | None]:
    """CSV lines of a record's rows, or the reason why there are none."""
    if isinstance(pair, str):
        return None, pair
    rows = pair.csv_rows(position)
    if pair.encoding != "CSV" or pair.shape != shape or any(len(row) != sum(shape) for row in rows):
        return None, OTHER_FIELDS
    return "\n".join(csv_line(row) for row in rows), None
