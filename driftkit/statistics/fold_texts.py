"""Takes columns of text into their states."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from driftkit.statistics.arrays import places, values_of
from driftkit.statistics.distinct import Registers
from driftkit.statistics.frequencies import LIMIT, Frequencies
from driftkit.statistics.kernels.choice import compiled
from driftkit.statistics.reading import Reading, with_numbers
from driftkit.statistics.types import TypeCounts

if TYPE_CHECKING:
    from driftkit.statistics.arrays import Bytes, Integers
    from driftkit.statistics.column import ColumnState
    from driftkit.statistics.kernels.texts import Parsed

# Rows by which it is seen that a column has too many values to be worth a dictionary.
_PREFIX = 4096
# Few rows may be long texts: loading numba takes about as long as hashing so many bytes without.
_LONG_BYTES = 8 * 1024 * 1024


def with_texts(state: ColumnState, array: pa.Array, reading: Reading) -> ColumnState:
    """The state after strings without nulls.

    Args:
        state: of the rows before; where it declares no type, the texts are typed.
        array: strings, plain or large.
        reading: what is asked.
    """
    if _too_many(array, state.frequencies, reading):
        return _row_by_row(state, array, reading)
    return with_dictionary(state, reading.kernels.encoded(array), reading)


def with_dictionary(state: ColumnState, array: pa.DictionaryArray, reading: Reading) -> ColumnState:
    """The state after strings given as a dictionary: each different one is looked at once."""
    codes = values_of(array.indices.drop_null()).astype(np.intp, copy=False)
    counts = np.bincount(codes, minlength=len(array.dictionary))
    used = np.flatnonzero(counts)
    every = len(used) == len(array.dictionary)
    texts = array.dictionary if every else array.dictionary.take(places(used))
    rows = counts[used]
    registers = state.distinct.values.copy()
    parsed = _looked_at(state, texts, registers, reading)
    state = replace(
        state,
        types=state.types + _type_counts(parsed, int(rows.sum()), rows),
        distinct=Registers(values=registers),
        frequencies=state.frequencies + _of_distinct(texts, rows, reading.domain),
    )
    if parsed is None or not parsed.numeric.any():
        return state
    table = np.full(len(array.dictionary), np.nan)
    table[used] = parsed.numbers
    numbers = table[codes]
    numeric = parsed.numeric.all()
    return with_numbers(state, numbers if numeric else numbers[~np.isnan(numbers)], reading)


def _row_by_row(state: ColumnState, texts: pa.Array, reading: Reading) -> ColumnState:
    registers = state.distinct.values.copy()
    parsed = _looked_at(state, texts, registers, reading)
    counted = Frequencies(
        counts=_of_domain(texts, reading.domain),
        total=len(texts),
        domain=reading.domain,
        overflowed=True,
    )
    state = replace(
        state,
        types=state.types + _type_counts(parsed, len(texts)),
        distinct=Registers(values=registers),
        frequencies=state.frequencies + counted,
    )
    if parsed is None:
        return state
    numeric = parsed.numeric
    return with_numbers(
        state, parsed.numbers if numeric.all() else parsed.numbers[numeric], reading
    )


def _looked_at(
    state: ColumnState, texts: pa.Array, registers: Bytes, reading: Reading
) -> Parsed | None:
    loops = reading.kernels
    if texts.nbytes >= _LONG_BYTES:
        loops = compiled() or loops
    if state.declared is None:
        return loops.read_texts(texts, registers)
    loops.touch_texts(texts, registers)
    return None


def _type_counts(parsed: Parsed | None, total: int, rows: Integers | None = None) -> TypeCounts:
    return parsed.type_counts(rows) if parsed else TypeCounts(string=total)


def _too_many(array: pa.Array, before: Frequencies, reading: Reading) -> bool:
    if before.overflowed or before.total:
        return before.overflowed
    return len(reading.kernels.encoded(array.slice(0, _PREFIX)).dictionary) > LIMIT


def _of_distinct(texts: pa.Array, rows: Integers, domain: frozenset[str]) -> Frequencies:
    if len(texts) <= LIMIT:
        counts = dict(zip(texts.to_pylist(), rows.tolist(), strict=True))
        return Frequencies.of(counts, domain)
    return Frequencies(
        counts=_known_of_distinct(texts, rows, sorted(domain)) if domain else {},
        total=int(rows.sum()),
        domain=domain,
        overflowed=True,
    )


def _known_of_distinct(texts: pa.Array, rows: Integers, known: list[str]) -> dict[str, int]:
    found = pc.index_in(pa.array(known, texts.type), value_set=texts).to_pylist()
    pairs = zip(known, found, strict=True)
    return {text: int(rows[place]) for text, place in pairs if place is not None}


def _of_domain(texts: pa.Array, domain: frozenset[str]) -> dict[str, int]:
    if not domain:
        return {}
    known = sorted(domain)
    found = pc.index_in(texts, value_set=pa.array(known, texts.type)).drop_null()
    counts = np.bincount(values_of(found), minlength=len(known)).tolist()
    return {text: count for text, count in zip(known, counts, strict=True) if count}
