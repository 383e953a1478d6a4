"""Exact curves on Spark: scores stay with the workers, a shuffle brings each range together."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from pyspark import StorageLevel

from driftkit.compute.scores.ranges import RangeResult, bounds_of, merged, sample
from driftkit.compute.session.spark import classic_session
from driftkit.compute.tasks.spark import results, run_partition, states_rdd
from driftkit.compute.worker import packed, settle_worker, unpacked
from driftkit.errors import DriftkitError
from driftkit.states.quality.score_levels import CurvePart, Levels

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Sequence

    from pyspark import RDD

    from driftkit.compute.job import Job
    from driftkit.compute.scores.ranges import Sample
    from driftkit.readers.dataset import Dataset
    from driftkit.states.quality.scores import Scores
    from driftkit.states.quality.state import QualityState


@dataclass(slots=True, kw_only=True)
class SparkRanges:
    """Scores on Spark, a partition for each range.

    Attributes:
        packed: the states of units, kept by the workers until the ranges are summed up, so that
            rows are read once.
        units: their names.
        samples: of the units' scores, see `bounds_of`.
    """

    packed: RDD[bytes]
    units: Sequence[str]
    samples: list[Sample] = field(default_factory=list)
    _ranges: RDD[Any] | None = field(default=None)

    @classmethod
    def from_job(cls, dataset: Dataset, job: Job[QualityState]) -> SparkRanges:
        """The scores of a dataset, whose units are not yet read.

        Raises:
            EngineError: Spark failed, or its session is one of Spark Connect.
        """
        packed, units = states_rdd(classic_session("model quality"), dataset, job)
        return cls(packed=packed.persist(StorageLevel.MEMORY_AND_DISK), units=units)

    def if_any(self) -> SparkRanges | None:
        """These, once all units were read; None, and nothing is kept, if they had no scores."""
        if any(size for _, size in self.samples):
            return self
        self.packed.unpersist()
        return None

    def states(self) -> Generator[QualityState, None, None]:
        """Reads the units; gives their states in order, without their scores.

        Raises:
            InputError: a unit cannot be read.
            EngineError: Spark or a worker failed.
        """
        with closing(results(self.packed, _summaries, self.units)) as found:
            for content in found:
                state, ranks = cast("tuple[QualityState, Sample]", unpacked(content))
                self.samples.append(ranks)
                yield state

    def results(self) -> list[RangeResult]:
        """The result of every range; only these reach the driver."""
        ranges = self._shuffled()
        names = [f"range {number}" for number in range(ranges.getNumPartitions())]
        with closing(results(ranges, _results, names)) as found:
            kept = [cast("RangeResult", unpacked(content)) for content in found]
        self.packed.unpersist()
        return kept

    def all_points(self, number: int) -> CurvePart:
        """Every point of one range."""
        found = run_partition(self._shuffled(), _points, number, where=f"range {number}")
        return cast("CurvePart", unpacked(found[0]))

    def _shuffled(self) -> RDD[Any]:
        if self._ranges is None:
            bounds = bounds_of(self.samples)
            cut = self.packed.flatMap(partial(_cut, bounds))
            count = len(bounds) + 1
            self._ranges = cut.partitionBy(count, int).persist(StorageLevel.DISK_ONLY)
        return self._ranges


def _summaries(states: Iterable[bytes]) -> Iterator[bytes]:
    for content in states:
        yield packed(partial(_summary, content))


def _summary(content: bytes) -> tuple[QualityState, Sample]:
    state = cast("QualityState", unpacked(content))
    return state.without_scores(), sample(state.scores)


def _cut(bounds: list[float], content: bytes) -> Iterator[tuple[int, Scores]]:
    try:
        state = cast("QualityState", unpacked(content))
    except DriftkitError:
        return
    for number, part in enumerate(state.scores.split(bounds)):
        if part.keys.size:
            yield number, part


def _results(parts: Iterable[tuple[int, Scores]]) -> Iterator[bytes]:
    settle_worker()
    scores = [part for _, part in parts]
    yield packed(partial(RangeResult.from_scores, scores))


def _points(parts: Iterable[tuple[int, Scores]]) -> Iterator[bytes]:
    scores = [part for _, part in parts]
    yield packed(lambda: CurvePart.from_levels(Levels.from_scores(merged(scores))))
