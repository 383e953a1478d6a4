"""Models that answer with several numbers: each is explained, and adds up to its own answer."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from driftkit.explain.choice import ExplainOptions, choose_explainer
from driftkit.explain.kernel import KernelExplainer
from driftkit.explain.linear import LinearExplainer
from driftkit.explain.predictor_files import predictor
from driftkit.explain.trees import TreeExplainer
from tests.explain.games import by_definition, random_rows

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

shap = pytest.importorskip("shap")
lightgbm = pytest.importorskip("lightgbm")
xgboost = pytest.importorskip("xgboost")
sklearn = pytest.importorskip("sklearn")
from sklearn import ensemble, linear_model, multiclass, multioutput, neighbors, neural_network, tree  # noqa: E402

DATA = random_rows(120, 4)
BACKGROUND = random_rows(5, 4, seed=1)
X = DATA.values
ONE, OTHER = X[:, 0] * X[:, 1] + X[:, 2], X[:, 3] - X[:, 0]
NUMBERS = np.stack([ONE, OTHER], axis=1)
LABELS = (NUMBERS > 0).astype(int)
# A target of two classes and one of three.
CLASSES = np.stack([LABELS[:, 0], (OTHER > -0.5).astype(int) + (OTHER > 0.5)], axis=1)
THREE = CLASSES[:, 1]
SMALL = {"n_estimators": 5, "max_depth": 3, "random_state": 3}


def side_by_side(probabilities: list[NDArray[Any]]) -> NDArray[Any]:
    """Of each target its classes, of two classes the second."""
    return np.hstack([each[:, 1:] if each.shape[1] == 2 else each for each in probabilities])


TREES: dict[str, tuple[Any, Any]] = {
    "forest of numbers": (ensemble.RandomForestRegressor(**SMALL), NUMBERS),
    "extra trees of numbers": (ensemble.ExtraTreesRegressor(**SMALL), NUMBERS),
    "tree of numbers": (tree.DecisionTreeRegressor(max_depth=4), NUMBERS),
    "three numbers": (ensemble.RandomForestRegressor(**SMALL), np.c_[NUMBERS, ONE + OTHER]),
    "forest of labels": (ensemble.RandomForestClassifier(**SMALL), LABELS),
    "forest of classes": (ensemble.RandomForestClassifier(**SMALL), CLASSES),
    "extra trees of classes": (ensemble.ExtraTreesClassifier(**SMALL), CLASSES),
    "tree of classes": (tree.DecisionTreeClassifier(max_depth=4), CLASSES),
    "xgboost of numbers": (xgboost.XGBRegressor(**SMALL), NUMBERS),
    "xgboost of labels": (xgboost.XGBClassifier(**SMALL), LABELS),
    "xgboost of classes": (xgboost.XGBClassifier(**SMALL), THREE),
    "lightgbm of classes": (lightgbm.LGBMClassifier(**SMALL, verbose=-1), THREE),
    "histogram of classes": (ensemble.HistGradientBoostingClassifier(max_iter=4), THREE),
}
ASKED: dict[str, tuple[Any, Any]] = {
    "vector leaves": (xgboost.XGBRegressor(**SMALL, multi_strategy="multi_output_tree"), NUMBERS),
    "vector labels": (xgboost.XGBClassifier(**SMALL, multi_strategy="multi_output_tree"), LABELS),
    "boosting of classes": (ensemble.GradientBoostingClassifier(**SMALL), THREE),
    "regressors": (multioutput.MultiOutputRegressor(linear_model.Ridge()), NUMBERS),
    "classifiers": (multioutput.MultiOutputClassifier(linear_model.LogisticRegression()), CLASSES),
    "chain": (multioutput.ClassifierChain(linear_model.LogisticRegression()), LABELS),
    "one against the rest": (
        multiclass.OneVsRestClassifier(linear_model.LogisticRegression()),
        LABELS,
    ),
    "neighbours": (neighbors.KNeighborsClassifier(), CLASSES),
    "network": (neural_network.MLPClassifier((4,), max_iter=30, random_state=1), LABELS),
    "network of two classes": (
        neural_network.MLPClassifier((4,), max_iter=30, random_state=1),
        LABELS[:, 0],
    ),
    "logistic": (linear_model.LogisticRegression(), THREE),
}


def margins(model: Any) -> NDArray[Any]:
    """What the trees of a model add up to, for each output."""
    if not hasattr(model, "predict_proba"):
        return np.asarray(model.predict(X))
    if isinstance(model, xgboost.XGBClassifier):
        return np.asarray(model.predict(X, output_margin=True))
    if isinstance(model, lightgbm.LGBMClassifier):
        return np.asarray(model.predict(X, raw_score=True))
    if hasattr(model, "decision_function"):
        return np.asarray(model.decision_function(X))
    return side_by_side(model.predict_proba(X))


def probabilities(model: Any) -> NDArray[Any]:
    """What a model says, for each output."""
    if not hasattr(model, "predict_proba"):
        return np.asarray(model.predict(X))
    found = model.predict_proba(X)
    if isinstance(found, list):
        return side_by_side(found)
    return np.asarray(found[:, 1:] if len(model.classes_) == 2 else found)


@pytest.mark.parametrize("name", TREES)
def test_each_output_of_trees_adds_up_to_its_own_sum(name: str) -> None:
    made, target = TREES[name]
    model = made.fit(X, target)

    explainer = choose_explainer(predictor(model), BACKGROUND, ExplainOptions())
    found = explainer.explain(DATA)

    assert isinstance(explainer, TreeExplainer)
    expected = margins(model)
    assert explainer.outputs == expected.shape[1] > 1
    np.testing.assert_allclose(found.values.sum(axis=1) + found.expected, expected, atol=5e-6)


@pytest.mark.parametrize("perturbation", ["path_dependent", "interventional"])
@pytest.mark.parametrize("name", [name for name in TREES if "of numbers" in name])
def test_each_number_of_trees_is_explained_as_by_shap(name: str, perturbation: str) -> None:
    made, target = TREES[name]
    model = made.fit(X, target)
    given = BACKGROUND.values if perturbation == "interventional" else None
    kind = "tree_path_dependent" if given is None else perturbation

    options = ExplainOptions(perturbation=perturbation)  # type: ignore[arg-type]
    found = choose_explainer(predictor(model), BACKGROUND, options).explain(DATA)

    theirs = shap.TreeExplainer(model, data=given, feature_perturbation=kind)
    np.testing.assert_allclose(
        found.values, theirs.shap_values(X, check_additivity=False), rtol=0, atol=2e-6
    )


@pytest.mark.parametrize("perturbation", ["path_dependent", "interventional"])
@pytest.mark.parametrize("name", ["forest of classes", "tree of classes", "forest of labels"])
def test_each_target_of_trees_is_explained_as_if_alone(name: str, perturbation: str) -> None:
    """The same trees with one target each, of which the other's counts are taken away."""
    made, target = TREES[name]
    model = made.fit(X, target)
    options = ExplainOptions(perturbation=perturbation)  # type: ignore[arg-type]

    found = choose_explainer(predictor(model), BACKGROUND, options).explain(DATA.with_values(X[:4]))

    def answer(output: int) -> Callable[[Any], NDArray[Any]]:
        return lambda table: np.asarray(side_by_side(model.predict_proba(table))[:, output])

    if perturbation == "interventional":
        for output, row in product(range(found.values.shape[2]), range(4)):
            expected = by_definition(answer(output), X[row], BACKGROUND.values)
            np.testing.assert_allclose(found.values[row, :, output], expected, atol=1e-9)
    totals = found.values.sum(axis=1) + found.expected
    np.testing.assert_allclose(totals, side_by_side(model.predict_proba(X[:4])), atol=1e-9)


