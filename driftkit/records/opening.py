"""Opens inputs: finds the files, tells their format and makes a dataset of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from driftkit.errors import InputError
from driftkit.readers.conventions import as_meant, refuse_for
from driftkit.readers.csv_files import csv_dataset
from driftkit.readers.csv_signs import refuse_signs
from driftkit.readers.files import BOM, find
from driftkit.readers.json_files import is_lines, json_dataset
from driftkit.readers.parquet import parquet_dataset
from driftkit.records.capture import capture_dataset

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftkit.readers.dataset import FileDataset
    from driftkit.readers.files import File
    from driftkit.settings import Format, Settings

LOOKED_AT_BYTES = 256 * 1024
LINES_LOOKED_AT = 20
_BY_ENDING: dict[str, Format] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".parquet": "parquet",
    ".pq": "parquet",
}
_OF_LINES = (".jsonl", ".ndjson")
_OF_JSON = (*_OF_LINES, ".json")


def open_dataset(
    inputs: Sequence[str], settings: Settings, known: Sequence[str] = ()
) -> FileDataset:
    """The rows of all inputs as one dataset.

    Args:
        inputs: paths of files or folders, globs, URLs.
        settings: format, header and window.
        known: the baseline's column names, given to captured CSV columns by their place.

    Raises:
        InputError: an input is missing, empty, damaged, or of another format or other columns
            than the first.
    """
    if not inputs:
        raise InputError("no input is named", expected="a file, folder, glob or URL")
    files = find(inputs)
    name = inputs[0] if len(inputs) == 1 else f"{inputs[0]} and {len(inputs) - 1} more"
    filled = [file for file in files if file.size]
    if not filled:
        raise InputError(
            "there is nothing in it",
            where=name if len(files) > 1 else files[0].path,
            expected="rows",
            found="0 bytes",
            todo="Check where it came from",
        )
    kind = settings.read.format if settings.read.format != "auto" else _one_format(filled)
    _refuse_others(name, kind, settings)
    if kind == "capture":
        return as_meant(capture_dataset(filled, name, settings, known), settings.read)
    if kind == "parquet":
        return parquet_dataset(filled, name)
    if kind == "csv":
        return as_meant(_csv_dataset(filled, name, settings), settings.read)
    return as_meant(json_dataset(filled, name, lines=kind == "jsonl"), settings.read)


def _refuse_others(name: str, kind: str, settings: Settings) -> None:
    """Refuses settings that say nothing of this format."""
    if kind != "csv":
        refuse_for(name, kind, settings.read, text=kind != "parquet")
    if kind != "capture" and (settings.window.start or settings.window.end):
        _refuse_window(name, kind)
    if kind != "capture" and settings.window.variant is not None:
        _refuse_variant(name, kind)


def _csv_dataset(files: Sequence[File], name: str, settings: Settings) -> FileDataset:
    tabs = _plain(files[0].path).endswith(".tsv")
    delimiter = settings.read.separator or ("\t" if tabs else ",")
    files = [replace(file, encoding=settings.read.encoding) for file in files]
    refuse_signs(files[0], delimiter, settings.read)
    return csv_dataset(files, name, header=settings.read.header, delimiter=delimiter)


def _refuse_window(name: str, kind: str) -> None:
    raise InputError(
        "start and end choose hours of captured data, and this is none",
        where=name,
        expected="captured data under <endpoint>/<variant>/yyyy/mm/dd/hh/",
        found=kind,
        todo="Leave --start and --end out",
    )


def _refuse_variant(name: str, kind: str) -> None:
    raise InputError(
        "a variant is one of captured data, and this is none",
        where=name,
        expected="captured data under <endpoint>/<variant>/yyyy/mm/dd/hh/",
        found=kind,
        todo="Leave --variant out",
    )


def _one_format(files: Sequence[File]) -> Format:
    """The format of all files.

    Raises:
        InputError: there are several.
    """
    first = _format_of(files[0])
    for file in files[1:]:
        # Files without a telling name are not opened one by one: there may be thousands.
        kind = _format_of(file) if _may_differ(file.path, files[0].path) else first
        if kind != first:
            raise InputError(
                "the input mixes formats",
                where=f"{files[0].path} and {file.path}",
                expected="files of one format",
                found=f"{first} and {kind}",
                todo="Name them apart, or choose one with a glob",
            )
    return first


def _may_differ(path: str, other: str) -> bool:
    return _ending(path) != _ending(other)


def _ending(path: str) -> str:
    return PurePosixPath(_plain(path)).suffix


def _plain(path: str) -> str:
    return path.lower().removesuffix(".gz")


def _by_ending(path: str) -> Format | None:
    name = _plain(path)
    return next((kind for ending, kind in _BY_ENDING.items() if name.endswith(ending)), None)


def _format_of(file: File) -> Format:
    kind = _by_ending(file.path)
    if kind is not None:
        return kind
    head = file.head(LOOKED_AT_BYTES)
    if head[:4] == b"PAR1":
        return "parquet"
    if _has_capture(head):
        return "capture"
    name, text = _plain(file.path), head.removeprefix(BOM).lstrip()
    if name.endswith(_OF_LINES):
        return "jsonl"
    if text[:1] not in {b"{", b"["} and not name.endswith(_OF_JSON):
        return "csv"
    return "jsonl" if is_lines(text) else "json"


def _has_capture(head: bytes) -> bool:
    return any(b'"captureData"' in line for line in head.split(b"\n")[:LINES_LOOKED_AT])
