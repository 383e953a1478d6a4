"""Clarify's SHAP analyses of the adult data, through the attribution monitor."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

import driftkit
from driftkit.formats.explanations import Explanations

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

RUNS = ("jsonlines_endpoint_2023", "json_batch_2024")
METHODS = ("mean_abs", "mean_sq", "median")


@pytest.fixture
def adult(golden: Callable[[str], Path]) -> dict[str, Any]:
    text = golden("adult-clarify/aws_adult_linear_learner_shap_bias.json").read_text()
    loaded: dict[str, Any] = json.loads(text)
    return loaded


@pytest.fixture
def model(adult: dict[str, Any], tmp_path: Path) -> str:
    weights, bias = adult["model"]["weights"], adult["model"]["bias"]
    file = tmp_path / "model.py"
    file.write_text(
        "import numpy as np\n"
        f"WEIGHTS = np.array({weights!r})\n"
        f"def predict(table):\n    return 1 / (1 + np.exp(-(table.to_numpy() @ WEIGHTS + {bias!r})))\n"
    )
    return str(file)


def config(adult: dict[str, Any], **shap: Any) -> dict[str, Any]:
    """The configuration of Clarify's own runs."""
    chosen = {"baseline": [adult["shap_baseline"]], "num_samples": 100, **shap}
    return {"version": "1.0", "headers": adult["headers"], "methods": {"shap": chosen}}


def explained(adult: dict[str, Any], model: str, **shap: Any) -> Explanations:
    """The explanations of the validation rows."""
    rows = pd.DataFrame([row["features"] for row in adult["validation"]], columns=adult["headers"])
    return driftkit.attribution.baseline(
        rows, model, analysis_config=config(adult, **shap), dialect="aws", runner="local"
    ).explanations


@pytest.mark.parametrize("run", RUNS)
def test_awss_values_within_their_sampling(adult: dict[str, Any], model: str, run: str) -> None:
    theirs = Explanations.read(adult["aws_shap_analysis"][run])

    found = explained(adult, model)

    (ours,), (aws,) = found.labels.values(), theirs.labels.values()
    assert ours.global_shap_values == pytest.approx(aws.global_shap_values, abs=2e-3)
    assert ours.expected_value == pytest.approx(aws.expected_value, abs=1e-6)


@pytest.mark.parametrize("run", RUNS)
def test_awss_file_is_written_back_as_it_was(adult: dict[str, Any], run: str) -> None:
    document = adult["aws_shap_analysis"][run]

    assert json.dumps(Explanations.read(document).to_dict()) == json.dumps(document)


@pytest.mark.parametrize("method", METHODS)
def test_all_coalitions_give_exact_values(adult: dict[str, Any], model: str, method: str) -> None:
    found = explained(adult, model, num_samples=2**14, agg_method=method)

    (ours,) = found.labels.values()
    expected = adult[f"exact_global_{method}"]
    assert list(ours.global_shap_values) == list(expected)
    assert ours.global_shap_values == pytest.approx(expected, abs=1e-9)


def test_awss_baseline_is_monitored_against(
    adult: dict[str, Any], model: str, tmp_path: Path
) -> None:
    file = tmp_path / "analysis.json"
    file.write_text(json.dumps(adult["aws_shap_analysis"][RUNS[0]]))
    rows = pd.DataFrame([row["features"] for row in adult["validation"]], columns=adult["headers"])

    result = driftkit.attribution.monitor(
        rows, file, model, analysis_config=config(adult), dialect="aws", runner="local"
    )

    (compared,) = result.compared
    assert compared.score > 0.99
    assert result.violations == ()
