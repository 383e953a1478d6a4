"""Folds chunks of rows into group counts."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from driftkit.native.arrays import whole
from driftkit.states.groups.columns import (
    VALUES_KEPT,
    ColumnFacts,
    GroupColumn,
    Key,
    Rest,
    number_of,
    smallest_hashes,
)
from driftkit.states.groups.counts import CountPlan, GroupCounts, total
from driftkit.states.groups.decided import decided

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from driftkit.columns.chunk import Chunk

    Codes = NDArray[np.int32] | NDArray[np.int64]

# Whole numbers within such a range are told apart by subtraction rather than by hashing.
NEARBY = 1 << 16
# Where all values of a dictionary usually have appeared.
FIRST_ROWS = 4096
# Histograms up to this many cells are arrays, wider ones are sorted.
DENSE_CELLS = 1 << 20

# No more digits than a double's greatest value has: what is larger is an infinite number.
_INT = re.compile(r"\s*[+-]?\d{1,308}\s*", re.ASCII)
_BOOLEANS = frozenset({"True", "False", "TRUE", "FALSE", "true", "false"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Coded:
    """A column of a chunk: a code a row, and what the codes stand for."""

    codes: Codes
    keys: tuple[Key, ...]
    facts: ColumnFacts


def count(plan: CountPlan, chunks: Iterable[Chunk]) -> GroupCounts:
    """Counts of all rows of some chunks, in one pass."""
    return total(plan, (count_chunk(plan, chunk) for chunk in chunks))


def count_chunk(plan: CountPlan, chunk: Chunk) -> GroupCounts:
    """Counts of the rows of a chunk."""
    coded = [code(column, chunk.column(column.index)) for column in plan.columns]
    outcome, sizes = _combined([coded[index] for index in plan.outcome()])
    tables = []
    for facet in plan.facets:
        parts = [coded[index] for index in facet]
        codes, widths = _combined(parts, before=(outcome, sizes))
        keys = [part.keys for part in (*parts, *(coded[index] for index in plan.outcome()))]
        tables.append(_histogram(codes, widths, keys))
    return GroupCounts(
        plan=plan,
        rows=chunk.num_rows,
        columns=tuple(each.facts for each in coded),
        tables=tuple(tables),
        rejected=chunk.rejected,
    )


def _combined(
    parts: Sequence[Coded], before: tuple[Codes, tuple[int, ...]] | None = None
) -> tuple[Codes, tuple[int, ...]]:
    """One code a row for several columns; the columns of `before` vary fastest."""
    codes, sizes = before if before is not None else (None, ())
    for part in reversed(parts):
        width = math.prod(sizes)
        sizes = (len(part.keys), *sizes)
        if codes is None:
            codes = part.codes
            continue
        # Half the bytes take half the time, where they are enough.
        wide = np.int32 if math.prod(sizes) < 2**31 else np.int64
        codes = part.codes * wide(width) + codes
    return (np.zeros(0, dtype=np.int32) if codes is None else codes), sizes


def _histogram(
    codes: Codes, sizes: tuple[int, ...], keys: Sequence[tuple[Key, ...]]
) -> dict[tuple[Key, ...], int]:
    if math.prod(sizes) <= DENSE_CELLS:
        dense = np.bincount(codes)
        cells = np.flatnonzero(dense)
        counts = dense[cells]
    else:
        cells, counts = np.unique(codes, return_counts=True)
    indices = np.unravel_index(cells, sizes) if len(cells) else [np.zeros(0, int) for _ in sizes]
    columns = [[key[index] for index in where] for key, where in zip(keys, indices, strict=True)]
    return dict(zip(zip(*columns, strict=True), counts.tolist(), strict=True))


def code(column: GroupColumn, values: pa.ChunkedArray) -> Coded:
    """Codes and facts of a column of a chunk; codes are in order of appearance."""
    if column.threshold is not None:
        values = decided(values, column.threshold)
    codes, distinct = _dictionary(values)
    missing = int((codes < 0).sum())
    looks = _looks(distinct)
    keys, indices, hashes = _keys(column, distinct, looks)
    if missing:
        indices = np.concatenate([indices, np.array([len(keys)], dtype=indices.dtype)])
        keys = (*keys, None)
    collapsed = hashes is not None
    # A missing value has code -1, which picks the last place.
    chosen = indices[codes] if missing or collapsed else codes
    return Coded(
        codes=chosen,
        keys=keys,
        facts=ColumnFacts(
            column=column,
            values=_by_appearance(keys, chosen, missing > 0),
            collapsed=collapsed,
            present=len(codes) - missing,
            missing=missing,
            kinds=looks.kinds,
            maximum=looks.maximum,
            hashes=hashes or (),
        ),
    )


def _by_appearance(
    keys: tuple[Key, ...],
    codes: Codes,
    missing: bool,  # noqa: FBT001
) -> tuple[Key, ...]:
    """Keys in the order of their first rows; a dictionary is so, missing values come anywhere."""
    if not missing or len(keys) == 1:
        return keys
    first = int(np.argmax(codes == len(keys) - 1))
    before = len(np.unique(codes[:first]))
    return (*keys[:before], None, *keys[before:-1])


def _dictionary(values: pa.ChunkedArray) -> tuple[Codes, pa.Array]:
    """A code a row (-1 where missing) and the distinct values, in order of appearance."""
    if pa.types.is_temporal(values.type) or pa.types.is_null(values.type):
        values = values.cast(pa.string())
    ready = pa.types.is_dictionary(values.type)
    if not len(values):
        kind = values.type.value_type if ready else values.type
        return np.zeros(0, dtype=np.int32), pa.array([], kind)
    if ready:
        array = whole(values)
        return _in_order(_codes(array), array.dictionary)
    near = _nearby(values) if pa.types.is_integer(values.type) and not values.null_count else None
    if near is not None:
        return near
    array = whole(pc.dictionary_encode(values))
    return _without_nan(_codes(array), array.dictionary)


def _codes(array: pa.DictionaryArray) -> Codes:
    codes = array.indices.fill_null(-1) if array.null_count else array.indices
    return np.asarray(codes.to_numpy(zero_copy_only=False)).astype(np.int32, copy=False)


def _nearby(values: pa.ChunkedArray) -> tuple[Codes, pa.Array] | None:
    """Whole numbers close to one another are codes already; None where they are not."""
    bounds = pc.min_max(values)
    low, high = bounds["min"].as_py(), bounds["max"].as_py()
    if high - low >= NEARBY:
        return None
    codes = (whole(values).to_numpy() - low).astype(np.int32)
    return _in_order(codes, pa.array(np.arange(low, high + 1), values.type))


def _in_order(codes: Codes, distinct: pa.Array) -> tuple[Codes, pa.Array]:
    """A dictionary from elsewhere, without values that do not occur, in order of appearance."""
    order = _by_first_row(codes[:FIRST_ROWS])
    if len(order) < len(distinct):
        order = _by_first_row(codes)
    if np.array_equal(order, np.arange(len(distinct))):
        return codes, distinct
    moved = np.full(len(distinct) + 1, -1, dtype=np.int32)
    moved[order] = np.arange(len(order))
    return moved[codes], distinct.take(pa.array(order))


def _by_first_row(codes: Codes) -> Codes:
    """The codes that occur, in the order of their first rows."""
    size = int(codes.max(initial=-1)) + 2
    first = np.full(size, len(codes), dtype=np.int64)
    # Written from the last row to the first, the first appearance is what stays; missing values
    # have code -1, which is the last place.
    first[codes[::-1]] = np.arange(len(codes) - 1, -1, -1)
    order = np.argsort(first[:-1], kind="stable")
    return order[: int((first[:-1] < len(codes)).sum())]


def _without_nan(codes: Codes, distinct: pa.Array) -> tuple[Codes, pa.Array]:
    """Not a number is a missing value."""
    if not pa.types.is_floating(distinct.type):
        return codes, distinct
    good = ~np.isnan(distinct.to_numpy(zero_copy_only=False))
    if good.all():
        return codes, distinct
    moved = np.append(np.where(good, np.cumsum(good) - 1, -1), -1)
    return moved[codes], distinct.filter(pa.array(good))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Looks:
    kinds: frozenset[str]
    maximum: int | float | None
    numbers: NDArray[np.float64] | None


def _looks(distinct: pa.Array) -> _Looks:
    """What the distinct values look like, and the greatest number among them."""
    if len(distinct) == 0:
        return _Looks(kinds=frozenset(), maximum=None, numbers=None)
    if pa.types.is_boolean(distinct.type):
        return _Looks(kinds=frozenset({"bool"}), maximum=None, numbers=None)
    if pa.types.is_integer(distinct.type):
        numbers = distinct.to_numpy(zero_copy_only=False)
        return _Looks(
            kinds=frozenset({"int"}), maximum=int(numbers.max()), numbers=numbers.astype(float)
        )
    if pa.types.is_floating(distinct.type) or pa.types.is_decimal(distinct.type):
        numbers = distinct.cast(pa.float64()).to_numpy(zero_copy_only=False)
        return _Looks(kinds=frozenset({"float"}), maximum=float(numbers.max()), numbers=numbers)
    return _looks_of_text(distinct.to_pylist())


def _looks_of_text(texts: list[str]) -> _Looks:
    kinds = [kind_of(text) for text in texts]
    whole = [int(text) for text, kind in zip(texts, kinds, strict=True) if kind == "int"]
    broken = [float(text) for text, kind in zip(texts, kinds, strict=True) if kind == "float"]
    maximum: int | float | None = max((*whole, *broken), default=None)
    if not set(kinds) <= {"int", "float"}:
        return _Looks(kinds=frozenset(kinds), maximum=maximum, numbers=None)
    numbers = np.array([float(text) for text in texts])
    return _Looks(kinds=frozenset(kinds), maximum=maximum, numbers=numbers)


def kind_of(text: str) -> str:
    """What a text looks like to a reader that types columns, as pandas does.

    >>> [kind_of(text) for text in ("12", "1e3", "True", "F")]
    ['int', 'float', 'bool', 'str']
    """
    if _INT.fullmatch(text):
        return "int"
    if text in _BOOLEANS:
        return "bool"
    return "str" if number_of(text) is None else "float"


def _keys(
    column: GroupColumn, distinct: pa.Array, looks: _Looks
) -> tuple[tuple[Key, ...], Codes, tuple[int, ...] | None]:
    """Keys, the key of each distinct value, and hashes where the values are too many to keep."""
    indices = np.arange(len(distinct), dtype=np.int32)
    if len(distinct) <= VALUES_KEPT:
        return tuple(_plain(distinct)), indices, None
    if looks.numbers is None:
        collapsed = [column.collapse(key) for key in _plain(distinct)]
        hashes = smallest_hashes(
            np.array([n for key in _plain(distinct) if (n := number_of(key)) is not None])
        )
        return (*_indices(collapsed), hashes)
    points = np.array(column.points)
    ranks = np.searchsorted(points, looks.numbers, side="left")
    named = np.isin(looks.numbers, points)
    keys: list[Key] = [Rest(int(rank)) for rank in ranks]
    for index in np.flatnonzero(named):
        [key] = _plain(distinct.slice(int(index), 1))
        keys[index] = column.collapse(key)
    return (*_indices(keys), smallest_hashes(looks.numbers))


def _plain(distinct: pa.Array) -> list[Any]:
    values: list[Any] = (
        distinct.cast(pa.float64()) if pa.types.is_decimal(distinct.type) else distinct
    ).to_pylist()
    return values


def _indices(keys: Sequence[Key]) -> tuple[tuple[Key, ...], Codes]:
    unique = {key: index for index, key in enumerate(dict.fromkeys(keys))}
    return tuple(unique), np.array([unique[key] for key in keys], dtype=np.int32)
