"""The file in a store's folder that says of which kind it is, and how it is laid out."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from driftkit.errors import FormatError
from driftkit.io.remote_files import get
from driftkit.store.schema import LAYOUT
from driftkit.store.store import refuse_layout

if TYPE_CHECKING:
    from pyarrow import fs

NAME = "driftkit_store.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What the file says.

    Attributes:
        kind: parquet or delta.
        layout: of the store now.
        since: the layout in which it was made, some of which may still be there.
    """

    kind: str
    layout: int = LAYOUT
    since: int = LAYOUT

    @property
    def content(self) -> bytes:
        """The file."""
        return json.dumps(asdict(self)).encode()


def mark_in(filesystem: fs.FileSystem, root: str, kind: str) -> Mark | None:
    """The mark of a store; None where there is none.

    Args:
        filesystem: where it is.
        root: its folder there.
        kind: of which it shall be.

    Raises:
        FormatError: it is of another kind or layout, or the file is none of ours.
        OSError: it cannot be read.
    """
    content = get(filesystem, f"{root}/{NAME}")
    if content is None:
        return None
    try:
        found = json.loads(content)
        known, layout = found["kind"], found["layout"]
        since = found.get("since", layout)
    except (ValueError, KeyError, TypeError, AttributeError):
        known, layout, since = "something else", LAYOUT, LAYOUT
    refuse_layout(layout, root)
    if known == kind:
        return Mark(kind=kind, layout=layout, since=since)
    raise FormatError(
        "the folder is no metrics store of this kind",
        where=f"{root}/{NAME}",
        expected=Mark(kind=kind).content.decode(),
        found=str(known)[:80],
        todo="Write delta: before the address of Delta tables, and nothing before that of Parquet "
        "files; or name another folder",
    )
