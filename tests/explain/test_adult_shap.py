"""Clarify's KernelSHAP of the adult data: exact values, printed values, expected values."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from driftkit.explain.choice import ExplainOptions, choose_explainer
from driftkit.explain.predictor_files import predictor
from driftkit.explain.rows import rows_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from driftkit.explain.explainer import Attributions

AGGREGATES: dict[str, Callable[[Any], Any]] = {
    "mean_abs": lambda values: np.abs(values).mean(axis=0),
    "mean_sq": lambda values: (values**2).mean(axis=0),
    "median": lambda values: np.median(values, axis=0),
}


@pytest.fixture(scope="module")
def adult(golden: Callable[[str], Path]) -> dict[str, Any]:
    text = golden("adult-clarify/aws_adult_linear_learner_shap_bias.json").read_text()
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def _explained(adult: dict[str, Any], samples: int) -> Attributions:
    model = adult["model"]
    weights = np.array(model["weights"])

    def probability(table: Any) -> Any:
        return 1 / (1 + np.exp(-(table.to_numpy() @ weights + model["bias"])))

    names = adult["headers"]
    background = rows_of([adult["shap_baseline"]], names, "baseline")
    data = rows_of([row["features"] for row in adult["validation"]], names, "data")
    options = ExplainOptions(samples=samples)
    return choose_explainer(predictor(probability), background, options).explain(data)


def test_all_coalitions_give_the_exact_values(adult: dict[str, Any]) -> None:
    values = _explained(adult, 2**14).values[:, :, 0]

    for name, aggregate in AGGREGATES.items():
        exact = list(adult[f"exact_global_{name}"].values())
        np.testing.assert_allclose(aggregate(values), exact, rtol=0, atol=1e-9, err_msg=name)


@pytest.mark.parametrize("run", ["jsonlines_endpoint_2023", "json_batch_2024"])
def test_a_hundred_samples_are_as_near_to_the_printed_values(
    adult: dict[str, Any], run: str
) -> None:
    (printed,) = adult["aws_shap_analysis"][run]["explanations"]["kernel_shap"].values()

    found = _explained(adult, 100)

    ours = dict(zip(adult["headers"], AGGREGATES["mean_abs"](found.values[:, :, 0]), strict=True))
    assert ours == pytest.approx(printed["global_shap_values"], abs=2e-3)
    assert found.expected[0] == pytest.approx(printed["expected_value"], abs=1e-7)
