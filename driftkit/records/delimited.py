"""CSV: text columns, from whole files or from byte ranges cut between records."""

from __future__ import annotations

import io
import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
from pyarrow import csv

from driftkit.columns.chunk import Column, Rejections
from driftkit.errors import InputError
from driftkit.records.dataset import FileDataset, TableChunk, grouped, unique
from driftkit.records.files import unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from driftkit.records.files import File

UNIT_BYTES = 64 * 1024 * 1024
BLOCK_BYTES = 8 * 1024 * 1024
HEAD_BYTES = 1024 * 1024
TEXT_SHOWN = 80
NAMES_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Bytes of a file that hold whole records; `length` is None up to the end."""

    file: File
    start: int
    length: int | None
    header: bool

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return self.file.size - self.start if self.length is None else self.length


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
        for part in self.parts:
            yield from _blocks(part, self.names, self.delimiter)


class Ragged:
    """Counts the rows that have another number of fields, for pyarrow to skip them."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.rejected = Rejections()

    def __call__(self, row: csv.InvalidRow) -> str:
        """Counts a row; the answer is what pyarrow shall do with it."""
        line = f":{row.number}" if row.number is not None else ""
        text = str(row.text)[:TEXT_SHOWN]
        self.rejected += Rejections(
            counts={"with another number of fields": 1},
            examples=(
                (
                    f"{self.where}{line}: {row.actual_columns} fields in place of "
                    f"{row.expected_columns}: {text}"
                ),
            ),
        )
        return "skip"

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
    ragged = Ragged(part.file.path)
    # Columns are called by their place while they are read: names may be anything.
    places = [str(place) for place in range(len(names))]
    try:
        with _source(part) as source:
            reader = csv.open_csv(
                source,
                read_options=csv.ReadOptions(
                    use_threads=False,
                    block_size=BLOCK_BYTES,
                    column_names=places,
                    skip_rows_after_names=1 if part.header else 0,
                ),
                parse_options=csv.ParseOptions(
                    delimiter=delimiter,
                    newlines_in_values=True,
                    invalid_row_handler=ragged,
                ),
                convert_options=text_options(places),
            )
            for batch in reader:
                yield TableChunk(table=pa.Table.from_batches([batch]), rejected=ragged.taken())
    except pa.ArrowInvalid as error:
        raise _invalid(part, error) from error
    except OSError as error:
        raise unreadable(part.file.path, error) from error
    rest = ragged.taken()
    if rest.total:
        yield TableChunk(
            table=pa.table({place: pa.array([], pa.string()) for place in places}), rejected=rest
        )


def _source(part: Part) -> pa.NativeFile:
    if part.start == 0 and part.length is None:
        return part.file.stream()
    with part.file.open() as file:
        file.seek(part.start)
        return pa.BufferReader(file.read_buffer(part.size))


def _invalid(part: Part, error: pa.ArrowInvalid) -> InputError:
    text = str(error).splitlines()[0]
    if "UTF8" not in text:
        return InputError(
            "the CSV cannot be parsed",
            where=part.file.path,
            found=text,
            todo="Check its quotes and delimiters",
        )
    return InputError(
        "the text is not UTF-8",
        where=f"{part.file.path}{_line_of_bad_text(part)}",
        expected="UTF-8",
        found=text,
        todo="Convert the file, for example with iconv",
    )


def _line_of_bad_text(part: Part) -> str:
    with _source(part) as source:
        for number, line in enumerate(io.BufferedReader(source), start=1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError:
                return f":{number}" if part.start == 0 else ""
    return ""


def csv_dataset(files: Sequence[File], name: str, *, header: bool, delimiter: str) -> FileDataset:
    """A dataset of CSV files of the same columns.

    Raises:
        InputError: a file has other columns than the first, or a name stands twice.
    """
    filled = [file for file in files if file.size]
    names = _names(filled[0], delimiter, header=header)
    for other in filled[1:]:
        _same_names(names, _names(other, delimiter, header=header), filled[0].path, other.path)
    parts = [part for file in filled for part in _parts(file, header=header)]
    ranges = grouped([part.size for part in parts], UNIT_BYTES)
    units = tuple(
        CsvUnit(parts=tuple(parts[i:j]), names=names, delimiter=delimiter) for i, j in ranges
    )
    return FileDataset(name=name, columns=tuple(Column(name=each) for each in names), units=units)


def _names(file: File, delimiter: str, *, header: bool) -> tuple[str, ...]:
    """The names in the first line, or as many of _c0, _c1, ... as it has fields."""
    head = file.head(HEAD_BYTES)
    try:
        fields = csv.open_csv(
            io.BytesIO(head),
            read_options=csv.ReadOptions(use_threads=False, block_size=len(head) + 1),
            parse_options=csv.ParseOptions(
                delimiter=delimiter, invalid_row_handler=lambda _: "skip", newlines_in_values=True
            ),
            convert_options=csv.ConvertOptions(check_utf8=False),
        ).schema.names
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        raise InputError(
            "the first line cannot be read as CSV",
            where=f"{file.path}:1",
            expected="column names in UTF-8",
            found=str(error).splitlines()[0],
            todo="Check that it is a CSV file",
        ) from error
    if not header:
        return tuple(f"_c{place}" for place in range(len(fields)))
    return unique(fields, file.path)


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


def _parts(file: File, *, header: bool) -> list[Part]:
    """The whole file, or ranges of it that begin and end between records."""
    if file.size <= UNIT_BYTES or file.is_gzip:
        return [Part(file=file, start=0, length=None, header=header)]
    cuts = [0, *_cuts(file), file.size]
    return [
        Part(file=file, start=start, length=end - start, header=header and start == 0)
        for start, end in itertools.pairwise(cuts)
    ]


def _cuts(file: File) -> Iterator[int]:
    """Places after a line's end at which no quote is open, about a unit apart."""
    quotes, place = 0, 0
    with file.open() as source:
        while place + UNIT_BYTES < file.size:
            block = bytes(source.read(UNIT_BYTES))
            quotes += block.count(b'"')
            place += len(block)
            skipped = 0
            while place < file.size:
                line = _line(source)
                quotes += line.count(b'"')
                place += len(line)
                skipped += 1
                if quotes % 2 == 0:
                    break
            if place < file.size:
                yield place


def _line(source: pa.NativeFile) -> bytes:
    """Up to and with the next line's end."""
    parts: list[bytes] = []
    while True:
        start = source.tell()
        block = bytes(source.read(65536))
        end = block.find(b"\n")
        if end >= 0 or not block:
            source.seek(start + end + 1 if block else start)
            return b"".join([*parts, block[: end + 1]])
        parts.append(block)
