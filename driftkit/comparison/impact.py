"""How far the mean of what a model answers is expected to move because one feature drifted."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from driftkit.comparison.arrays import Floats, Integers


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """How far a mean is expected to move.

    Attributes:
        size: of the move.
        standard_error: of it, by the rows of both sides.
        unknown: share of the window's rows in cells of which nothing is known, which move nothing.
    """

    size: float
    standard_error: float
    unknown: float


def expected_move(
    window: Integers, rows: Integers, sums: Floats, squares: Floats, allowance: float = 0.0
) -> Move | None:
    """The move of a mean if the baseline's rows were weighted so that one feature is as in the window.

    With q and p the shares of the cells in window and baseline, and m and s2 the mean and the variance
    of what is answered in each cell of the baseline, it is sum q (m - mean). Its variance by the delta
    method, for n rows of the window and N of the baseline, is

        (sum q m^2 - (sum q m)^2) / n + sum p ((q/p - 1)^2 s2 + (m - mean)^2) / N,

    and with sketches that are off by up to `allowance`, as if they were independently at each edge,
    the squares of half of it times the steps of m from cell to cell.

    Args:
        window: its rows, by cell.
        rows: of the baseline with an answer, by cell.
        sums: of their answers.
        squares: and of the squares of these; answers near zero lose no digits.
        allowance: how far a share of the window's rows up to a cell may be off.

    Returns:
        None where one of both sides has no rows.

    >>> found = expected_move(np.array([9, 1]), np.array([50, 50]), np.array([0.0, 50.0]), np.array([0.0, 50.0]))
    >>> round(found.size, 12), found.unknown
    (-0.4, 0.0)
    """
    n, known = int(window.sum()), rows > 0
    if not n or not known.any():
        return None
    q, p = (window / n)[known], rows[known] / rows.sum()
    total = float(rows.sum())
    mean = float(sums.sum()) / total
    here = sums[known] / rows[known] - mean
    size = float(q @ here)
    of_window = max(float(q @ here**2) - size**2, 0.0) / n
    weights = (q / p - 1.0) ** 2 * _variances(rows[known], sums[known], squares[known]) + here**2
    steps = float((np.diff(here) ** 2).sum()) * (allowance / 2) ** 2
    return Move(
        size=size,
        standard_error=math.sqrt(of_window + float(p @ weights) / total + steps),
        unknown=float(window[~known].sum()) / n,
    )


def _variances(rows: Integers, sums: Floats, squares: Floats) -> Floats:
    """Of the answers in each cell; that of all cells together where a cell has one row."""
    within = np.maximum(squares - sums**2 / rows, 0.0)
    together = within.sum() / max(float((rows - 1).sum()), 1.0)
    return np.where(rows > 1, within / np.maximum(rows - 1, 1), together)
