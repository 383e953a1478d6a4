"""Makes the calibration of a regression: its errors, and by which inputs they are to be expected."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.estimation.boosting import LossRows
from driftkit.comparison.estimation.loss_fit import LEAST_ROWS, learnt
from driftkit.formats.model_quality.calibration import Block, Segment
from driftkit.formats.model_quality.loss_calibration import LossCalibration
from driftkit.formats.model_quality.problems import Problem
from driftkit.states.quality.loss_sample import (
    ABSOLUTE,
    DAY,
    FIRST_FEATURE,
    FOURTH,
    LABEL,
    PREDICTION,
    ROWS,
    SQUARED,
)
from driftkit.states.quality.scored_rows import ALL, BLOCK, SEGMENT, in_order

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from driftkit.comparison.arrays import Floats, Integers
    from driftkit.settings import Partition
    from driftkit.states.quality.loss_sample import LossSample

# Integers of fewer rows may well differ all.
_TELLING = 1_000


def loss_calibration_of(
    state: LossSample, names: Sequence[str], partition: Partition
) -> LossCalibration | None:
    """Which errors are to be expected; None where too few rows differ, or errors are beyond doubles.

    Args:
        state: of the labelled rows.
        names: of the columns by which errors may be expected.
        partition: how rows were told apart.
    """
    if len(state.marks) < LEAST_ROWS or not np.isfinite(state.sums[ALL]).all():
        return None
    rows, days = _rows(state, names)
    found = learnt(rows, days)
    return LossCalibration(
        problem_type=str(Problem.REGRESSION),
        whole=_segment({}, state.sums[ALL]),
        blocks=tuple(
            Block(block=key, rows=int(state.sums[part][ROWS]), realized=_realized(state.sums[part]))
            for part in in_order(state.sums, BLOCK)
            for key in part[1]
            if key is not None
        ),
        segment_by=partition.segment_by,
        segments=tuple(_segments(state, partition)),
        model=found.model,
        groups=found.groups,
        learnt=int(state.counts.sum()),
        explained=found.explained,
        block_variances=found.day_variances,
        block_correlation=found.day_correlation,
    )


def _rows(state: LossSample, names: Sequence[str]) -> tuple[LossRows, Floats]:
    """The rows that were kept, and their days; columns that number the rows are left out."""
    table = state.table
    errors = np.abs(table[:, LABEL] - table[:, PREDICTION])
    told = [(name, table[:, FIRST_FEATURE + at]) for at, name in enumerate(names)]
    used = [(name, values) for name, values in told if not _numbers_rows(values, state.counts)]
    rows = LossRows(
        names=("prediction", *(name for name, _ in used)),
        columns=(table[:, PREDICTION], *(values for _, values in used)),
        absolute=errors,
        squared=errors**2,
        weights=state.counts.astype(np.float64),
    )
    return rows, np.nan_to_num(table[:, DAY])


def _numbers_rows(values: Floats, counts: Integers) -> bool:
    """Whether integers are all different, as the numbers of rows or of customers are."""
    return (
        len(values) >= _TELLING
        and bool((values == np.floor(values)).all() and (counts == 1).all())
        and len(np.unique(values)) == len(values)
    )


def _segments(state: LossSample, partition: Partition) -> Iterator[Segment]:
    """The segments with most rows."""
    ranked = sorted(in_order(state.sums, SEGMENT), key=lambda part: -state.sums[part][ROWS])
    for part in ranked[: partition.segment_max]:
        if state.sums[part][ROWS] >= max(partition.segment_min_rows, 2):
            values = dict(zip(partition.segment_by, part[1], strict=True))
            yield _segment(values, state.sums[part])


def _segment(values: Mapping[str, str | None], sums: Floats) -> Segment:
    """Errors by labels, and how far they move by chance in a window of one row."""
    realized, mean = _realized(sums), sums / sums[ROWS]
    of_square = math.sqrt(max(mean[FOURTH] - mean[SQUARED] ** 2, 0.0))
    root = realized["rmse"]
    return Segment(
        segment=values,
        rows=int(sums[ROWS]),
        realized=realized,
        deviations={
            "mae": math.sqrt(max(mean[SQUARED] - mean[ABSOLUTE] ** 2, 0.0)),
            "mse": of_square,
            "rmse": of_square / (2 * root) if root else 0.0,
        },
    )


def _realized(sums: Floats) -> dict[str, float]:
    absolute, squared = (float(sums[at] / sums[ROWS]) for at in (ABSOLUTE, SQUARED))
    return {"mae": absolute, "mse": squared, "rmse": math.sqrt(squared)}
