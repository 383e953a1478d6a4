"""The check of docs/examples under Dagster: it passes where nothing moved, and else it fails."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

import driftkit

if TYPE_CHECKING:
    from types import ModuleType

dagster = pytest.importorskip("dagster", reason="needs Dagster")
EXAMPLE = Path(__file__).resolve().parents[2] / "docs/examples/dagster_checks.py"


@pytest.fixture
def example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    spec = importlib.util.spec_from_file_location("dagster_checks", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name in ("FEATURES", "BASELINE", "REPORTS"):
        monkeypatch.setattr(module, name, str(tmp_path / name.lower()))
    return module


@pytest.mark.parametrize(("shift", "passed"), [(0.0, True), (30.0, False)])
def test_the_check_says_whether_features_moved(example: Any, shift: float, *, passed: bool) -> None:
    ages = pd.DataFrame({"age": np.random.default_rng(0).normal(40, 5, 500)})
    driftkit.data_quality.baseline(ages).write(example.BASELINE)
    (ages + shift).to_parquet(example.FEATURES)

    ended = dagster.materialize([example.features, example.no_drift], raise_on_error=False)

    (evaluation,) = ended.get_asset_check_evaluations()
    assert evaluation.passed is passed
    assert evaluation.metadata["violations"].value == (0 if passed else 1)
    assert Path(evaluation.metadata["page"].value).read_text().startswith("<!doctype html>")
