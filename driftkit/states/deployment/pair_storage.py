"""Pairs in a file of states: lists in its first row, and what no pairs can have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa

from driftkit.states.deployment.keyed_sums import KeyedSums
from driftkit.states.deployment.pairs import (
    BINS,
    MOST_ANSWERS,
    PRODUCTS,
    SCORE_CODES,
    Answers,
    Cells,
    Count,
    Example,
    PairState,
    kept_examples,
)
from driftkit.states.profile.state_table import has_gaps
from driftkit.states.state_files import impossible
from driftkit.states.storage_about import MOST_ROWS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


class _Shape(NamedTuple):
    """Integers of a key and numbers of it, which of the key's is bounded by what, and the type of numbers."""

    key: int
    numbers: int
    kind: pa.DataType
    bounds: tuple[tuple[int, int], ...] = ()


_COUNTS, _SUMS = pa.int64(), pa.float64()
_FEW = 1 << 31
# Counts of a cell.
_CELL = 5
_SHAPES = {
    "counts": _Shape(2, 1, _COUNTS, ((1, len(Count)),)),
    "moments": _Shape(2, 6, _SUMS, ((1, _FEW),)),
    "ratios": _Shape(2, 5 + len(PRODUCTS), _SUMS, ((1, _FEW),)),
    "scores": _Shape(2, 1, _COUNTS, ((1, SCORE_CODES),)),
    "margins": _Shape(2, 1, _COUNTS, ((0, 2), (1, BINS))),
    "gaps": _Shape(1, 2, _SUMS),
}
_TEXT = pa.string()
_LISTS: dict[str, pa.DataType] = {
    **{
        f"{name}_{part}": kind
        for name, shape in _SHAPES.items()
        for part, kind in (("keys", _COUNTS), ("sums", shape.kind))
    },
    "answers_champion": _TEXT,
    "answers_challenger": _TEXT,
    "answers_pairs": _COUNTS,
    "answers_collapsed": pa.bool_(),
    "cell_features": _TEXT,
    "cell_values": _TEXT,
    "cell_pairs": _COUNTS,
    "cells_collapsed": _TEXT,
    "example_kinds": _TEXT,
    "example_ids": _TEXT,
    "example_weights": _SUMS,
    "examples_shown": _COUNTS,
}
_KINDS = {"score", "ambiguous", "input"}
FIELDS = [pa.field(f"pair_{name}", pa.list_(kind), nullable=False) for name, kind in _LISTS.items()]
"""The fields of a batch that are of pairs; its first row has a list in each."""


def encoded(state: PairState | None, rows: int) -> list[pa.Array]:
    """The fields of a state, for a batch of so many rows: the first has the lists, the others none.

    Args:
        state: None where nothing was paired.
        rows: at least one, or none where there is no state.
    """
    values = dict.fromkeys(_LISTS, ()) if state is None else _values(state)
    arrays = [pa.array(values[name], kind) for name, kind in _LISTS.items()]
    offsets = [pa.array([0] + [len(each)] * rows, pa.int32()) for each in arrays]
    return list(map(pa.ListArray.from_arrays, offsets, arrays))


def _values(state: PairState) -> dict[str, Any]:
    answers, cells = sorted(state.answers.cells.items()), sorted(state.cells.pairs.items())
    values: dict[str, Any] = {
        "answers_champion": [one for (one, _), _ in answers],
        "answers_challenger": [other for (_, other), _ in answers],
        "answers_pairs": [pairs for _, pairs in answers],
        "answers_collapsed": [state.answers.collapsed],
        "cell_features": [feature for (feature, _), _ in cells],
        "cell_values": [value for (_, value), _ in cells],
        "cell_pairs": [count for _, counts in cells for count in counts],
        "cells_collapsed": sorted(state.cells.collapsed),
        "example_kinds": [each.kind for each in state.examples],
        "example_ids": [each.id for each in state.examples],
        "example_weights": [each.weight for each in state.examples],
        "examples_shown": [state.shown],
    }
    for name in _SHAPES:
        sums: KeyedSums = getattr(state, name)
        values |= {f"{name}_keys": sums.keys.ravel(), f"{name}_sums": sums.values.ravel()}
    return values


