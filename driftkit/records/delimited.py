"""CSV: text columns, from whole files or from byte ranges cut between records."""

from __future__ import annotations

import io
import itertools
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
from pyarrow import csv

from driftkit.columns.chunk import EXAMPLES_KEPT, Column, Rejections
from driftkit.errors import InputError
from driftkit.records.csv_parts import Part, Records, records_of
from driftkit.records.dataset import (
    FILES_AT_ONCE,
    FileDataset,
    TableChunk,
    gathered,
    grouped,
    pieces_of,
    refuse_wide,
    unique,
)
from driftkit.records.files import unreadable
from driftkit.records.lines import lines_before
from driftkit.records.quoting import QUOTE_SIGN, Head, cuts, head_of, line_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from driftkit.records.files import File

UNIT_BYTES = 64 * 1024 * 1024
BLOCK_BYTES = 8 * 1024 * 1024
HEAD_BYTES = 1024 * 1024
TAIL_BYTES = 64
TEXT_SHOWN = 80
NAMES_SHOWN = 5
OTHER_FIELDS = "with another number of fields"


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvUnit:
    """Neighbouring parts of CSV files."""

    parts: tuple[Part, ...]
    names: tuple[str, ...]
    delimiter: str

    @property
    def name(self) -> str:
        """The first of the files."""
        return self.parts[0].file.path

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return sum(part.size for part in self.parts)

    def chunks(self) -> Iterator[TableChunk]:
        """Blocks of rows; rows with another number of fields are set aside."""
        return gathered(
            chunk for part in self.parts for chunk in _blocks(part, self.names, self.delimiter)
        )


