"""Flights of three carriers, and a configuration of their bias."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from driftkit.formats.analysis import Analysis


def flights_table(rows: int = 2000, seed: int = 3, against: float = 0.0) -> pd.DataFrame:
    """Flights of two carriers; those of B are predicted late more often by `against`."""
    random = np.random.default_rng(seed)
    carrier = random.choice(["A", "B", "C"], rows, p=[0.5, 0.3, 0.2])
    late = random.random(rows) < 0.3
    wrong = random.random(rows) < 0.2 + against * (carrier == "B")
    return pd.DataFrame(
        {
            "carrier": carrier,
            "origin": random.choice(["EWR", "JFK"], rows),
            "distance": random.integers(100, 3000, rows),
            "late": late.astype(int),
            "predicted": (late ^ wrong).astype(int),
        }
    )


def configuration(**changes: Any) -> dict[str, Any]:
    """A configuration of these flights, with changes."""
    return {
        "label": "late",
        "label_values_or_threshold": [1],
        "predicted_label": "predicted",
        "facet": [{"name_or_index": "carrier", "value_or_threshold": ["B"]}],
        "group_variable": "origin",
        **changes,
    }


def value_of(analysis: Analysis, name: str, facet: str = "carrier", number: int = 0) -> Any:
    """A metric's value."""
    for stage in (analysis.pre_training, analysis.post_training):
        assert stage is not None
        for metric in stage.facets[facet][number].metrics:
            if metric.name == name:
                return metric.value
    raise AssertionError(name)