@pytest.mark.parametrize("name", ASKED)
def test_each_output_of_other_models_adds_up_to_its_own_answer(name: str) -> None:
    made, target = ASKED[name]
    model = made.fit(X, target)

    explainer = choose_explainer(predictor(model), BACKGROUND, ExplainOptions())
    found = explainer.explain(DATA)

    assert isinstance(explainer, KernelExplainer)
    width = 1 if "two classes" in name else model.predict(X[:1]).size
    width = {"neighbours": 4, "classifiers": 4}.get(name, width)
    width = 3 if target is THREE else width
    expected = probabilities(model) if width == 1 or target is not LABELS else answers(model)
    assert explainer.outputs == width
    np.testing.assert_allclose(
        found.values.sum(axis=1) + found.expected, expected.reshape(len(X), -1), atol=1e-6
    )


def answers(model: Any) -> NDArray[Any]:
    """Probabilities of labels, each of which is there or not."""
    return np.asarray(model.predict_proba(X))


@pytest.mark.parametrize(
    ("loss", "target"),
    [("MultiRMSE", NUMBERS), ("MultiClass", THREE), ("MultiLogloss", LABELS)],
)
def test_each_output_of_catboost_adds_up_to_its_own_sum(loss: str, target: Any) -> None:
    catboost = pytest.importorskip("catboost")
    kind = catboost.CatBoostRegressor if loss == "MultiRMSE" else catboost.CatBoostClassifier
    model = kind(iterations=5, depth=3, verbose=0, allow_writing_files=False, loss_function=loss)
    model.fit(X, target)

    explainer = choose_explainer(predictor(model), BACKGROUND, ExplainOptions())
    found = explainer.explain(DATA)

    expected = model.predict(X, prediction_type="RawFormulaVal")
    np.testing.assert_allclose(found.values.sum(axis=1) + found.expected, expected, atol=1e-9)
    assert predictor(model).predict(DATA).shape == expected.shape


