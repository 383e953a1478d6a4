"""Folds columns of strings into their states."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from driftkit.native.arrays import values_of
from driftkit.states.profile.distinct import Registers
from driftkit.states.profile.fold_dictionary import looked_at, type_counts, with_dictionary
from driftkit.states.profile.frequencies import LIMIT, Frequencies
from driftkit.states.profile.reading import Reading, with_numbers

if TYPE_CHECKING:
    from driftkit.states.profile.column import ColumnState

# Rows by which it is seen that a column has too many values to be worth a dictionary.
_PREFIX = 4096


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


def encoded(values: pa.ChunkedArray, state: ColumnState, reading: Reading) -> pa.ChunkedArray:
    """The same values, as a dictionary where they are text of few different ones.

    Args:
        values: of a chunk.
        state: of the rows before.
        reading: what is asked.
    """
    kind = values.type
    is_text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
    # Several arrays are taken one after the other, and a dictionary would join them.
    if not is_text or values.num_chunks != 1:
        return values
    head = values.chunk(0).slice(0, _PREFIX).drop_null()
    return values if _too_many(head, state.frequencies, reading) else values.dictionary_encode()


def _row_by_row(state: ColumnState, texts: pa.Array, reading: Reading) -> ColumnState:
    registers = state.distinct.values.copy()
    parsed = looked_at(state, texts, registers, reading)
    counted = Frequencies(
        counts=_of_domain(texts, reading.domain),
        total=len(texts),
        domain=reading.domain,
        overflowed=True,
    )
    state = replace(
        state,
        types=state.types + type_counts(parsed, len(texts)),
        distinct=Registers(values=registers),
        frequencies=state.frequencies + counted,
    )
    if parsed is None:
        return state
    numeric = parsed.numeric
    return with_numbers(
        state, parsed.numbers if numeric.all() else parsed.numbers[numeric], reading
    )


def _too_many(array: pa.Array, before: Frequencies, reading: Reading) -> bool:
    if before.overflowed or before.total:
        return before.overflowed
    return len(reading.kernels.encoded(array.slice(0, _PREFIX)).dictionary) > LIMIT


def _of_domain(texts: pa.Array, domain: frozenset[str]) -> dict[str, int]:
    if not domain:
        return {}
    known = sorted(domain)
    found = pc.index_in(texts, value_set=pa.array(known, texts.type)).drop_null()
    counts = np.bincount(values_of(found), minlength=len(known)).tolist()
    return {text: count for text, count in zip(known, counts, strict=True) if count}
