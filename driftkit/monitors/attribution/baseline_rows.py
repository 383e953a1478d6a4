"""Reads baseline rows: inline, or in a file of any format that data have."""

from __future__ import annotations

import csv
import io
import json
import math
import sys
from typing import TYPE_CHECKING, Any

from driftkit.capture.paths import search
from driftkit.columns.numbers import number_in
from driftkit.errors import FormatError, InputError, SettingsError
from driftkit.explain.payloads import plain
from driftkit.explain.rows import Rows, rows_of
from driftkit.formats.mapping import shown
from driftkit.formats.nesting import require_shallow, too_deep
from driftkit.io.finding import find
from driftkit.readers.formats import begins_as_json, binary_format_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

WHERE = "methods.shap.baseline"
FEATURES = "features"
_KINDS = "a CSV, JSON, JSON Lines, Parquet or Avro file"
_LARGEST = int(sys.float_info.max)


def given_rows(baseline: Any, names: tuple[str, ...], path: str | None) -> Rows:
    """The baseline rows of a configuration.

    Args:
        baseline: a path or URL; or lists of values, or objects of names and values, one or many;
            or such rows within objects, as the dataset or a request has them.
        names: of the features.
        path: JMESPath of the features in the dataset; None where it is not JSON.

    Raises:
        InputError: a row has another width.
        SettingsError: a row lacks a feature, there is no row, or their file cannot be read.
        FormatError: the file is broken.
    """
    if isinstance(baseline, str):
        table, where = _in_file(baseline, names, path), baseline
    else:
        require_shallow(baseline, WHERE)
        where = WHERE
        table = list(_rows(baseline, names, path, where))
    if not table:
        raise _wrong("there is no baseline row", where, "at least one row", "none")
    return rows_of(_typed(table, names, where), names, where)


def rows_of_csv(text: str, where: str) -> Rows:
    """The rows of an explanations_shap/baseline.csv, under the names in its first line.

    Raises:
        FormatError: there is no row.
        InputError: a row has another width.
    """
    names, *lines = [line for line in csv.reader(io.StringIO(text)) if line] or [[]]
    if not lines:
        raise FormatError(
            "there is no baseline row",
            where=where,
            expected="a line of names, then rows",
            found="nothing" if not names else "a line only",
            todo="Make the baseline again, or remove the file",
        )
    return rows_of(_typed(_spelled(lines), names, where), names, where)


