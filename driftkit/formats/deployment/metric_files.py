"""Reads tables of CloudWatch's metrics from CSV, Parquet and JSON files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
from pyarrow import csv

from driftkit.errors import InputError
from driftkit.formats.deployment.metric_rows import COUNT, NAMES
from driftkit.formats.deployment.operational_metrics import operational_metrics
from driftkit.io.finding import find

if TYPE_CHECKING:
    from collections.abc import Sequence
    from os import PathLike

    from driftkit.formats.deployment.operational_metrics import OperationalMetrics
    from driftkit.io.finding import File

_PARQUET = b"PAR1"
_BOM = b"\xef\xbb\xbf"


def read_metrics(paths: str | PathLike[str] | Sequence[str]) -> OperationalMetrics:
    """The metrics of files: CSV with a header, Parquet, JSON Lines, or an array of JSON objects.

    Args:
        paths: files, folders, globs or URLs.

    Raises:
        InputError: a file is missing, damaged or another one, or a row is wrong.
    """
    listed = [paths] if not isinstance(paths, list | tuple) else list(paths)
    names = [str(path) for path in listed]
    where = names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"
    tables = [_table(file) for file in find(names) if file.size]
    if not tables:
        raise InputError("there is nothing in it", where=where, expected="rows of metrics")
    if len(tables) == 1:
        return operational_metrics(tables[0], where)
    return operational_metrics(_joined(tables, where), where)


def _table(file: File) -> pa.Table:
    with file.stream() as stream:
        content = bytes(stream.read()).removeprefix(_BOM)
    try:
        if content.startswith(_PARQUET):
            # Only Parquet files need it.
            from pyarrow import parquet  # noqa: PLC0415

            return parquet.read_table(pa.BufferReader(content))
        if content.lstrip()[:1] in {b"[", b"{"}:
            return _from_json(content)
        # Texts, since times are read by one rule in every format.
        as_text = csv.ConvertOptions(
            column_types=dict.fromkeys((*NAMES, COUNT), pa.string()), strings_can_be_null=True
        )
        return csv.read_csv(pa.BufferReader(content), convert_options=as_text)
    except (pa.ArrowException, ValueError) as error:
        raise InputError(
            "the table of metrics cannot be read",
            where=file.path,
            expected="CSV with a header, Parquet, JSON Lines, or an array of JSON objects",
            found=str(error).splitlines()[0],
            todo="Export it again",
        ) from error


def _from_json(content: bytes) -> pa.Table:
    import orjson  # noqa: PLC0415  (only JSON needs it)

    try:
        rows = orjson.loads(content)
        rows = [rows] if isinstance(rows, dict) else rows
    except orjson.JSONDecodeError:
        rows = [orjson.loads(line) for line in content.splitlines() if line.strip()]
    if not all(isinstance(row, dict) for row in rows):
        raise ValueError("a row is no object")
    there = [name for name in (*NAMES, COUNT) if any(name in row for row in rows)]
    return pa.table({name: [row.get(name) for row in rows] for name in there})


def _joined(tables: list[pa.Table], where: str) -> pa.Table:
    known = [
        table.select([x for x in (*NAMES, COUNT) if x in table.column_names]) for table in tables
    ]
    try:
        return pa.concat_tables(known, promote_options="permissive")
    except pa.ArrowException as error:
        raise InputError(
            "tables of metrics have different types of columns",
            where=where,
            expected="the same types in all files",
            found=str(error).splitlines()[0],
            todo="Export them in one format",
        ) from error