def decoded(batch: pa.RecordBatch, where: str) -> PairState | None:
    """The state of a file; None where nothing was paired.

    Args:
        batch: with the `FIELDS`, and perhaps others.
        where: the file, for messages.

    Raises:
        FormatError: no pairs can have such a state.
    """
    columns = [batch.column(field.name) for field in FIELDS]
    if any(map(has_gaps, columns)):
        raise impossible(where, FIELDS[0].name, "no nulls")
    if not any(len(column.flatten()) for column in columns):
        return None
    if any(len(column.slice(1).flatten()) for column in columns):
        raise impossible(where, FIELDS[0].name, "lists in the first row alone")
    lists = {
        name: column.flatten().to_numpy(zero_copy_only=False)
        for name, column in zip(_LISTS, columns, strict=True)
    }
    for name, expected, wrong in _findings(lists):
        if wrong:
            raise impossible(where, f"pair_{name}", expected, f"{len(lists[name])} of them")
    sums = {name: _sums(lists, name) for name in _SHAPES}
    return PairState(
        **sums,
        answers=Answers(cells=_answers(lists), collapsed=bool(lists["answers_collapsed"][0])),
        cells=Cells(pairs=_cells(lists), collapsed=frozenset(lists["cells_collapsed"].tolist())),
        examples=_examples(lists),
        shown=int(lists["examples_shown"][0]),
    )


def _sums(lists: Mapping[str, Any], name: str) -> KeyedSums:
    shape = _SHAPES[name]
    if not len(lists[f"{name}_keys"]):
        return KeyedSums()
    return KeyedSums(
        keys=lists[f"{name}_keys"].reshape(-1, shape.key),
        values=lists[f"{name}_sums"].reshape(-1, shape.numbers),
    )


def _answers(lists: Mapping[str, Any]) -> dict[tuple[str, str], int]:
    names = ("answers_champion", "answers_challenger", "answers_pairs")
    found = zip(*(lists[name].tolist() for name in names), strict=True)
    return {(one, other): pairs for one, other, pairs in found}


def _cells(lists: Mapping[str, Any]) -> dict[tuple[str, str], tuple[int, ...]]:
    keys = zip(lists["cell_features"].tolist(), lists["cell_values"].tolist(), strict=True)
    pairs = map(tuple, lists["cell_pairs"].reshape(-1, _CELL).tolist())
    return dict(zip(keys, pairs, strict=True))


def _examples(lists: Mapping[str, Any]) -> tuple[Example, ...]:
    names = ("example_kinds", "example_ids", "example_weights")
    found = zip(*(lists[name].tolist() for name in names), strict=True)
    return tuple(Example(kind=kind, id=key, weight=weight) for kind, key, weight in found)


def _findings(lists: Mapping[str, Any]) -> Iterator[tuple[str, str, bool]]:
    """What no pairs can have: a field, what it should hold, and whether it does not."""
    for name in _SHAPES:
        yield from _of_sums(name, lists)
    yield from _of_answers(lists)
    yield from _of_cells(lists)
    yield from _of_examples(lists)


