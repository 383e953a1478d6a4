"""States of a deployment that are kept: sums by arm, of which plan, their bytes, and many added up."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from driftkit.errors import InputError
from driftkit.formats.deployment.metrics import of_table
from driftkit.formats.mapping import Node
from driftkit.native.arrays import values_of
from driftkit.states.deployment import pair_storage
from driftkit.states.deployment.arms import SUMS, ArmLayout, ArmSums, added
from driftkit.states.deployment.pairs import PairState
from driftkit.states.state_files import digest_of, impossible, read_alone, written_alone
from driftkit.states.storage_about import (
    MOST_ROWS,
    read_rejections,
    read_windows,
    rejections_to_dict,
    windows_to_dict,
)
from driftkit.states.windows import refuse_overlap

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from driftkit.native.arrays import Truths, Values
    from driftkit.states.windows import Window

MONITOR = "deployment"
_FLOATS, _COUNTS = pa.list_(pa.float64()), pa.list_(pa.int64())
# A row is a key: of all rows where it has no column, else of a segment's.
_FIELDS = [
    pa.field("column", pa.string()),
    pa.field("segment", pa.string()),
    pa.field("block", pa.int64(), nullable=False),
    pa.field("arm", pa.int64(), nullable=False),
    pa.field("requests", pa.int64(), nullable=False),
    pa.field("labelled", pa.int64(), nullable=False),
    pa.field("sums", _FLOATS, nullable=False),
    pa.field("buckets", _FLOATS, nullable=False),
    pa.field("scores", _COUNTS, nullable=False),
]
_INPUTS = pa.field("inputs", _COUNTS, nullable=False)
# Pairs have many fields, which take longer to read than all others where there are no pairs; inputs
# have no field where a plan has none, so that such states are as they were before there were inputs.
_WITH_PAIRS, _WITH_INPUTS = 1, 2


def _schema(parts: int) -> pa.Schema:
    inputs = [_INPUTS] if parts & _WITH_INPUTS else []
    return pa.schema([*_FIELDS, *inputs, *(pair_storage.FIELDS if parts & _WITH_PAIRS else [])])


_SCHEMAS = {1 + parts: _schema(parts) for parts in range(2 * _WITH_INPUTS)}
_MOST_BUCKETS = 1 << 16
_MOST_CELLS = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentStates:
    """The sums of windows, added up; `monitor` takes it as data.

    Attributes:
        state: the sums.
        pairs: of the champion and the challenger; None where rows are not paired.
        plan: the hash of the plan that they are by.
        windows: what entered it, in the order in which it was added.
        name: the file or what else it came from, for messages.
    """

    state: ArmSums
    plan: str
    pairs: PairState | None = None
    windows: tuple[Window, ...] = ()
    name: str = field(default="states", compare=False)

    def dumps(self) -> bytes:
        """The content of a file of states."""
        layout = asdict(self.state.layout)
        if not layout["cells"]:
            del layout["cells"]
        about = {
            "plan": self.plan,
            "layout": layout,
            **windows_to_dict(self.windows),
            "rejected": rejections_to_dict(self.state.rejected),
        }
        version = 1 + _parts(self.state, self.pairs)
        return written_alone(MONITOR, version, about, _batch(self.state, self.pairs))

    def digest(self) -> int:
        """A number that the same rows give again."""
        return digest_of(_batch(self.state, self.pairs))


def combined(parts: Sequence[DeploymentStates], *, allow_overlap: bool) -> DeploymentStates:
    """The states of all windows together, as if their rows had been read at once.

    Args:
        parts: to be added up in their order.
        allow_overlap: whether rows that are in two windows may count twice.

    Raises:
        InputError: there are none, they are of different plans, or windows overlap.
    """
    if not parts:
        raise InputError("there are no states to combine", todo="Name at least one file of states")
    first = parts[0]
    for other in parts[1:]:
        refuse_other_plan(other, first.plan)
    if not allow_overlap:
        refuse_overlap([(part.windows, part.name) for part in parts])
    pairs = [part.pairs for part in parts if part.pairs is not None]
    return replace(
        first,
        pairs=PairState.together(pairs) if pairs else None,
        # All at once: sums of hours have many numbers, which pair by pair would be copied often.
        state=added([part.state for part in parts]),
        windows=tuple(chain.from_iterable(part.windows for part in parts)),
        name=first.name if len(parts) == 1 else f"{first.name} and {len(parts) - 1} more",
    )


def refuse_other_plan(states: DeploymentStates, plan: str) -> None:
    """Refuses states that were made by another plan.

    Raises:
        InputError: they were.
    """
    if states.plan != plan:
        raise InputError(
            "these states were made by another plan",
            where=states.name,
            expected=f"the plan {plan[:12]}",
            found=f"the plan {states.plan[:12]}",
            todo="A plan that changes after data came in voids its error rates: read the data "
            "again under the new plan, or keep the old one",
        )


def loads(content: bytes | pa.Buffer, where: str) -> DeploymentStates:
    """The states of a file.

    Args:
        content: of the file.
        where: its path, for messages.

    Raises:
        FormatError: it is none of states of this monitor, of a later version, cut off or damaged, or
            no rows can have such a state.
    """
    node, batch = read_alone(content, where, MONITOR, _SCHEMAS)
    parts = node.count("version") - 1
    layout = _layout(node.child("layout"), with_cells=bool(parts & _WITH_INPUTS))
    for each in batch.columns[2 : len(_FIELDS) + bool(parts & _WITH_INPUTS)]:
        if each.null_count:
            raise impossible(where, "block", "no nulls")
    table = _sums(batch, layout, where)
    return DeploymentStates(
        state=replace(table, rejected=read_rejections(node.child("rejected"))),
        plan=node.text("plan"),
        pairs=pair_storage.decoded(batch, where) if parts & _WITH_PAIRS else None,
        windows=tuple(read_windows(node)),
        name=where,
    )


def _batch(state: ArmSums, pairs: PairState | None) -> pa.RecordBatch:
    named: list[tuple[str | None, str | None, ArmSums]] = [(None, None, state)]
    named += [
        (column, value, part)
        for column, parts in state.segments.items()
        for value, part in parts.items()
    ]
    arrays = [
        pa.array([c for c, _, part in named for _ in range(len(part.keys))], pa.string()),
        pa.array([v for _, v, part in named for _ in range(len(part.keys))], pa.string()),
        *(
            pa.array(np.concatenate(columns))
            for columns in zip(
                *(
                    (part.keys[:, 0], part.keys[:, 1], part.requests, part.labelled)
                    for _, _, part in named
                ),
                strict=True,
            )
        ),
        *(_lists([getattr(part, name) for _, _, part in named]) for name in _numbers(state.layout)),
    ]
    if pairs is not None:
        arrays += pair_storage.encoded(pairs, len(arrays[0]))
    return pa.RecordBatch.from_arrays(arrays, schema=_SCHEMAS[1 + _parts(state, pairs)])


def _parts(state: ArmSums, pairs: PairState | None) -> int:
    """What there is besides sums of arms."""
    with_inputs = _WITH_INPUTS if state.layout.cells else 0
    return with_inputs | (0 if pairs is None else _WITH_PAIRS)


def _numbers(layout: ArmLayout) -> tuple[str, ...]:
    """The fields with several numbers of each key."""
    return ("sums", "buckets", "scores", *(["inputs"] if layout.cells else []))


def _lists(arrays: Sequence[Values]) -> pa.ListArray:
    """The numbers of each key as a list."""
    sizes = [int(np.prod(array.shape[1:])) for array in arrays]
    lengths = np.repeat(sizes, [len(array) for array in arrays])
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    return pa.ListArray.from_arrays(
        pa.array(offsets), pa.array(np.concatenate([array.reshape(-1) for array in arrays]))
    )


def _layout(node: Node, *, with_cells: bool) -> ArmLayout:
    layout = ArmLayout(
        arms=tuple(node.texts("arms")),
        metrics=tuple(node.texts("metrics")),
        buckets=node.count("buckets"),
        scores=node.truth("scores"),
        covariates=node.truth("covariates"),
        cells=node.each(Node.count, "cells") if with_cells else (),
    )
    if with_cells and not 0 < sum(layout.cells) <= _MOST_CELLS:
        raise node.wrong("cells", f"1 to {_MOST_CELLS:,} cells", sum(layout.cells))
    if layout.buckets > _MOST_BUCKETS:
        raise node.wrong("buckets", f"at most {_MOST_BUCKETS:,}", layout.buckets)
    return layout


def _sums(batch: pa.RecordBatch, layout: ArmLayout, where: str) -> ArmSums:
    """The sums of all rows with those of segments."""
    columns, values = (batch.column(name).to_pylist() for name in ("column", "segment"))
    bare = layout.of_parts
    whole: ArmSums | None = None
    segments: dict[str, dict[str | None, ArmSums]] = {}
    for start, end in _runs(list(zip(columns, values, strict=True))):
        column, value = columns[start], values[start]
        if column is None and (start or value is not None):
            raise impossible(where, "column", "the rows of all, then those of segments")
        part = _part(batch.slice(start, end - start), layout if column is None else bare, where)
        if column is None:
            whole = part
        else:
            segments.setdefault(column, {})[value] = part
    return replace(whole or ArmSums.empty(layout), segments=segments)


def _runs(keys: Sequence[tuple[str | None, str | None]]) -> Iterator[tuple[int, int]]:
    start = 0
    for end in range(1, len(keys) + 1):
        if end == len(keys) or keys[end] != keys[start]:
            yield start, end
            start = end


def _part(batch: pa.RecordBatch, layout: ArmLayout, where: str) -> ArmSums:
    count, width = batch.num_rows, len(layout.metrics)
    shapes = {
        "sums": (count, width, len(SUMS)),
        "buckets": (count, width, layout.in_buckets, layout.buckets),
        "scores": (count, *layout.of_scores),
        "inputs": (count, sum(layout.cells)),
    }
    numbers = {
        name: _shaped(batch.column(name), name, shapes[name], where)
        for name in shapes
        if name in batch.schema.names
    }
    plain = {
        name: values_of(batch.column(name)) for name in ("block", "arm", "requests", "labelled")
    }
    part = ArmSums(
        layout=layout,
        keys=np.column_stack([plain["block"], plain["arm"]]),
        requests=plain["requests"],
        labelled=plain["labelled"],
        sums=numbers["sums"],
        buckets=numbers["buckets"],
        scores=numbers["scores"],
        inputs=numbers.get("inputs", np.empty((count, 0), np.int64)),
    )
    for name, expected, wrong in _wrong(part):
        if wrong:
            raise impossible(where, name, expected)
    return part


def _shaped(lists: pa.ListArray, name: str, shape: tuple[int, ...], where: str) -> Values:
    flat = lists.flatten()
    size = int(np.prod(shape[1:]))
    lengths = np.diff(np.frombuffer(lists.buffers()[1], np.int32)[lists.offset :][: len(lists) + 1])
    if flat.null_count or (lengths != size).any():
        raise impossible(where, name, f"lists of {size} numbers")
    return values_of(flat).reshape(shape)


def _wrong(part: ArmSums) -> Iterator[tuple[str, str, bool | Truths]]:
    keys, counted = part.keys, part.sums[..., SUMS.index("counted")]
    steps = np.diff(keys, axis=0)
    rising = (steps[:, 0] > 0) | ((steps[:, 0] == 0) & (steps[:, 1] > 0))
    yield "block", "keys that are sorted and different", bool(not rising.all())
    outside = (keys[:, 1] < 0) | (keys[:, 1] >= len(part.layout.arms))
    yield "arm", "the index of an arm", bool(outside.any())
    # Metrics of tables are of other requests than those that were captured.
    of_rows = [not of_table(name) for name in part.layout.metrics]
    least, most = int(all(of_rows)), part.requests[:, None]
    yield "requests", f"whole numbers from {least}", not _between(part.requests, least, MOST_ROWS)
    yield "labelled", "at most the requests", not _between(part.labelled, 0, part.requests)
    yield "sums", "finite numbers", not bool(np.isfinite(part.sums).all())
    yield "sums", "counts of at most the requests", not _between(counted[:, of_rows], 0, most)
    yield "buckets", "finite numbers", not bool(np.isfinite(part.buckets).all())
    starts = np.cumsum((0, *part.layout.cells))[:-1]
    told = np.add.reduceat(part.inputs, starts, axis=1) if len(starts) else part.inputs
    wrong = bool((part.inputs < 0).any()) or not _between(told, 0, part.requests[:, None])
    yield "inputs", "counts of at most the requests", wrong
    scored = part.scores.sum(axis=(1, 2))
    yield (
        "scores",
        "counts of at most the requests",
        (bool((part.scores < 0).any()) or not _between(scored, 0, part.requests)),
    )


def _between(values: Values, low: int, high: int | Values) -> bool:
    return bool(((values >= low) & (values <= high)).all())
