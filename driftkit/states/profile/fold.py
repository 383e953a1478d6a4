"""Folds a column of a chunk into its state, by type."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.types as kind_of

from driftkit.errors import InputError
from driftkit.native.arrays import whole
from driftkit.states.profile.fold_numbers import (
    with_booleans,
    with_decimals,
    with_numeric,
    with_times,
)
from driftkit.states.profile.fold_strings import with_dictionary, with_texts
from driftkit.states.profile.presence import Presence

if TYPE_CHECKING:
    from collections.abc import Callable

    from driftkit.states.profile.column import ColumnState
    from driftkit.states.profile.reading import Reading

    Taker = Callable[[ColumnState, pa.Array, Reading], ColumnState]


def extended(state: ColumnState, values: pa.ChunkedArray, reading: Reading) -> ColumnState:
    """The state of a column after some more values, in their order.

    Raises:
        InputError: the values are nested or binary, or texts that are not UTF-8.
    """
    values = _readable(values)
    missing = values.null_count
    present = len(values) - missing
    state = with_presence(state, present, missing)
    if not present:
        return state
    take = _taker(state.name, values.type)
    for array in values.chunks:
        if len(array) > array.null_count:
            try:
                state = take(state, _dense(array, reading), reading)
            except UnicodeDecodeError as error:
                raise _no_text(state.name, error) from error
    return state


def _no_text(name: str, error: UnicodeDecodeError) -> InputError:
    return InputError(
        "the column holds texts that are not UTF-8",
        where=name,
        expected="UTF-8, as Arrow and Parquet demand of text",
        found=str(error),
        todo="Write the column again, or declare it binary, so that it is set aside",
    )


def with_presence(state: ColumnState, present: int, missing: int) -> ColumnState:
    """The state after so many rows with a value and without, which is yet to be taken."""
    return replace(state, presence=state.presence + Presence(present=present, missing=missing))


def is_number(kind: pa.DataType) -> bool:
    """Whether values of this type are numbers that kernels take as they are."""
    return bool(kind_of.is_integer(kind) or kind_of.is_float32(kind) or kind_of.is_float64(kind))


def is_dictionary(values: pa.ChunkedArray) -> bool:
    """Whether the values are text as a dictionary."""
    return (
        bool(kind_of.is_dictionary(values.type))
        and _is_text(values.type.value_type)
        and not any(array.dictionary.null_count for array in values.chunks)
    )


def _readable(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """The same values with dictionaries of text in one array, and no views or other dictionaries."""
    if kind_of.is_dictionary(values.type):
        if is_dictionary(values):
            return values if values.num_chunks < 2 else pa.chunked_array([whole(values)])
        values = values.cast(values.type.value_type)
    return values.cast(pa.large_string()) if kind_of.is_string_view(values.type) else values


def _dense(array: pa.Array, reading: Reading) -> pa.Array:
    # Kernels leave out the nulls of numbers; those of a dictionary stand among its codes.
    later = kind_of.is_dictionary, kind_of.is_integer, kind_of.is_floating
    if array.null_count == 0 or any(holds(array.type) for holds in later):
        return array
    is_text = kind_of.is_string(array.type)
    return reading.kernels.known_strings(array) if is_text else array.drop_null()


def _is_text(kind: pa.DataType) -> bool:
    return bool(kind_of.is_string(kind) or kind_of.is_large_string(kind))


def _is_time(kind: pa.DataType) -> bool:
    return bool(kind_of.is_temporal(kind) and not kind_of.is_interval(kind))


_TAKERS: tuple[tuple[Callable[[pa.DataType], bool], Taker], ...] = (
    (kind_of.is_floating, with_numeric),
    (kind_of.is_integer, with_numeric),
    (_is_text, with_texts),
    (kind_of.is_dictionary, with_dictionary),
    (kind_of.is_boolean, with_booleans),
    (_is_time, with_times),
    (kind_of.is_decimal, with_decimals),
)


def _taker(name: str, kind: pa.DataType) -> Taker:
    for holds, take in _TAKERS:
        if holds(kind):
            return take
    raise InputError(
        "a column of this type cannot be measured",
        where=name,
        expected="numbers, text, truth values or times",
        found=str(kind),
        todo="Leave the column out, or flatten it",
    )
