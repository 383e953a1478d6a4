"""Turns Deequ's own states, objects of the JVM, into driftkit's."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from driftkit.columns.types import InferredType
from driftkit.states.profile.column import ColumnState
from driftkit.states.profile.distinct import Registers
from driftkit.states.profile.extremes import Extremes
from driftkit.states.profile.kll import KllSketch
from driftkit.states.profile.moments import Moments
from driftkit.states.profile.presence import Presence
from driftkit.states.profile.types import TypeCounts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftkit.columns.chunk import Column

NULL = "NullValue"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Deequ's states of one column, by the name of their analyzer; None where no value counted."""

    jvm: Any
    states: Mapping[str, Any]

    def column(self, column: Column, non_finite: int) -> ColumnState:
        """All states of the column but its frequencies."""
        presence, moments = self._presence(), self._moments()
        types = self._types(column.declared, presence.present)
        return ColumnState(
            name=column.name,
            declared=column.declared,
            presence=presence,
            types=types,
            moments=moments,
            extremes=self._extremes(),
            sketch=self._sketch(),
            distinct=self._distinct(),
            non_finite=non_finite,
        )

    def _presence(self) -> Presence:
        counted = self.states["Completeness"]
        return Presence(
            present=counted.numMatches(), missing=counted.count() - counted.numMatches()
        )

    def _types(self, declared: InferredType | None, present: int) -> TypeCounts:
        if declared not in (None, InferredType.UNKNOWN):
            return TypeCounts(**{declared.value.lower(): present})
        counted = self.states.get("DataType")
        if counted is None:
            return TypeCounts()
        return TypeCounts(
            integral=counted.numIntegral(),
            fractional=counted.numFractional(),
            boolean=counted.numBoolean(),
            string=counted.numString(),
        )

    def _moments(self) -> Moments:
        deviation = self.states.get("StandardDeviation")
        if deviation is None:
            return Moments()
        return Moments(
            n=int(deviation.n()),
            total=self.states["Sum"].sum(),
            average=deviation.avg(),
            m2=deviation.m2(),
        )

    def _extremes(self) -> Extremes:
        # Not those of Deequ's sketch, which start at the limits of a 32-bit integer.
        lowest, highest = self.states.get("Minimum"), self.states.get("Maximum")
        if lowest is None or highest is None:
            return Extremes()
        return Extremes(minimum=lowest.minValue() + 0.0, maximum=highest.maxValue() + 0.0)

    def _sketch(self) -> KllSketch:
        state = self.states.get("KLLSketch")
        if state is None:
            return KllSketch()
        compactors = state.qSketch().compactors()
        levels = [compactors.apply(level) for level in range(compactors.size())]
        return KllSketch(
            levels=tuple(_doubles(level.buffer()) for level in levels),
            compactions=tuple(level.numOfCompress() for level in levels),
        )

    def _distinct(self) -> Registers:
        words = self.jvm.java.util.Arrays.toString(self.states["ApproxCountDistinct"].words())
        return Registers.from_words(json.loads(words))


def _doubles(buffer: Any) -> np.ndarray[Any, np.dtype[np.float64]]:
    # One call and one text for all: each value fetched by itself is a round trip to the JVM.
    return np.array(buffer.mkString(" ").split(), dtype=np.float64)


def histogram(jvm: Any, distribution: Any, missing: int) -> dict[str, int]:
    """Rows by value; Deequ counts the missing ones as a value called NullValue."""
    values = jvm.scala.collection.JavaConverters.mapAsJavaMap(distribution.values())
    entries = json.loads(jvm.com.google.gson.Gson().toJson(values))
    counts = {value: int(entry["absolute"]) for value, entry in entries.items()}
    if missing:
        counts[NULL] -= missing
    return {value: count for value, count in counts.items() if count}
