"""Folds columns of numbers, booleans and times into their states."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from driftkit.columns.types import InferredType, type_of
from driftkit.native.arrays import values_of
from driftkit.states.profile.column import ColumnState
from driftkit.states.profile.distinct import Registers
from driftkit.states.profile.frequencies import FREQUENCIES, LIMIT, Frequencies
from driftkit.states.profile.reading import Reading, seen, with_counts, with_numbers
from driftkit.states.profile.types import TypeCounts

if TYPE_CHECKING:
    from driftkit.native.arrays import Bytes, Values

# Spark's decimals of up to 18 digits are longs.
_LONG_DIGITS = 18
_PREFIX = 4096
_PER_SECOND = {"s": 1, "ms": 1000}


def with_numeric(state: ColumnState, array: pa.Array, reading: Reading) -> ColumnState:
    """The state after integers or floats of any width, those that are null left out."""
    if pa.types.is_float16(array.type):
        array = array.cast(pa.float32())
    return with_values(state, reading.kernels.dense(array), reading)


def with_values(state: ColumnState, values: Values, reading: Reading) -> ColumnState:
    """The state after integers or floats of any width, none of them missing."""
    is_whole = values.dtype.kind in "iu"
    kind = InferredType.INTEGRAL if is_whole else InferredType.FRACTIONAL
    count = len(values)
    # One state instead of one after the other: there may be thousands of parts.
    return ColumnState(
        name=state.name,
        declared=state.declared,
        presence=state.presence,
        types=state.types
        + (TypeCounts(integral=count) if is_whole else TypeCounts(fractional=count)),
        distinct=_touched(state, values, reading),
        frequencies=state.frequencies + _of_domain(values, kind, reading),
        **seen(state, values, reading),
    )


def with_decimals(state: ColumnState, array: pa.Array, reading: Reading) -> ColumnState:
    """The state after decimals without nulls; their doubles are rounded correctly."""
    registers = state.distinct.values.copy()
    if not (pa.types.is_decimal128(array.type) or pa.types.is_decimal256(array.type)):
        # Arrow's narrow decimals can do little else.
        array = array.cast(pa.decimal128(array.type.precision, array.type.scale))
    if pa.types.is_decimal128(array.type) and array.type.precision <= _LONG_DIGITS:
        unscaled = np.frombuffer(array.buffers()[1], np.int64)
        first = 2 * array.offset
        longs = np.ascontiguousarray(unscaled[first : first + 2 * len(array) : 2])
        reading.kernels.touch_longs(longs, registers)
    else:
        unscaled_bytes = pa.array(_unscaled_bytes(array.unique()), pa.binary())
        reading.kernels.touch_texts(unscaled_bytes, registers)
    values = values_of(array.cast(pa.string()).cast(pa.float64()))
    counted = _of_domain(values, InferredType.FRACTIONAL, reading)
    state = with_counts(state, TypeCounts(fractional=len(values)), registers, counted)
    return with_numbers(state, values, reading)


def with_booleans(state: ColumnState, array: pa.Array, reading: Reading) -> ColumnState:
    """The state after truth values without nulls."""
    true = array.true_count
    pairs = (("true", 1, true), ("false", 0, len(array) - true))
    found = [(text, bit, count) for text, bit, count in pairs if count]
    registers = state.distinct.values.copy()
    reading.kernels.touch_ints(np.array([bit for _, bit, _ in found], np.int32), registers)
    counts = Frequencies.from_counts({text: count for text, _, count in found}, reading.domain)
    return with_counts(state, TypeCounts(boolean=len(array)), registers, counts)


def with_times(state: ColumnState, array: pa.Array, reading: Reading) -> ColumnState:
    """The state after timestamps, dates or times without nulls, which are Strings in the files."""
    registers = state.distinct.values.copy()
    if pa.types.is_date(array.type):
        array = array.cast(pa.date32(), safe=False)
        reading.kernels.touch_ints(values_of(array.view(pa.int32())), registers)
    else:
        array = micros(array)
        reading.kernels.touch_longs(_longs(array), registers)
    counted = _of_times(array, state.frequencies, reading)
    return with_counts(state, TypeCounts(string=len(array)), registers, counted)


def _touched(state: ColumnState, values: Values, reading: Reading) -> Registers:
    if reading.distinct is not None:
        return state.distinct + reading.distinct
    registers = state.distinct.values.copy()
    if values.dtype.kind in "iu":
        _touch_integers(values, registers, reading)
    elif values.dtype == np.float32:
        # NaNs that signal are as good as others.
        with np.errstate(invalid="ignore"):
            normal = values + np.float32(0.0)
        normal[np.isnan(normal)] = np.nan
        reading.kernels.touch_ints(normal.view(np.int32), registers)
    else:
        reading.kernels.touch_doubles(values, registers)
    return Registers(values=registers)


def _touch_integers(values: Values, registers: Bytes, reading: Reading) -> None:
    """Hashes as Spark does, which reads unsigned integers as the next wider signed ones."""
    kind, width = values.dtype.kind, values.dtype.itemsize
    if kind == "u" and width == 8:
        # A decimal of 20 digits in Spark, hashed by its bytes.
        unique = pa.array(np.unique(values)).cast(pa.decimal128(20))
        reading.kernels.touch_texts(pa.array(_unscaled_bytes(unique), pa.binary()), registers)
    elif width == 8 or (kind == "u" and width == 4):
        reading.kernels.touch_longs(values.astype(np.int64, copy=False), registers)
    else:
        reading.kernels.touch_ints(values.astype(np.int32, copy=False), registers)


def _unscaled_bytes(decimals: pa.Array) -> list[bytes]:
    """The shortest big-endian two's complement of each, as Java's BigInteger has it."""
    scale = decimals.type.scale
    unscaled = (int(value.scaleb(scale)) for value in decimals.to_pylist())
    return [
        each.to_bytes((each if each >= 0 else ~each).bit_length() // 8 + 1, "big", signed=True)
        for each in unscaled
    ]


def _of_domain(values: Values, kind: InferredType, reading: Reading) -> Frequencies:
    """Rows of the domain's values among numbers; a column of numbers has no other categories."""
    if not reading.domain:
        return FREQUENCIES.empty
    same_type = (text for text in reading.domain if type_of(text) is kind)
    counts = {text: int((values == float(text)).sum()) for text in same_type if text[1:2] != " "}
    return Frequencies(
        counts={text: count for text, count in counts.items() if count},
        total=len(values),
        domain=reading.domain,
        overflowed=True,
        buckets=None,
    )


