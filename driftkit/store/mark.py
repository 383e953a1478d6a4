"""The file in a store's folder that says of which kind it is, and how it is laid out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from driftkit.errors import FormatError
from driftkit.io.remote_files import get
from driftkit.store.schema import LAYOUT
from driftkit.store.store import refuse_layout

if TYPE_CHECKING:
    from pyarrow import fs

NAME = "driftkit_store.json"


def mark_of(kind: str) -> bytes:
    """The content of the file.

    Args:
        kind: parquet or delta.
    """
    return json.dumps({"kind": kind, "layout": LAYOUT}).encode()


def is_marked(filesystem: fs.FileSystem, root: str, kind: str) -> bool:
    """Whether there is a store of this kind.

    Raises:
        FormatError: it is of another kind or layout, or the file is none of ours.
        OSError: it cannot be read.
    """
    content = get(filesystem, f"{root}/{NAME}")
    if content is None:
        return False
    try:
        found = json.loads(content)
        known, layout = found["kind"], found["layout"]
    except (ValueError, KeyError, TypeError):
        known, layout = "something else", LAYOUT
    refuse_layout(layout, root)
    if known == kind:
        return True
    raise FormatError(
        "the folder is no metrics store of this kind",
        where=f"{root}/{NAME}",
        expected=mark_of(kind).decode(),
        found=str(known)[:80],
        todo="Write delta: before the address of Delta tables, and nothing before that of Parquet "
        "files; or name another folder",
    )
