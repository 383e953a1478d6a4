"""CSV: text columns, from whole files or from byte ranges cut between records."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

import pyarrow as pa
from pyarrow import csv

from driftkit.columns.chunk import EXAMPLES_KEPT, Column, Rejections
from driftkit.errors import InputError
from driftkit.io.finding import BOM, unreadable
from driftkit.readers.csv_dialects import encoded, refuse_signs
from driftkit.readers.csv_parts import (
    Layout,
    OpenRowError,
    blocks_of,
    read_whole,
    records_of,
)
from driftkit.readers.csv_quoting import QUOTE_SIGN, Head, cuts, head_of, is_closed, line_of
from driftkit.readers.dataset import (
    FILES_AT_ONCE,
    FileDataset,
    TableChunk,
    gathered,
    refuse_wide,
    unique,
    units_of,
)
from driftkit.readers.formats import plain_path
from driftkit.readers.lines import Piece, lines_before, pieces_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from driftkit.io.finding import File
    from driftkit.readers.dataset import Source

UNIT_BYTES = 64 * 1024 * 1024
BLOCK_BYTES = 8 * 1024 * 1024
HEAD_BYTES = 1024 * 1024
# Of a line that is looked for; lines may be of any length.
LINE_PIECE_BYTES = 64 * 1024
TEXT_SHOWN = 80
NAMES_SHOWN = 5
# Lines are counted in seconds up to here.
MOST_COUNTED = 10_000_000
OTHER_FIELDS = "with another number of fields"


class Ragged:
    """Counts the rows that have another number of fields, for pyarrow to skip them."""

    def __init__(self, piece: Piece, layout: Layout) -> None:
        self.piece, self.delimiter = piece, layout.delimiter
        self.header = int(layout.heads(piece))
        self.rejected = Rejections()
        self.shown = 0
        # Records that were read, for the lines of others: all rows so far, and before this block.
        self.rows = 0
        self.before = self.header

    def __call__(self, row: csv.InvalidRow) -> str:
        """Counts a row; the answer is what pyarrow shall do with it."""
        examples: tuple[str, ...] = ()
        if self.shown < EXAMPLES_KEPT:
            where = self._where(self.before + row.number)
            found = f"{row.actual_columns} fields in place of {row.expected_columns}"
            examples = (f"{where}: {found}: {str(row.text)[:TEXT_SHOWN]}",)
            self.shown += 1
        self.rejected += Rejections(counts={OTHER_FIELDS: 1}, examples=examples)
        self.rows += 1
        return "skip"

    def next_block(self) -> None:
        """All that follows is in another block, in which pyarrow counts anew."""
        self.before = self.rows + self.header

    def after(self) -> str:
        """File and line of the record after all that were read; the file if that takes long."""
        if self.rows > MOST_COUNTED:
            return self.piece.file.path
        return self._where(self.rows + self.header + 1)

    def _where(self, record: int) -> str:
        with self.piece.stream() as source:
            reader = io.BufferedReader(source)
            pieces = iter(partial(reader.readline, LINE_PIECE_BYTES), b"")
            line = line_of(pieces, record, self.delimiter)
        line += lines_before(self.piece.file, self.piece.start, returns=True)
        return f"{self.piece.file.path}:{line}"

    def taken(self) -> Rejections:
        """What was counted since the last call."""
        taken, self.rejected = self.rejected, Rejections()
        return taken


def text_options(names: Sequence[str]) -> csv.ConvertOptions:
    """Every column as text; an empty field is missing, quoted or not."""
    return csv.ConvertOptions(
        column_types=dict.fromkeys(names, pa.string()),
        strings_can_be_null=True,
        quoted_strings_can_be_null=True,
        null_values=[""],
    )


def _rows(layout: Layout, pieces: Sequence[Piece]) -> Iterator[TableChunk]:
    """Blocks of rows; rows with another number of fields are set aside."""
    return gathered(chunk for piece in pieces for chunk in _blocks(piece, layout))


def _blocks(piece: Piece, layout: Layout) -> Iterator[TableChunk]:
    try:
        for some in records_of(piece, layout):
            if isinstance(some, Piece):
                yield from _parsed(some, blocks_of(some, layout, BLOCK_BYTES), layout)
            elif some.columns is None:
                yield from _parsed(some.piece, [some.content], layout)
            else:
                yield TableChunk(table=pa.Table.from_arrays(some.columns, names=layout.indices))
    except OSError as error:
        raise unreadable(piece.file.path, error) from error


def _parsed(
    piece: Piece, contents: Iterable[list[pa.Array] | bytes | memoryview], layout: Layout
) -> Iterator[TableChunk]:
    ragged = Ragged(piece, layout)
    try:
        for content in contents:
            for table in _tables(content, layout, ragged):
                yield TableChunk(table=table, rejected=ragged.taken())
                ragged.rows += table.num_rows
            ragged.next_block()
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        raise _invalid(piece, error) from error
    except OpenRowError as error:
        raise _unclosed(ragged.after()) from error
    rest = ragged.taken()
    if rest.total:
        empty = pa.table({index: pa.array([], pa.string()) for index in layout.indices})
        yield TableChunk(table=empty, rejected=rest)


def _tables(
    content: list[pa.Array] | bytes | memoryview, layout: Layout, ragged: Ragged
) -> Iterator[pa.Table]:
    if isinstance(content, list):
        yield pa.Table.from_arrays(content, names=layout.indices)
        return
    # Arrow cannot hand over a row of other fields that is not UTF-8, and looks at the others slower.
    str(content, "utf-8")
    converting = text_options(layout.indices)
    converting.check_utf8 = False
    for batch in csv.open_csv(
        read_whole(content),
        read_options=csv.ReadOptions(
            use_threads=False,
            block_size=len(BOM) + len(content) + 1,
            column_names=layout.indices,
        ),
        parse_options=csv.ParseOptions(
            delimiter=layout.delimiter, newlines_in_values=True, invalid_row_handler=ragged
        ),
        convert_options=converting,
    ):
        yield pa.Table.from_batches([batch])


def _unclosed(where: str) -> InputError:
    return InputError(
        "a row does not end",
        where=where,
        expected=f"rows of less than {BLOCK_BYTES // 2**20} MB",
        todo="Look for a quote that is not closed, or for a file without lines",
    )


def _invalid(piece: Piece, error: ValueError) -> InputError:
    text = str(error).splitlines()[0]
    # A row of other fields that is not UTF-8 either is told of as the former.
    line = _line_of_bad_text(piece)
    if line is None:
        return InputError(
            "the CSV cannot be parsed",
            where=piece.file.path,
            found=text,
            todo="Check its quotes and delimiters",
        )
    return InputError(
        "the text is not UTF-8",
        where=f"{piece.file.path}:{line}",
        expected="UTF-8",
        todo="Name its encoding with --encoding, for example --encoding cp1252",
    )


def _line_of_bad_text(piece: Piece) -> int | None:
    """The first line of the file that is in a piece of it and not UTF-8; None if all are."""
    with piece.stream() as source:
        lines = (line.splitlines() for line in io.BufferedReader(source))
        for number, line in enumerate(chain.from_iterable(lines), start=1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError:
                return number + lines_before(piece.file, piece.start, returns=True)
    return None


def read_csv(source: Source) -> FileDataset:
    """A dataset of CSV files, unless they look as if they were written with other signs."""
    settings, first = source.settings.read, source.files[0]
    tabs = plain_path(first.path).endswith(".tsv")
    delimiter = settings.separator or ("\t" if tabs else ",")
    files = [replace(file, encoding=settings.encoding) for file in source.files]
    refuse_signs(files[0], delimiter, settings)
    return csv_dataset(files, source.name, header=settings.header, delimiter=delimiter)


def csv_dataset(files: Sequence[File], name: str, *, header: bool, delimiter: str) -> FileDataset:
    """A dataset of CSV files of the same columns.

    Raises:
        InputError: a file has other columns than the first, or a name stands twice.
    """
    heads = [_head(file, delimiter) for file in files]
    filled = [(file, head) for file, head in heads if head]
    if not filled:
        raise InputError(
            "there is no line in it", where=name, expected="rows", todo="Check where it came from"
        )
    first, names = filled[0][0], _names(*filled[0], delimiter, header=header)
    for other, head in filled[1:]:
        _same_names(names, _names(other, head, delimiter, header=header), first.path, other.path)
    with_rows = [file for file, head in filled if not (header and head.alone)]
    # Quotes are looked for from the first byte on, in several files at a time.
    with ThreadPoolExecutor(FILES_AT_ONCE) as pool:
        found = pool.map(
            lambda file: pieces_of(file, UNIT_BYTES, partial(cuts, file, delimiter)), with_rows
        )
        pieces = [piece for some in found for piece in some]
    layout = Layout(fields=len(names), delimiter=delimiter, header=header)
    units = units_of(pieces, UNIT_BYTES, partial(_rows, layout))
    return FileDataset(name=name, columns=tuple(Column(name=each) for each in names), units=units)


def _head(file: File, delimiter: str) -> tuple[File, Head | None]:
    """The beginning of a file, and the file with the encoding that is found there."""
    size = HEAD_BYTES
    while True:
        text = file.head(size)
        if file.encoding is None and (known := encoded(file, text)) is not file:
            file, text = known, known.head(size)
        whole = len(text) < size
        found = head_of(text, whole=whole, delimiter=delimiter)
        if found and found.alone and not is_closed(found.record, delimiter):
            raise _unclosed(f"{file.path}:{found.above + 1}")
        if found or whole:
            return file, found
        if size >= BLOCK_BYTES:
            raise _unclosed(file.path)
        size *= 8


def _names(file: File, head: Head, delimiter: str, *, header: bool) -> tuple[str, ...]:
    """The names in the first line, or as many of _c0, _c1, ... as it has fields.

    A field without a name is called by its place, as Spark does.
    """
    if QUOTE_SIGN not in head.record:
        refuse_wide(head.record.count(delimiter.encode()) + 1, file.path)
    try:
        fields = csv.open_csv(
            io.BytesIO(head.record + b"\n"),
            read_options=csv.ReadOptions(use_threads=False, block_size=len(head.record) + 2),
            parse_options=csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
            # By default each column looks for two dozen words: 8 kB, of a hundred thousand columns.
            convert_options=csv.ConvertOptions(
                check_utf8=False, null_values=[], true_values=[], false_values=[]
            ),
        ).schema.names
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        raise InputError(
            "the first line cannot be read as CSV",
            where=f"{file.path}:{head.above + 1}",
            expected="column names in UTF-8" if header else "fields in UTF-8",
            found=str(error).splitlines()[0],
            todo="Check that it is a CSV file, and name its encoding with --encoding if it is another",
        ) from error
    names = [(header and field) or f"_c{index}" for index, field in enumerate(fields)]
    return unique(names, file.path)


def _same_names(mine: tuple[str, ...], theirs: tuple[str, ...], first: str, other: str) -> None:
    if mine == theirs:
        return
    differing = [name for name in (*mine, *theirs) if (name in mine) != (name in theirs)]
    raise InputError(
        "the files have different columns",
        where=f"{first} and {other}",
        expected="the same names and order in all files of an input",
        found=", ".join(differing[:NAMES_SHOWN]) or "another order",
        todo="Monitor them apart",
    )