def micros(array: pa.Array) -> pa.Array:
    """Times as fine as Spark's; as they are where 64 bits do not hold them so."""
    kind: Any = pa.time64
    if pa.types.is_timestamp(array.type):
        kind = pa.timestamp
    elif pa.types.is_duration(array.type):
        kind = pa.duration
    coarse = array.type.unit in _PER_SECOND
    try:
        # Finer ones are cut, coarser ones must fit.
        return array.cast(kind("us"), safe=coarse)
    except pa.ArrowInvalid:
        return array


def _longs(times: pa.Array) -> Values:
    """Microseconds, where they fit into 64 bits; values that do not stand for themselves."""
    longs = values_of(times.view(pa.int64()))
    if times.type.unit not in _PER_SECOND:
        return longs
    factor = 1_000_000 // _PER_SECOND[times.type.unit]
    limit = np.iinfo(np.int64).max // factor
    fits = (longs >= -limit) & (longs <= limit)
    return np.where(fits, longs * np.where(fits, factor, 1), longs)


def _of_times(array: pa.Array, before: Frequencies, reading: Reading) -> Frequencies:
    many = before.overflowed or pc.count_distinct(array.slice(0, _PREFIX)).as_py() > LIMIT
    if many and not reading.domain:
        return Frequencies(total=len(array), overflowed=True, buckets=None)
    counts: dict[str, int] = {}
    found = array.value_counts()
    pairs = zip(time_texts(found.field("values")), found.field("counts").to_pylist(), strict=True)
    for text, count in pairs:
        counts[text] = counts.get(text, 0) + count
    # Hashes of texts would have to be made of all of them.
    return replace(Frequencies.from_counts(counts, reading.domain), buckets=None)


def time_texts(times: pa.Array) -> list[str]:
    """The texts of times as Spark's cast has them: no zeros at the end of a second's fraction."""
    try:
        return [_without_zeros(str(value)) for value in times.to_pylist()]
    except (OverflowError, ValueError):
        # Python's times end with the year 9999.
        return [_far_text(value, times.type) for value in times]


def _without_zeros(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


def _far_text(value: pa.Scalar, kind: pa.DataType) -> str:
    try:
        return _without_zeros(str(value.as_py()))
    except (OverflowError, ValueError):
        unit: Any = "D" if pa.types.is_date(kind) else kind.unit
        if pa.types.is_duration(kind):
            return f"{value.value} {unit}"
        text = str(np.datetime64(value.value, unit)).replace("T", " ")
        # Spark sets a plus before years of more than four digits.
        return _without_zeros(f"+{text}" if text[4:5].isdigit() and text[0] != "-" else text)
