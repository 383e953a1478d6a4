"""Tree ensembles and linear models against shap, and additivity on every row."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from driftkit.errors import InputError, SettingsError
from driftkit.explain.choice import ExplainOptions, choose_explainer
from driftkit.explain.kernel import KernelExplainer
from driftkit.explain.linear import LinearExplainer
from driftkit.explain.predictor_files import predictor
from driftkit.explain.rows import Rows
from driftkit.explain.trees import TreeExplainer
from tests.explain.games import by_definition, random_rows

shap = pytest.importorskip("shap")
lightgbm = pytest.importorskip("lightgbm")
xgboost = pytest.importorskip("xgboost")
ensemble = pytest.importorskip("sklearn.ensemble")
linear_model = pytest.importorskip("sklearn.linear_model")

DATA = random_rows(200, 5)
BACKGROUND = random_rows(6, 5, seed=1)
MARGIN = DATA.values[:, 0] * DATA.values[:, 1] + DATA.values[:, 2]
TARGETS = {
    "number": MARGIN,
    "two": (MARGIN > 0).astype(int),
    "three": (MARGIN > -0.5).astype(int) + (MARGIN > 0.5),
}
SMALL = {"n_estimators": 7, "max_depth": 4, "random_state": 3}
MODELS: dict[str, tuple[Any, Any]] = {
    "lightgbm": (
        lambda: lightgbm.LGBMRegressor(**SMALL, verbose=-1),
        lambda: lightgbm.LGBMClassifier(**SMALL, verbose=-1),
    ),
    "xgboost": (
        lambda: xgboost.XGBRegressor(**SMALL),
        lambda: xgboost.XGBClassifier(**SMALL),
    ),
    "forest": (
        lambda: ensemble.RandomForestRegressor(**SMALL),
        lambda: ensemble.RandomForestClassifier(**SMALL),
    ),
    "extra": (
        lambda: ensemble.ExtraTreesRegressor(**SMALL),
        lambda: ensemble.ExtraTreesClassifier(**SMALL),
    ),
    "histogram": (
        lambda: ensemble.HistGradientBoostingRegressor(max_iter=7, random_state=3),
        lambda: ensemble.HistGradientBoostingClassifier(max_iter=7, random_state=3),
    ),
    "boosting": (
        lambda: ensemble.GradientBoostingRegressor(**SMALL),
        lambda: ensemble.GradientBoostingClassifier(**SMALL),
    ),
}
CASES = [
    (name, target)
    for name in MODELS
    for target in TARGETS
    if (name, target) != ("boosting", "three")
]


def fitted(name: str, target: str) -> Any:
    regressor, classifier = MODELS[name]
    made = regressor() if target == "number" else classifier()
    return made.fit(DATA.values, TARGETS[target])


def explained(model: Any, background: Rows = BACKGROUND, **options: Any) -> Any:
    return choose_explainer(predictor(model), background, ExplainOptions(**options))


@pytest.mark.parametrize("perturbation", ["path_dependent", "interventional"])
@pytest.mark.parametrize(("name", "target"), CASES)
def test_values_are_shaps_and_add_up(name: str, target: str, perturbation: str) -> None:
    model = fitted(name, target)
    given = BACKGROUND.values if perturbation == "interventional" else None
    kind = "tree_path_dependent" if given is None else perturbation

    explainer = explained(model, perturbation=perturbation)
    found = explainer.explain(DATA)

    assert isinstance(explainer, TreeExplainer)
    theirs = shap.TreeExplainer(model, data=given, feature_perturbation=kind)
    values = theirs.shap_values(DATA.values, check_additivity=False)
    values = np.asarray(values).reshape(*DATA.values.shape, -1)[:, :, -explainer.outputs :]
    np.testing.assert_allclose(found.values, values, rtol=0, atol=2e-6)
    np.testing.assert_allclose(
        found.values.sum(axis=1) + found.expected, raw(model, name, explainer.outputs), atol=5e-6
    )


def raw(model: Any, name: str, outputs: int) -> Any:
    """What the trees add up to."""
    if not hasattr(model, "predict_proba"):
        answers = model.predict(DATA.values)
    elif name in {"forest", "extra"}:
        answers = model.predict_proba(DATA.values)
    elif name == "lightgbm":
        answers = model.predict(DATA.values, raw_score=True)
    elif name == "xgboost":
        answers = model.predict(DATA.values, output_margin=True)
    else:
        answers = model.decision_function(DATA.values)
    return np.asarray(answers).reshape(len(DATA), -1)[:, -outputs:]


@pytest.mark.parametrize("name", ["lightgbm", "forest"])
def test_interventional_values_are_shapleys_definition(name: str) -> None:
    model = fitted(name, "number")

    found = explained(model, perturbation="interventional").explain(
        DATA.with_values(DATA.values[:3])
    )

    expected = [by_definition(model.predict, row, BACKGROUND.values) for row in DATA.values[:3]]
    np.testing.assert_allclose(found.values[:, :, 0], expected, atol=1e-6)


@pytest.mark.parametrize("parts", [2, 17])
@pytest.mark.parametrize("name", ["lightgbm", "xgboost", "forest"])
def test_the_split_of_the_rows_does_not_matter(name: str, parts: int) -> None:
    explainer = explained(fitted(name, "three"))

    split = [
        explainer.explain(DATA.with_values(each)).values
        for each in np.array_split(DATA.values, parts)
    ]

    np.testing.assert_allclose(np.concatenate(split), explainer.explain(DATA).values, atol=1e-12)


@pytest.mark.parametrize("name", ["lightgbm", "xgboost", "forest"])
@pytest.mark.parametrize("explainer", ["auto", "kernel"])
def test_features_in_another_order_are_put_right(name: str, explainer: str) -> None:
    regressor, _ = MODELS[name]
    model = regressor().fit(DATA.frame(), MARGIN)
    order = [3, 0, 4, 2, 1]
    other, background = (
        Rows(names=tuple(DATA.names[place] for place in order), values=each.values[:, order])
        for each in (DATA, BACKGROUND)
    )

    straight = explained(model, explainer=explainer).explain(DATA).values
    turned = explained(model, background, explainer=explainer).explain(other).values

    np.testing.assert_allclose(turned, straight[:, order], atol=1e-9)


@pytest.mark.parametrize("name", ["lightgbm", "xgboost", "forest"])
def test_a_missing_feature_is_named(name: str) -> None:
    regressor, _ = MODELS[name]
    model = regressor().fit(DATA.frame(), MARGIN)
    fewer = Rows(names=BACKGROUND.names[:4], values=BACKGROUND.values[:, :4])

    with pytest.raises(InputError, match=r"lack features.*no e among"):
        explained(model, fewer)


@pytest.mark.parametrize("name", list(MODELS))
def test_another_number_of_features_is_an_error(name: str) -> None:
    fewer = Rows(names=BACKGROUND.names[:4], values=BACKGROUND.values[:, :4])

    with pytest.raises(InputError, match="features"):
        explained(fitted(name, "number"), fewer)


def test_what_shap_does_not_know_is_asked_by_kernel_shap() -> None:
    model = ensemble.GradientBoostingClassifier(**SMALL).fit(DATA.values, TARGETS["three"])

    assert isinstance(explained(model), KernelExplainer)


@pytest.mark.parametrize("logit", [False, True])
def test_linear_models_are_exact(*, logit: bool) -> None:
    model = (
        linear_model.LogisticRegression().fit(DATA.values, TARGETS["two"])
        if logit
        else linear_model.Ridge().fit(DATA.values, MARGIN)
    )

    explainer = explained(model, logit=logit)

    assert isinstance(explainer, LinearExplainer)
    found = explainer.explain(DATA)
    theirs = shap.LinearExplainer(model, BACKGROUND.values)
    np.testing.assert_allclose(found.values[:, :, 0], theirs.shap_values(DATA.values), atol=1e-9)
    scores = model.decision_function(DATA.values) if logit else model.predict(DATA.values)
    np.testing.assert_allclose(found.values.sum(axis=1)[:, 0] + found.expected, scores)


def test_a_probability_is_not_linear() -> None:
    model = linear_model.LogisticRegression().fit(DATA.values, TARGETS["two"])

    found = explained(model).explain(DATA)

    kernel = shap.KernelExplainer(lambda table: model.predict_proba(table)[:, 1], BACKGROUND.values)
    theirs = kernel.shap_values(DATA.values[:10], silent=True, l1_reg=False)
    np.testing.assert_allclose(found.values[:10, :, 0], theirs, atol=1e-6)


def test_an_explainer_that_does_not_fit_is_an_error() -> None:
    with pytest.raises(SettingsError, match="cannot be explained as a tree"):
        explained(linear_model.Ridge().fit(DATA.values, MARGIN), explainer="tree")


@pytest.mark.parametrize("name", ["lightgbm", "xgboost"])
def test_text_is_categories_of_the_ensemble(name: str) -> None:
    words = np.random.default_rng(0).choice(["x", "y", "z"], len(DATA))
    values = DATA.values.astype(object)
    values[:, 4] = words
    data = DATA.with_values(values)
    frame = data.frame().astype({"e": "category"})
    kinds: dict[str, Any] = {
        "lightgbm": lambda: lightgbm.LGBMRegressor(**SMALL, verbose=-1),
        "xgboost": lambda: xgboost.XGBRegressor(**SMALL, enable_categorical=True),
    }
    model = kinds[name]().fit(frame, MARGIN + (words == "x") * 3)

    explainer = explained(model, data.with_values(values[:1]))
    found = explainer.explain(data)

    assert isinstance(explainer, TreeExplainer)
    totals = found.values.sum(axis=1)[:, 0] + found.expected
    np.testing.assert_allclose(totals, model.predict(frame), atol=5e-6)
    one = explainer.explain(data.with_values(values[5:6])).values
    np.testing.assert_allclose(one, found.values[5:6], atol=1e-6)
