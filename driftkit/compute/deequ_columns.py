"""What Deequ is asked about some columns of a frame, in as few of its runs as it takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from driftkit.columns.types import InferredType, type_of
from driftkit.compute.deequ_states import Found, histogram
from driftkit.states.profile.frequencies import LIMIT, Frequencies

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import ModuleType

    from driftkit.columns.chunk import Column
    from driftkit.compute.deequ_analysis import Analysis
    from driftkit.compute.deequ_rows import Carried
    from driftkit.states.profile.column import ColumnState

# An estimate so far above the limit means more values than the limit, by six of its deviations;
# one below it means less than the thousand that Deequ's Histogram gives at most.
_SURELY_TOO_MANY = LIMIT * 1.3
_DETAILS = 1000
# Planning grows faster than the number of columns: 300 at once take twice as long as in batches.
_BATCH = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
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


class Questions:
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

    def states(self, columns: Sequence[Asked]) -> list[ColumnState]:
        """All states of the columns but their frequencies."""
        batches = (columns[at : at + _BATCH] for at in range(0, len(columns), _BATCH))
        return [state for batch in batches for state in self._batch(batch)]

    def _batch(self, columns: Sequence[Asked]) -> list[ColumnState]:
        fields = [name for each in columns for name, _, _ in each.carried.fields]
        analysis = self.analysis(fields)
        asked = [(place, each) for place, column in enumerate(columns) for each in self._of(column)]
        found: list[dict[str, Any]] = [{} for _ in columns]
        for (place, analyzer), state in zip(
            asked, analysis.states([analyzer for _, analyzer in asked]), strict=True
        ):
            found[place][type(analyzer).__name__] = state
        for place, sketch in self._sketches(columns):
            found[place]["KLLSketch"] = sketch
        return [
            Found(jvm=analysis.jvm, states=states).column(each.column, each.non_finite)
            for each, states in zip(columns, found, strict=True)
        ]

    def _of(self, asked: Asked) -> Iterator[Any]:
        deequ, values = self.deequ, f"c{asked.carried.index}"
        yield deequ.Completeness(values)
        yield deequ.ApproxCountDistinct(values)
        if asked.column.declared is None:
            yield deequ.DataType(values)
        if asked.carried.has_numbers:
            for kind in (deequ.Sum, deequ.StandardDeviation, deequ.Minimum, deequ.Maximum):
                yield kind(asked.numbers)

    def _sketches(self, columns: Sequence[Asked]) -> list[tuple[int, Any]]:
        # Deequ computes sketches in a pass of its own, which reads every field of the frame.
        numeric = [place for place, each in enumerate(columns) if each.carried.has_numbers]
        if not numeric:
            return []
        fields = [columns[place].numbers for place in numeric]
        analyzers = [self.deequ.KLLSketch(field, self.parameters) for field in fields]
        return list(zip(numeric, self.analysis(fields).states(analyzers), strict=True))

    def frequencies(self, asked: Asked, state: ColumnState) -> Frequencies:
        """The frequencies of a column, of declared integers too if they are few."""
        if not state.presence.present:
            return Frequencies()
        few = state.distinct.estimate() <= _SURELY_TOO_MANY
        if asked.is_declared_number:
            suggestible = few and asked.column.declared is InferredType.INTEGRAL
            if asked.domain or not suggestible:
                return self._of_domain(asked, state) if asked.domain else Frequencies()
        return self._of_all(asked, state) if few else self._of_domain(asked, state)

    def _of_all(self, asked: Asked, state: ColumnState) -> Frequencies:
        analysis = self.analysis([asked.values])
        (found,) = analysis.metrics([self.deequ.Histogram(asked.values, None, _DETAILS)])
        counts = histogram(analysis.jvm, found, state.presence.missing)
        return Frequencies.of(counts, asked.domain)

    def _of_domain(self, asked: Asked, state: ColumnState) -> Frequencies:
        values = dict(asked.predicates())
        analysis = self.analysis([name for name, _, _ in asked.carried.fields])
        counted = analysis.states(
            [self.deequ.Compliance(value, condition) for value, condition in values.items()]
        )
        counts = {value: state.numMatches() for value, state in zip(values, counted, strict=True)}
        return Frequencies(
            counts={value: count for value, count in counts.items() if count},
            total=state.presence.present,
            domain=asked.domain,
            overflowed=True,
        )
