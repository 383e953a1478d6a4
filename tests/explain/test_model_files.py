"""Models from files: each kind says what the model itself says."""

from __future__ import annotations

import pickle
import threading
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from driftkit.errors import InputError
from driftkit.explain.choice import ExplainOptions, choose_explainer
from driftkit.explain.predictor_files import Model, predictor, runs_code
from tests.explain.games import product, random_rows

if TYPE_CHECKING:
    from pathlib import Path

DATA = random_rows(60, 4)
LABELS = (product(DATA.values) > 0).astype(int)
CODE = """
import numpy as np

def predict(table):
    return np.asarray(table)[:, 0] * 2 + table["d"]
"""


def _asked(model: Any) -> Any:
    return predictor(model).predict(DATA)


def test_a_python_file(tmp_path: Path) -> None:
    path = tmp_path / "model.py"
    path.write_text(CODE)

    np.testing.assert_allclose(_asked(path)[:, 0], DATA.values[:, 0] * 2 + DATA.values[:, 3])


@pytest.mark.parametrize("ending", ["joblib", "pkl", "pickle"])
def test_scikit_learn_from_a_file(tmp_path: Path, ending: str) -> None:
    joblib = pytest.importorskip("joblib")
    linear_model = pytest.importorskip("sklearn.linear_model")
    model = linear_model.LogisticRegression().fit(DATA.frame(), LABELS)
    path = tmp_path / f"model.{ending}"
    joblib.dump(model, path) if ending == "joblib" else path.write_bytes(pickle.dumps(model))

    np.testing.assert_allclose(_asked(path)[:, 0], model.predict_proba(DATA.frame())[:, 1])


@pytest.mark.parametrize("spec", ["model.txt", "lightgbm:model.bin"])
def test_lightgbm_text(tmp_path: Path, spec: str, monkeypatch: pytest.MonkeyPatch) -> None:
    lightgbm = pytest.importorskip("lightgbm")
    model = lightgbm.LGBMClassifier(n_estimators=5, verbose=-1).fit(DATA.values, LABELS)
    monkeypatch.chdir(tmp_path)
    model.booster_.save_model(spec.rpartition(":")[2])

    np.testing.assert_allclose(_asked(spec)[:, 0], model.predict_proba(DATA.values)[:, 1])


@pytest.mark.parametrize("ending", ["json", "ubj"])
def test_xgboost_json(tmp_path: Path, ending: str) -> None:
    xgboost = pytest.importorskip("xgboost")
    model = xgboost.XGBClassifier(n_estimators=5).fit(DATA.values, LABELS)
    path = tmp_path / f"model.{ending}"
    model.save_model(path)

    np.testing.assert_allclose(_asked(path)[:, 0], model.predict_proba(DATA.values)[:, 1])


def test_catboost(tmp_path: Path) -> None:
    catboost = pytest.importorskip("catboost")
    model = catboost.CatBoostRegressor(iterations=5, verbose=0, allow_writing_files=False)
    model.fit(DATA.values, product(DATA.values))
    path = tmp_path / "model.cbm"
    model.save_model(str(path))

    found = choose_explainer(predictor(path), DATA, ExplainOptions()).explain(DATA)

    np.testing.assert_allclose(_asked(path)[:, 0], model.predict(DATA.values))
    totals = found.values.sum(axis=1)[:, 0] + found.expected
    np.testing.assert_allclose(totals, model.predict(DATA.values), atol=1e-9)


def test_onnx(tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    weights = np.array([[1.0], [2.0], [3.0], [4.0]], dtype=np.float32)
    kind = onnx.TensorProto.FLOAT
    graph = onnx.helper.make_graph(
        [onnx.helper.make_node("MatMul", ["rows", "weights"], ["scores"])],
        "sum",
        [onnx.helper.make_tensor_value_info("rows", kind, [None, 4])],
        [onnx.helper.make_tensor_value_info("scores", kind, [None, 1])],
        [onnx.numpy_helper.from_array(weights, "weights")],
    )
    made = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)])
    made.ir_version = 9
    path = tmp_path / "model.onnx"
    onnx.save(made, path)

    np.testing.assert_allclose(_asked(path), DATA.values @ weights, atol=1e-5)


def test_mlflow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    linear_model = pytest.importorskip("sklearn.linear_model")
    mlflow = pytest.importorskip("mlflow.sklearn")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", (tmp_path / "runs").as_uri())
    model = linear_model.Ridge().fit(DATA.frame(), product(DATA.values))
    mlflow.save_model(
        model, str(tmp_path / "model"), pip_requirements=[], serialization_format="cloudpickle"
    )

    np.testing.assert_allclose(_asked(tmp_path / "model")[:, 0], model.predict(DATA.frame()))


def test_a_model_travels_and_is_loaded_where_it_arrives(tmp_path: Path) -> None:
    path = tmp_path / "model.py"
    path.write_text(CODE)
    sent = pickle.dumps(predictor(path))
    path.unlink()

    arrived = pickle.loads(sent)  # noqa: S301

    np.testing.assert_allclose(
        arrived.predict(DATA)[:, 0], DATA.values[:, 0] * 2 + DATA.values[:, 3]
    )


def test_an_explainer_travels() -> None:
    explainer = choose_explainer(predictor(product), random_rows(2, 4, seed=1), ExplainOptions())

    arrived = pickle.loads(pickle.dumps(explainer))  # noqa: S301

    np.testing.assert_array_equal(arrived.explain(DATA).values, explainer.explain(DATA).values)


def test_files_that_run_code_are_told(tmp_path: Path) -> None:
    path = tmp_path / "model.py"
    path.write_text(CODE)

    assert runs_code(predictor(path))
    assert not runs_code(predictor(product))


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("model.py", b"def predict(", "cannot be loaded.*SyntaxError"),
        ("model.py", b"x = 1", "no function predict"),
        ("model.py", b"import nothing_of_the_kind", "library is not here"),
        ("model.pkl", b"junk", "cannot be loaded"),
        ("model.json", b"{}", "XGBoost|xgboost|library is not here"),
        ("model.txt", b"junk", "cannot be loaded|library is not here"),
        ("model.onnx", b"junk", "cannot be loaded|library is not here"),
    ],
)
def test_a_model_that_cannot_be_loaded_says_why(
    tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)

    with pytest.raises(InputError, match=words):
        choose_explainer(predictor(path), DATA, ExplainOptions())


@pytest.mark.parametrize(
    ("spec", "words"),
    [("model.bin", "kind of the model"), ("no/such.pkl", "cannot be read"), ("model", "kind")],
)
def test_a_specification_that_names_nothing_is_an_error(spec: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        predictor(spec)


def test_a_model_that_cannot_travel_is_an_error() -> None:
    with pytest.raises(InputError, match="cannot be sent"):
        pickle.dumps(predictor(threading.Lock()))


def test_equal_models_are_loaded_once(tmp_path: Path) -> None:
    path = tmp_path / "model.py"
    path.write_text(CODE)

    one, other = predictor(path), predictor(path)

    assert isinstance(one, Model)
    assert isinstance(other, Model)
    assert one.object is other.object
