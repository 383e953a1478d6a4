"""Shapley values by the leaves of trees: their definition, odd numbers, and the trees left alone."""

from __future__ import annotations

import pickle
from itertools import combinations
from math import factorial
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from driftkit.explain import leaves
from driftkit.explain.choice import ExplainOptions, choose_explainer
from driftkit.explain.ensembles import leaves_of_lightgbm, leaves_of_sklearn, leaves_of_xgboost
from driftkit.explain.predictor_files import predictor
from driftkit.explain.rows import Rows
from tests.explain.games import random_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from driftkit.settings import Perturbation

pytest.importorskip("shap")
lightgbm = pytest.importorskip("lightgbm")
xgboost = pytest.importorskip("xgboost")
ensemble = pytest.importorskip("sklearn.ensemble")
tree_module = pytest.importorskip("sklearn.tree")

FEATURES = 5
RANDOM = np.random.default_rng(5)
# Few different numbers, so that rows stand exactly on thresholds.
WHOLE = RANDOM.integers(-3, 4, (400, FEATURES)).astype(float)
GAPS = np.where(RANDOM.random(WHOLE.shape) < 0.2, np.nan, WHOLE)
TARGET = WHOLE[:, 0] * WHOLE[:, 1] + WHOLE[:, 2] - np.isnan(GAPS[:, 3])
CLASSES = np.digitize(TARGET, [-1, 1])
# A tree asks for one feature after the other.
CHAIN = (RANDOM.random((4000, 14)) < 0.8).astype(float)
LENGTHS = CHAIN.cumprod(axis=1).sum(axis=1)
ODD = np.array(
    [
        [np.nan] * FEATURES,
        [np.inf] * FEATURES,
        [-np.inf] * FEATURES,
        [0.0, -0.0, 1e-36, -1e-40, 1e-30],
        [0.1, 1e300, -1e300, 16777217.0, -3.0],
    ]
)
SMALL = {"n_estimators": 6, "max_depth": 4, "random_state": 1}
REGRESSORS: dict[str, Any] = {
    "lightgbm": lambda: lightgbm.LGBMRegressor(**SMALL, min_child_samples=3, verbose=-1),
    "xgboost": lambda: xgboost.XGBRegressor(**SMALL),
    "forest": lambda: ensemble.RandomForestRegressor(**SMALL),
    "histogram": lambda: ensemble.HistGradientBoostingRegressor(max_iter=6, min_samples_leaf=3),
}


def explainer(model: Any) -> Any:
    return choose_explainer(predictor(model), random_rows(3, FEATURES), ExplainOptions())


def rows(values: NDArray[np.float64]) -> Rows:
    return Rows(names=random_rows(1, FEATURES).names, values=values)


@pytest.mark.parametrize("name", list(REGRESSORS))
@pytest.mark.parametrize("gaps", [False, True])
def test_values_add_up_to_the_answers_for_any_numbers(name: str, *, gaps: bool) -> None:
    model = REGRESSORS[name]().fit(GAPS if gaps else WHOLE, TARGET)
    # scikit-learn's forests take neither infinite numbers nor, trained without, missing ones.
    odd = ODD if name != "forest" else ODD[3:4]
    given = np.concatenate([WHOLE, GAPS if gaps or name != "forest" else WHOLE, odd])

    asked = explainer(model)
    found = asked.explain(rows(given))

    assert asked._leaves is not None
    sums = found.values.sum(axis=1)[:, 0] + found.expected
    np.testing.assert_allclose(sums, model.predict(given), rtol=0, atol=2e-6)


def test_values_are_shapleys_definition() -> None:
    model = tree_module.DecisionTreeRegressor(max_depth=5, random_state=0).fit(WHOLE, TARGET)
    some = WHOLE[:20]

    asked = leaves_of_sklearn(model)

    assert asked is not None
    found = asked.explain(some)[:, :, 0]
    expected = [defined(model.tree_, row) for row in some]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


def defined(tree: Any, row: NDArray[np.float64]) -> list[float]:
    """The mean of what a feature changes, over all coalitions of the others."""
    return [
        sum(
            factorial(size)
            * factorial(FEATURES - 1 - size)
            / factorial(FEATURES)
            * (known(tree, 0, row, {*coalition, player}) - known(tree, 0, row, set(coalition)))
            for size in range(FEATURES)
            for coalition in combinations(sorted({*range(FEATURES)} - {player}), size)
        )
        for player in range(FEATURES)
    ]


def known(tree: Any, node: int, row: NDArray[np.float64], features: set[int]) -> float:
    """The tree's answer where only some features are known: others go both ways, as in training."""
    left, right = int(tree.children_left[node]), int(tree.children_right[node])
    if left < 0:
        return float(tree.value[node, 0, 0])
    feature = int(tree.feature[node])
    if feature in features:
        return known(tree, left if row[feature] <= tree.threshold[node] else right, row, features)
    sizes = tree.weighted_n_node_samples
    return float(
        (
            known(tree, left, row, features) * sizes[left]
            + known(tree, right, row, features) * sizes[right]
        )
        / sizes[node]
    )


