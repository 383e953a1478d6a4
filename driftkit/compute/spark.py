"""Runs jobs on Spark: each unit is folded by a task of its own, which reads the unit itself."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from driftkit.compute.pairing.spark import SparkHalves
from driftkit.compute.scores.spark import SparkRanges
from driftkit.compute.session.spark import get_session, is_classic, session_of
from driftkit.compute.tasks.spark import packed_states
from driftkit.compute.worker import unpacked

if TYPE_CHECKING:
    from driftkit.compute.job import Halved, Job, Progress, State
    from driftkit.compute.scores.ranges import Ranges
    from driftkit.readers.dataset import Dataset
    from driftkit.states.deployment.pairing import Pairing
    from driftkit.states.deployment.pairs import PairState
    from driftkit.states.quality.state import QualityState


@dataclass(frozen=True, slots=True, kw_only=True)
class SparkRunner:
    """Tasks fold units; see `driftkit.compute.job.Runner`."""

    where: str = "on Spark"

    def can_pair(self, dataset: Dataset) -> bool:
        """Whether the session has a JVM of its own."""
        return is_classic(session_of(dataset) or get_session())

    def run(self, dataset: Dataset, job: Job[State], progress: Progress | None = None) -> State:
        """The state of all rows."""
        count, states = packed_states(dataset, job)
        with closing(states):
            return job.sum((cast("State", unpacked(state)) for state in states), count, progress)

    def run_scored(
        self, dataset: Dataset, job: Job[QualityState], progress: Progress | None = None
    ) -> tuple[QualityState, Ranges | None]:
        """The state without scores, and the ranges of these, which stay on Spark."""
        ranges = SparkRanges.from_job(dataset, job)
        with closing(ranges.states()) as states:
            total = job.sum(states, len(ranges.units), progress)
        return total, ranges.if_any()

    def run_paired(
        self,
        dataset: Dataset,
        job: Job[Halved],
        pairing: Pairing,
        progress: Progress | None = None,
    ) -> tuple[Halved, PairState]:
        """The state without halves, which stay on Spark, and the state of all pairs."""
        halves = SparkHalves.from_job(dataset, job)
        with closing(halves.states()) as states:
            total = job.sum(states, len(halves.units), progress)
        return total, halves.pairs(pairing)
