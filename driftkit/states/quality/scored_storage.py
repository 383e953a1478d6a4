"""States of predictions that may lack labels: what they are of, their bytes, and many added up."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from driftkit.native.arrays import lists_of, values_of
from driftkit.states.profile.state_table import has_gaps
from driftkit.states.quality import storage_about
from driftkit.states.quality.score_counts import COLUMNS, LAST_LEVEL, MOST_SCORES, ScoreCounts
from driftkit.states.quality.scored_rows import ALL, BLOCK, SEGMENT, WHOLE, ScoredRows
from driftkit.states.quality.values import HIGHEST
from driftkit.states.state_files import digest_of, impossible, read_alone, written_alone
from driftkit.states.storage_about import MOST_ROWS, read_rejections

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from driftkit.states.quality.state import QualityRequest
    from driftkit.states.windows import Window

MONITOR = "estimated_quality"
VERSION = 1
_SCHEMA = pa.schema(
    [
        pa.field("kind", pa.string(), nullable=False),
        pa.field("key", pa.list_(pa.string()), nullable=False),
        pa.field("class", pa.string(), nullable=False),
        pa.field("level", pa.int64(), nullable=False),
        pa.field("scores", pa.list_(pa.uint64()), nullable=False),
        pa.field("rows", pa.list_(pa.int64()), nullable=False),
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredStates:
    """The state of windows of predictions, added up; `estimate` takes it as data.

    Attributes:
        state: rows by score, prediction and label.
        judging: how rows were judged.
        windows: what entered it, in the order in which it was added.
        name: the file or what else it came from, for messages.
    """

    state: ScoredRows
    judging: QualityRequest
    windows: tuple[Window, ...] = ()
    name: str = field(default="states", compare=False)

    def dumps(self) -> bytes:
        """The content of a file of states."""
        return written_alone(MONITOR, VERSION, storage_about.about_of(self), _batch(self.state))

    def digest(self) -> int:
        """A number that the same rows give again."""
        return digest_of(_batch(self.state))


def loads(content: bytes | pa.Buffer, where: str) -> ScoredStates:
    """The states of a file.

    Args:
        content: of the file.
        where: its path, for messages.

    Raises:
        FormatError: it is none of such states, of a later version, cut off or damaged, or no rows
            can have such a state.
    """
    node, batch = read_alone(content, where, MONITOR, {VERSION: _SCHEMA})
    if any(map(has_gaps, batch.columns)):
        raise impossible(where, "scores", "no nulls")
    return ScoredStates(
        state=ScoredRows(
            counts=_counts(batch, where),
            rejected=read_rejections(node.child("rejected")),
        ),
        **storage_about.read_about(node),
    )


def combined(parts: Sequence[ScoredStates], *, allow_overlap: bool = False) -> ScoredStates:
    """The states of all windows together, as if their rows had been read at once.

    Raises:
        InputError: there are none, they were judged otherwise, or windows overlap.
    """
    return storage_about.combined(parts, str, allow_overlap=allow_overlap)


def _batch(state: ScoredRows) -> pa.RecordBatch:
    counts = state.counts.values()
    columns = [
        pa.array([kind for (kind, _), _ in state.counts], pa.string()),
        pa.array([list(key) for (_, key), _ in state.counts], pa.list_(pa.string())),
        pa.array([name for _, name in state.counts], pa.string()),
        pa.array([each.level for each in counts], pa.int64()),
        lists_of([each.keys for each in counts], pa.uint64()),
        lists_of([each.rows.ravel() for each in counts], pa.int64()),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=_SCHEMA)


def _items(lists: pa.ListArray) -> list[Any]:
    """The numbers of each list."""
    ends = np.cumsum(values_of(lists.value_lengths()))
    return np.split(values_of(lists.flatten()), ends[:-1])


def _counts(batch: pa.RecordBatch, where: str) -> dict[Any, ScoreCounts]:
    counts = {}
    listed = batch.select(["kind", "key", "class", "level"]).to_pylist()
    items = map(_items, (batch.column("scores"), batch.column("rows")))
    for each, keys, rows in zip(listed, *items, strict=False):
        for name, expected, wrong in _wrong(each, keys, rows):
            if wrong:
                raise impossible(where, name, expected)
        part = (each["kind"], tuple(each["key"]))
        counts[part, each["class"]] = ScoreCounts(
            level=each["level"], keys=keys, rows=rows.reshape(-1, COLUMNS)
        )
    _refuse_uneven(counts, where)
    return counts


def _wrong(each: dict[str, Any], keys: Any, rows: Any) -> Iterator[tuple[str, str, bool]]:
    """What no rows can have: a field, what it should hold, and whether it does not."""
    yield "kind", "whole, block or segment", each["kind"] not in {WHOLE, BLOCK, SEGMENT}
    level = each["level"]
    yield "level", f"0 to {LAST_LEVEL}", not 0 <= level <= LAST_LEVEL
    yield "scores", "ascending scores", not (keys[1:] > keys[:-1]).all()
    yield "scores", f"at most {MOST_SCORES:,}", len(keys) > MOST_SCORES
    yield "scores", "scores from 0 to 1", bool(len(keys)) and int(keys[-1]) > HIGHEST >> level
    yield "rows", f"{COLUMNS} counts for each score", len(rows) != len(keys) * COLUMNS
    yield "rows", "0 or more rows each", bool(((rows < 0) | (rows > MOST_ROWS)).any())
    empty = not rows.reshape(-1, COLUMNS).any(axis=1).all()
    yield "rows", "1 or more rows for each score", empty


def _refuse_uneven(counts: dict[Any, ScoreCounts], where: str) -> None:
    """Refuses classes with different rows, and parts with more of them than there are."""
    whole = {each.total for (part, _), each in counts.items() if part == ALL}
    totals: dict[Any, set[int]] = {}
    for (part, _), each in counts.items():
        totals.setdefault(part, set()).add(each.total)
    uneven = any(len(each) > 1 for each in totals.values())
    if uneven or any(max(each) > max(whole, default=0) for each in totals.values()):
        raise impossible(where, "rows", "as many rows of each class, and no more in a part")
