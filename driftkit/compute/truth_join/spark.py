"""Joins on Spark: one shuffle brings ids together, a second brings labels to their captures."""

from __future__ import annotations

from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np
from pyspark.sql import functions as F

from driftkit.capture.truth_join.counts import MergeCounts
from driftkit.capture.truth_join.hash_join import BucketRows, spread_captures, spread_truths, write
from driftkit.capture.truth_join.matching import match
from driftkit.compute.failures import engine_error
from driftkit.compute.session.spark import JOB_FAILURES, get_session, is_classic
from driftkit.compute.tasks.spark import PARTS, numbers_in, rows_of
from driftkit.compute.truth_join.join import Joined
from driftkit.compute.worker import pack, packed, settle_worker, unpacked
from driftkit.errors import DriftkitError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession

    from driftkit.compute.truth_join.join import Join

    Batches = Iterable[pa.RecordBatch]
    Parts = Iterator[tuple[int, bytes]]

TASKS_A_CORE = 2
# Of captured records; a task holds their ids, or the labels that belong to them.
TASK_BYTES = 512 * 1024 * 1024
# The part of what is counted, beside the numbers of buckets or of units.
_COUNTS = -1


def run(join: Join) -> Joined:
    """Joins, and writes merged files below the staging folder, which all workers must see.

    Only counts and the names of files reach this process.

    Raises:
        InputError: a file cannot be read, or nothing fits.
        EngineError: Spark or a worker failed.
    """
    session = get_session()
    plan = _Plan.from_join(join, session)
    tasks = session.range(0, plan.tasks, 1, plan.tasks)
    bucket_rows = tasks.mapInArrow(partial(_bucketed, join, plan), PARTS)
    by_bucket = _together(session, bucket_rows, plan.buckets)
    matched = by_bucket.mapInArrow(partial(_match, join), PARTS)
    by_group = _together(session, matched, plan.writers)
    counts = MergeCounts()
    written: dict[str, int] = {}
    for part, content in _collected(by_group.mapInArrow(partial(_write, join), PARTS)):
        if part == _COUNTS:
            counts += cast("MergeCounts", unpacked(content))
        else:
            written.update(cast("dict[str, int]", unpacked(content)))
    join.check(counts)
    return Joined(written=written, counts=counts)


class _Plan(NamedTuple):
    """How many tasks read, match and write."""

    tasks: int
    buckets: int
    writers: int

    @classmethod
    def from_join(cls, join: Join, session: SparkSession) -> _Plan:
        groups = len(join.captures)
        # A task costs a tenth of a second whatever it does, so each takes several groups.
        most = TASKS_A_CORE * _cores(session, groups)
        most = max(most, sum(group.size for group in join.captures) // TASK_BYTES)
        tasks = min(len(join.truths) + groups, most)
        return cls(max(tasks, 1), max(join.buckets, min(tasks, most)), max(min(groups, most), 1))


def _cores(session: SparkSession, groups: int) -> int:
    """Tasks at once; a session of Spark Connect does not tell."""
    return session.sparkContext.defaultParallelism if is_classic(session) else groups


def _together(session: SparkSession, parts: DataFrame, partitions: int) -> DataFrame:
    """All rows of a part in one task, one part after another, and as many parts in each task."""
    keys = ",".join(map(str, _keys(session, partitions)))
    key = F.expr(f"array({keys})[pmod(part, {partitions})]")
    return parts.repartition(partitions, key).sortWithinPartitions("part")


def _keys(session: SparkSession, partitions: int) -> list[int]:
    """For each partition an integer that Spark's hash puts there: parts themselves fall unevenly."""
    tried = partitions
    found: dict[int, int] = {}
    while len(found) < partitions:
        tried *= 4
        placed = session.range(0, tried, 1, 1).selectExpr(f"pmod(hash(int(id)), {partitions}) p")
        found = {row["p"]: number for number, row in enumerate(placed.collect())}
    return [found[partition] for partition in range(partitions)]


def _bucketed(join: Join, plan: _Plan, batches: Batches) -> Batches:
    settle_worker()
    tasks = [
        *(partial(spread_truths, files, plan.buckets) for files in join.truths),
        *(
            partial(spread_captures, number, group, plan.buckets)
            for number, group in enumerate(join.captures)
        ),
    ]
    for number in numbers_in(batches):
        for task in tasks[number :: plan.tasks]:
            yield rows_of(_bucketed_by(task))


def _bucketed_by(task: partial[Any]) -> Parts:
    try:
        buckets, counts = task()
    except DriftkitError as error:
        yield _COUNTS, pack(error)
        return
    yield _COUNTS, pack(counts)
    for bucket, bucket_rows in buckets.items():
        yield bucket, pack(bucket_rows)


def _match(join: Join, batches: Batches) -> Batches:
    settle_worker()
    for bucket, contents in _by_part(batches):
        if bucket == _COUNTS:
            yield rows_of((_COUNTS, content) for content in contents)
        else:
            yield rows_of(_matched(join, bucket, contents))


def _matched(join: Join, bucket: int, contents: Iterable[bytes]) -> Parts:
    found = match(cast("BucketRows", unpacked(content)) for content in contents)
    join.keep(bucket, found.labels)
    yield _COUNTS, pack(found.counts)
    for group, labels in found.by_group.items():
        # Taken, not sliced: a slice would take all rows along.
        yield group, pack(labels.take(np.arange(labels.num_rows)))


def _write(join: Join, batches: Batches) -> Batches:
    settle_worker()
    for group, contents in _by_part(batches):
        if group == _COUNTS:
            yield rows_of((_COUNTS, content) for content in contents)
            continue
        labels = [cast("pa.Table", unpacked(content)) for content in contents]
        files = partial(write, join.captures[group], labels, join.folder)
        yield rows_of([(group, packed(files))])


def _by_part(batches: Batches) -> Iterator[tuple[int, Iterator[bytes]]]:
    rows = (
        (part, content.as_buffer().to_pybytes())
        for batch in batches
        for part, content in zip(batch.column(0).to_pylist(), batch.column(1), strict=True)
    )
    for part, group in groupby(rows, key=itemgetter(0)):
        yield part, (content for _, content in group)


def _collected(parts: DataFrame) -> list[tuple[int, bytes]]:
    try:
        return [(row["part"], bytes(row["content"])) for row in parts.collect()]
    except JOB_FAILURES as error:
        raise engine_error(error) from None
