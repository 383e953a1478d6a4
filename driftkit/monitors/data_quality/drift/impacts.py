"""Says how far each feature's drift alone moves the mean prediction and the mean loss of a model."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.impact import expected_move
from driftkit.formats.drift import Impact, Predictions
from driftkit.monitors.data_quality.drift.counting import of_statistics, of_tables

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from driftkit.comparison.impact import Move
    from driftkit.formats.drift import Drift, Verdict
    from driftkit.formats.statistics import Statistics
    from driftkit.monitors.data_quality.drift.counting import Counted
    from driftkit.native.arrays import Floats
    from driftkit.states.cells.outcomes import CellOutcomes, Outcome
    from driftkit.states.partitions.partition import TableState


def with_impact(
    drift: Drift, outcomes: CellOutcomes, window: Statistics, table: TableState | None
) -> Drift:
    """The verdicts with how far each feature's drift alone moves the mean prediction and loss.

    Args:
        drift: the verdicts.
        outcomes: of the baseline.
        window: its statistics.
        table: its states, where they are known.
    """
    grids = outcomes.grids
    counted = (
        of_statistics(window, grids)
        if table is None
        else [each[0] for each in of_tables([table], grids)]
    )
    found = {
        grid.name: _impact(outcomes.outcomes, sums, counts)
        for grid, sums, counts in zip(grids, outcomes.sums, counted, strict=True)
        if counts is not None
    }
    features = tuple(replace(each, impact=found.get(each.feature)) for each in drift.features)
    return replace(drift, features=features, predictions=_predictions(outcomes, window))


def weight_of(
    verdict: Verdict, importance: Mapping[str, float]
) -> tuple[float | None, float | None]:
    """The importance of a feature where attributions are known, else how far it moves answers."""
    if importance:
        return importance.get(verdict.feature), None
    found = verdict.impact
    moves = [found.prediction, found.loss] if found is not None and found.is_known else []
    return None, next((abs(each) for each in moves if each is not None), None)


def _impact(outcomes: Sequence[Outcome], sums: Floats, counted: Counted) -> Impact | None:
    counts, missing, allowance = counted
    window = np.append(counts, missing)
    moves = {
        name: expected_move(window, rows.astype(np.int64), added, squares, allowance)
        for name, (rows, added, squares) in zip(outcomes, sums, strict=True)
    }
    of_prediction, of_loss = moves.get("prediction"), moves.get("loss")
    known = of_prediction or of_loss
    if known is None:
        return None
    return Impact(
        prediction=_size(of_prediction),
        prediction_error=_error(of_prediction),
        loss=_size(of_loss),
        loss_error=_error(of_loss),
        unknown=known.unknown,
    )


def _size(move: Move | None) -> float | None:
    return None if move is None else move.size


def _error(move: Move | None) -> float | None:
    return None if move is None else move.standard_error


def _predictions(outcomes: CellOutcomes, window: Statistics) -> Predictions:
    """The means of the baseline, and how far the predictions themselves are from it."""
    means = {
        name: (float(added / rows), float(rows), float(squares / rows - (added / rows) ** 2))
        for name, (rows, added, squares) in zip(outcomes.outcomes, outcomes.totals, strict=True)
        if rows
    }
    loss = means["loss"][0] if "loss" in means else None
    bare = Predictions(column=outcomes.prediction, label=outcomes.label, loss=loss)
    if "prediction" not in means:
        return bare
    average, rows, variance = means["prediction"]
    bare = replace(bare, mean=average + outcomes.center)
    now = next((each.numerical for each in window.features if each.name == bare.column), None)
    if now is None or now.mean is None or now.std_dev is None or not now.num_present:
        return bare
    error = math.sqrt(max(variance, 0.0) / rows + now.std_dev**2 / now.num_present)
    return replace(bare, move=now.mean - outcomes.center - average, move_error=error)
