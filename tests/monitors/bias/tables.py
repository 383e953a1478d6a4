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


def odd_table(rows: int, seed: int) -> pd.DataFrame:
    """Flights of which some have no label or carrier, and as many distances as there are rows."""
    table = flights_table(rows, seed=seed)
    table["distance"] = np.random.default_rng(seed).random(rows) * 2000
    return table.assign(
        late=table.late.astype(str).where(np.arange(rows) % 17 != 3),
        predicted=table.predicted.astype(str),
        carrier=table.carrier.where(np.arange(rows) % 13 != 5),
    )


def value_of(analysis: Analysis, name: str, facet: str = "carrier", number: int = 0) -> Any:
    """A metric's value."""
    for stage in (analysis.pre_training, analysis.post_training):
        assert stage is not None
        for metric in stage.facets[facet][number].metrics:
            if metric.name == name:
                return metric.value
    raise AssertionError(name)


TWO_FACETS: dict[str, Any] = configuration(
    facet=[{"name_or_index": "carrier"}, {"name_or_index": "distance", "value_or_threshold": [900]}]
)
