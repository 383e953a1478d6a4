"""Tells files that are part of a Delta or Iceberg table, which are not read by themselves."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from pyarrow import fs

from driftkit.errors import InputError
from driftkit.io.locations import is_url

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

# In the folder of a Delta table, and the end of the files that describe an Iceberg table.
LOG, ICEBERG_METADATA = "_delta_log", ".metadata.json"
# What is in a folder of either, and how their files of rows end.
_DESCRIBES = re.compile(
    rf"(?P<table>.+)/(?:{LOG}/.*|metadata/[^/]*{re.escape(ICEBERG_METADATA)})", re.DOTALL
)
_OF_TABLES = (".parquet", ".avro", ".orc")


def refuse_tables(paths: Sequence[str]) -> None:
    """Refuses files of tables on this machine, which hold rows that were deleted or replaced, too.

    Raises:
        InputError: one is.
    """
    local = {os.path.dirname(each) for each in paths if not is_url(each)}  # noqa: PTH120
    for folder in sorted(_with_those_above(local), key=len, reverse=True):
        if os.path.isdir(f"{folder}/{LOG}") or _describes_iceberg(f"{folder}/metadata"):  # noqa: PTH112
            raise _files_of_a_table(folder)


def _with_those_above(folders: Iterable[str]) -> set[str]:
    """Folders and all in which they are; of thousands side by side, those above are gone up once."""
    found: set[str] = set()
    for each in folders:
        folder = str(Path(each))
        while folder not in found:
            found.add(folder)
            folder = os.path.dirname(folder) or "."  # noqa: PTH120
    return found


def _describes_iceberg(folder: str) -> bool:
    # Most are not there, which is known sooner without a pattern.
    return os.path.isdir(folder) and any(Path(folder).glob(f"*{ICEBERG_METADATA}"))  # noqa: PTH112


def _files_of_a_table(folder: str) -> InputError:
    return InputError(
        "files of a Delta or Iceberg table are not read by themselves",
        where=folder,
        expected="the folder of the table, as the only input",
        found="files some of whose rows may have been deleted or replaced",
        todo="Name the table's folder",
    )


def refuse_in_table(
    filesystem: fs.FileSystem,
    folder: str,
    found: Iterable[str],
    chosen: Sequence[str],
    named: Callable[[str], str],
) -> None:
    """Refuses files of tables in a file system elsewhere.

    Args:
        filesystem: in which they are.
        folder: that was named, or in which the file is that was.
        found: all that is in the folder, where it was looked at.
        chosen: the files.
        named: gives the URL of a path.

    Raises:
        InputError: one is.
    """
    tables = {each["table"] for each in map(_DESCRIBES.match, found) if each}
    inside = [table for table in tables if any(each.startswith(f"{table}/") for each in chosen)]
    # Storage is asked only about what a table may consist of.
    if not inside and any(each.endswith(_OF_TABLES) for each in chosen):
        inside = _above(filesystem, folder)
    if inside:
        raise _files_of_a_table(named(min(inside)))


def _above(filesystem: fs.FileSystem, folder: str) -> list[str]:
    """The table in which a folder is; none where nothing tells."""
    parts = folder.rstrip("/").split("/")
    folders = ["/".join(parts[:end]) for end in range(len(parts), 0, -1)]
    for name in (LOG, "metadata"):
        try:
            for each in filesystem.get_file_info([f"{above}/{name}" for above in folders]):
                is_folder = each.type == fs.FileType.Directory
                if is_folder and (name == LOG or _has_metadata(filesystem, each.path)):
                    return [str(each.path).removesuffix(f"/{name}")]
        except OSError:
            # Who may read a folder need not be allowed to list those above.
            continue
    return []


def _has_metadata(filesystem: fs.FileSystem, folder: str) -> bool:
    found = filesystem.get_file_info(fs.FileSelector(folder))
    return any(each.path.endswith(ICEBERG_METADATA) for each in found)
