"""Pairs on Spark: halves stay with the workers, a shuffle brings those of a hash together."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, cast

import pyarrow as pa
from pyspark import StorageLevel

from driftkit.compute.session.spark import classic_session
from driftkit.compute.tasks.spark import results, states_rdd
from driftkit.compute.worker import packed, settle_worker, unpacked
from driftkit.errors import DriftkitError
from driftkit.states.deployment.halves import parts_of
from driftkit.states.deployment.keyed_sums import KeyedSums
from driftkit.states.deployment.pair_sums import bits_of, counted, paired
from driftkit.states.deployment.pairs import PairState

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Sequence

    from pyspark import RDD

    from driftkit.compute.job import Halved, Job
    from driftkit.readers.dataset import Dataset
    from driftkit.states.deployment.pairing import Pairing

# Halves of a task: some hundred megabytes.
TASK_ROWS = 1 << 20


@dataclass(slots=True, kw_only=True)
class SparkHalves:
    """Halves on Spark.

    Attributes:
        packed: the states of units, kept by the workers until halves are paired, so that rows are
            read once.
        units: their names.
        rows: of all halves.
        counts: of all rows, by unit.
    """

    packed: RDD[bytes]
    units: Sequence[str]
    rows: int = 0
    counts: list[KeyedSums] = field(default_factory=list)

    @classmethod
    def from_job(cls, dataset: Dataset, job: Job[Halved]) -> SparkHalves:
        """The halves of a dataset, whose units are not yet read.

        Raises:
            EngineError: Spark failed, or its session is one of Spark Connect.
        """
        packed, units = states_rdd(classic_session("pairing rows"), dataset, job)
        return cls(packed=packed.persist(StorageLevel.MEMORY_AND_DISK), units=units)

    def states(self) -> Generator[Any, None, None]:
        """Reads the units; gives their states in order, without their halves.

        Raises:
            InputError: a unit cannot be read.
            EngineError: Spark or a worker failed.
        """
        with closing(results(self.packed, _summaries, self.units)) as found:
            for content in found:
                state, rows, counts = cast("tuple[Any, int, KeyedSums]", unpacked(content))
                self.rows += rows
                self.counts.append(counts)
                yield state

    def pairs(self, pairing: Pairing) -> PairState:
        """The state of all pairs; only states of some parts of them reach the driver.

        Raises:
            EngineError: Spark or a worker failed.
        """
        bits = bits_of(self.rows)
        # Tasks take several parts each, for every task takes a tenth of a second to begin.
        together = min(max((TASK_ROWS << bits) // max(self.rows, 1), 1), 1 << bits)
        tasks = -(-(1 << bits) // together)
        cut = self.packed.flatMap(partial(_cut, bits))
        shuffled = cut.partitionBy(tasks, partial(_task, together))
        names = [f"pairs {number}" for number in range(tasks)]
        total = counted(KeyedSums.together(self.counts), pairing)
        with closing(results(shuffled, partial(_paired, pairing), names)) as found:
            for content in found:
                total = PairState.together([total, *cast("list[PairState]", unpacked(content))])
        self.packed.unpersist()
        return total


def _task(together: int, part: int) -> int:
    return part // together


def _summaries(states: Iterable[bytes]) -> Iterator[bytes]:
    for content in states:
        yield packed(partial(_summary, content))


def _summary(content: bytes) -> tuple[Any, int, KeyedSums]:
    state = cast("Any", unpacked(content))
    return state.without_halves(), state.halves.rows, state.halves.counts


def _cut(bits: int, content: bytes) -> Iterator[tuple[int, bytes]]:
    try:
        state = cast("Any", unpacked(content))
    except DriftkitError:
        return
    for part, tables in enumerate(parts_of([state.halves], bits)):
        yield from ((part, _written(table)) for table in tables)


def _paired(pairing: Pairing, parts: Iterable[tuple[int, bytes]]) -> Iterator[bytes]:
    settle_worker()
    ordered = sorted(parts, key=itemgetter(0))
    yield packed(
        lambda: [
            paired(pairing, [_read(content) for _, content in some])
            for _, some in groupby(ordered, key=itemgetter(0))
        ]
    )


def _written(table: pa.Table) -> bytes:
    # Pickled, a slice would take all rows along.
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return bytes(sink.getvalue())


def _read(content: bytes) -> pa.Table:
    return pa.ipc.open_stream(content).read_all()
