"""Chooses where quality is judged, and imports pyspark only where Spark is chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftkit.compute.judging import local

if TYPE_CHECKING:
    from driftkit.compute.judging.ranges import Ranges, Work
    from driftkit.compute.protocol import Progress
    from driftkit.readers.dataset import Dataset
    from driftkit.statistics.quality.state import QualityState


def run(
    dataset: Dataset, work: Work, *, on_spark: bool, progress: Progress | None = None
) -> tuple[QualityState, Ranges | None]:
    """The state of all rows, and the ranges of their scores if they have any.

    Raises:
        InputError: a unit cannot be read.
        EngineError: Spark or a worker failed.
    """
    if on_spark:
        # Only where Spark is asked for: pyspark need not be there.
        from driftkit.compute.judging import spark  # noqa: PLC0415

        return spark.run(dataset, work, progress)
    return local.run(dataset, work, progress)
