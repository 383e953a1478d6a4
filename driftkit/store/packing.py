"""Packs the files of a month's runs into one, and removes the months that are over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import fs

from driftkit.store.run_files import (
    Files,
    Folder,
    has_ended,
    month_before,
    month_of,
    run_of,
    state_of,
)
from driftkit.store.schema import OF_RUNS, RUNS, TABLES

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from driftkit.store.store import RunKey

    Write = Callable[[str, bytes], None]

# So many files of runs are packed by themselves, when they are no small part of what is rewritten;
# of the month before, which is hardly written any more, fewer.
_MANY, _FEW = 64, 8
_SHARE = 4
# More than this is left to `driftkit store compact`: a run shall not wait for it.
_MOST_BYTES = 64_000_000
_ROWS_AT_ONCE = 16_384
_LEVEL = 6
# Where the values of lists are.
_PATHS = {
    "double[]": ".list.element",
    "string[]": ".list.element",
    "items": ".list.element.item",
}


def due(folder: Folder, key: RunKey) -> list[str]:
    """The months that are to be packed after a run was kept: enough to do, and soon done.

    Args:
        folder: of the store.
        key: of the run.
    """
    months = {month_of(key): _MANY, month_before(key): _FEW}
    return [month for month, least in months.items() if _is_due(folder, month, least)]


def months_of(folder: Folder) -> list[str]:
    """All months of all models, as paths have them, the oldest first."""
    files = [each for name in OF_RUNS for each in folder.files(name).all]
    return sorted({"/".join(each.path.split("/")[-3:-1]) for each in files}, key=_by_time)


def pack(folder: Folder, month: str, write: Write) -> int:
    """Puts the rows of a model's month together; no other may do so at the same time.

    Whoever is killed in between leaves runs in files of their own that are in the month's too, and
    those of their own count until the next time.

    Args:
        folder: of the store.
        month: model and month, as paths have them.
        write: publishes a file at a path, as a whole.

    Returns:
        How many files were packed.
    """
    found = {name: folder.files_in(name, month) for name in OF_RUNS}
    runs = folder.rows_of(RUNS, found[RUNS])
    whole = set(runs["run_id"].to_pylist())
    done: list[fs.FileInfo] = []
    # The runs last: until then the others' rows in the month's file are of no run that is there.
    for name in OF_RUNS:
        files = Files(
            own=tuple(each for each in found[name].own if run_of(each.base_name) in whole),
            packed=found[name].packed,
        )
        if files.own:
            rows = folder.rows_of(name, files).sort_by(
                [("window_start", "ascending"), ("run_id", "ascending")]
            )
            write(folder.packed_path(name, month), packed(name, rows))
            done += files.own
    # And those of runs first, though nobody would miss a row in any order.
    for each in reversed(done):
        _remove(folder, each)
    return len(done)


def expire(folder: Folder, before: datetime) -> int:
    """Removes the months that ended before a time.

    Returns:
        How many runs they had.
    """
    count = 0
    for month in months_of(folder):
        if has_ended(month, before):
            count += folder.rows_of(RUNS, folder.files_in(RUNS, month)).num_rows
            # The runs first: what is left of one that is not among them is not there.
            for name in reversed(OF_RUNS):
                for each in folder.files_in(name, month).all:
                    _remove(folder, each)
    return count


def packed(table: str, rows: pa.Table) -> bytes:
    """Rows as a Parquet file, as small as they get.

    Args:
        table: that they are of.
        rows: in the order in which they are looked for, that of time.
    """
    paths = {f"{each.name}{_PATHS.get(each.kind, '')}": each.kind for each in TABLES[table]}
    # Shares of rows, which most lists of y are, are of few different values.
    numbers = [
        path
        for path, kind in paths.items()
        if kind.startswith("double") and not path.startswith("y.")
    ]
    sink = pa.BufferOutputStream()
    pq.write_table(
        rows,
        sink,
        compression="zstd",
        compression_level=_LEVEL,
        # By bytes of equal weight: the low ones of rounded numbers are all zero.
        use_byte_stream_split=numbers,
        use_dictionary=[path for path in paths if path not in numbers],
        write_statistics=["window_start"],
        row_group_size=_ROWS_AT_ONCE,
        store_schema=False,
    )
    return bytes(sink.getvalue())


def _is_due(folder: Folder, month: str, least: int) -> bool:
    runs = folder.files_in(RUNS, month)
    if len(runs.own) < least:
        return False
    found = [folder.files_in(name, month) for name in OF_RUNS]
    own = sum(file.size or 0 for each in found for file in each.own)
    old = sum(file.size or 0 for each in found for file in each.packed)
    return own * _SHARE >= old and own + old <= _MOST_BYTES


def _by_time(month: str) -> tuple[str, str]:
    model, _, time = month.partition("/")
    return time, model


def _remove(folder: Folder, file: fs.FileInfo) -> None:
    """Removes a file unless it was written again since it was read, or is gone."""
    (now,) = folder.filesystem.get_file_info([file.path])
    if state_of(now) == state_of(file):
        folder.filesystem.delete_file(file.path)
