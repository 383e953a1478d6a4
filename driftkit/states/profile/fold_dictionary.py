"""Folds dictionary-encoded strings into states, each distinct value once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from driftkit.errors import InputError
from driftkit.native.arrays import take_indices, values_of
from driftkit.states.kernels.choice import compiled
from driftkit.states.profile.distinct import Registers
from driftkit.states.profile.frequencies import LIMIT, Frequencies
from driftkit.states.profile.reading import Reading, with_numbers
from driftkit.states.profile.types import TypeCounts

if TYPE_CHECKING:
    import numpy.typing as npt

    from driftkit.native.arrays import Bytes, Integers, Values
    from driftkit.states.kernels.texts import Parsed
    from driftkit.states.profile.column import ColumnState

    Codes = npt.NDArray[np.intp]

# Few rows may be long texts: loading numba takes about as long as hashing so many bytes without.
_LONG_BYTES = 8 * 1024 * 1024


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

    def counted(self, rows: Integers, domain: frozenset[str]) -> Frequencies:
        """How many rows each has, or those of the domain where there are too many others."""
        if len(self.texts) <= LIMIT:
            names = self.texts.to_pylist() if self.names is None else self.names.tolist()
            return Frequencies.from_counts(dict(zip(names, rows.tolist(), strict=True)), domain)
        return Frequencies(
            counts=_known(self.texts, rows, sorted(domain)) if domain else {},
            total=int(rows.sum()),
            domain=domain,
            overflowed=True,
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
    if parsed is None:
        parsed = looked_at(state, some.texts, registers, reading)
    else:
        reading.kernels.touch_texts(some.texts, registers)
    state = replace(
        state,
        types=state.types + type_counts(parsed, len(codes), rows),
        distinct=Registers(values=registers),
        frequencies=state.frequencies + some.counted(rows, reading.domain),
    )
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
    state: ColumnState, texts: pa.Array, registers: Bytes, reading: Reading
) -> Parsed | None:
    """Raises registers by texts; what they look like, where no type is declared."""
    loops = reading.kernels
    if texts.nbytes >= _LONG_BYTES:
        loops = compiled() or loops
    if state.declared is None:
        return loops.read_texts(texts, registers)
    loops.touch_texts(texts, registers)
    return None


def type_counts(parsed: Parsed | None, total: int, rows: Integers | None = None) -> TypeCounts:
    """How many rows look like each type; all are strings where one is declared."""
    return parsed.type_counts(rows) if parsed else TypeCounts(string=total)


def _known(texts: pa.Array, rows: Integers, known: list[str]) -> dict[str, int]:
    found = pc.index_in(pa.array(known, texts.type), value_set=texts).to_pylist()
    pairs = zip(known, found, strict=True)
    return {text: int(rows[index]) for text, index in pairs if index is not None}
