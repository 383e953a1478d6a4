"""Partial dependence against scikit-learn's and by its meaning."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from driftkit.errors import SettingsError
from driftkit.explain.partial_dependence import NoDependence, PartialDependence, partial_dependence
from driftkit.explain.predictor_files import predictor
from driftkit.explain.rows import rows_of
from tests.explain.games import product, random_rows, rows


def _one(found: tuple[PartialDependence | NoDependence, ...]) -> PartialDependence:
    (each,) = found
    assert isinstance(each, PartialDependence)
    return each


def test_a_numbers_curve_is_scikit_learns_on_the_same_grid() -> None:
    inspection = pytest.importorskip("sklearn.inspection")
    ensemble = pytest.importorskip("sklearn.ensemble")
    data = random_rows(80, 4)
    model = ensemble.RandomForestRegressor(10, random_state=0).fit(
        data.values, product(data.values)
    )

    found = _one(partial_dependence(predictor(model), data, ["b"]))

    theirs = inspection.partial_dependence(
        model, data.values, [1], custom_values={1: np.array(found.values)}, method="brute"
    )
    np.testing.assert_allclose(found.predictions[:, 0], theirs["average"][0])


def test_an_effect_without_interactions_is_found_exactly() -> None:
    data = random_rows(50, 3)
    model = predictor(lambda table: np.asarray(table) @ [1.0, 2.0, 3.0])

    found = _one(partial_dependence(model, data, ["b"], grid=4))

    means = data.values.mean(axis=0) @ [1.0, 0.0, 3.0]
    np.testing.assert_allclose(found.predictions[:, 0], means + 2 * np.array(found.values))
    assert len(found.values) == 4
    np.testing.assert_allclose(found.distribution.sum(), 1)


def test_a_text_has_its_values_commonest_first() -> None:
    def model(table: Any) -> Any:
        return (table["a"] == "y") * 1.0 + table["b"].astype(float)

    data = rows_of([["x", 1.0], ["y", 2.0], ["y", 3.0]], "ab", "data")

    found = _one(partial_dependence(predictor(model), data, ["a"]))

    assert (found.data_type, found.values) == ("categorical", ("y", "x"))
    np.testing.assert_allclose(found.predictions[:, 0], [3, 2])
    np.testing.assert_allclose(found.distribution, [2 / 3, 1 / 3])


def test_a_constant_has_one_value() -> None:
    found = _one(partial_dependence(predictor(product), rows([[1, 2], [1, 3]]), ["a"]))

    assert found.values == (1.0,)


def test_a_feature_without_values_says_so() -> None:
    data = rows([[np.nan, 2], [np.nan, 3]])

    (found,) = partial_dependence(predictor(product), data, ["a"])

    assert found == NoDependence(feature="a", error="The feature has no values")


def test_a_model_that_fails_for_a_value_costs_that_feature_only() -> None:
    def model(table: Any) -> Any:
        values = np.asarray(table)
        if (values[:, 0] > values[:, 1]).any():
            raise ValueError("no")
        return values.sum(axis=1)

    data = rows([[0, 1], [2, 3], [4, 9]])

    first, second = partial_dependence(predictor(model), data, ["a", "b"], grid=1)

    assert isinstance(first, PartialDependence)
    assert isinstance(second, PartialDependence)
    np.testing.assert_allclose(first.predictions[:, 0], [(2 + 3 + 2 + 9) / 2])


@pytest.mark.parametrize(
    ("features", "grid", "words"), [(["z"], 5, "features"), (["a"], 0, "grid_resolution")]
)
def test_settings_that_make_no_sense_are_errors(features: list[str], grid: int, words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        partial_dependence(predictor(product), random_rows(3, 2), features, grid)
