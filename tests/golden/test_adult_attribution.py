"""The attribution monitor on Clarify's adult data: printed, exact and violated."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from driftkit.formats.explanations import Explanations
from driftkit.monitors.attribution import monitor as attribution

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytest.importorskip("cloudpickle")
ALL_COALITIONS = 2**14
RUNS = ("jsonlines_endpoint_2023", "json_batch_2024")


@pytest.fixture(scope="module")
def adult(golden: Callable[[str], Path]) -> dict[str, Any]:
    text = golden("adult-clarify/aws_adult_linear_learner_shap_bias.json").read_text()
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def _probability(weights: Any, bias: float, table: Any) -> Any:
    return 1 / (1 + np.exp(-(table.to_numpy() @ weights + bias)))


def _model(adult: dict[str, Any]) -> Any:
    return partial(_probability, np.array(adult["model"]["weights"]), adult["model"]["bias"])


def _table(adult: dict[str, Any]) -> pd.DataFrame:
    rows = [row["features"] for row in adult["validation"]]
    return pd.DataFrame(rows, columns=adult["headers"], dtype=np.float64)


def _config(adult: dict[str, Any], **shap: Any) -> dict[str, Any]:
    chosen = {"baseline": [adult["shap_baseline"]], "num_samples": 100, **shap}
    return {"version": "1.0", "headers": adult["headers"], "methods": {"shap": chosen}}


@pytest.mark.parametrize("run", RUNS)
def test_printed_values_within_sampling_noise(adult: dict[str, Any], run: str) -> None:
    result = attribution.baseline(
        _table(adult), _model(adult), analysis_config=_config(adult), dialect="aws", runner="local"
    )

    (printed,) = adult["aws_shap_analysis"][run]["explanations"]["kernel_shap"].values()
    ours = result.explanations.labels["label0"]
    assert ours.global_shap_values == pytest.approx(printed["global_shap_values"], abs=2e-3)
    assert ours.expected_value == pytest.approx(printed["expected_value"], abs=1e-7)


@pytest.mark.parametrize("method", ["mean_abs", "mean_sq", "median"])
def test_all_coalitions_give_the_exact_values(adult: dict[str, Any], method: str) -> None:
    config = _config(adult, num_samples=ALL_COALITIONS, agg_method=method)

    result = attribution.baseline(
        _table(adult), _model(adult), analysis_config=config, runner="local"
    )

    ours = result.explanations.labels["label0"].global_shap_values
    assert ours == pytest.approx(adult[f"exact_global_{method}"], abs=1e-9)


@pytest.mark.parametrize("run", RUNS)
def test_a_report_of_aws_is_read_written_and_monitored_against(
    adult: dict[str, Any], run: str, tmp_path: Path
) -> None:
    document = adult["aws_shap_analysis"][run]
    (tmp_path / "analysis.json").write_text(json.dumps(document))
    table = _table(adult)
    mixed = table.sample(frac=1, axis=1, random_state=3).set_axis(table.columns, axis=1)

    same, shuffled = (
        attribution.monitor(
            rows,
            tmp_path,
            _model(adult),
            analysis_config=_config(adult),
            dialect="aws",
            runner="local",
        )
        for rows in (table, mixed)
    )

    assert Explanations.read(document).to_dict() == document
    assert same.violations == ()
    score = shuffled.compared[0].score
    assert [each.description for each in shuffled.violations] == [
        f"Feature attribution drift {score} exceeds threshold 0.9"
    ]


def test_local_values_have_clarifys_columns(adult: dict[str, Any], tmp_path: Path) -> None:
    config = _config(adult, save_local_shap_values=True)

    attribution.baseline(
        _table(adult), _model(adult), analysis_config=config, runner="local"
    ).write(tmp_path)

    found = pd.read_csv(tmp_path / "explanations_shap" / "out.csv")
    assert list(found.columns) == [f"{name}_label0" for name in adult["headers"]]
    assert len(found) == len(adult["validation"])
