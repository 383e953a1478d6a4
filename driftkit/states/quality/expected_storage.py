"""States of predictions of numbers that may lack labels: their bytes, and many added up."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from driftkit.errors import InputError
from driftkit.native.arrays import lists_of
from driftkit.states.profile.state_table import has_gaps
from driftkit.states.quality import storage_about
from driftkit.states.quality.expected_losses import MEMBERS, ROWS, ExpectedLosses
from driftkit.states.quality.scored_rows import ALL, BLOCK, SEGMENT, WHOLE
from driftkit.states.state_files import digest_of, impossible, read_alone, written_alone
from driftkit.states.storage_about import MOST_ROWS, read_rejections

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftkit.native.arrays import Floats
    from driftkit.states.quality.scored_rows import Slice
    from driftkit.states.quality.state import QualityRequest
    from driftkit.states.windows import Window

MONITOR = "expected_losses"
VERSION = 1
_SCHEMA = pa.schema(
    [
        pa.field("kind", pa.string(), nullable=False),
        pa.field("key", pa.list_(pa.string()), nullable=False),
        pa.field("groups", pa.int64(), nullable=False),
        pa.field("sums", pa.list_(pa.float64()), nullable=False),
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedStates:
    """The state of windows of predictions, added up; `estimate` takes it as data.

    Attributes:
        state: sums of errors, expected and known.
        judging: how rows were judged.
        model: by which errors were expected: its digest.
        windows: what entered it, in the order in which it was added.
        name: the file or what else it came from, for messages.
    """

    state: ExpectedLosses
    judging: QualityRequest
    model: int
    windows: tuple[Window, ...] = ()
    name: str = field(default="states", compare=False)

    def dumps(self) -> bytes:
        """The content of a file of states."""
        about = {**storage_about.about_of(self), "model": self.model}
        return written_alone(MONITOR, VERSION, about, _batch(self.state))

    def digest(self) -> int:
        """A number that the same rows give again."""
        return digest_of(_batch(self.state))


def loads(content: bytes | pa.Buffer, where: str) -> ExpectedStates:
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
        raise impossible(where, "sums", "no nulls")
    return ExpectedStates(
        state=ExpectedLosses(
            sums=_sums(batch, where), rejected=read_rejections(node.child("rejected"))
        ),
        model=node.count("model"),
        **storage_about.read_about(node),
    )


def combined(parts: Sequence[ExpectedStates], *, allow_overlap: bool = False) -> ExpectedStates:
    """The states of all windows together, as if their rows had been read at once.

    Raises:
        InputError: there are none, their errors were expected by other models, or windows overlap.
    """
    for each in parts[1:]:
        if each.model != parts[0].model:
            raise InputError(
                "the errors of the states were expected by different models",
                where=each.name,
                expected=f"the model of {parts[0].name}",
                found="another one",
                todo="Combine states of one baseline; estimate the data again where it has changed",
            )
    return storage_about.combined(parts, str, allow_overlap=allow_overlap)


def _batch(state: ExpectedLosses) -> pa.RecordBatch:
    columns = [
        pa.array([kind for kind, _ in state.sums], pa.string()),
        pa.array([list(key) for _, key in state.sums], pa.list_(pa.string())),
        pa.array([len(each) for each in state.sums.values()], pa.int64()),
        lists_of([each.ravel() for each in state.sums.values()], pa.float64()),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=_SCHEMA)


def _sums(batch: pa.RecordBatch, where: str) -> dict[Slice, Floats]:
    sums: dict[Slice, Floats] = {}
    for each in batch.to_pylist():
        found, groups = np.array(each["sums"], np.float64), each["groups"]
        if each["kind"] not in {WHOLE, BLOCK, SEGMENT}:
            raise impossible(where, "kind", "whole, block or segment")
        if groups < 1 or len(found) % groups or len(found) < groups * (MEMBERS + 2):
            raise impossible(where, "groups", "as many sums of each")
        if not (found >= 0).all():
            raise impossible(where, "sums", "numbers from 0 on")
        sums[each["kind"], tuple(each["key"])] = found.reshape(groups, -1)
    rows = {part: float(each[:, ROWS].sum()) for part, each in sums.items()}
    most = rows.get(ALL, 0.0)
    if most > MOST_ROWS or any(many > most for many in rows.values()):
        raise impossible(where, "sums", "no more rows in a part than in the whole")
    if len({each.shape for each in sums.values()}) > 1:
        raise impossible(where, "groups", "as many groups of each part")
    return sums