def _of_sums(name: str, lists: Mapping[str, Any]) -> Iterator[tuple[str, str, bool]]:
    shape, keys, sums = _SHAPES[name], lists[f"{name}_keys"], lists[f"{name}_sums"]
    rows = len(keys) // shape.key
    yield f"{name}_keys", f"{shape.key} integers each", len(keys) % shape.key != 0
    yield f"{name}_sums", f"{shape.numbers} numbers for each key", len(sums) != rows * shape.numbers
    keys, sums = keys.reshape(-1, shape.key), sums.reshape(-1, shape.numbers)
    yield f"{name}_keys", "ascending keys, each once", not _ascend(keys)
    for column, bound in shape.bounds:
        wrong = bool(((keys[:, column] < 0) | (keys[:, column] >= bound)).any())
        yield f"{name}_keys", f"integers from 0 to below {bound:,}", wrong
    yield f"{name}_sums", "finite numbers", not np.isfinite(sums).all()
    first = sums[:, 0]
    wrong = bool(((first < 1) | (first > MOST_ROWS) | (first != np.floor(first))).any())
    yield f"{name}_sums", "1 or more pairs or rows of each key", wrong
    if shape.kind == _COUNTS:
        wrong = bool(((sums < 0) | (sums > first[:, np.newaxis])).any())
        yield f"{name}_sums", "no more of some pairs than of all", wrong


def _ascend(keys: Any) -> bool:
    order = np.lexsort(keys.T[::-1])
    steps = np.diff(keys, axis=0).any(axis=1)
    return bool((order == np.arange(len(keys))).all() and steps.all())


def _of_answers(lists: Mapping[str, Any]) -> Iterator[tuple[str, str, bool]]:
    names = ("answers_champion", "answers_challenger", "answers_pairs")
    sizes = {len(lists[name]) for name in names}
    yield "answers_pairs", "a number for each two labels", len(sizes) > 1
    labels = {*lists[names[0]].tolist(), *lists[names[1]].tolist()}
    yield "answers_champion", f"at most {MOST_ANSWERS} labels", len(labels) > MOST_ANSWERS
    cells = [*zip(lists[names[0]].tolist(), lists[names[1]].tolist(), strict=True)]
    yield "answers_champion", "every two labels once", len(set(cells)) < len(cells)
    pairs = lists["answers_pairs"]
    yield "answers_pairs", "1 or more pairs each", bool(((pairs < 1) | (pairs > MOST_ROWS)).any())
    collapsed = lists["answers_collapsed"]
    yield "answers_collapsed", "one truth value", len(collapsed) != 1
    yield "answers_collapsed", "none where labels are told apart", bool(collapsed[0] and cells)


def _of_cells(lists: Mapping[str, Any]) -> Iterator[tuple[str, str, bool]]:
    features, values = lists["cell_features"].tolist(), lists["cell_values"].tolist()
    yield "cell_values", "a value for each feature", len(values) != len(features)
    pairs = lists["cell_pairs"]
    yield "cell_pairs", f"{_CELL} counts of each cell", len(pairs) != _CELL * len(values)
    pairs = pairs.reshape(-1, _CELL)
    wrong = (pairs < 0) | (pairs > pairs[:, :1]) | (pairs[:, :1] < 1) | (pairs > MOST_ROWS)
    yield "cell_pairs", "1 or more pairs, and no more of some than of all", bool(wrong.any())
    wrong = pairs[:, 3] + pairs[:, 4] > pairs[:, 2]
    yield "cell_pairs", "one that is right alone at most", bool(wrong.any())
    cells = [*zip(features, values, strict=True)]
    yield "cell_values", "every cell once", len(set(cells)) < len(cells)
    collapsed = lists["cells_collapsed"].tolist()
    yield "cells_collapsed", "features without cells", bool(set(collapsed) & set(features))


def _of_examples(lists: Mapping[str, Any]) -> Iterator[tuple[str, str, bool]]:
    names: Sequence[str] = ("example_kinds", "example_ids", "example_weights")
    yield "example_ids", "an id of each", len({len(lists[name]) for name in names}) > 1
    shown = lists["examples_shown"]
    yield "examples_shown", "one number, 0 or more", len(shown) != 1 or shown[0] < 0
    kinds = set(lists["example_kinds"].tolist())
    yield "example_kinds", f"some of {', '.join(sorted(_KINDS))}", not kinds <= _KINDS
    yield "example_weights", "numbers", not np.isfinite(lists["example_weights"]).all()
    found = _examples(lists)
    yield "example_ids", "those that are kept", kept_examples(found, int(shown[0])) != found
