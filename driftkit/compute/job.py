"""Jobs: a fold over the units of a dataset whose states add up, and their runners."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Any, Generic, Protocol, Self, TypeVar, cast

from driftkit.compute.worker import packed, settle_worker
from driftkit.readers.dataset import FileUnit, units_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from driftkit.columns.chunk import Chunk
    from driftkit.compute.scores.ranges import Ranges
    from driftkit.readers.dataset import Dataset, Unit
    from driftkit.states.deployment.halves import Halves
    from driftkit.states.deployment.pairing import Pairing
    from driftkit.states.deployment.pairs import PairState
    from driftkit.states.quality.state import QualityState

Progress = Callable[[int, int, int], None]
"""Called with the units done, the units in all and the rows so far."""


class Summand(Protocol):
    """A state that adds up."""

    @property
    def rows(self) -> int:
        """Rows that it is of."""

    def __add__(self, other: Any) -> Any: ...


class WithHalves(Summand, Protocol):
    """A state that adds up, beside halves of pairs, which wait where they were read."""

    @property
    def halves(self) -> Halves:
        """The halves of its rows."""

    def without_halves(self) -> Self:
        """The state without them."""


_LOGGER = logging.getLogger(__name__)
State = TypeVar("State", bound=Summand)
Halved = TypeVar("Halved", bound=WithHalves)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job(Generic[State]):
    """A state of each unit of a dataset, all of them added up; pickled and sent to the workers.

    Whoever runs it folds a unit from its first row to its last and adds the units' states from
    left to right, so that the bits of the result depend on the input alone.

    Attributes:
        fold: makes the state of some chunks; of none, the identity of `+`.
        divisible: whether units may be cut smaller, so that every core has as many.
            Exact states, as counts are, do not depend on it; sums may, in their last bits.
        piece_bytes: of the pieces into which units are cut, about, however many cores there are:
            for sums that many cores are to share. None where units are not cut so.
        threads: units folded at once in this process; None for as many as there are cores.
    """

    fold: Callable[[Iterable[Chunk]], State]
    divisible: bool = False
    piece_bytes: int | None = None
    threads: int | None = None

    def units(self, dataset: Dataset, size: int) -> tuple[Unit, ...]:
        """The units of a dataset, cut into pieces of about so many bytes where they may be."""
        fixed = self.piece_bytes
        if fixed is not None:
            return _pieces(dataset.units, lambda _: fixed)
        return _pieces(dataset.units, partial(_even, size)) if self.divisible else dataset.units

    def sum(self, states: Iterable[State], count: int, progress: Progress | None = None) -> State:
        """The states added up in their order.

        Args:
            states: of the units.
            count: how many there are; 0 where that is known only at their end.
            progress: told of each.
        """
        total = self.fold(())
        for done, state in enumerate(states, start=1):
            total = total + state
            _LOGGER.debug("unit %d of %d: %d rows so far", done, max(count, done), total.rows)
            if progress is not None:
                progress(done, max(count, done), total.rows)
        return total

    def packed_states(self, units: Iterable[Unit]) -> Iterator[bytes]:
        """What a worker of Spark makes of each unit."""
        settle_worker()
        for unit in units:
            yield self.packed_state(unit.chunks)

    def packed_state(self, chunks: Callable[[], Iterable[Chunk]]) -> bytes:
        """The packed state of some chunks, or the packed error of the input."""
        return packed(lambda: self.fold(chunks()))


class Runner(Protocol):
    """Runs jobs: in this process or on Spark. The results are the same to the last bit."""

    @property
    def where(self) -> str:
        """Where it runs them, for people: "in this process" or "on Spark"."""

    def can_pair(self, dataset: Dataset) -> bool:
        """Whether it has `run_paired` for a dataset: a session of Spark Connect has not."""

    def run(self, dataset: Dataset, job: Job[State], progress: Progress | None = None) -> State:
        """The state of all rows, each of which is read once.

        Raises:
            InputError: a unit cannot be read.
            EngineError: Spark or a worker failed.
        """

    def run_scored(
        self, dataset: Dataset, job: Job[QualityState], progress: Progress | None = None
    ) -> tuple[QualityState, Ranges | None]:
        """As `run`, but scores stay where they were read, on disk if they are many.

        Returns:
            The state without its scores, and the ranges of these; None if there are none.

        Raises:
            InputError: a unit cannot be read.
            EngineError: Spark or a worker failed, or its session is one of Spark Connect.
        """

    def run_paired(
        self,
        dataset: Dataset,
        job: Job[Halved],
        pairing: Pairing,
        progress: Progress | None = None,
    ) -> tuple[Halved, PairState]:
        """As `run`, but halves of pairs stay where they were read, until those of a pair are joined.

        Returns:
            The state without its halves, and the state of all pairs.

        Raises:
            InputError: a unit cannot be read.
            EngineError: Spark or a worker failed, or its session is one of Spark Connect.
        """


def _pieces(units: Iterable[Unit], target: Callable[[Sequence[int]], int]) -> tuple[Unit, ...]:
    """Units cut between their pieces, as the row groups of Parquet are.

    Units are as large as pays where every column is read; few columns are read sooner.

    Args:
        units: as the dataset has them.
        target: compressed bytes of a cut one, about, by the sizes of all pieces.
    """
    cut: list[Unit] = []
    for read, some in groupby(
        units, lambda unit: unit.read if isinstance(unit, FileUnit) else None
    ):
        if read is None:
            cut += some
            continue
        pieces = [piece for unit in some for piece in cast("FileUnit[Any]", unit).pieces]
        cut += units_of(pieces, target([piece.size for piece in pieces]), read)
    return tuple(cut)


def _even(size: int, sizes: Sequence[int]) -> int:
    """The size of a piece that gives every core as many of them, so that none waits for the last."""
    cores = os.cpu_count() or 1
    total = sum(sizes)
    count = cores * max(1, -(-total // (size * cores)))
    # Pieces are not cut: half of one more or less keeps the last piece from being a crumb.
    return total // count + max(sizes) // 2
