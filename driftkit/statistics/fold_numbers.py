"""Takes columns of declared numbers, truth values and times into their states."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from driftkit.columns.types import InferredType, type_of
from driftkit.statistics.arrays import values_of
from driftkit.statistics.column import ColumnState
from driftkit.statistics.distinct import Registers
from driftkit.statistics.frequencies import LIMIT, Frequencies
from driftkit.statistics.reading import Reading, seen, with_numbers
from driftkit.statistics.types import TypeCounts

if TYPE_CHECKING:
    from driftkit.statistics.arrays import Bytes, Values

# Spark's decimals of up to 18 digits are longs.
_LONG_DIGITS = 18
_PREFIX = 4096


def with_numeric(state: ColumnState, array: pa.Array, reading: Reading) -> ColumnState:
    """The state after integers or floats of any width, those that are null left out."""
    if pa.types.is_float16(array.type):
        array = array.cast(pa.float32())
    return with_values(state, reading.kernels.dense(array), reading)


def with_values(state: ColumnState, values: Values, reading: Reading) -> ColumnState:
    """The state after integers or floats of any width, none of them missing."""
    kind = InferredType.INTEGRAL if values.dtype.kind in "iu" else InferredType.FRACTIONAL
    found = seen(state, values, reading)
    # One state instead of one after the other: there may be thousands of parts.
    return ColumnState(
        name=state.name,
        declared=state.declared,
        presence=state.presence,
        types=state.types + _of_kind(kind, len(values)),
        moments=found.moments,
        extremes=found.extremes,
        sketch=found.sketch,
        distinct=_touched(state, values, reading),
        frequencies=state.frequencies + _of_domain(values, kind, reading),
        non_finite=found.non_finite,
    )


def with_decimals(state: ColumnState, array: pa.Array, reading: Reading) -> ColumnState:
    """The state after decimals without nulls; their doubles are rounded correctly."""
    registers = state.distinct.values.copy()
    if pa.types.is_decimal128(array.type) and array.type.precision <= _LONG_DIGITS:
        unscaled = np.frombuffer(array.buffers()[1], np.int64)
        first = 2 * array.offset
        longs = np.ascontiguousarray(unscaled[first : first + 2 * len(array) : 2])
        reading.kernels.touch_longs(longs, registers)
    else:
        unscaled_bytes = pa.array(_unscaled_bytes(array.unique()), pa.binary())
        reading.kernels.touch_texts(unscaled_bytes, registers)
    values = values_of(array.cast(pa.string()).cast(pa.float64()))
    return _with_fractional(state, values, registers, reading)


def with_booleans(state: ColumnState, array: pa.Array, reading: Reading) -> ColumnState:
    """The state after truth values without nulls."""
    true = array.true_count
    pairs = (("true", 1, true), ("false", 0, len(array) - true))
    found = [(text, bit, count) for text, bit, count in pairs if count]
    registers = state.distinct.values.copy()
    reading.kernels.touch_ints(np.array([bit for _, bit, _ in found], np.int32), registers)
    counts = Frequencies.of({text: count for text, _, count in found}, reading.domain)
    return replace(
        state,
        types=state.types + TypeCounts(boolean=len(array)),
        distinct=Registers(values=registers),
        frequencies=state.frequencies + counts,
    )


def with_times(state: ColumnState, array: pa.Array, reading: Reading) -> ColumnState:
    """The state after timestamps, dates or times without nulls, which are Strings in the files."""
    registers = state.distinct.values.copy()
    if pa.types.is_date(array.type):
        array = array.cast(pa.date32())
        reading.kernels.touch_ints(values_of(array.view(pa.int32())), registers)
    else:
        array = _micros(array)
        reading.kernels.touch_longs(values_of(array.view(pa.int64())), registers)
    return replace(
        state,
        types=state.types + TypeCounts(string=len(array)),
        distinct=Registers(values=registers),
        frequencies=state.frequencies + _of_times(array, state.frequencies, reading),
    )


def _of_kind(kind: InferredType, count: int) -> TypeCounts:
    if kind is InferredType.INTEGRAL:
        return TypeCounts(integral=count)
    return TypeCounts(fractional=count)


def _touched(state: ColumnState, values: Values, reading: Reading) -> Registers:
    if reading.distinct is not None:
        return state.distinct + reading.distinct
    registers = state.distinct.values.copy()
    if values.dtype.kind in "iu":
        _touch_integers(values, registers, reading)
    elif values.dtype == np.float32:
        normal = values + np.float32(0.0)
        normal[np.isnan(normal)] = np.nan
        reading.kernels.touch_ints(normal.view(np.int32), registers)
    else:
        reading.kernels.touch_doubles(values, registers)
    return Registers(values=registers)


def _with_fractional(
    state: ColumnState, values: Values, registers: Bytes, reading: Reading
) -> ColumnState:
    state = replace(
        state,
        types=state.types + TypeCounts(fractional=len(values)),
        distinct=Registers(values=registers),
        frequencies=state.frequencies + _of_domain(values, InferredType.FRACTIONAL, reading),
    )
    return with_numbers(state, values, reading)


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
        return Frequencies()
    alike = (text for text in reading.domain if type_of(text) is kind)
    counts = {text: int((values == float(text)).sum()) for text in alike if text[1:2] != " "}
    return Frequencies(
        counts={text: count for text, count in counts.items() if count},
        total=len(values),
        domain=reading.domain,
        overflowed=True,
    )


def _micros(array: pa.Array) -> pa.Array:
    if pa.types.is_timestamp(array.type):
        return array.cast(pa.timestamp("us"), safe=False)
    if pa.types.is_duration(array.type):
        return array.cast(pa.duration("us"), safe=False)
    return array.cast(pa.time64("us"), safe=False)


def _of_times(array: pa.Array, before: Frequencies, reading: Reading) -> Frequencies:
    many = before.overflowed or pc.count_distinct(array.slice(0, _PREFIX)).as_py() > LIMIT
    if many and not reading.domain:
        return Frequencies(total=len(array), overflowed=True)
    counted = array.value_counts()
    texts = time_texts(counted.field("values"))
    counts = dict(zip(texts, counted.field("counts").to_pylist(), strict=True))
    return Frequencies.of(counts, reading.domain)


def time_texts(values: pa.Array) -> list[str]:
    """The texts of times without nulls as Spark's cast has them."""
    try:
        return [_time_text(value) for value in values.to_pylist()]
    except OverflowError:
        return [_any_time_text(value) for value in values]


def _any_time_text(value: pa.Scalar) -> str:
    """The text of a time, also where Python has no date for it: of the years 1 to 9999 only."""
    try:
        return _time_text(value.as_py())
    except OverflowError:
        return _time_text(value.cast(pa.string()).as_py())


def _time_text(value: Any) -> str:
    """No zeros at the end of a second's fraction."""
    text = str(value)
    return text.rstrip("0").rstrip(".") if "." in text else text
