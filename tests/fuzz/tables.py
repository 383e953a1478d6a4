"""Tables of text, drawn at random, and the files that they are written to."""

from __future__ import annotations

import base64
import csv
import gzip
import io
import json
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.fuzz.oracles import Table, of_texts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

# Each looks like something to some part of a reader.
_CELLS = (
    *(None, None, "0", "1", "-1", "+7", "12", "3.5", "-0.0", "1e3", "2.5E-3", "+ 3", " 4", "007"),
    *(
        "9007199254740993",
        "18446744073709551616",
        "1e999",
        ".5",
        "5.",
        "true",
        "false",
        "True",
        "x",
    ),
    *(
        "NaN",
        "null",
        "é",
        "a b",
        " x ",
        "a,b",
        'say "x"',
        '"',
        "two\nlines",
        "a\r\nb",
        "a\rb",
        "x\t",
    ),
)
_NAMES = ("a", "b", "x y", "é", "1", "a,b", 'q"q', "c", "label")
_SIGNS = "ab01.-+eE ,\"\n\ré;'"
_PIECES = (None, None, None, 1, 9, 17, 40, 64, 150)


class Drawn(NamedTuple):
    """Names and rows of text; what is missing is None."""

    names: list[str]
    rows: list[list[str | None]]


def some_text(random: Random) -> str | None:
    """A field: a telling one, or a few signs."""
    if random.random() < 0.8:
        return random.choice(_CELLS)
    return "".join(random.choice(_SIGNS) for _ in range(random.randint(0, 5))) or None


def drawn_table(random: Random, cell: Callable[[Random], Any] = some_text) -> Drawn:
    """A small table with at least a row."""
    names = random.sample(_NAMES, random.randint(1, 4))
    count = few(random, 8)
    # Columns of one kind are numeric; those of all kinds hardly ever.
    pools = [[cell(random) for _ in range(random.randint(1, 3))] for _ in names]
    return Drawn(names, [[random.choice(pool) for pool in pools] for _ in range(count)])


def few(random: Random, most: int) -> int:
    """A number from 1 on, rather small."""
    return min(random.randint(1, most), random.randint(1, most))


def some_piece(random: Random) -> int | None:
    """Bytes at which files are cut; None for the usual megabytes."""
    return random.choice(_PIECES)


def expected(
    names: Sequence[str], rows: Sequence[Sequence[str | None]], rejected: int = 0
) -> Table:
    """What statistics.json must say of a table of text."""
    columns = zip(*rows, strict=True) if rows else [()] * len(names)
    return Table(
        rows=len(rows),
        columns={name: of_texts(list(column)) for name, column in zip(names, columns, strict=True)},
        rejected=rejected,
    )


def csv_field(value: str | None, *, quoted: bool, delimiter: str = ",") -> str:
    """A field of CSV, quoted where it is asked for or must be."""
    text = value or ""
    if quoted or any(sign in text for sign in (delimiter, '"', "\n", "\r")):
        return '"' + text.replace('"', '""') + '"'
    return text


def csv_line(row: Sequence[str | None], quoted: Sequence[bool], delimiter: str = ",") -> str:
    """A record; a single missing field is quoted, for a blank line is no record."""
    alone = len(row) == 1 and not row[0]
    fields = zip(row, quoted, strict=True)
    return delimiter.join(csv_field(v, quoted=q or alone, delimiter=delimiter) for v, q in fields)


def read_again(text: str, delimiter: str) -> list[list[str | None]]:
    """The records that Python's csv module reads; an empty field is missing."""
    found = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    return [[field or None for field in record] for record in found if record]


def packed(content: bytes, *, zipped: bool) -> bytes:
    """The content, as gzip where it is asked for; without a time in it."""
    return gzip.compress(content, 1, mtime=0) if zipped else content


def payload(text: str, encoding: str, content_type: str) -> dict[str, str]:
    """A side of a captured record."""
    data = base64.b64encode(text.encode()).decode() if encoding == "BASE64" else text
    return {
        "observedContentType": content_type,
        "mode": "INPUT",
        "data": data,
        "encoding": encoding,
    }


def lines(records: Sequence[Any], *, ended: bool = True) -> bytes:
    """Records as lines of JSON; text as it is."""
    texts = [each if isinstance(each, str) else json.dumps(each) for each in records]
    return ("\n".join(texts) + "\n" * ended).encode()