@pytest.mark.parametrize("name", ["lightgbm", "xgboost"])
def test_numpy_gives_the_bits_of_compiled_code(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("numba")
    model = {"lightgbm": lightgbm.LGBMClassifier, "xgboost": xgboost.XGBClassifier}[name]
    asked = explainer(model(n_estimators=4, max_depth=4).fit(GAPS, CLASSES))
    given = rows(np.concatenate([GAPS] * 4))

    compiled = asked.explain(given).values
    monkeypatch.setattr(leaves, "find_spec", lambda _: None)

    assert asked.explain(given).values.tobytes() == compiled.tobytes()


@pytest.mark.parametrize("name", ["lightgbm", "forest"])
@pytest.mark.parametrize("perturbation", ["path_dependent", "interventional"])
def test_a_model_that_was_fitted_again_is_not_taken_for_the_old_one(
    name: str, perturbation: Perturbation
) -> None:
    model, background = REGRESSORS[name](), random_rows(3, FEATURES)
    options = ExplainOptions(perturbation=perturbation)
    for target in (TARGET, -5 * TARGET):
        model.fit(WHOLE, target)
        found = choose_explainer(predictor(model), background, options).explain(rows(WHOLE))
        sums = found.values.sum(axis=1)[:, 0] + found.expected
        np.testing.assert_allclose(sums, model.predict(WHOLE), rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", ["lightgbm", "xgboost"])
def test_a_model_that_stopped_early_is_explained_as_it_answers(name: str) -> None:
    half = len(WHOLE) // 2
    given: dict[str, Any] = {"n_estimators": 60, "learning_rate": 1.0}
    stop: dict[str, Any]
    if name == "lightgbm":
        model = lightgbm.LGBMRegressor(**given, verbose=-1)
        stop = {"callbacks": [lightgbm.early_stopping(2, verbose=False)]}
    else:
        model, stop = xgboost.XGBRegressor(**given, early_stopping_rounds=2), {"verbose": False}
    frame = rows(WHOLE).frame()
    noise = TARGET + RANDOM.normal(size=len(TARGET)) * 3
    model.fit(frame[:half], noise[:half], eval_set=[(frame[half:], noise[half:])], **stop)

    found = explainer(model).explain(rows(WHOLE))

    sums = found.values.sum(axis=1)[:, 0] + found.expected
    np.testing.assert_allclose(sums, model.predict(frame), rtol=0, atol=1e-5)


def test_what_can_be_made_again_is_not_sent_to_the_workers() -> None:
    asked = explainer(REGRESSORS["lightgbm"]().fit(WHOLE, TARGET))
    before = len(pickle.dumps(asked))
    found = asked.explain(rows(WHOLE)).values

    sent = pickle.dumps(asked)

    assert len(sent) == before
    arrived = pickle.loads(sent)  # noqa: S301
    assert arrived.explain(rows(WHOLE)).values.tobytes() == found.tobytes()


def test_rows_given_are_left_alone() -> None:
    given = np.asfortranarray(np.full((4, FEATURES), 1e-36))
    model = REGRESSORS["lightgbm"]().fit(WHOLE, TARGET)

    asked = leaves_of_lightgbm(model.booster_)

    assert asked is not None
    asked.explain(given)
    assert (given == 1e-36).all()


@pytest.mark.parametrize(
    "settings",
    [
        {"boosting_type": "rf", "bagging_freq": 1, "bagging_fraction": 0.5},
        {"zero_as_missing": True},
        {"linear_tree": True},
        {"num_leaves": 100, "min_child_samples": 1},
    ],
)
def test_other_lightgbm_trees_are_explained_by_lightgbm(settings: dict[str, Any]) -> None:
    model = lightgbm.LGBMRegressor(n_estimators=3, verbose=-1, **settings)
    deep = "num_leaves" in settings

    booster = model.fit(CHAIN if deep else WHOLE, LENGTHS if deep else TARGET).booster_

    assert leaves_of_lightgbm(booster) is None


def test_categories_of_lightgbm_are_explained_by_lightgbm() -> None:
    model = lightgbm.LGBMRegressor(n_estimators=3, verbose=-1)

    model.fit(CHAIN, LENGTHS, categorical_feature=[0])

    assert leaves_of_lightgbm(model.booster_) is None


@pytest.mark.parametrize(
    "settings", [{"booster": "dart"}, {"multi_strategy": "multi_output_tree"}, {"max_depth": 14}]
)
def test_other_xgboost_trees_are_explained_by_xgboost(settings: dict[str, Any]) -> None:
    model = xgboost.XGBRegressor(n_estimators=3, tree_method="hist", **settings)
    several = "multi_strategy" in settings

    model.fit(CHAIN, CHAIN[:, :2] if several else LENGTHS)

    assert leaves_of_xgboost(model.get_booster()) is None


def test_categories_of_xgboost_are_explained_by_xgboost() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"a": pandas.Categorical(list("xyz") * 100), "b": range(300)})
    model = xgboost.XGBRegressor(n_estimators=3, enable_categorical=True, max_cat_to_onehot=1)

    model.fit(frame, [1.0, 5.0, 2.0] * 100)

    assert leaves_of_xgboost(model.get_booster()) is None


def test_categories_of_scikit_learn_are_not_for_leaves() -> None:
    categories = ensemble.HistGradientBoostingRegressor(max_iter=3, categorical_features=[0])

    assert leaves_of_sklearn(categories.fit(WHOLE + 3, TARGET)) is None
