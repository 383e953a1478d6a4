"""The deequ engine: Deequ's analyzers fill the states, part by part.

A unit's rows become a Spark frame of one partition (see `prepared`), on which Deequ's
AnalysisRunner runs through py4j with a persister of states: pydeequ itself shows metrics only, and
metrics do not add up. Deequ reports a failed job as failed metrics and says no more, so each
state is asked for, and so is why it is missing.
"""

from __future__ import annotations

import os
from collections import Counter
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, cast

import pyarrow as pa
from py4j.java_gateway import JavaClass
from pyspark import StorageLevel
from pyspark import __version__ as pyspark_version
from pyspark.sql.pandas.types import to_arrow_schema

from driftkit.columns.types import InferredType
from driftkit.compute import runtime
from driftkit.compute.deequ_analysis import Analysis
from driftkit.compute.deequ_columns import DeequColumn, DeequQueries
from driftkit.compute.deequ_rows import PART, SUMMARY, Carried, ddl, kinds, prepared
from driftkit.compute.engine import profile_job
from driftkit.compute.failures import engine_error
from driftkit.compute.runtime import DEEQU_SPARK
from driftkit.compute.session.spark import JOB_FAILURES, get_session, is_classic, session_of
from driftkit.compute.spark import SparkRunner
from driftkit.compute.suggestion.deequ import NULL, ColumnProfile, suggest
from driftkit.compute.tasks.spark import in_order, numbers_in, partition_number, run_partition
from driftkit.compute.worker import unpacked
from driftkit.errors import EngineError
from driftkit.readers.spark import FrameDataset
from driftkit.states.partitions.partition import TableState
from driftkit.states.profile.frequencies import Frequencies

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence

    from pyspark.sql import DataFrame, Row, SparkSession

    from driftkit.compute.deequ_rows import Summary
    from driftkit.compute.job import Progress
    from driftkit.compute.tasks.spark import Batches
    from driftkit.readers.dataset import Dataset, Unit
    from driftkit.states.profile.column import ColumnState
    from driftkit.states.profile.table import FoldOptions

    Parts = Generator["_Part", None, None]

