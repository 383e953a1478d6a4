"""How much the dependence of two columns has changed, whatever became of each of them alone."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftkit.comparison.arrays import Floats

SEPARATOR = " | "
"""Between the two halves of the name of a cell."""
_ROUNDS = 200
_CLOSE = 1e-9
# Of the statistic, which chance alone hardly exceeds.
_DEVIATIONS = 3.0


def dependence(current: Mapping[str, int], baseline: Mapping[str, int], *, robust: bool) -> float:
    """Cramer's V of a window's cells against those that the baseline's dependence lets expect.

    The baseline's table is fitted to the shares that each column has in the window, which leaves its
    odds ratios as they are (Deming and Stephan 1940); so only a change of the dependence counts. Half
    a row more in each cell of the baseline, as if independent, keeps empty cells possible. From
    chi-square by the rows of both is subtracted what chance lets expect (Bergsma 2013).

    Args:
        current: cell -> rows, cells named by both values with SEPARATOR between them.
        baseline: the same of the baseline.
        robust: whether three standard deviations of chance are subtracted too.

    Returns:
        0 (nothing to be seen) to 1; 0 where the names are none of cells.

    >>> now = {"a | x": 500, "b | y": 500, "a | y": 500, "b | x": 500}
    >>> before = {"a | x": 900, "b | y": 900, "a | y": 100, "b | x": 100}
    >>> dependence(now, before, robust=False) > 0.7, dependence(before, before, robust=True)
    (True, 0.0)
    """
    found = _tables(current, baseline)
    if found is None:
        return 0.0
    now, before = found
    n, m = float(now.sum()), float(before.sum())
    rows, columns = now.shape
    free = (rows - 1) * (columns - 1)
    expected = n * _fitted(before, now.sum(axis=1) / n, now.sum(axis=0) / n)
    square = float(((now - expected) ** 2 / expected).sum()) / n
    chance = free + (_DEVIATIONS * math.sqrt(2.0 * free) if robust else 0.0)
    square -= chance * (1.0 / n + 1.0 / m)
    return min(1.0, math.sqrt(max(0.0, square) / (min(rows, columns) - 1)))


def _tables(
    current: Mapping[str, int], baseline: Mapping[str, int]
) -> tuple[Floats, Floats] | None:
    """Both as tables of the rows and columns that have some on both sides; None if there are none."""
    cells = [_halves(each) for each in (current, baseline)]
    both = [{key for key, n in each.items() if n} for each in cells]
    rows = sorted({row for row, _ in both[0]} & {row for row, _ in both[1]})
    columns = sorted({column for _, column in both[0]} & {column for _, column in both[1]})
    tables = [
        np.array([[each.get((row, column), 0) for column in columns] for row in rows], np.float64)
        for each in cells
    ]
    while tables[0].size:
        alive = [np.all([each.any(axis=axis) for each in tables], axis=0) for axis in (1, 0)]
        if all(each.all() for each in alive):
            break
        tables = [each[alive[0]][:, alive[1]] for each in tables]
    return (tables[0], tables[1]) if min(tables[0].shape, default=0) > 1 else None


def _halves(counts: Mapping[str, int]) -> dict[tuple[str, str], int]:
    parts = ((name.partition(SEPARATOR), n) for name, n in counts.items())
    return {(first, second): n for (first, _, second), n in parts}


def _fitted(table: Floats, rows: Floats, columns: Floats) -> Floats:
    """Shares with the odds ratios of a table, and with these shares of rows and columns."""
    total = table.sum()
    independent = np.outer(table.sum(axis=1), table.sum(axis=0)) / total**2
    fitted = (table + 0.5 * table.size * independent) / (total + 0.5 * table.size)
    for _ in range(_ROUNDS):
        fitted = fitted * (rows / fitted.sum(axis=1))[:, None]
        fitted = fitted * (columns / fitted.sum(axis=0))
        if np.abs(fitted.sum(axis=1) - rows).max() < _CLOSE:
            break
    return np.asarray(fitted, np.float64)
