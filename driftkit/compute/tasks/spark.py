"""Runs tasks on Spark, and returns their results in order."""

from __future__ import annotations

from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

from pyspark import TaskContext

from driftkit.compute import threads
from driftkit.compute.failures import engine_error
from driftkit.compute.session.spark import JOB_FAILURES, get_session, is_classic, session_of
from driftkit.compute.worker import settle_worker
from driftkit.errors import EngineError
from driftkit.readers.spark import FrameDataset

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Sequence

    import pyarrow as pa
    from pyspark import RDD, SparkContext
    from pyspark.sql import DataFrame, Row, SparkSession

    from driftkit.compute.job import Job
    from driftkit.readers.dataset import Dataset, Unit

    Batches = Callable[[Iterable[pa.RecordBatch]], Iterable[pa.RecordBatch]]

Result = TypeVar("Result")

# How many parts there are, where that is known only at their end.
UNKNOWN = 0
# Compressed bytes of a piece that a task takes: a task takes a tenth of a second to begin.
PIECE_BYTES = 64 * 1024 * 1024

# The rows by which tasks of data frames answer: the number of a part, and what is packed of it.
PARTS = "part int, content binary"


def packed_states(dataset: Dataset, job: Job[Any]) -> tuple[int, Generator[bytes, None, None]]:
    """How many units the dataset has, and their packed states in their order.

    The partitions of a Spark DataFrame are units, as they are given. Whoever stops before the
    last state closes the generator, which stops Spark's work.

    Raises:
        EngineError: Spark or a worker failed.
    """
    session = session_of(dataset) or get_session()
    if not is_classic(session):
        return _over_connect(session, dataset, job)
    rdd, names = states_rdd(session, dataset, job)
    return len(names), results(rdd, iter, names)


def states_rdd(
    session: SparkSession, dataset: Dataset, job: Job[Any]
) -> tuple[RDD[bytes], list[str]]:
    """A partition for each unit, which makes its packed state, and the units' names.

    Raises:
        EngineError: Spark failed.
    """
    if not isinstance(dataset, FrameDataset):
        units = job.units(dataset, PIECE_BYTES)
        rdd = session.sparkContext.parallelize(units, max(len(units), 1))
        return rdd.mapPartitions(job.packed_states), [unit.name for unit in units]
    try:
        # Shuffles that the frame is made with may run here.
        rows = _folded(dataset, job).rdd
        numbers = range(rows.getNumPartitions())
    except JOB_FAILURES as error:
        raise engine_error(error, where=dataset.name) from None
    return rows.mapPartitions(_contents), [f"partition {number}" for number in numbers]


def _over_connect(
    session: SparkSession, dataset: Dataset, job: Job[Any]
) -> tuple[int, Generator[bytes, None, None]]:
    """Spark Connect has no RDDs, and does not tell how many partitions a frame has."""
    if isinstance(dataset, FrameDataset):
        return UNKNOWN, _one_by_one(_folded(dataset, job))
    units = job.units(dataset, PIECE_BYTES)
    numbers = session.range(0, len(units), 1, max(len(units), 1))
    return len(units), _one_by_one(numbers.mapInArrow(_folding_units(units, job), PARTS))


def _folding_units(units: tuple[Unit, ...], job: Job[Any]) -> Batches:
    def fold_units(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for number in numbers_in(batches):
            yield rows_of([(number, next(job.packed_states([units[number]])))])

    return fold_units


def _folded(dataset: FrameDataset, job: Job[Any]) -> DataFrame:
    """A row for each partition of a frame: its number and its packed state."""
    return dataset.frame.mapInArrow(_folding_batches(dataset, job), PARTS)


def _contents(rows: Iterable[Row]) -> Iterator[bytes]:
    return (bytes(row["content"]) for row in rows)


def _folding_batches(dataset: FrameDataset, job: Job[Any]) -> Batches:
    chunks = dataset.chunks

    def fold_batches(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        settle_worker()
        yield rows_of([(partition_number(), job.packed_state(lambda: chunks(iter(batches))))])

    return fold_batches


def partition_number() -> int:
    """The partition whose task asks."""
    context = TaskContext.get()
    return context.partitionId() if context else 0


def numbers_in(batches: Iterable[pa.RecordBatch]) -> Iterator[int]:
    """The numbers in the first column, for each of which a task has something to do."""
    return (number for batch in batches for number in batch.column(0).to_pylist())


def rows_of(parts: Iterable[tuple[int, bytes]]) -> pa.RecordBatch:
    """At least one row of `PARTS`."""
    import pyarrow as pa

    numbers, contents = zip(*parts, strict=True)
    columns = [pa.array(numbers, pa.int32()), pa.array(contents, pa.binary())]
    return pa.RecordBatch.from_arrays(columns, names=["part", "content"])


def _one_by_one(states: DataFrame) -> Generator[bytes, None, None]:
    """The states as Spark Connect sends them: in their order, and gone before the last are made."""
    before = -1
    try:
        for row in states.toLocalIterator():
            number = int(row["part"])
            if number <= before:
                raise EngineError(
                    "Spark Connect does not send partitions in their order",
                    expected=f"a partition after {before}",
                    found=str(number),
                    todo="Use a classic session, or --runner local",
                )
            before = number
            yield bytes(row["content"])
    except JOB_FAILURES as error:
        raise engine_error(error) from None


def results(
    rdd: RDD[Any], work: Callable[[Iterable[Any]], Iterable[bytes]], names: Sequence[str]
) -> Generator[bytes, None, None]:
    """What `work` makes of each partition, in their order.

    Raises:
        EngineError: Spark or a worker failed.
    """

    def result(number: int) -> list[bytes]:
        return run_partition(rdd, work, number, where=names[number])

    with closing(in_order(rdd.context, len(names), result)) as found:
        for contents in found:
            yield from contents


def in_order(
    context: SparkContext, count: int, work: Callable[[int], Result]
) -> Generator[Result, None, None]:
    """The results of `work(0)`, `work(1)`, ... in this order, several of them under way at once.

    One job for each, not one for all: states reach the driver one by one and are gone before
    the last of them are made, so that its memory does not depend on their number.

    Whoever stops before the last result closes the generator. Left to the garbage collector, it
    may call the JVM in the midst of another call, and both fail.
    """
    group = f"driftkit-{uuid4()}"

    def job(number: int) -> Result:
        context.setJobGroup(group, "driftkit", interruptOnCancel=True)
        return work(number)

    def stop() -> None:
        with suppress(*JOB_FAILURES, AttributeError):  # the session may be stopped by now
            context.cancelJobGroup(group)

    yield from threads.in_order(range(count), job, context.defaultParallelism + 1, stop)


def run_partition(
    rdd: RDD[Any], work: Callable[[Iterable[Any]], Iterable[bytes]], number: int, *, where: str
) -> list[bytes]:
    """What `work` makes of one partition, computed as a job of its own.

    Raises:
        EngineError: the job failed.
    """
    try:
        return rdd.context.runJob(rdd, work, [number])
    except JOB_FAILURES as error:
        raise engine_error(error, where=where) from None
