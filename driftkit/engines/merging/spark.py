"""Joins on Spark: one shuffle brings ids together, a second brings labels to their captures."""

from __future__ import annotations

from collections import defaultdict
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from pyspark import StorageLevel

from driftkit.engines import spark as sessions
from driftkit.engines.failures import engine_error
from driftkit.engines.folding import packed, single_threaded, unpacked
from driftkit.engines.merging.outcome import Joined
from driftkit.errors import DriftkitError, EngineError
from driftkit.records.merging.counts import MergeCounts
from driftkit.records.merging.joining import (
    Spreads,
    spread_captures,
    spread_truths,
    write,
)
from driftkit.records.merging.matching import match

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pyspark import RDD

    from driftkit.engines.merging.outcome import Join
    from driftkit.records.merging.matching import Matches

TASKS_A_CORE = 2


def run(join: Join) -> Joined:
    """Joins, and writes merged files below the staging folder, which all workers must see.

    Only counts and the names of files reach this process.

    Raises:
        InputError: a file cannot be read, or nothing fits.
        EngineError: Spark or a worker failed.
    """
    session = sessions.get_session()
    if not sessions.is_classic(session):
        raise EngineError(
            "a merge on Spark needs a session of its own, not one of Spark Connect",
            todo="Use --runner local, or submit the job with spark-submit",
        )
    context = session.sparkContext
    tasks = [("truths", number) for number in range(len(join.truths))]
    tasks += [("captures", number) for number in range(len(join.captures))]
    buckets = max(join.buckets, context.defaultParallelism)
    # A task costs a tenth of a second whatever it does, so each takes several units.
    most = TASKS_A_CORE * context.defaultParallelism
    spread = context.parallelize(tasks, min(len(tasks), most)).map(partial(_spread, join, buckets))
    spread = spread.persist(StorageLevel.MEMORY_AND_DISK)
    counts = _counted(spread.map(_counts_of_spread))
    matched = _together(spread.flatMap(_buckets_of), buckets).mapPartitionsWithIndex(
        partial(_match, join)
    )
    matched = matched.persist(StorageLevel.MEMORY_AND_DISK)
    counts += _counted(matched.map(_counts_of_match))
    join.check(counts)
    parts = min(len(join.captures), most)
    writing = _together(matched.flatMap(_units_of), parts).mapPartitions(partial(_write, join))
    written = dict(cast("list[tuple[str, int]]", _all(writing)))
    for each in (spread, matched):
        each.unpersist()
    return Joined(written=written, counts=counts)


def _together(pairs: RDD[tuple[int, Any]], partitions: int) -> RDD[tuple[int, Any]]:
    return pairs.partitionBy(partitions, _same)


def _same(number: int) -> int:
    # Spark takes the remainder by the number of partitions.
    return number


def _spread(join: Join, buckets: int, task: tuple[str, int]) -> bytes:
    single_threaded()
    kind, number = task
    if kind == "truths":
        return packed(partial(spread_truths, join.truths[number], buckets))
    return packed(partial(spread_captures, number, join.captures[number], buckets))


def _counts_of_spread(content: bytes) -> bytes:
    return packed(lambda: cast("Spreads", unpacked(content)).counts)


def _buckets_of(content: bytes) -> Iterator[tuple[int, Any]]:
    try:
        spreads = cast("Spreads", unpacked(content))
    except DriftkitError:
        return
    yield from spreads.buckets.items()


def _match(join: Join, bucket: int, pairs: Iterable[tuple[int, Any]]) -> Iterator[Matches]:
    found = match(spread for _, spread in pairs)
    join.keep(bucket, found.labels)
    yield found._replace(labels=found.labels.slice(0, 0))


def _counts_of_match(found: Matches) -> bytes:
    return packed(lambda: found.counts)


def _units_of(found: Matches) -> Iterator[tuple[int, Any]]:
    yield from found.by_unit.items()


def _write(join: Join, pairs: Iterable[tuple[int, Any]]) -> Iterator[tuple[str, int]]:
    found: defaultdict[int, list[Any]] = defaultdict(list)
    for unit, matches in pairs:
        found[unit].append(matches)
    for unit, parts in found.items():
        yield from write(join.captures[unit], parts, join.folder).items()


def _counted(contents: RDD[bytes]) -> MergeCounts:
    total = MergeCounts()
    for content in cast("list[bytes]", _all(contents)):
        total += cast("MergeCounts", unpacked(content))
    return total


def _all(rdd: RDD[Any]) -> list[Any]:
    try:
        return rdd.collect()
    except sessions.JOB_FAILURES as error:
        raise engine_error(error) from None
