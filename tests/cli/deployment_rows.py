"""Rows of two versions for tests of how the command line takes bad plans and bad rows."""

from __future__ import annotations

import numpy as np
import pandas as pd

ARMS = ("--arm", "old=field:version=old", "--arm", "new=field:version=new")
GOAL = ("--goal", "accuracy")
COMMON = ("--time-column", "at", "--runner", "local")


def rows(hours: int = 30) -> pd.DataFrame:
    """Requests of two versions alike, 200 an hour."""
    random = np.random.default_rng(6)
    many = 200 * hours
    label = random.integers(0, 2, many)
    return pd.DataFrame(
        {
            "version": np.tile(["old", "new"], many // 2),
            "at": pd.date_range("2026-11-02", periods=many, freq="18s").astype(str),
            "id": [f"id-{row // 2}" for row in range(many)],
            "label": label,
            "prediction": np.where(random.random(many) < 0.8, label, 1 - label),
            "score": np.clip(label * 0.4 + random.random(many) * 0.6, 0, 1),
            "latency": random.exponential(100, many),
            "ok": random.integers(0, 2, many),
        }
    )
