"""Runs a fold over a dataset's units that is not the data-quality one: in this process or on Spark."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, cast

from driftkit.compute.folding import packed, settle_worker, unpacked
from driftkit.compute.threads import in_order
from driftkit.readers.dataset import grouped
from driftkit.readers.parquet import ParquetUnit

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Sequence

    from driftkit.columns.chunk import Chunk
    from driftkit.compute.protocol import Progress
    from driftkit.readers.dataset import Dataset, Unit


# A thread begins at once, a task takes a tenth of a second to begin.
THREAD_BYTES = 16 * 1024 * 1024
TASK_BYTES = 64 * 1024 * 1024


class Summand(Protocol):
    """A state that adds up."""

    @property
    def rows(self) -> int:
        """Rows that it is of."""

    def __add__(self, other: Any) -> Any: ...


State = TypeVar("State", bound=Summand)

# What is made of chunks; it is pickled and sent to the workers. Of no chunks it makes the
# identity of `+`.
Work = Callable[["Iterable[Chunk]"], State]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counting(Generic[State]):
    """The work of a task; the runners call it as they call the data-quality fold."""

    work: Work[State]

    def units(self, units: Iterable[Unit]) -> Iterator[bytes]:
        """One packed state for each unit."""
        settle_worker()
        for unit in units:
            yield self.chunks(unit.chunks)

    def chunks(self, chunks: Callable[[], Iterable[Chunk]]) -> bytes:
        """The packed state of some chunks, or the packed error of the input."""
        return packed(lambda: self.work(chunks()))


def run(
    dataset: Dataset, work: Work[State], *, on_spark: bool, progress: Progress | None = None
) -> State:
    """The state of all rows: units are folded by themselves and added up in their order.

    Args:
        dataset: the rows.
        work: what is made of them.
        on_spark: whether Spark's tasks do it, or threads of this process.
        progress: called with units done, units in all and rows so far.

    Raises:
        InputError: a unit cannot be read.
        EngineError: Spark or a worker failed.
    """
    count, states = _on_spark(dataset, work) if on_spark else _here(dataset, work)
    total = work(())
    with closing(states):
        for done, state in enumerate(states, start=1):
            total = total + state
            if progress is not None:
                progress(done, max(count, done), total.rows)
    return total


def pieces(units: Iterable[Unit], size: int) -> tuple[Unit, ...]:
    """Units of Parquet cut between row groups, for counts are exact whichever way they add up.

    Units are as large as pays where every column is read; few columns are read sooner. Pieces
    are of one size and as many for each core, so that no core waits for the last of them.

    Args:
        units: as the dataset has them.
        size: compressed bytes of a piece, at most about.
    """
    cut: list[Unit] = []
    for names, some in groupby(units, _names):
        if names is None:
            cut += some
            continue
        groups = [group for unit in some for group in cast("ParquetUnit", unit).groups]
        sizes = [group.size for group in groups]
        cut += [
            ParquetUnit(groups=tuple(groups[i:j]), names=names)
            for i, j in grouped(sizes, _even(sizes, size))
        ]
    return tuple(cut)


def _names(unit: Unit) -> tuple[str, ...] | None:
    return unit.names if isinstance(unit, ParquetUnit) else None


def _even(sizes: Sequence[int], size: int) -> int:
    """The size of a piece that gives every core as many of them."""
    cores = os.cpu_count() or 1
    total = sum(sizes)
    count = cores * max(1, -(-total // (size * cores)))
    # Row groups are not cut: half of one more or less keeps the last piece from being a crumb.
    return total // count + max(sizes) // 2


def _here(dataset: Dataset, work: Work[State]) -> tuple[int, Generator[State, None, None]]:
    units = pieces(dataset.units, THREAD_BYTES)
    # Reading, dictionaries and histograms leave Python's lock alone.
    return len(units), in_order(units, lambda unit: work(unit.chunks()), os.cpu_count() or 1)


def _on_spark(dataset: Dataset, work: Work[State]) -> tuple[int, Generator[State, None, None]]:
    # Only where Spark is asked for: pyspark need not be there.
    from driftkit.compute import spark  # noqa: PLC0415

    counting = Counting(work=work)
    if spark.is_frame(dataset):
        count, states = spark.frame_states(dataset, counting)
    else:
        units = pieces(dataset.units, TASK_BYTES)
        count, states = len(units), spark.unit_states(units, counting)
    return count, _unpacked(states)


def _unpacked(states: Generator[bytes, None, None]) -> Generator[Any, None, None]:
    with closing(states):
        for state in states:
            yield unpacked(state)
