"""Deequ's analyzers for some columns of a data frame, in as few runs as possible."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from driftkit.columns.types import InferredType, type_of
from driftkit.states.profile.column import ColumnState
from driftkit.states.profile.distinct import Registers
from driftkit.states.profile.extremes import Extremes
from driftkit.states.profile.frequencies import LIMIT, Frequencies
from driftkit.states.profile.kll import KllSketch
from driftkit.states.profile.moments import Moments
from driftkit.states.profile.presence import Presence
from driftkit.states.profile.types import TypeCounts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from types import ModuleType

    from driftkit.columns.chunk import Column
    from driftkit.compute.deequ_analysis import Analysis
    from driftkit.compute.deequ_rows import Carried

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


# An estimate so far above the limit means more values than the limit, by six of its deviations;
# one below it means less than the thousand that Deequ's Histogram gives at most.
_SURELY_TOO_MANY = LIMIT * 1.3
_DETAILS = 1000
# Planning grows faster than the number of columns: 300 at once take twice as long as in batches.
_BATCH = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class DeequColumn:
    """A column of the frame.

    Attributes:
        column: of the dataset.
        carried: how it comes to Spark.
        domain: values to be counted however many others there are.
        non_finite: NaN and infinite numbers in it.
    """

    column: Column
    carried: Carried
    domain: frozenset[str]
    non_finite: int

    @property
    def values(self) -> str:
        """The field that holds the values as they are counted."""
        return f"{'t' if self.carried.has_text else 'c'}{self.carried.index}"

    @property
    def numbers(self) -> str:
        """The field that holds the numbers."""
        return f"n{self.carried.index}"

    @property
    def is_declared_number(self) -> bool:
        """Whether the input says that these are numbers, which have no categories."""
        return self.carried.typed and self.carried.has_numbers

    def predicates(self) -> Iterator[tuple[str, str]]:
        """Each value of the domain, and Spark's condition that a row has it."""
        for value in sorted(self.domain):
            quoted = "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
            if not self.is_declared_number:
                yield value, f"{self.values} = {quoted}"
            elif type_of(value) is self.column.declared and value[1:2] != " ":
                yield value, f"{self.numbers} = CAST({quoted} AS DOUBLE)"


class DeequQueries:
    """Deequ's answers about columns of a frame.

    Args:
        deequ: pydeequ.analyzers.
        parameters: pydeequ's parameters of the sketch.
        analysis: gives the analysis of the fields of some names.
    """

    def __init__(
        self,
        deequ: ModuleType,
        parameters: Any,
        analysis: Callable[[Sequence[str]], Analysis],
    ) -> None:
        self.deequ = deequ
        self.parameters = parameters
        self.analysis = analysis

    def states(self, columns: Sequence[DeequColumn]) -> list[ColumnState]:
        """All states of the columns but their frequencies."""
        batches = (columns[at : at + _BATCH] for at in range(0, len(columns), _BATCH))
        return [state for batch in batches for state in self._batch(batch)]

    def _batch(self, columns: Sequence[DeequColumn]) -> list[ColumnState]:
        fields = [name for each in columns for name, _, _ in each.carried.fields]
        analysis = self.analysis(fields)
        asked = [(index, each) for index, column in enumerate(columns) for each in self._of(column)]
        found: list[dict[str, Any]] = [{} for _ in columns]
        for (index, analyzer), state in zip(
            asked, analysis.states([analyzer for _, analyzer in asked]), strict=True
        ):
            found[index][type(analyzer).__name__] = state
        for index, sketch in self._sketches(columns):
            found[index]["KLLSketch"] = sketch
        return [
            Found(jvm=analysis.jvm, states=states).column(each.column, each.non_finite)
            for each, states in zip(columns, found, strict=True)
        ]

    def _of(self, about: DeequColumn) -> Iterator[Any]:
        deequ, values = self.deequ, f"c{about.carried.index}"
        yield deequ.Completeness(values)
        yield deequ.ApproxCountDistinct(values)
        if about.column.declared is None:
            yield deequ.DataType(values)
        if about.carried.has_numbers:
            for kind in (deequ.Sum, deequ.StandardDeviation, deequ.Minimum, deequ.Maximum):
                yield kind(about.numbers)

    def _sketches(self, columns: Sequence[DeequColumn]) -> list[tuple[int, Any]]:
        # Deequ computes sketches in a pass of its own, which reads every field of the frame.
        numeric = [index for index, each in enumerate(columns) if each.carried.has_numbers]
        if not numeric:
            return []
        fields = [columns[index].numbers for index in numeric]
        analyzers = [self.deequ.KLLSketch(field, self.parameters) for field in fields]
        return list(zip(numeric, self.analysis(fields).states(analyzers), strict=True))

    def frequencies(self, about: DeequColumn, state: ColumnState) -> Frequencies:
        """The frequencies of a column, of declared integers too if they are few."""
        if not state.presence.present:
            return Frequencies()
        few = state.distinct.estimate() <= _SURELY_TOO_MANY
        if about.is_declared_number:
            suggestible = few and about.column.declared is InferredType.INTEGRAL
            if about.domain or not suggestible:
                return self._of_domain(about, state) if about.domain else Frequencies()
        return self._of_all(about, state) if few else self._of_domain(about, state)

    def _of_all(self, about: DeequColumn, state: ColumnState) -> Frequencies:
        analysis = self.analysis([about.values])
        (found,) = analysis.metrics([self.deequ.Histogram(about.values, None, _DETAILS)])
        counts = histogram(analysis.jvm, found, state.presence.missing)
        return Frequencies.from_counts(counts, about.domain)

    def _of_domain(self, about: DeequColumn, state: ColumnState) -> Frequencies:
        values = dict(about.predicates())
        analysis = self.analysis([name for name, _, _ in about.carried.fields])
        counted = analysis.states(
            [self.deequ.Compliance(value, condition) for value, condition in values.items()]
        )
        counts = {value: state.numMatches() for value, state in zip(values, counted, strict=True)}
        return Frequencies(
            counts={value: count for value, count in counts.items() if count},
            total=state.presence.present,
            domain=about.domain,
            overflowed=True,
            buckets=None,
        )
