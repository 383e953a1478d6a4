"""States of model quality that are kept: what they are of, their bytes, and many added up."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from driftkit.states.profile.state_table import has_gaps
from driftkit.states.quality import storage_about
from driftkit.states.quality.confusion import Confusion
from driftkit.states.quality.residuals import GROUPS, N, Residuals
from driftkit.states.quality.scores import Scores
from driftkit.states.quality.state import QualityRequest, QualityState
from driftkit.states.quality.values import HIGHEST
from driftkit.states.state_files import digest_of, impossible, read_alone, written_alone
from driftkit.states.storage_about import MOST_ROWS, read_rejections

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from driftkit.native.arrays import Values
    from driftkit.states.windows import Window

MONITOR = "model_quality"
VERSION = 1
_SUMS = 7
# A row is a state; all of its numbers are lists.
_FIELDS = {
    "actual": pa.string(),
    "predicted": pa.string(),
    "rows": pa.int64(),
    "sums": pa.float64(),
    "group_sums": pa.float64(),
    "score_keys": pa.uint64(),
    "score_rows": pa.int64(),
}
_SCHEMA = pa.schema([pa.field(n, pa.list_(kind), nullable=False) for n, kind in _FIELDS.items()])
# The highest key is that of a positive with the score 1.
_HIGHEST = HIGHEST << 2 | 1


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityStates:
    """The state of windows of labelled predictions, added up; `baseline` and `monitor` take it as data.

    Attributes:
        state: what all metrics are read from.
        judging: how rows were judged.
        windows: what entered it, in the order in which it was added.
        name: the file or what else it came from, for messages.
    """

    state: QualityState
    judging: QualityRequest
    windows: tuple[Window, ...] = ()
    name: str = field(default="states", compare=False)

    def dumps(self) -> bytes:
        """The content of a file of states."""
        return written_alone(MONITOR, VERSION, storage_about.about_of(self), _batch(self.state))

    def digest(self) -> int:
        """A number that the same rows give again."""
        return digest_of(_batch(self.state))


def loads(content: bytes | pa.Buffer, where: str) -> QualityStates:
    """The states of a file.

    Args:
        content: of the file.
        where: its path, for messages.

    Raises:
        FormatError: it is none of states of this monitor, of a later version, cut off or damaged, or
            no rows can have such a state.
    """
    node, batch = read_alone(content, where, MONITOR, {VERSION: _SCHEMA})
    columns = _columns(batch, where)
    for name, expected, wrong in _wrong(columns):
        if wrong:
            raise impossible(where, name, expected, f"{len(columns[name])} of them")
    counts = columns["score_rows"]
    names = (columns[name].tolist() for name in ("actual", "predicted"))
    cells = dict(zip(zip(*names, strict=True), columns["rows"].tolist(), strict=True))
    return QualityStates(
        state=QualityState(
            confusion=Confusion(cells=cells),
            residuals=Residuals(
                whole=columns["sums"].reshape(1, _SUMS),
                groups=columns["group_sums"].reshape(GROUPS, _SUMS),
            ),
            scores=Scores(keys=columns["score_keys"], counts=counts if len(counts) else None),
            rejected=read_rejections(node.child("rejected")),
        ),
        **storage_about.read_about(node),
    )


def combined(parts: Sequence[QualityStates], *, allow_overlap: bool = False) -> QualityStates:
    """The states of all windows together, as if their rows had been read at once.

    Raises:
        InputError: there are none, they were judged otherwise, or windows overlap.
    """
    return storage_about.combined(parts, _shown, allow_overlap=allow_overlap)


def _shown(judging: QualityRequest) -> str:
    positive = "" if judging.positive is None else f", positive label {judging.positive!r}"
    return f"{judging.problem}, threshold {judging.threshold}{positive}"


def _batch(state: QualityState) -> pa.RecordBatch:
    cells, scores = state.confusion.cells, state.scores
    values = {
        "actual": [actual for actual, _ in cells],
        "predicted": [predicted for _, predicted in cells],
        "rows": list(cells.values()),
        "sums": state.residuals.whole.ravel(),
        "group_sums": state.residuals.groups.ravel(),
        "score_keys": scores.keys,
        "score_rows": np.zeros(0, np.int64) if scores.counts is None else scores.counts,
    }
    arrays = []
    for name, kind in _FIELDS.items():
        items = pa.array(values[name], kind)
        arrays.append(pa.ListArray.from_arrays(pa.array([0, len(items)], pa.int32()), items))
    return pa.RecordBatch.from_arrays(arrays, schema=_SCHEMA)


def _columns(batch: pa.RecordBatch, where: str) -> Mapping[str, Values]:
    """The lists of the only row."""
    if batch.num_rows != 1 or any(map(has_gaps, batch.columns)):
        raise impossible(where, _SCHEMA.names[0], "one row without nulls", f"{batch.num_rows} rows")
    return {
        name: array.flatten().to_numpy(zero_copy_only=False)
        for name, array in zip(_SCHEMA.names, batch.columns, strict=True)
    }


def _wrong(columns: Mapping[str, Values]) -> Iterator[tuple[str, str, bool]]:
    """What no rows can have: a field, what it should hold, and whether it does not."""
    rows = columns["rows"]
    pairs = [*zip(columns["actual"].tolist(), columns["predicted"].tolist(), strict=False)]
    for name in ("actual", "predicted"):
        yield name, "a label for each count", len(columns[name]) != len(rows)
    yield "predicted", "every pair of labels once", len(set(pairs)) < len(pairs)
    yield "rows", "1 or more rows each", bool(((rows < 1) | (rows > MOST_ROWS)).any())
    sums, groups = columns["sums"], columns["group_sums"]
    yield "sums", f"{_SUMS} numbers", len(sums) != _SUMS
    yield (
        "group_sums",
        f"{_SUMS} numbers for each of {GROUPS} groups",
        len(groups) != GROUPS * _SUMS,
    )
    counts = groups.reshape(GROUPS, _SUMS)[:, N]
    whole = (counts >= 0) & (counts <= MOST_ROWS) & (counts == np.floor(counts))
    yield "group_sums", "whole numbers of rows, 0 or more", not whole.all()
    yield "sums", "as many rows as its groups have", sums[N] != counts.sum()
    keys, times = columns["score_keys"], columns["score_rows"]
    yield "score_keys", "ascending scores", not (keys[1:] > keys[:-1]).all()
    yield "score_keys", "scores from 0 to 1", bool(len(keys)) and int(keys[-1]) > _HIGHEST
    yield "score_keys", "scores of positives and negatives", bool((keys & np.uint64(2)).any())
    yield "score_rows", "none, or a count for each score", len(times) not in {0, len(keys)}
    yield "score_rows", "1 or more rows each", bool(((times < 1) | (times > MOST_ROWS)).any())
    scored = int(times.sum()) if len(times) else len(keys)
    yield "score_keys", "no more scores than rows", scored > int(rows.sum())
