"""The metadata of a states file: windows, partitions and tables, validated."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, get_args

from driftkit.columns.chunk import Rejections
from driftkit.formats.derived import Derivation
from driftkit.formats.mapping import Node
from driftkit.settings import TimeUnit
from driftkit.states.windows import Window

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from driftkit.states.partitions.partition import Key, Partition

# More rows than there will ever be: sums of so many stay exact, in integers and in doubles.
MOST_ROWS = 2**48
_UNITS = {unit: unit for unit in get_args(TimeUnit)}
AGAIN = "Copy the file again, or read the data again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """A table of a file.

    Attributes:
        rows: how many it has.
        rejected: records that were set aside.
        checksum: of its batch.
        split: the number of the split that it is a part of; None for the whole.
        key: of the part; None for the whole and the rest.
    """

    rows: int
    rejected: Rejections
    checksum: int
    split: int | None = None
    key: Key | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """All that a file says of itself.

    Attributes:
        windows: what entered the states.
        derivation: how some of the columns were made of others.
        partitions: columns and unit of each.
        tables: the whole, then the parts.
    """

    windows: tuple[Window, ...]
    derivation: Derivation
    partitions: tuple[tuple[tuple[str, ...], str | None], ...]
    tables: tuple[Described, ...]


def read_about(about: Mapping[str, Any], where: str) -> About:
    """The description, if it is one that could have been written.

    Raises:
        FormatError: it is not; the error names the place.
    """
    node = Node(value=about, file=where)
    partitions = tuple(map(_split, node.children("splits")))
    tables = tuple(_table(each, partitions) for each in node.children("tables"))
    if not tables or tables[0].split is not None or any(each.split is None for each in tables[1:]):
        raise node.error(
            "tables",
            "the tables are not those of a table and its parts",
            expected="the whole first, then parts of splits",
            found=f"{len(tables)} tables",
            todo=AGAIN,
        )
    _refuse_other_rows(node, partitions, tables)
    made = Derivation.from_node(node.child("derived")) if node.has("derived") else Derivation()
    windows = tuple(read_windows(node))
    return About(windows=windows, derivation=made, partitions=partitions, tables=tables)


def partition_to_dict(split: Partition) -> dict[str, Any]:
    """A split as it is written; its parts are tables."""
    return {"by": list(split.by), "unit": split.unit}


def windows_to_dict(windows: Sequence[Window]) -> dict[str, Any]:
    """Windows as they are written; their paths beside them, so that earlier versions read them."""
    several = any(window.paths for window in windows)
    return {
        "windows": [
            {
                "source": window.source,
                "start": window.start.isoformat() if window.start else None,
                "end": window.end.isoformat() if window.end else None,
                "rows": window.rows,
                "digest": window.digest,
            }
            for window in windows
        ],
        **({"paths": [window.paths for window in windows]} if several else {}),
    }


def rejections_to_dict(rejected: Rejections) -> dict[str, Any]:
    """Records that were set aside, as they are written."""
    return asdict(rejected)


def text_of(about: Mapping[str, Any]) -> bytes:
    """The description as it is signed."""
    return json.dumps(about, separators=(",", ":")).encode()


def read_windows(node: Node) -> Iterator[Window]:
    """What entered the states."""
    nodes = node.children("windows")
    paths: Sequence[Any] = node.array("paths") if node.has("paths") else [()] * len(nodes)
    if len(paths) != len(nodes):
        raise node.wrong("paths", f"an array of {len(nodes)}", paths)
    listed = Node(value={f"paths[{i}]": each for i, each in enumerate(paths)}, file=node.file)
    for number, each in enumerate(nodes):
        yield Window(
            source=each.maybe(Node.text, "source"),
            start=each.maybe(_moment, "start"),
            end=each.maybe(_moment, "end"),
            rows=_rows(each, "rows"),
            digest=each.count("digest"),
            paths=listed.texts(f"paths[{number}]"),
        )


def _moment(node: Node, key: str) -> datetime:
    text = node.text(key)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise node.wrong(key, "a time in ISO 8601", text) from error
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def _split(node: Node) -> tuple[tuple[str, ...], str | None]:
    by = node.texts("by")
    if not by:
        raise node.wrong("by", "at least one column", [])
    unit = node.choice("unit", _UNITS) if node.has("unit") else None
    return by, unit


def _table(node: Node, partitions: Sequence[tuple[tuple[str, ...], str | None]]) -> Described:
    split = node.count("split") if node.has("split") else None
    if split is not None and split >= len(partitions):
        raise node.wrong("split", f"the number of one of {len(partitions)} splits", split)
    key = _key(node, len(partitions[split][0])) if split is not None and node.has("key") else None
    return Described(
        rows=_rows(node, "rows"),
        rejected=read_rejections(node.child("rejected")),
        checksum=node.count("checksum"),
        split=split,
        key=key,
    )


def _key(node: Node, columns: int) -> Key:
    key = tuple(node.array("key"))
    if len(key) != columns or not all(each is None or isinstance(each, str) for each in key):
        raise node.wrong("key", f"{columns} texts or nulls", key)
    return key


def read_rejections(node: Node) -> Rejections:
    """Records that were set aside."""
    counts = node.child("counts")
    return Rejections(
        counts={reason: _rows(counts, reason) for reason in counts.value},
        examples=node.texts("examples"),
    )


def _rows(node: Node, key: str) -> int:
    count = node.count(key)
    if count > MOST_ROWS:
        raise node.wrong(key, f"at most {MOST_ROWS:,} rows", count)
    return count


def _refuse_other_rows(
    node: Node,
    partitions: Sequence[tuple[tuple[str, ...], str | None]],
    tables: Sequence[Described],
) -> None:
    """Every row of a table is in exactly one part of a split, and a key's rows are together."""
    for number in range(len(partitions)):
        parts = [table for table in tables if table.split == number]
        rows, keys = sum(part.rows for part in parts), [part.key for part in parts]
        if rows != tables[0].rows or len(set(keys)) < len(keys):
            raise node.error(
                f"splits[{number}]",
                "the parts are not those of the table",
                expected=f"each key once, {tables[0].rows:,} rows in all",
                found=f"{len(parts)} parts with {rows:,} rows",
                todo=AGAIN,
            )
