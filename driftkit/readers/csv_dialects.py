"""Detects CSV files with another separator, encoding or decimal sign."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from driftkit.errors import InputError

if TYPE_CHECKING:
    from driftkit.io.finding import File
    from driftkit.settings import Read

LOOKED_AT_BYTES = 64 * 1024
ROWS_LOOKED_AT = 100
SEPARATORS = ";\t|,"
# Rows that may have another number of fields, where the others speak for a separator.
_RAGGED_SHARE = 0.1
# Two numbers are no chance.
_LEAST_NUMBERS = 2
_DECIMAL = re.compile(r"[-+]?\d+,\d+")
_THOUSANDS = re.compile(r"[-+]?\d{1,3}(?:,\d{3})+")
# That of UTF-32 begins with that of UTF-16.
_MARKS = {
    b"\xff\xfe\0\0": "utf-32",
    b"\0\0\xfe\xff": "utf-32",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}
# Of the letters of western text in UTF-16 one byte of two is zero.
_ZEROS_SHARE = 0.3


def encoded(file: File, head: bytes) -> File:
    """The file, its encoding known where a mark says so.

    Args:
        file: whose encoding was not named.
        head: its first bytes.

    Raises:
        InputError: it is UTF-16 without a mark.
    """
    for mark, encoding in _MARKS.items():
        if head.startswith(mark):
            return replace(file, encoding=encoding)
    text = head[:LOOKED_AT_BYTES]
    zeros = [text[index::2].count(0) for index in (0, 1)]
    if max(zeros) > _ZEROS_SHARE * len(text) / 2 and max(zeros) > 2 * min(zeros):
        likely = "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"
        raise InputError(
            "the text looks like UTF-16 without its mark",
            where=file.path,
            expected="UTF-8, or UTF-16 that begins with a byte order mark",
            found="zeros in one byte of two",
            todo=f"Name the encoding with --encoding {likely}, or convert the file",
        )
    return file


def refuse_signs(file: File, delimiter: str, settings: Read) -> None:
    """Refuses a file that looks as if it had other separators or decimals, if none were named.

    Raises:
        InputError: it does.
    """
    if settings.separator is not None and settings.decimal is not None:
        return
    head = file.head(LOOKED_AT_BYTES)
    if file.encoding is None:
        known = encoded(file, head)
        head = head if known is file else known.head(LOOKED_AT_BYTES)
    text = _whole_lines(head)
    rows = _rows(text, delimiter)
    if settings.separator is None:
        likely = _likely_separator(text, rows, delimiter)
        if likely is not None:
            raise _separated(file, delimiter, *likely)
    if settings.decimal is None:
        _refuse_decimals(file, rows, header=settings.header)


def _whole_lines(head: bytes) -> str:
    text = head.decode("utf-8", "replace").removeprefix("\ufeff")
    return text if len(head) < LOOKED_AT_BYTES else text[: text.rfind("\n") + 1]


def _rows(text: str, delimiter: str) -> list[list[str]]:
    """The first rows, blank lines left out."""
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        return list(islice((row for row in lines if row), ROWS_LOOKED_AT))
    except csv.Error:
        return []


def _likely_separator(
    text: str, rows: list[list[str]], delimiter: str
) -> tuple[str, int, bool] | None:
    """The separator by which the rows have fields alike, and how many; None if it is as given."""
    if len(rows) < 2 or (len(rows[0]) > 1 and len({len(row) for row in rows}) == 1):
        return None
    for sign in SEPARATORS.replace(delimiter, ""):
        widths = [len(row) for row in _rows(text, sign)]
        others = sum(width != widths[0] for width in widths)
        if len(widths) > 1 and widths[0] > 1 and others <= _RAGGED_SHARE * len(widths):
            return sign, widths[0], len(rows[0]) == 1
    return None


def _separated(file: File, delimiter: str, sign: str, fields: int, alone: bool) -> InputError:  # noqa: FBT001
    mine, theirs = (each.replace("\t", r"\t") for each in (delimiter, sign))
    return InputError(
        "the fields seem to stand between other separators",
        where=file.path,
        expected=f"fields between {mine!r}",
        found=f"{'one column' if alone else 'rows of several lengths'}, and {fields} fields "
        f"between {theirs!r} in each row",
        todo=f"Say --separator '{theirs}', or --separator '{mine}' if it is right as it is",
    )


def _refuse_decimals(file: File, rows: list[list[str]], *, header: bool) -> None:
    width = len(rows[0]) if rows else 0
    below = [row for row in rows[int(header) :] if len(row) == width]
    for index in range(width):
        values = [value for row in below if (value := row[index].strip())]
        if len(values) >= _LEAST_NUMBERS and _are_decimals(values):
            name = rows[0][index] if header else f"_c{index}"
            raise InputError(
                "the numbers seem to have decimal commas, and would be text",
                where=f"{file.path}, column {name!r}",
                expected="decimal points",
                found=", ".join(repr(value) for value in values[:_LEAST_NUMBERS]),
                todo="Say --decimal ',', or --decimal '.' if it is text",
            )


def _are_decimals(values: list[str]) -> bool:
    numbers = all(_DECIMAL.fullmatch(value) for value in values)
    return numbers and not all(_THOUSANDS.fullmatch(value) for value in values)