_SKETCH = (2048, 0.64, 10)
# Deequ makes histograms of columns of up to so many different values.
_CATEGORIES = 120
_DEFAULTS: dict[InferredType | None, pa.DataType] = {
    InferredType.INTEGRAL: pa.int64(),
    InferredType.FRACTIONAL: pa.float64(),
    InferredType.BOOLEAN: pa.bool_(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    state: TableState
    integers: Mapping[str, Frequencies]


class Deequ:
    """Runs Deequ's analyzers on each unit of a dataset."""

    name = "Deequ on Spark"
    runner = SparkRunner()

    def __init__(self, *, note: str | None = None) -> None:
        self.note = note
        # Of columns declared Integral, whose values only Deequ's suggestions ask for.
        self._integers: dict[str, Frequencies] = {}

    def profile(
        self, dataset: Dataset, options: FoldOptions, progress: Progress | None = None
    ) -> TableState:
        """The states of all columns of the dataset.

        Raises:
            InputError: a unit cannot be read.
            EngineError: Spark, Deequ or a worker failed, or Deequ is not there.
        """
        session = session_of(dataset) or get_session()
        lacking = missing(session)
        if lacking:
            raise lacking
        self._integers.clear()
        parts = _Parts(session, dataset, options)
        count, found = (
            parts.of_frame(dataset) if isinstance(dataset, FrameDataset) else parts.of_units()
        )
        with closing(found):
            return parts.job.sum(map(self._kept, found), count, progress)

    def suggestions(self, dataset: Dataset, state: TableState) -> Mapping[str, Any] | None:
        """What Deequ's rules suggest for the columns, after `profile`.

        Raises:
            EngineError: Deequ failed.
        """
        if not state.rows:
            return None
        _tell_version()
        profiles = [self._profile(column) for column in state.columns]
        try:
            return suggest(session_of(dataset) or get_session(), profiles, state.rows)
        except JOB_FAILURES as error:
            raise engine_error(error, where="Deequ's suggestions") from None

    def _kept(self, part: _Part) -> TableState:
        for name, frequencies in part.integers.items():
            self._integers[name] = self._integers.get(name, Frequencies()) + frequencies
        return part.state

    def _profile(self, column: ColumnState) -> ColumnProfile:
        kind, distinct = column.inferred, column.distinct.estimate()
        frequencies = self._integers.get(column.name, column.frequencies)
        few = distinct <= _CATEGORIES and frequencies.counts and not frequencies.overflowed
        counts = Counter(frequencies.counts)
        counts.update({NULL: column.presence.missing} if column.presence.missing else {})
        return ColumnProfile(
            name=column.name,
            kind=kind,
            inferred=column.declared is None,
            completeness=column.presence.completeness or 0.0,
            distinct=distinct,
            minimum=column.extremes.minimum if kind.is_numeric else None,
            maximum=column.extremes.maximum if kind.is_numeric else None,
            histogram=counts if few else None,
        )


class _Parts:
    """The parts of a dataset, each a frame of one partition, and Deequ's states of them."""

    def __init__(self, session: SparkSession, dataset: Dataset, options: FoldOptions) -> None:
        self.session = session
        self.dataset = dataset
        self.options = options
        self.columns = dataset.columns
        self.job = profile_job(dataset.columns, options)

    def of_units(self) -> tuple[int, Parts]:
        """One part for each unit."""
        units = self.dataset.units
        carried = self._carried(self._kinds(units))

        def part(number: int) -> _Part:
            frame = self.session.range(number, number + 1, 1, 1).mapInArrow(
                _unit_rows(units[number], carried), ddl(carried)
            )
            with _cached(frame):
                return self._part(frame, carried, units[number].name)

        return len(units), in_order(self.session.sparkContext, len(units), part)

    def of_frame(self, dataset: FrameDataset) -> tuple[int, Parts]:
        """One part for each partition of a Spark DataFrame, as they are given."""
        carried = self._carried(to_arrow_schema(dataset.frame.schema).types)
        frame = dataset.frame.mapInArrow(_frame_rows(dataset, carried), ddl(carried))
        frame.persist(StorageLevel.MEMORY_AND_DISK)
        summaries = _rows(frame.where(f"{SUMMARY} IS NOT NULL").select(PART), dataset.name)
        numbers = sorted(int(row[PART]) for row in summaries)

        def part(index: int) -> _Part:
            # One task reads the chosen partition and skips the others by their statistics.
            chosen = frame.where(f"{PART} = {numbers[index]}").coalesce(1)
            return self._part(chosen, carried, f"partition {numbers[index]}")

        return len(numbers), _releasing(
            frame, in_order(self.session.sparkContext, len(numbers), part)
        )

    def _kinds(self, units: Sequence[Unit]) -> Sequence[pa.DataType]:
        defaults = [_DEFAULTS.get(column.declared, pa.string()) for column in self.columns]
        if all(column.declared is None for column in self.columns) or not units:
            return defaults
        first = self.session.sparkContext.parallelize(units[:1], 1)
        found = run_partition(first, partial(kinds, len(self.columns)), 0, where=units[0].name)
        return cast("list[pa.DataType]", unpacked(found[0])) or defaults

    def _carried(self, kinds: Sequence[pa.DataType]) -> tuple[Carried, ...]:
        return tuple(
            Carried(index=index, kind=kind, typed=column.declared is not None)
            for index, (column, kind) in enumerate(zip(self.columns, kinds, strict=True))
        )

    def _part(self, frame: DataFrame, carried: tuple[Carried, ...], where: str) -> _Part:
        # Filling the cache comes first: a failure that Deequ meets loses its reason.
        (row,) = _rows(frame.where(f"{SUMMARY} IS NOT NULL").select(SUMMARY), where)
        summary = cast("Summary", unpacked(bytes(row[SUMMARY])))
        if not summary.rows:
            empty = self.job.fold(())
            return _Part(state=replace(empty, rejected=summary.rejected), integers={})
        asked = [
            DeequColumn(
                column=column,
                carried=each,
                domain=frozenset(self.options.known.get(column.name, ())),
                non_finite=non_finite,
            )
            for column, each, non_finite in zip(
                self.columns, carried, summary.non_finite, strict=True
            )
        ]
        questions = self._questions(frame.where(f"{SUMMARY} IS NULL"), where)
        try:
            states = questions.states(asked)
            frequencies = [questions.frequencies(*each) for each in zip(asked, states, strict=True)]
        except JOB_FAILURES as error:
            raise engine_error(error, where=where) from None
        return _put_together(summary, asked, states, frequencies)

    def _questions(self, rows: DataFrame, where: str) -> DeequQueries:
        _tell_version()
        from pydeequ import analyzers

        jvm = self.session._jvm  # noqa: SLF001  (there is no public way to the JVM)

        def analysis(fields: Sequence[str]) -> Analysis:
            return Analysis(jvm, rows.select(*fields)._jdf, where)  # noqa: SLF001

        parameters = analyzers.KLLParameters(self.session, *_SKETCH)
        return DeequQueries(analyzers, parameters, analysis)


def missing(session: SparkSession | None) -> EngineError | None:
    """Why Deequ cannot run; None if it can.

    Args:
        session: the one it would run in; None for one that is not yet started.
    """
    if not pyspark_version.startswith(f"{DEEQU_SPARK}."):
        return _cannot(
            f"its jar is built for Spark {DEEQU_SPARK}, not for {pyspark_version}", "Use Spark 3.5"
        )
    if find_spec("pydeequ") is None:
        return _cannot("pydeequ is not installed", "Install it")
    if session is None:
        there = runtime.deequ_jar() is not None
        todo = "Run `make install`, or name the jar in DRIFTKIT_DEEQU_JAR"
        return None if there else _cannot("its jar is not here", todo)
    if not is_classic(session):
        return _cannot("it cannot run on Spark Connect", "Use a classic session")
    if not _has_deequ(session):
        todo = "Start Spark with --jars and the jar"
        return _cannot("the running session does not have its jar", todo)
    return None


def _tell_version() -> None:
    # pydeequ asks for it when it is imported, and never looks at pyspark's own.
    os.environ.setdefault("SPARK_VERSION", DEEQU_SPARK)


def _cannot(why: str, todo: str) -> EngineError:
    return EngineError(f"Deequ cannot run: {why}", todo=f"{todo}, or use --engine scan")


def _has_deequ(session: SparkSession) -> bool:
    jvm: Any = session._jvm  # noqa: SLF001  (there is no public way to the JVM)
    return isinstance(jvm.com.amazon.deequ.analyzers.Size, JavaClass)


def _put_together(
    summary: Summary,
    asked: Sequence[DeequColumn],
    states: Sequence[ColumnState],
    frequencies: Sequence[Frequencies],
) -> _Part:
    for_suggestions = [each.is_declared_number and not each.domain for each in asked]
    columns = tuple(
        state if aside else replace(state, frequencies=found)
        for state, found, aside in zip(states, frequencies, for_suggestions, strict=True)
    )
    integers = {
        state.name: found
        for state, found, aside in zip(states, frequencies, for_suggestions, strict=True)
        if aside and found.total
    }
    state = TableState(rows=summary.rows, columns=columns, rejected=summary.rejected)
    return _Part(state=state, integers=integers)


@contextmanager
def _cached(frame: DataFrame) -> Iterator[None]:
    frame.persist(StorageLevel.MEMORY_AND_DISK)
    try:
        yield
    finally:
        frame.unpersist()


def _releasing(frame: DataFrame, parts: Parts) -> Parts:
    try:
        with closing(parts):
            yield from parts
    finally:
        frame.unpersist()


def _rows(frame: DataFrame, where: str) -> list[Row]:
    try:
        return frame.collect()
    except JOB_FAILURES as error:
        raise engine_error(error, where=where) from None


def _unit_rows(unit: Unit, carried: tuple[Carried, ...]) -> Batches:
    def rows(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for number in numbers_in(batches):
            yield from prepared(number, unit.chunks, carried)

    return rows


def _frame_rows(dataset: FrameDataset, carried: tuple[Carried, ...]) -> Batches:
    chunks = dataset.chunks

    def rows(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        yield from prepared(partition_number(), lambda: chunks(iter(batches)), carried)

    return rows