def test_a_model_in_a_pipeline_is_asked_for_each_target() -> None:
    pipeline = pytest.importorskip("sklearn.pipeline")
    model = pipeline.make_pipeline(xgboost.XGBClassifier(**SMALL)).fit(X, LABELS)

    np.testing.assert_allclose(predictor(model).predict(DATA), model.predict_proba(X))


@pytest.mark.parametrize("several", [False, True])
def test_linear_models_of_several_numbers_are_exact(*, several: bool) -> None:
    target = NUMBERS if several else NUMBERS[:, :1]
    model = linear_model.Ridge().fit(X, target)

    explainer = choose_explainer(predictor(model), BACKGROUND, ExplainOptions())
    found = explainer.explain(DATA)

    assert isinstance(explainer, LinearExplainer)
    totals = found.values.sum(axis=1) + found.expected
    np.testing.assert_allclose(totals, model.predict(X).reshape(len(X), -1))


@pytest.mark.parametrize(
    "model",
    [
        linear_model.PoissonRegressor(),
        linear_model.GammaRegressor(),
        linear_model.TweedieRegressor(power=1.5),
    ],
    ids=lambda model: type(model).__name__,
)
def test_powers_of_weighted_sums_are_not_taken_for_linear(model: Any) -> None:
    model.fit(X, np.exp(ONE / 4))

    explainer = choose_explainer(predictor(model), BACKGROUND, ExplainOptions())
    found = explainer.explain(DATA)

    assert isinstance(explainer, KernelExplainer)
    np.testing.assert_allclose(
        found.values.sum(axis=1)[:, 0] + found.expected, model.predict(X), atol=1e-9
    )


def test_chances_that_are_not_logistic_are_not_taken_for_linear() -> None:
    model = linear_model.SGDClassifier(loss="modified_huber", random_state=0).fit(X, LABELS[:, 0])
    options = ExplainOptions(logit=True)

    assert isinstance(choose_explainer(predictor(model), BACKGROUND, options), KernelExplainer)


@pytest.mark.parametrize("form", ["one tensor", "two tensors"])
def test_all_outputs_of_onnx_are_answered(tmp_path: Path, form: str) -> None:
    onnx = pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    weights = np.arange(8, dtype=np.float32).reshape(4, 2)
    pairs = (
        [("a", weights)] if form == "one tensor" else [("a", weights[:, :1]), ("b", weights[:, 1:])]
    )
    graph = onnx.helper.make_graph(
        [onnx.helper.make_node("MatMul", ["rows", f"w{name}"], [name]) for name, _ in pairs],
        "sums",
        [onnx.helper.make_tensor_value_info("rows", onnx.TensorProto.FLOAT, [None, 4])],
        [
            onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [None, each.shape[1]])
            for name, each in pairs
        ],
        [onnx.numpy_helper.from_array(each, f"w{name}") for name, each in pairs],
    )
    made = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)])
    made.ir_version = 9
    onnx.save(made, tmp_path / "model.onnx")

    found = predictor(tmp_path / "model.onnx").predict(DATA)

    np.testing.assert_allclose(found, X @ weights, atol=1e-4)
