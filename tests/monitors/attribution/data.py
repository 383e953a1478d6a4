"""A small model and rows for the attribution monitor's tests."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from driftkit import attribution

if TYPE_CHECKING:
    from pathlib import Path

    from driftkit.states.attribution_storage import AttributionStates

NAMES = ["a", "b", "c"]
CONFIG: dict[str, Any] = {
    "version": "1.0",
    "headers": NAMES,
    "methods": {"shap": {"baseline": [[0, 0, 0]], "agg_method": "mean_abs", "seed": 1}},
}
MODEL = "def predict(table):\n    return 4 * table['a'] + 2 * table['b'] + table['c']\n"
FORMER = "def predict(table):\n    return table['a'] + 2 * table['b'] + 4 * table['c']\n"


def rows(count: int = 300, seed: int = 0) -> pd.DataFrame:
    """Random rows."""
    values = np.random.default_rng(seed).normal(size=(count, len(NAMES)))
    return pd.DataFrame(values, columns=NAMES)


def model_file(folder: Path, code: str = MODEL, name: str = "model.py") -> str:
    """The model as a Python file."""
    file = folder / name
    file.write_text(code, encoding="utf-8")
    return str(file)


def config(**shap: Any) -> dict[str, Any]:
    """The configuration with other keys of `shap`."""
    changed = copy.deepcopy(CONFIG)
    changed["methods"]["shap"].update(shap)
    return changed


def states(
    data: Any, model: str, of: dict[str, Any] = CONFIG, **settings: Any
) -> AttributionStates:
    """The states of a window, explained in this process."""
    return attribution.states(data, model, analysis_config=of, runner="local", **settings)