class Ragged:
    """Counts the rows that have another number of fields, for pyarrow to skip them."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self.rejected = Rejections()
        self.shown = 0
        # A row that may take in all to the end, for a quote in it stays open.
        self.odd: tuple[str, str] | None = None

    def __call__(self, row: csv.InvalidRow) -> str:
        """Counts a row; the answer is what pyarrow shall do with it."""
        text = str(row.text)
        examples: tuple[str, ...] = ()
        is_open = text.count('"') % 2 == 1 and "\n" in text
        if is_open or self.shown < EXAMPLES_KEPT:
            where = f"{self.part.file.path}:{self._line(row.number)}"
            found = f"{row.actual_columns} fields in place of {row.expected_columns}"
            examples = (f"{where}: {found}: {text[:TEXT_SHOWN]}",)
            self.shown += 1
            self.odd = (where, text) if is_open else self.odd
        self.rejected += Rejections(counts={OTHER_FIELDS: 1}, examples=examples)
        return "skip"

    def _line(self, row: int) -> int:
        with self.part.open() as source:
            line = line_of(io.BufferedReader(source), row - self.part.above)
        return line + lines_before(self.part.file, self.part.start)

    def taken(self) -> Rejections:
        """What was counted since the last call."""
        taken, self.rejected = self.rejected, Rejections()
        return taken


def text_options(names: Sequence[str]) -> csv.ConvertOptions:
    """Every column as text; an empty field is missing, a quoted empty one is empty text."""
    return csv.ConvertOptions(
        column_types=dict.fromkeys(names, pa.string()),
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,
        null_values=[""],
    )


def _blocks(part: Part, names: Sequence[str], delimiter: str) -> Iterator[TableChunk]:
    places = [str(place) for place in range(len(names))]
    try:
        for some in records_of(part, len(names), delimiter):
            if isinstance(some, Records) and some.columns is not None:
                table = pa.Table.from_arrays(some.columns, names=places)
                yield TableChunk(table=table, rejected=Rejections())
            else:
                yield from _parsed(some, names, delimiter)
    except OSError as error:
        raise unreadable(part.file.path, error) from error


def _parsed(some: Records | Part, names: Sequence[str], delimiter: str) -> Iterator[TableChunk]:
    part = some.part if isinstance(some, Records) else some
    ragged = Ragged(part)
    # Columns are called by their place while they are read: names may be anything.
    places = [str(place) for place in range(len(names))]
    last = None
    try:
        with _opened(some) as source:
            options = _options(some, places)
            for batch in _batches(source, options, delimiter, ragged):
                last = batch if batch.num_rows else last
                yield TableChunk(table=pa.Table.from_batches([batch]), rejected=ragged.taken())
    except pa.ArrowInvalid as error:
        raise _invalid(part, error) from error
    if isinstance(some, Part):
        text = last.column(len(names) - 1)[-1].as_py() if last is not None else None
        for where, read in filter(None, (ragged.odd, text and (part.file.path, text))):
            if _takes_all(part, read):
                raise _unclosed(where)
    rest = ragged.taken()
    if rest.total:
        empty = pa.table({place: pa.array([], pa.string()) for place in places})
        yield TableChunk(table=empty, rejected=rest)


def _opened(some: Records | Part) -> pa.NativeFile:
    return pa.BufferReader(some.content) if isinstance(some, Records) else some.open()


def _options(some: Records | Part, places: Sequence[str]) -> csv.ReadOptions:
    if isinstance(some, Records):
        size, above, header = len(some.content) + 1, 0, False
    else:
        size, above, header = BLOCK_BYTES, some.above, some.header
    return csv.ReadOptions(
        use_threads=False,
        block_size=size,
        column_names=places,
        skip_rows=above,
        skip_rows_after_names=int(header),
    )


def _batches(
    source: pa.NativeFile, options: csv.ReadOptions, delimiter: str, ragged: Ragged
) -> Iterator[pa.RecordBatch]:
    yield from csv.open_csv(
        source,
        read_options=options,
        parse_options=csv.ParseOptions(
            delimiter=delimiter, newlines_in_values=True, invalid_row_handler=ragged
        ),
        convert_options=text_options(options.column_names),
    )


def _takes_all(part: Part, text: str) -> bool:
    """Whether what was read from a quote on is all to the end of the file, which has no quote."""
    if "\n" not in text or part.file.is_gzip or part.start + part.size < part.file.size:
        return False
    with part.file.open() as file:
        file.seek(max(0, part.file.size - TAIL_BYTES))
        tail = bytes(file.read()).rstrip(b"\r\n")
    read = text.encode().rstrip(b"\r\n")[-TAIL_BYTES:]
    return not tail.endswith(b'"') and (tail.endswith(read) or read.endswith(tail))


def _unclosed(where: str) -> InputError:
    return InputError(
        "a row does not end",
        where=where,
        expected=f"rows of less than {BLOCK_BYTES // 2**20} MB",
        todo="Look for a quote that is not closed, or for a file without lines",
    )


def _invalid(part: Part, error: pa.ArrowInvalid) -> InputError:
    text = str(error).splitlines()[0]
    if "straddling" in text:
        return _unclosed(part.file.path)
    # A row of other fields that is not UTF-8 either is told of as the former.
    line = _line_of_bad_text(part)
    if line is None:
        return InputError(
            "the CSV cannot be parsed",
            where=part.file.path,
            found=text,
            todo="Check its quotes and delimiters",
        )
    return InputError(
        "the text is not UTF-8",
        where=f"{part.file.path}:{line}",
        expected="UTF-8",
        todo="Convert the file, for example with iconv",
    )


def _line_of_bad_text(part: Part) -> int | None:
    with part.open() as source:
        for number, line in enumerate(io.BufferedReader(source), start=1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError:
                return number + lines_before(part.file, part.start)
    return None


def csv_dataset(files: Sequence[File], name: str, *, header: bool, delimiter: str) -> FileDataset:
    """A dataset of CSV files of the same columns.

    Raises:
        InputError: a file has other columns than the first, or a name stands twice.
    """
    heads = [(file, _head(file)) for file in files]
    filled = [(file, head) for file, head in heads if head]
    if not filled:
        raise InputError(
            "there is no line in it", where=name, expected="rows", todo="Check where it came from"
        )
    first, names = filled[0][0], _names(*filled[0], delimiter, header=header)
    for other, head in filled[1:]:
        _same_names(names, _names(other, head, delimiter, header=header), first.path, other.path)
    with_rows = [(file, head) for file, head in filled if not (header and head.alone)]
    # Quotes are looked for from the first byte on, in several files at a time.
    with ThreadPoolExecutor(FILES_AT_ONCE) as pool:
        found = pool.map(
            lambda pair: _parts(pair[0], delimiter, above=pair[1].above, header=header), with_rows
        )
        parts = [part for some in found for part in some]
    ranges = grouped([part.size for part in parts], UNIT_BYTES)
    units = tuple(
        CsvUnit(parts=tuple(parts[i:j]), names=names, delimiter=delimiter) for i, j in ranges
    )
    return FileDataset(name=name, columns=tuple(Column(name=each) for each in names), units=units)


def _head(file: File) -> Head | None:
    size = HEAD_BYTES
    while True:
        text = file.head(size)
        whole = len(text) < size
        found = head_of(text, whole=whole)
        if found or whole:
            return found
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
            todo="Check that it is a CSV file, and convert it to UTF-8 if it is in another encoding",
        ) from error
    names = [(header and field) or f"_c{place}" for place, field in enumerate(fields)]
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


def _parts(file: File, delimiter: str, *, above: int, header: bool) -> list[Part]:
    """The whole file, or ranges of it that begin and end between records."""
    count = pieces_of(file.size, UNIT_BYTES)
    if count == 1 or file.is_gzip:
        return [Part(file=file, start=0, length=None, above=above, header=header)]
    places = [0, *cuts(file, delimiter, -(-file.size // count)), file.size]
    return [
        Part(
            file=file,
            start=start,
            length=end - start,
            above=0 if start else above,
            header=header and start == 0,
        )
        for start, end in itertools.pairwise(places)
    ]
