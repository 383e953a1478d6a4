"""Captured CSV payloads as text columns: joined as text, and parsed all at once.

A record whose two payloads are a plain line each is joined without a look at its fields but for
their number. All others (several lines, quotes, BASE64) are decoded one by one.
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from pyarrow import compute as pc
from pyarrow import csv

from driftkit.capture.pairs import PairReader, Rows
from driftkit.capture.record import INPUT, OUTPUT
from driftkit.native.slicing import is_worth_cutting, offsets_and_data
from driftkit.readers.csv_columns import cut_lines
from driftkit.readers.csv_files import text_options
from driftkit.readers.csv_parts import read_whole
from driftkit.readers.dataset import TableChunk
from driftkit.readers.lines import text_arrays

if TYPE_CHECKING:
    from driftkit.capture.pairs import Pair
    from driftkit.capture.payload import CsvRow
    from driftkit.capture.table import Mask, RecordTable
    from driftkit.settings import Position

Shape = tuple[int, int]
OTHER_FIELDS = "whose payload has another number of fields"
# A line without these needs no look.
_ODD = (b'"', b"\r", b"\n")


def csv_chunk(found: RecordTable, shape: Shape, position: Position) -> TableChunk:
    """The rows of captured CSV payloads of a shape; other records are set aside."""
    table = _cut(found, shape, position)
    if table is not None:
        return TableChunk(table=table, rejected=found.rejected)
    width = sum(shape)

    def rows(pair: Pair) -> list[CsvRow] | str:
        found = pair.csv_rows(position)
        fits = pair.encoding == "CSV" and pair.shape == shape
        return found if fits and all(len(row) == width for row in found) else OTHER_FIELDS

    def table_of(rows: list[CsvRow]) -> pa.Table:
        return _named(text_arrays(rows, width))

    lines, plain = _joined(found, shape, position)
    if plain.all():
        return TableChunk(table=_parsed(lines, width), rejected=found.rejected)
    quick = Rows(table=_parsed(lines.filter(pa.array(plain)), width), records=np.flatnonzero(plain))
    return PairReader(rows=rows, table=table_of).with_others(found, [quick], ~plain)


def _cut(found: RecordTable, shape: Shape, position: Position) -> pa.Table | None:
    """The rows of records that all are a plain line on each side; None where they are not."""
    count = found.count
    # A line that is nothing but an empty field is for a parser of CSV to understand.
    if not is_worth_cutting(found.columns.nbytes) or sum(shape) < 2:
        return None
    columns: list[pa.Array] = []
    for name, fields in _sides(shape, position):
        lines = found.part(name, "data")
        if not fields:
            if lines.null_count != count:
                return None
            continue
        encoded = pc.equal(found.part(name, "encoding"), "CSV")
        if lines.null_count or encoded.true_count != count:
            return None
        cut = cut_lines(lines, fields)
        if cut is None:
            return None
        columns += cut
    return _named(columns)


def _named(columns: list[pa.Array]) -> pa.Table:
    return pa.Table.from_arrays(columns, names=[str(index) for index in range(len(columns))])


def _parsed(lines: pa.Array, fields: int) -> pa.Table:
    """Lines of CSV that all have this number of fields, as text columns."""
    if not len(lines):
        return _named([pa.array([], pa.string())] * fields)
    # The last line has an end too: a parser would not see it if it were empty.
    ended = pa.concat_arrays([lines, pa.array([""], lines.type)])
    content = pc.binary_join(pa.ListArray.from_arrays([0, len(ended)], ended), "\n")[0].as_buffer()
    indices = [str(index) for index in range(fields)]
    return csv.read_csv(
        read_whole(content),
        read_options=csv.ReadOptions(
            use_threads=False, column_names=indices, block_size=content.size + 1
        ),
        parse_options=csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
        convert_options=text_options(indices),
    )


def _sides(shape: Shape, position: Position) -> tuple[tuple[str, int], tuple[str, int]]:
    sent, answered = (INPUT, shape[0]), (OUTPUT, shape[1])
    return (answered, sent) if position == "START" else (sent, answered)


def _joined(found: RecordTable, shape: Shape, position: Position) -> tuple[pa.Array, Mask]:
    """A line for every record, and whether it may be taken as it is."""
    lines, plain = [], []
    for name, fields in _sides(shape, position):
        line = found.part(name, "data")
        if not fields:
            plain.append(pc.is_null(line))
            continue
        text = bytes(offsets_and_data(line)[1])
        if b"\n" in text or b"\r" in text:
            line = pc.replace_substring_regex(line, "[\r\n]+$", "")
        lines.append(line)
        plain += [
            pc.equal(found.part(name, "encoding"), "CSV"),
            pc.equal(pc.count_substring(line, ","), fields - 1),
        ]
        if any(odd in text for odd in _ODD):
            plain.append(pc.invert(pc.match_substring_regex(line, '["\r\n]')))
    whole = lines[0] if len(lines) == 1 else pc.binary_join_element_wise(*lines, ",")
    return whole, np.array(pc.fill_null(reduce(pc.and_, plain), fill_value=False))
