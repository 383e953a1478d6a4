"""Small data and a baseline of each monitor, for tests of how they are called."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from driftkit import attribution, bias, data_quality, model_quality
from tests.monitors.attribution.data import CONFIG, rows
from tests.monitors.bias.tables import configuration, flights_table

if TYPE_CHECKING:
    import pandas as pd

COLUMNS: dict[str, Any] = {"inference_attribute": "predicted", "ground_truth_attribute": "late"}
BINARY: dict[str, Any] = {**COLUMNS, "problem_type": "BinaryClassification"}


@cache
def flights() -> pd.DataFrame:
    """Flights of three carriers."""
    return flights_table(300)


def model(table: pd.DataFrame) -> Any:
    """A model of three features."""
    return 4 * table["a"] + 2 * table["b"] + table["c"]


@cache
def normal(monitor: str) -> Any:
    """A baseline of each monitor."""
    if monitor == "data_quality":
        return data_quality.baseline(flights())
    if monitor == "model_quality":
        return model_quality.baseline(flights(), **BINARY)
    if monitor == "bias":
        return bias.baseline(flights(), analysis_config=configuration())
    return attribution.baseline(rows(50), model, analysis_config=CONFIG)
