"""Joins captures with ground truth: in this process, by threads, or on Spark."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from driftkit.capture.truth_join.counts import MergeCounts
from driftkit.capture.truth_join.hash_join import spread_captures, spread_truths, write
from driftkit.capture.truth_join.matching import match
from driftkit.compute.choice import LOCAL_BYTES, require_spark, spark_is_there
from driftkit.compute.truth_join.join import Joined

if TYPE_CHECKING:
    from driftkit.compute.truth_join.join import Join
    from driftkit.settings import Compute


def joined(join: Join, settings: Compute) -> Joined:
    """Joins, and writes merged files below the staging folder, which all workers must see.

    Raises:
        InputError: a file cannot be read, or nothing fits.
        EngineError: pyspark is needed and not installed, or Spark or a worker failed.
    """
    if settings.runner == "local" or (
        settings.runner == "auto" and not spark_is_there() and join.size < LOCAL_BYTES
    ):
        return _in_this_process(join)
    require_spark()
    from driftkit.compute.truth_join import spark  # noqa: PLC0415  (imports pyspark)

    return spark.run(join)


def _in_this_process(join: Join) -> Joined:
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        found = [
            *pool.map(lambda files: spread_truths(files, 1), join.truths),
            *pool.map(lambda each: spread_captures(each[0], each[1], 1), enumerate(join.captures)),
        ]
        counts = sum((each.counts for each in found), MergeCounts())
        matches = match(bucket_rows for each in found for bucket_rows in each.buckets.values())
        counts += matches.counts
        join.check(counts)
        join.keep(0, matches.labels)
        written: dict[str, int] = {}
        for files in pool.map(
            lambda group: write(join.captures[group[0]], [group[1]], join.folder),
            matches.by_group.items(),
        ):
            written |= files
    return Joined(written=written, counts=counts)
