"""The scan engine on Spark: Spark schedules, tasks read and fold, the driver adds up."""

from __future__ import annotations

import os
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeGuard, TypeVar, cast
from uuid import uuid4

from py4j.protocol import Py4JError
from pyspark import TaskContext
from pyspark import __version__ as pyspark_version
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from driftkit.compute import runtime, threads
from driftkit.compute.failures import engine_error, reason
from driftkit.compute.folding import (
    SINGLE_THREAD,
    Folding,
    merged,
    settle_worker,
    unpacked,
)
from driftkit.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Mapping

    import pyarrow as pa
    from pyspark import RDD
    from pyspark.sql import DataFrame, Row

    from driftkit.columns.chunk import Chunk
    from driftkit.compute.protocol import Progress
    from driftkit.readers.dataset import Dataset, Unit
    from driftkit.readers.spark import FrameDataset
    from driftkit.statistics.table import FoldOptions, TableState

    Batches = Callable[[Iterable[pa.RecordBatch]], Iterable[pa.RecordBatch]]

Result = TypeVar("Result")

DEEQU_SPARK = "3.5"
# How many parts there are, where that is known only at their end.
UNKNOWN = 0
# A JVM that died is a connection that is refused.
JOB_FAILURES = (Py4JError, PySparkException, ConnectionError)

_LOGGING = Path(__file__).with_name("log4j2.properties")
_STATES = "partition int, state binary"
# Any of these says that somebody else decided where Spark runs.
_CONFIGURED_BY = (
    "PYSPARK_GATEWAY_PORT",
    "PYSPARK_SUBMIT_ARGS",
    "SPARK_REMOTE",
    "SPARK_CONF_DIR",
    "MASTER",
)
# What one thread of a worker gave back another may take; GNU's C library alone looks at it.
WORKER_ENVIRONMENT = SINGLE_THREAD | {"MALLOC_ARENA_MAX": "1"}
_LOCAL = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.memory": "2g",
    "spark.executorEnv.PYTHONPATH": str(Path(__file__).resolve().parents[2]),
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.shuffle.partitions": "1",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}


class Work(Protocol):
    """What tasks do; it is pickled and sent to the workers."""

    def units(self, units: Iterable[Unit]) -> Iterator[bytes]:
        """One packed state for each unit."""

    def chunks(self, chunks: Callable[[], Iterable[Chunk]]) -> bytes:
        """The packed state of some chunks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SparkScan:
    """Folds each unit in a task of its own, which reads the unit itself."""

    name: str = "scan on Spark"
    note: str | None = None

    def profile(
        self, dataset: Dataset, options: FoldOptions, progress: Progress | None = None
    ) -> TableState:
        """The states of all columns of the dataset.

        A Spark DataFrame's partitions are its units, as they are given and in their order.

        Raises:
            InputError: a unit cannot be read.
            EngineError: Spark or a worker failed.
        """
        folding = Folding(dataset.columns, options)
        count, states = states_of(dataset, folding)
        with closing(states):
            found = (cast("TableState", unpacked(state)) for state in states)
            return merged(found, folding.state(()), count, progress)

    def suggestions(self, dataset: Dataset, state: TableState) -> Mapping[str, Any] | None:
        """Nothing: only Deequ suggests Deequ's constraints."""
        del dataset, state
        return None


def states_of(dataset: Dataset, work: Work) -> tuple[int, Generator[bytes, None, None]]:
    """The packed states of the dataset's parts in their order, and how many parts there are.

    Whoever stops before the last of them closes the generator, which stops Spark's work.

    Raises:
        EngineError: Spark or a worker failed.
    """
    if is_frame(dataset):
        return frame_states(dataset, work)
    return len(dataset.units), unit_states(dataset.units, work)


def is_frame(dataset: object) -> TypeGuard[FrameDataset]:
    """Whether the rows are in a Spark DataFrame."""
    return hasattr(dataset, "frame")


def is_classic(session: SparkSession) -> bool:
    """Whether the session has a JVM of its own, unlike one of Spark Connect."""
    return hasattr(session, "_jsparkSession")


def unit_states(units: tuple[Unit, ...], work: Work) -> Generator[bytes, None, None]:
    """The packed states of units in their order; see `states_of`."""
    session = get_session()
    if not units:
        return
    if not is_classic(session):
        numbers = session.range(0, len(units), 1, len(units))
        yield from _one_by_one(numbers.mapInArrow(_folding_units(units, work), _STATES))
        return
    rdd = session.sparkContext.parallelize(units, len(units))

    def state(number: int) -> bytes:
        (found,) = run_partition(rdd, work.units, number, where=units[number].name)
        return found

    yield from in_order(session, len(units), state)


def frame_states(dataset: FrameDataset, work: Work) -> tuple[int, Generator[bytes, None, None]]:
    """The number of a frame's partitions, and their packed states in order; see `states_of`.

    Spark Connect does not tell their number beforehand.
    """
    states = folded(dataset, work)
    session = dataset.frame.sparkSession
    if not is_classic(session):
        return UNKNOWN, _one_by_one(states)
    try:
        # Shuffles that the frame is made with may run here.
        rdd = states.rdd
        count = rdd.getNumPartitions()
    except JOB_FAILURES as error:
        raise engine_error(error, where=dataset.name) from None

    def state(number: int) -> bytes:
        (found,) = run_partition(rdd, states_of_rows, number, where=f"partition {number}")
        return found

    return count, in_order(session, count, state)