def csv_of(rows: Rows) -> str:
    r"""The rows as CSV under their names, whole numbers without a point as AWS writes them.

    >>> import numpy as np
    >>> csv_of(Rows(names=("a", "b"), values=np.array([[4.0, 2.5], [np.nan, 1e300]])))
    'a,b\n4,2.5\n,1e+300\n'
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(rows.names)
    writer.writerows([_plain(value) for value in row] for row in rows.values.tolist())
    return text.getvalue()


def _plain(value: Any) -> Any:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    return int(value) if isinstance(value, bool) else plain(value)


def _rows(document: Any, names: tuple[str, ...], path: str | None, where: str) -> Iterator[Any]:
    """The rows in a document, each a list of values in the order of the names."""
    if isinstance(document, dict):
        yield from _of_object(document, names, path, where)
    elif isinstance(document, list | tuple):
        if not any(isinstance(each, dict | list | tuple) for each in document):
            yield from [document] if document else []
            return
        for at, each in enumerate(document):
            if isinstance(each, dict):
                yield from _of_object(each, names, path, f"{where}[{at}]")
            else:
                yield each if isinstance(each, list | tuple) else [each]
    else:
        yield [document]


def _of_object(
    document: dict[str, Any], names: tuple[str, ...], path: str | None, where: str
) -> Iterator[Any]:
    for one in (path, path and path.rpartition("[*].")[2]):
        found = search(one, document, FEATURES) if one else None
        if found is not None and found != []:
            yield from _rows(found, names, None, f"{where}.{one}")
            return
    if all(name in document for name in names):
        yield [document[name] for name in names]
        return
    key = FEATURES if FEATURES in document else next(iter(document), None)
    inner = None if key is None else document[key]
    alone = len(document) == 1 or key == FEATURES
    if not alone or (len(names) > 1 and not isinstance(inner, dict | list | tuple)):
        missing = [name for name in names if name not in document]
        raise _wrong(
            "a baseline row lacks a feature",
            where,
            ", ".join(names),
            f"without {', '.join(missing)}",
        )
    yield from _rows(inner, names, path, f"{where}.{key}")


def _typed(table: Sequence[Any], names: Sequence[str], where: str) -> list[list[Any]]:
    """The table, missing values as NaN in columns of numbers, as None in others."""
    rows = [
        [_checked(value, f"{where}, row {number}, column {at}") for at, value in enumerate(row)]
        for number, row in enumerate(table)
    ]
    if any(len(row) != len(names) for row in rows):
        return rows
    columns = [_missing_as_nan(column) for column in zip(*rows, strict=True)]
    return [list(row) for row in zip(*columns, strict=True)]


def _missing_as_nan(column: Sequence[Any]) -> Sequence[Any]:
    if any(isinstance(value, str) for value in column):
        return column
    return [math.nan if value is None else value for value in column]


def _checked(value: Any, where: str) -> Any:
    expected = "a number of double precision, a text or null"
    known = isinstance(value, bool | int | float | str | None)
    if not known or (isinstance(value, int) and abs(value) > _LARGEST):
        raise _wrong("a value is not what it should be", where, expected, shown(value))
    return value


def _in_file(location: str, names: tuple[str, ...], path: str | None) -> list[Any]:
    try:
        files = find([location])
        if len(files) != 1:
            raise _unreadable(location, f"a folder of {len(files)} files")
        content = files[0].content()
        binary = binary_format_of(content)
        if binary is not None:
            return list(_rows(binary.read_objects(files[0]), names, path, location))
    except InputError as error:
        found = " ".join(filter(None, (error.what, error.found and f"({error.found})")))
        raise _unreadable(location, found) from error
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        raise _unreadable(
            location, f"byte 0x{content[error.start]:02X}, which is no UTF-8"
        ) from error
    if begins_as_json(content):
        return list(_rows(_json(text, location), names, path, location))
    return _of_csv(text, names, location)


def _json(text: str, location: str) -> Any:
    """A document, or the list of those in the lines."""
    try:
        found = json.loads(text)
    except RecursionError as error:
        raise too_deep(location) from error
    except ValueError:
        found = [
            _line(line, f"{location}, line {number}")
            for number, line in enumerate(text.split("\n"), 1)
            if line.strip()
        ]
    require_shallow(found, location)
    # A lone line is a document, too; either way an array of plain values is one row.
    return found


def _line(line: str, where: str) -> Any:
    try:
        return json.loads(line)
    except RecursionError as error:
        raise too_deep(where) from error
    except ValueError as error:
        raise _unreadable(where, str(error)) from error


def _of_csv(text: str, names: tuple[str, ...], location: str) -> list[Any]:
    lines = [line for line in csv.reader(io.StringIO(text)) if line]
    if not lines:
        return []
    head = [each.strip() for each in lines[0]]
    if set(names) <= set(head):
        indices = [head.index(name) for name in names]
        wide = [[*line, *[""] * (len(head) - len(line))] for line in lines[1:]]
        return _spelled([[line[at] for at in indices] for line in wide])
    if _is_header(lines):
        raise _wrong(
            "the header of the baseline rows names other features",
            location,
            ", ".join(names),
            ", ".join(head),
        )
    return _spelled(lines)


def _is_header(lines: list[list[str]]) -> bool:
    """Whether the first line has texts only, where others have numbers."""
    head, *rest = lines
    if not rest or any(len(line) != len(head) for line in rest):
        return False
    if any(not each.strip() or number_in(each) is not None for each in head):
        return False
    return any(all(number_in(line[at]) is not None for line in rest) for at in range(len(head)))


def _spelled(lines: list[list[str]]) -> list[list[Any]]:
    """Columns of numbers as numbers, empty fields as None."""
    if not lines or any(len(line) != len(lines[0]) for line in lines):
        return list(lines)
    columns = [_column(list(column)) for column in zip(*lines, strict=True)]
    return [list(row) for row in zip(*columns, strict=True)]


def _column(texts: list[str]) -> list[Any]:
    filled = [text if text.strip() else None for text in texts]
    numbers = [None if text is None else number_in(text) for text in filled]
    whole = all(
        one is None or other is not None for one, other in zip(filled, numbers, strict=True)
    )
    return numbers if whole else filled


def _wrong(what: str, where: str, expected: str, found: str) -> SettingsError:
    return SettingsError(
        what, where=where, expected=expected, found=found, todo="Correct the baseline rows"
    )


def _unreadable(where: str, found: str) -> SettingsError:
    return SettingsError(
        "the file of baseline rows cannot be read",
        where=where if where.startswith(WHERE) else f"{WHERE}: {where}",
        expected=f"rows inline, or the path or URL of {_KINDS}",
        found=found,
        todo="Copy it here, or write the rows into the configuration",
    )
