"""Regression metrics (mae, mse, rmse, r2) from sums."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan, sqrt


@dataclass(frozen=True, slots=True, kw_only=True)
class Errors:
    """The sums from which the metrics of a regression are read.

    Attributes:
        rows: their number.
        absolute: sum of |label - prediction|.
        squared: sum of (label - prediction)^2.
        spread: sum of squared deviations from the mean: of the labels, or of the predictions
            where r2 is to be as in the containers.
    """

    rows: float
    absolute: float
    squared: float
    spread: float


def regression_metrics(errors: Errors) -> dict[str, float]:
    """The metrics of a regression; r2 is 1 - squared / spread (Draper and Smith 1998, 1.3).

    NaN where there are no rows; r2 also where all labels are equal.

    >>> regression_metrics(Errors(rows=4, absolute=2, squared=1, spread=5))
    {'mae': 0.5, 'mse': 0.25, 'rmse': 0.5, 'r2': 0.8}
    """
    if not errors.rows:
        return dict.fromkeys(("mae", "mse", "rmse", "r2"), nan)
    mse = errors.squared / errors.rows
    return {
        "mae": errors.absolute / errors.rows,
        "mse": mse,
        "rmse": sqrt(mse),
        "r2": 1.0 - errors.squared / errors.spread if errors.spread else nan,
    }
