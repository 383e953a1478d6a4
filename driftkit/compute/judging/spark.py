"""Judges on Spark: tasks fold units, a shuffle brings each range of scores together."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from pyspark import StorageLevel

from driftkit.compute import spark as sessions
from driftkit.compute.counting import Counting
from driftkit.compute.folding import packed, settle_worker, unpacked
from driftkit.compute.judging.ranges import QUANTILES, RangeResult, bounds_of, merged
from driftkit.errors import DriftkitError, EngineError
from driftkit.statistics.quality.score_levels import CurvePart, Levels

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pyspark import RDD

    from driftkit.compute.judging.ranges import Work
    from driftkit.compute.protocol import Progress
    from driftkit.readers.dataset import Dataset
    from driftkit.statistics.quality.scores import Scores
    from driftkit.statistics.quality.state import QualityState


def run(
    dataset: Dataset, work: Work, progress: Progress | None
) -> tuple[QualityState, SparkRanges | None]:
    """The state of all rows, and the ranges of their scores, which stay on Spark.

    Rows are read once: what the tasks made of them is kept until the ranges are summed up.

    Raises:
        InputError: a unit cannot be read.
        EngineError: Spark or a worker failed, or its session is one of Spark Connect.
    """
    states = _states(dataset, work).persist(StorageLevel.MEMORY_AND_DISK)
    count = states.getNumPartitions()
    total, samples = work(()), []

    def small(number: int) -> list[bytes]:
        return sessions.run_partition(states, _summaries, number, where=f"part {number}")

    found = sessions.in_order(sessions.get_session(), count, small)
    with closing(found):
        for done, contents in enumerate(found, start=1):
            for content in contents:
                state, quantiles, size = cast("tuple[QualityState, Any, int]", unpacked(content))
                total += state
                samples.append((quantiles, size))
            if progress is not None:
                progress(done, count, total.rows)
    if not any(size for _, size in samples):
        states.unpersist()
        return total, None
    return total, SparkRanges(states=states, bounds=bounds_of(samples))


def _states(dataset: Dataset, work: Work) -> RDD[bytes]:
    counting = Counting(work=work)
    session = sessions.get_session()
    if not sessions.is_classic(session):
        raise EngineError(
            "model quality on Spark needs a session of its own, not one of Spark Connect",
            todo="Use --runner local, or submit the job with spark-submit",
        )
    if sessions.is_frame(dataset):
        return sessions.folded(dataset, counting).rdd.mapPartitions(sessions.states_of_rows)
    units = list(dataset.units)
    rdd = session.sparkContext.parallelize(units, max(len(units), 1))
    return rdd.mapPartitions(counting.units)


def _summaries(states: Iterable[bytes]) -> Iterator[bytes]:
    for content in states:
        yield packed(partial(_summary, content))


def _summary(content: bytes) -> tuple[QualityState, Any, int]:
    state = cast("QualityState", unpacked(content))
    quantiles = state.scores.quantiles(QUANTILES)
    return state.without_scores(), quantiles, state.scores.keys.size


@dataclass(slots=True, kw_only=True)
class SparkRanges:
    """Scores on Spark, a partition for each range."""

    states: RDD[bytes]
    bounds: list[float]
    _ranges: RDD[Any] | None = field(default=None)

    def results(self) -> list[RangeResult]:
        """The result of every range; only these reach the driver."""
        ranges = self._shuffled()
        count = ranges.getNumPartitions()

        def result(number: int) -> list[bytes]:
            return sessions.run_partition(ranges, _results, number, where=f"range {number}")

        found = sessions.in_order(sessions.get_session(), count, result)
        with closing(found):
            results = [
                cast("RangeResult", unpacked(each)) for contents in found for each in contents
            ]
        self.states.unpersist()
        return results

    def all_points(self, number: int) -> CurvePart:
        """Every point of one range."""
        found = sessions.run_partition(self._shuffled(), _points, number, where=f"range {number}")
        return cast("CurvePart", unpacked(found[0]))

    def _shuffled(self) -> RDD[Any]:
        if self._ranges is None:
            cut = self.states.flatMap(partial(_cut, self.bounds))
            count = len(self.bounds) + 1
            self._ranges = cut.partitionBy(count, _same).persist(StorageLevel.DISK_ONLY)
        return self._ranges


def _same(number: int) -> int:
    return number


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
    yield packed(partial(RangeResult.of, scores))


def _points(parts: Iterable[tuple[int, Scores]]) -> Iterator[bytes]:
    scores = [part for _, part in parts]
    yield packed(lambda: CurvePart.of(Levels.of(merged(scores))))
