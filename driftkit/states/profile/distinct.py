"""Approximate numbers of distinct values (HyperLogLog++), equal to Spark's."""

from __future__ import annotations

import json
from bisect import bisect_left
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from math import floor, log
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from driftkit.native.hashing import PRECISION
from driftkit.states.schemas import Field, StateSchema

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from driftkit.native.arrays import Bytes
    from driftkit.states.profile.state_table import StateTable
    from driftkit.states.schemas import Finding

REGISTERS = 1 << PRECISION

_NEIGHBOURS = 6
_ALPHA = 0.7213 / (1.0 + 1.079 / REGISTERS)
_BITS = 6
_PER_WORD = 10
# A hash of 64 bits has so many left for its leading zeros; a register holds one more.
_HIGHEST = 64 - PRECISION + 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Registers:
    """For each of 512 groups of hashes, the longest run of leading zeros plus one.

    Attributes:
        values: the 512 registers; not to be changed in place.
    """

    values: Bytes = field(default_factory=lambda: np.zeros(REGISTERS, np.uint8))

    def __add__(self, other: Registers) -> Registers:
        return Registers(values=np.maximum(self.values, other.values))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Registers) and bool((self.values == other.values).all())

    def __hash__(self) -> int:
        return hash(self.values.tobytes())

    @classmethod
    def from_words(cls, words: Sequence[int]) -> Registers:
        """Registers from the 52 longs in which Spark and Deequ keep them, ten to a long."""
        unpacked = [
            (word >> (_BITS * index)) & ((1 << _BITS) - 1)
            for word in words
            for index in range(_PER_WORD)
        ]
        return cls(values=np.array(unpacked[:REGISTERS], np.uint8))

    def estimate(self) -> int:
        """The number of distinct values, as Spark's approx_count_distinct(column, 0.05) has it.

        Source: Heule, Nunkesser, Hall, "HyperLogLog in Practice" (2013), and Spark's
        HyperLogLogPlusPlusHelper: where a register is still zero, it counts linearly up to
        the paper's threshold and wherever the raw estimate is at most 2.5 * 512.

        >>> Registers().estimate()
        0
        """
        zeros = REGISTERS - int(np.count_nonzero(self.values))
        raw = _ALPHA * REGISTERS * REGISTERS / float(np.ldexp(1.0, -self.values.astype(int)).sum())
        if zeros:
            linear = REGISTERS * log(REGISTERS / zeros)
            if linear <= _corrections()["linear_counting_threshold"] or raw <= 2.5 * REGISTERS:
                return floor(linear + 0.5)
        corrected = raw - _bias(raw) if raw < 5.0 * REGISTERS else raw
        return floor(corrected + 0.5)


@cache
def _corrections() -> dict[str, Any]:
    path = files("driftkit.states.profile").joinpath("hllpp_p9.json")
    return dict(json.loads(path.read_text("utf-8")))


def _bias(raw: float) -> float:
    """Mean bias of the six raw estimates of the table that are nearest."""
    estimates, biases = _corrections()["raw_estimate"], _corrections()["bias"]
    low = max(bisect_left(estimates, raw) - _NEIGHBOURS + 1, 0)
    high = min(low + _NEIGHBOURS, len(estimates))
    while high < len(estimates) and (raw - estimates[high]) ** 2 < (raw - estimates[low]) ** 2:
        low, high = low + 1, high + 1
    return float(sum(biases[low:high]) / (high - low))


def _merged(table: StateTable) -> Iterable[Registers]:
    highest = table.bytes("registers").reshape(*table.shape, REGISTERS).max(axis=0)
    return (Registers(values=values) for values in highest)


def _check(table: StateTable) -> Iterator[Finding]:
    registers = table.bytes("registers")
    yield "registers", f"numbers up to {_HIGHEST}", registers.max(axis=1) > _HIGHEST
    raised = np.count_nonzero(registers, axis=1)
    yield "registers", "no more above 0 than values are present", raised > table.numbers("present")


DISTINCT = StateSchema(
    empty=Registers(),
    fields=(Field(name="registers", type=pa.binary(REGISTERS)),),
    encode=lambda state: [state.values.tobytes()],
    decode=lambda batch: (
        Registers(values=np.frombuffer(registers, np.uint8))
        for registers in batch.column("registers").to_pylist()
    ),
    check=_check,
    merge=_merged,
)
