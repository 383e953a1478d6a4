"""Days of rows whose means differ from day to day."""

from __future__ import annotations

import numpy as np
import pandas as pd

FIRST = pd.Timestamp("2026-01-01")
ROWS = 300


def rows_of(
    day: int, *, rows: int = ROWS, shift: float = 0.0, nulls: float = 0.0, new: float = 0.0
) -> pd.DataFrame:
    """A day; the same number gives the same rows.

    Args:
        day: after 1 January 2026.
        rows: of it.
        shift: of the numbers, in standard deviations.
        nulls: share of the numbers that are missing.
        new: share of the categories that no other day has.
    """
    rng = np.random.default_rng([20260101, day])
    times = FIRST + pd.Timedelta(days=day) + pd.to_timedelta(rng.integers(0, 86_400, rows), "s")
    number = rng.normal(rng.normal(0, 0.05) + shift, 1, rows)
    number[rng.random(rows) < nulls] = np.nan
    kind = rng.choice(["a", "b", "c"], rows, p=[0.5, 0.3, 0.2]).astype(object)
    kind[rng.random(rows) < new] = "other"
    return pd.DataFrame({"t": times, "number": number, "kind": kind})


def several(days: range, *, rows: int = ROWS) -> pd.DataFrame:
    """Several days together, of so many rows each."""
    return pd.concat([rows_of(day, rows=rows) for day in days], ignore_index=True)
