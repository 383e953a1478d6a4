"""Runs jobs in this process, for inputs that are read sooner than Spark starts."""

from __future__ import annotations

import gc
import os
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from driftkit.compute.threads import in_order

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from driftkit.compute.job import Halved, Job, Progress, State
    from driftkit.compute.scores.ranges import Ranges
    from driftkit.readers.dataset import Dataset, Unit
    from driftkit.states.deployment.pairing import Pairing
    from driftkit.states.deployment.pairs import PairState
    from driftkit.states.quality.state import QualityState

# Compressed bytes of a piece that a thread takes: it begins at once.
PIECE_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalRunner:
    """Threads fold units; see `driftkit.compute.job.Runner`."""

    where: str = "in this process"

    def can_pair(self, dataset: Dataset) -> bool:  # noqa: ARG002  (one of any kind)
        """Always."""
        return True

    def run(self, dataset: Dataset, job: Job[State], progress: Progress | None = None) -> State:
        """The state of all rows."""
        return _run(dataset, job, progress, lambda state: state)

    def run_scored(
        self, dataset: Dataset, job: Job[QualityState], progress: Progress | None = None
    ) -> tuple[QualityState, Ranges | None]:
        """The state without scores, and the ranges of these."""
        # Only model quality has scores.
        from driftkit.compute.scores.local import LocalRanges  # noqa: PLC0415

        ranges = LocalRanges()
        total = _run(dataset, job, progress, ranges.take)
        return total, ranges if ranges.parts else None

    def run_paired(
        self,
        dataset: Dataset,
        job: Job[Halved],
        pairing: Pairing,
        progress: Progress | None = None,
    ) -> tuple[Halved, PairState]:
        """The state without halves, and the state of all pairs."""
        # Only comparisons of arms that answer the same requests have halves.
        from driftkit.compute.pairing.local import LocalHalves  # noqa: PLC0415

        halves = LocalHalves()
        total = _run(dataset, job, progress, halves.take)
        return total, halves.pairs(pairing)


def _run(
    dataset: Dataset,
    job: Job[State],
    progress: Progress | None,
    kept: Callable[[State], State],
) -> State:
    """The sum of what is kept of each state."""
    units = job.units(dataset, PIECE_BYTES)
    at_once = 1 if dataset.one_by_one else job.threads or os.cpu_count() or 1
    with _spared_collector(), closing(_states(units, job, at_once)) as states:
        return job.sum(map(kept, states), len(units), progress)


@contextmanager
def _spared_collector() -> Iterator[None]:
    """Keeps the collector of garbage from what is loaded: half a million objects, that stay."""
    if gc.get_freeze_count():
        yield
        return
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _states(units: tuple[Unit, ...], job: Job[State], at_once: int) -> Generator[State, None, None]:
    """The states of the units in their order."""
    threads = min(at_once, os.cpu_count() or 1, len(units))
    if threads > 1:
        # Reading, sorting, dictionaries and histograms leave Python's lock alone.
        yield from in_order(units, lambda unit: job.fold(unit.chunks()), threads)
        return
    for unit in units:
        yield job.fold(unit.chunks())
