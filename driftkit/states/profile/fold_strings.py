"""Folds columns of strings into their states, as they stand or as a dictionary."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from driftkit.errors import InputError
from driftkit.native.arrays import take_indices, values_of
from driftkit.states.kernels.choice import compiled
from driftkit.states.kernels.texts import (
    BOOLEAN_KIND,
    FRACTIONAL_KIND,
    INTEGRAL_KIND,
    STRING_KIND,
)
from driftkit.states.profile.buckets import Buckets
from driftkit.states.profile.distinct import Registers
from driftkit.states.profile.frequencies import LIMIT, Frequencies
from driftkit.states.profile.reading import Reading, with_counts, with_numbers
from driftkit.states.profile.types import TypeCounts

if TYPE_CHECKING:
    import numpy.typing as npt

    from driftkit.native.arrays import Bytes, Hashes, Integers, Values
    from driftkit.states.kernels.texts import Parsed
    from driftkit.states.profile.column import ColumnState

    Codes = npt.NDArray[np.intp]

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
    hashes = np.empty(len(texts), np.uint64)
    parsed = looked_at(state, texts, registers, reading, hashes)
    counted = Frequencies(
        counts=_of_domain(texts, reading.domain),
        total=len(texts),
        domain=reading.domain,
        overflowed=True,
        buckets=Buckets.of_texts(texts, hashes, reading.kernels),
    )
    state = with_counts(state, type_counts(parsed, len(texts)), registers, counted)
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


def _of_domain(
    texts: pa.Array, domain: frozenset[str], rows: Integers | None = None
) -> dict[str, int]:
    """How many rows the values of the domain have, where each text has so many, or one."""
    if not domain:
        return {}
    known = sorted(domain)
    found = pc.index_in(texts, value_set=pa.array(known, texts.type)).fill_null(len(known))
    counts = np.bincount(values_of(found), weights=rows, minlength=len(known)).tolist()
    return {text: int(count) for text, count in zip(known, counts, strict=False) if count}


def with_dictionary(state: ColumnState, array: pa.DictionaryArray, reading: Reading) -> ColumnState:
    """The state after strings given as a dictionary, those that are null left out."""
    codes = values_of(array.indices.drop_null())
    return with_dictionary_values(state, codes, DictionaryValues(texts=array.dictionary), reading)


@dataclass(frozen=True, slots=True, kw_only=True)
class DictionaryValues:
    """The different texts of a column of a chunk.

    Attributes:
        texts: without nulls.
        names: the same as strings of Python, and
        parsed: what they look like: for many parts of a table, which look at each text once.
    """

    texts: pa.Array
    names: npt.NDArray[np.object_] | None = None
    parsed: Parsed | None = None

    @classmethod
    def from_parts(cls, texts: pa.Array, state: ColumnState, reading: Reading) -> DictionaryValues:
        """The texts of many parts of a table, of which the state is one."""
        parsed = looked_at(state, texts, Registers().values.copy(), reading)
        return cls(texts=texts, names=np.array(texts.to_pylist(), np.object_), parsed=parsed)

    def only(self, used: Codes) -> DictionaryValues:
        """Some of them."""
        if len(used) == len(self.texts):
            return self
        return DictionaryValues(
            texts=self.texts.take(take_indices(used)),
            names=None if self.names is None else self.names[used],
            parsed=self.parsed and self.parsed.only(used),
        )

    def counted(self, rows: Integers, hashes: Hashes | None, reading: Reading) -> Frequencies:
        """How many rows each has, or those of the domain and of hashes where there are too many others."""
        domain = reading.domain
        if hashes is None:
            names = self.texts.to_pylist() if self.names is None else self.names.tolist()
            return Frequencies.from_counts(dict(zip(names, rows.tolist(), strict=True)), domain)
        return Frequencies(
            counts=_of_domain(self.texts, domain, rows),
            total=int(rows.sum()),
            domain=domain,
            overflowed=True,
            buckets=Buckets.of_texts(self.texts, hashes, reading.kernels, rows),
        )


def with_dictionary_values(
    state: ColumnState, codes: Values, words: DictionaryValues, reading: Reading
) -> ColumnState:
    """The state after strings given by their places among the different ones."""
    codes = codes.astype(np.intp, copy=False)
    counts = _rows_of_each(codes, len(words.texts))
    used = np.flatnonzero(counts)
    some, rows = words.only(used), counts[used]
    registers = state.distinct.values.copy()
    parsed = some.parsed
    hashes = np.empty(len(used), np.uint64) if len(used) > LIMIT else None
    if parsed is None:
        parsed = looked_at(state, some.texts, registers, reading, hashes)
    else:
        reading.kernels.touch_texts(some.texts, registers, hashes)
    counted = some.counted(rows, hashes, reading)
    state = with_counts(state, type_counts(parsed, len(codes), rows), registers, counted)
    if parsed is None or not parsed.numeric.any():
        return state
    table = np.full(len(words.texts), np.nan)
    table[used] = parsed.numbers
    numbers = table[codes]
    numeric = parsed.numeric.all()
    return with_numbers(state, numbers if numeric else numbers[~np.isnan(numbers)], reading)


def _rows_of_each(codes: Codes, texts: int) -> npt.NDArray[np.intp]:
    """How many rows each text has; a damaged file may have places that are none's."""
    try:
        counts = np.bincount(codes, minlength=texts)
    except ValueError:
        counts = None
    if counts is None or len(counts) > texts:
        raise InputError(
            "a column's values are not in its dictionary",
            expected=f"places from 0, below {texts:,}",
            found=f"{int(codes.min()):,} to {int(codes.max()):,}",
            todo="The file is damaged; write it again",
        )
    return counts


def looked_at(
    state: ColumnState,
    texts: pa.Array,
    registers: Bytes,
    reading: Reading,
    hashes: Hashes | None = None,
) -> Parsed | None:
    """Raises registers by texts and fills their hashes; what they look like, where no type is declared."""
    loops = reading.kernels
    if texts.nbytes >= _LONG_BYTES:
        loops = compiled() or loops
    if state.declared is None:
        return loops.read_texts(texts, registers, hashes)
    loops.touch_texts(texts, registers, hashes)
    return None


def type_counts(parsed: Parsed | None, total: int, rows: Integers | None = None) -> TypeCounts:
    """How many rows look like each type.

    Args:
        parsed: what texts look like; None where a type is declared, and all are strings.
        total: number of rows.
        rows: how many have each text; one each if not given.
    """
    if parsed is None:
        return TypeCounts(string=total)
    if rows is None:
        counts = [int(np.count_nonzero(parsed.kinds == kind)) for kind in range(4)]
    else:
        counts = np.bincount(parsed.kinds, weights=rows, minlength=4).astype(np.int64).tolist()
    return TypeCounts(
        string=counts[STRING_KIND],
        integral=counts[INTEGRAL_KIND],
        fractional=counts[FRACTIONAL_KIND],
        boolean=counts[BOOLEAN_KIND],
    )
