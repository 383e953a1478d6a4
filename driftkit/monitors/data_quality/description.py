"""statistics.json of a data-quality run, from the states."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

import numpy as np

from driftkit.columns.types import InferredType
from driftkit.formats.statistics import (
    Bucket,
    Category,
    FeatureStatistics,
    KllDistribution,
    NumericalStatistics,
    Statistics,
    StringStatistics,
)
from driftkit.states.profile.kll import SHRINKING_FACTOR, SKETCH_SIZE

if TYPE_CHECKING:
    from driftkit.states.partitions.partition import TableState
    from driftkit.states.profile.column import ColumnState
    from driftkit.states.profile.kll import KllSketch

BUCKETS = 10
# Deequ's profiler lists the values of columns with at most so many, by the estimate.
CATEGORIES = 120


def describe(state: TableState, *, distributions: bool = True) -> Statistics:
    """What statistics.json says of a table.

    Both dialects say the same; how sums were taken was decided while the rows were read.

    Args:
        state: of the table.
        distributions: whether the distributions of numbers are asked for; constraints need none.
    """
    features = (_feature(column, distributions=distributions) for column in state.columns)
    return Statistics(item_count=state.rows, features=tuple(features))


def buckets(sketch: KllSketch, minimum: float, maximum: float) -> tuple[Bucket, ...]:
    """Ten intervals from minimum to maximum, with the counts that the sketch estimates.

    Half open, the last one closed; it holds the maximum even where its bound, as AWS rounds it,
    lies below. In a constant column all of them are the same point and the last one holds
    everything.
    """
    # In this order, which is AWS's: 2.4 rather than 2.4000000000000004.
    bounds = [minimum + (maximum - minimum) * step / 10.0 for step in range(BUCKETS + 1)]
    below = sketch.ranks(np.array(bounds), inclusive=False).tolist()
    highest = max(bounds[-1], maximum)
    below[-1] = int(sketch.ranks(np.array([highest]), inclusive=True)[0])
    return tuple(
        Bucket(
            lower_bound=bounds[step],
            upper_bound=bounds[step + 1],
            count=float(below[step + 1] - below[step]),
        )
        for step in range(BUCKETS)
    )


def _feature(column: ColumnState, *, distributions: bool) -> FeatureStatistics:
    inferred = column.inferred
    if inferred.is_numeric:
        kll = _distribution(column) if distributions else None
        return FeatureStatistics(
            name=column.name, inferred_type=str(inferred), numerical=_numerical(column, kll)
        )
    return FeatureStatistics(name=column.name, inferred_type=str(inferred), string=_string(column))


def _numerical(column: ColumnState, kll: KllDistribution | None) -> NumericalStatistics:
    moments, extremes = column.moments, column.extremes
    return NumericalStatistics(
        num_present=column.presence.present,
        num_missing=column.presence.missing,
        mean=moments.mean,
        sum=moments.total if moments.n else None,
        std_dev=moments.std_dev,
        min=extremes.minimum,
        max=extremes.maximum,
        approximate_num_distinct_values=column.distinct.estimate(),
        completeness=column.presence.completeness,
        kll=kll,
        further=column.further,
    )


def _distribution(column: ColumnState) -> KllDistribution | None:
    minimum, maximum = column.extremes.minimum, column.extremes.maximum
    if minimum is None or maximum is None:
        return None
    return KllDistribution(
        buckets=buckets(column.sketch, minimum, maximum),
        c=SHRINKING_FACTOR,
        k=float(SKETCH_SIZE),
        data=tuple(array("d", level.tobytes()) for level in column.sketch.levels),
    )


def _string(column: ColumnState) -> StringStatistics:
    """Of String and Boolean columns, and of columns without any value."""
    return StringStatistics(
        num_present=column.presence.present,
        num_missing=column.presence.missing,
        distinct_count=float(column.distinct.estimate()),
        completeness=column.presence.completeness,
        categories=_categories(column),
    )


def _categories(column: ColumnState) -> tuple[Category, ...] | None:
    frequencies = column.frequencies
    listed = column.inferred is not InferredType.UNKNOWN and not frequencies.overflowed
    if not listed or column.distinct.estimate() > CATEGORIES:
        return None
    ordered = sorted(frequencies.counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(Category(value=value, count=count) for value, count in ordered)