def _folding_units(units: tuple[Unit, ...], work: Work) -> Batches:
    def fold_units(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for number in batch.column(0).to_pylist():
                yield _as_row(number, next(work.units([units[number]])))

    return fold_units


def folded(dataset: FrameDataset, work: Work) -> DataFrame:
    """A row for each partition of a frame: its number and its packed state."""
    return dataset.frame.mapInArrow(_folding_batches(dataset, work), _STATES)


def states_of_rows(rows: Iterable[Row]) -> Iterator[bytes]:
    """The packed states in rows of `folded`."""
    return (bytes(row["state"]) for row in rows)


def _folding_batches(dataset: FrameDataset, work: Work) -> Batches:
    chunks = dataset.chunks

    def fold_batches(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        settle_worker()
        yield _as_row(partition_number(), work.chunks(lambda: chunks(iter(batches))))

    return fold_batches


def partition_number() -> int:
    """The partition whose task asks."""
    context = TaskContext.get()
    return context.partitionId() if context else 0


def _as_row(number: int, state: bytes) -> pa.RecordBatch:
    import pyarrow as pa

    columns = [pa.array([number], pa.int32()), pa.array([state], pa.binary())]
    return pa.RecordBatch.from_arrays(columns, names=["partition", "state"])


def _one_by_one(states: DataFrame) -> Generator[bytes, None, None]:
    """The states as Spark Connect sends them: in their order, and gone before the last are made."""
    before = -1
    try:
        for row in states.toLocalIterator():
            number = int(row["partition"])
            if number <= before:
                raise EngineError(
                    "Spark Connect does not send partitions in their order",
                    expected=f"a partition after {before}",
                    found=str(number),
                    todo="Use a classic session, or --runner local",
                )
            before = number
            yield bytes(row["state"])
    except JOB_FAILURES as error:
        raise engine_error(error) from None


def in_order(
    session: SparkSession, count: int, work: Callable[[int], Result]
) -> Generator[Result, None, None]:
    """The results of `work(0)`, `work(1)`, ... in this order, several of them under way at once.

    One job for each, not one for all: states reach the driver one by one and are gone before
    the last of them are made, so that its memory does not depend on their number.

    Whoever stops before the last result closes the generator. Left to the garbage collector, it
    may call the JVM in the midst of another call, and both fail.
    """
    group = f"driftkit-{uuid4()}"
    context = session.sparkContext

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


def active_session() -> SparkSession | None:
    """The session that is there already; None if there is none."""
    return SparkSession.getActiveSession() or getattr(SparkSession, "_instantiatedSession", None)


def session_of(dataset: object) -> SparkSession | None:
    """The session that holds the dataset's rows, else the one that is there already."""
    return dataset.frame.sparkSession if is_frame(dataset) else active_session()


def get_session(*, master: str | None = None) -> SparkSession:
    """The session that is there already, else a new one.

    Where nothing says where Spark runs (spark-submit, SPARK_REMOTE, a configuration folder), the
    new one is local and quiet, has UTC as its time zone and Deequ where its jar is found.

    Args:
        master: where to run, for example "local[2]"; None leaves it to Spark's configuration.

    Raises:
        EngineError: there is no Java, or Spark does not start.
    """
    session = active_session()
    if session is not None:
        return session
    builder = SparkSession.builder.appName("driftkit")
    for name, value in _configuration(master).items():
        builder = builder.config(name, value)
    try:
        return builder.getOrCreate()
    except (*JOB_FAILURES, RuntimeError, OSError) as error:
        raise EngineError(
            "Spark does not start",
            found=reason(str(error)),
            todo="Use --runner local, or mend that",
        ) from error


def _configuration(master: str | None) -> dict[str, str]:
    settings = {f"spark.executorEnv.{name}": value for name, value in WORKER_ENVIRONMENT.items()}
    if master is None and any(os.environ.get(name) for name in _CONFIGURED_BY):
        return settings
    if runtime.java_home() is None:
        raise EngineError(
            "Spark needs Java, and there is none",
            expected=f"Java {runtime.JAVA_VERSION} in JAVA_HOME or on the PATH",
            todo="Install it or use --runner local",
        )
    os.environ.update(runtime.session_environment())
    jar = runtime.deequ_jar() if pyspark_version.startswith(DEEQU_SPARK) else None
    settings |= {"spark.master": master} if master else {}
    settings |= {"spark.jars": str(jar)} if jar else {}
    return settings | _local() if (master or "local").startswith("local") else settings


def _local() -> dict[str, str]:
    logging = {"spark.driver.extraJavaOptions": f"-Dlog4j2.configurationFile={_LOGGING.as_uri()}"}
    # Java reads no file in a zip on Python's path.
    return _LOCAL | logging if _LOGGING.exists() else _LOCAL
