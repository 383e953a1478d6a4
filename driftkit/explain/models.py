"""Models of the common libraries: how each is loaded, and how it is asked."""

from __future__ import annotations

import io
import pickle
import tarfile
import tempfile
from typing import TYPE_CHECKING, Any

import numpy as np

from driftkit.errors import InputError
from driftkit.explain.aligning import aligned

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from driftkit.explain.rows import Rows


def loaded(kind: str, name: str, content: bytes) -> Any:
    """A model from the bytes of its file.

    Raises:
        InputError: it cannot be loaded, or its library is not here.
    """
    try:
        return _LOADERS[kind](content, name)
    except ImportError as error:
        raise InputError(
            "the model's library is not here",
            where=name,
            expected=f"a Python environment in which a {kind} model can be loaded",
            found=str(error),
            todo="Install it on the driver and on the workers, with the model's own dependencies",
        ) from error
    except Exception as error:
        raise InputError(
            "the model cannot be loaded",
            where=name,
            expected=f"a {kind} model",
            found=f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}",
            todo="Name its kind before it where the ending misleads, for example joblib:model.bin",
        ) from error


def _python(content: bytes, name: str) -> Any:
    space: dict[str, Any] = {"__name__": "driftkit_model", "__file__": name}
    exec(compile(content, name, "exec"), space)  # noqa: S102  (the user's own model)
    if not callable(space.get("predict")):
        raise InputError(
            "the Python file has no function predict",
            where=name,
            expected="def predict(table): ..., which gets a pandas DataFrame and returns an array",
            found=", ".join(each for each in space if not each.startswith("_")) or "nothing",
            todo="Add it",
        )
    return space["predict"]


def _joblib(content: bytes, _name: str) -> Any:
    import joblib  # noqa: PLC0415  (only where such a model is used)

    return joblib.load(io.BytesIO(content))


def _pickle(content: bytes, _name: str) -> Any:
    return pickle.loads(content)  # noqa: S301  (the user's own model; docs/attribution.md warns)


def _lightgbm(content: bytes, _name: str) -> Any:
    import lightgbm  # noqa: PLC0415

    return lightgbm.Booster(model_str=content.decode())


def _xgboost(content: bytes, _name: str) -> Any:
    import xgboost  # noqa: PLC0415

    booster = xgboost.Booster()
    booster.load_model(bytearray(content))
    return booster


def _catboost(content: bytes, _name: str) -> Any:
    import catboost  # noqa: PLC0415

    return catboost.CatBoost().load_model(blob=content)


def _onnx(content: bytes, _name: str) -> Any:
    import onnxruntime  # noqa: PLC0415

    return onnxruntime.InferenceSession(content)


def _mlflow(content: bytes, _name: str) -> Any:
    import mlflow.pyfunc  # noqa: PLC0415

    folder = tempfile.mkdtemp(prefix="driftkit-model-")
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        archive.extractall(folder, filter="data")
    return mlflow.pyfunc.load_model(folder)


_LOADERS: dict[str, Callable[[bytes, str], Any]] = {
    "catboost": _catboost,
    "joblib": _joblib,
    "lightgbm": _lightgbm,
    "mlflow": _mlflow,
    "onnx": _onnx,
    "pickle": _pickle,
    "python": _python,
    "xgboost": _xgboost,
}
KINDS = tuple(_LOADERS)


def ask(model: Any, rows: Rows) -> Any:
    """A model's answers: probabilities where it has them, of one class where there are two."""
    rows = aligned(model, rows)
    family = type(model).__module__.partition(".")[0]
    if family == "xgboost" and type(model).__name__ == "Booster":
        return model.predict(matrix_of(model, rows))
    if family == "onnxruntime":
        return _ask_onnx(model, rows)
    table = _table(model, rows)
    if hasattr(model, "predict_proba"):
        return positive(np.asarray(model.predict_proba(table)))
    if family == "catboost":
        return model.predict(table, prediction_type="RawFormulaVal")
    return model.predict(table) if hasattr(model, "predict") else model(table)


def positive(probabilities: NDArray[Any]) -> NDArray[Any]:
    """The second of two classes, which says all; more classes as they are."""
    two = probabilities.ndim == 2 and probabilities.shape[1] == 2
    return probabilities[:, 1] if two else probabilities


def _table(model: Any, rows: Rows) -> Any:
    """A frame where the model knows names, or there is text; else a matrix."""
    family = type(model).__module__.partition(".")[0]
    if not rows.numeric and family in {"lightgbm", "xgboost"}:
        return categorised(rows)
    named = hasattr(model, "feature_names_in_") or not hasattr(model, "predict")
    return rows.frame() if named or family == "mlflow" or not rows.numeric else rows.values


def matrix_of(model: Any, rows: Rows) -> Any:
    """The rows as XGBoost takes them, under the model's own names where it has some."""
    import xgboost  # noqa: PLC0415

    if not rows.numeric:
        return xgboost.DMatrix(categorised(rows), enable_categorical=True)
    return xgboost.DMatrix(rows.values, feature_names=model.feature_names)


def categorised(rows: Rows) -> Any:
    """A frame in which text is categories, as LightGBM and XGBoost take it."""
    frame = rows.frame()
    texts = [name for name, kind in frame.dtypes.items() if kind.kind not in "biuf"]
    return frame.astype(dict.fromkeys(texts, "category"))


def _ask_onnx(session: Any, rows: Rows) -> Any:
    wanted = session.get_inputs()
    if len(wanted) == 1:
        kind = np.float64 if "double" in wanted[0].type else np.float32
        given = {wanted[0].name: rows.values.astype(kind)}
    else:
        given = {
            each.name: _onnx_column(rows.values[:, [place]], each.type)
            for place, each in enumerate(wanted)
        }
    answered = session.run(None, given)
    # Classifiers give labels first and probabilities last.
    last = answered[-1]
    if isinstance(last, list) and last and isinstance(last[0], dict):
        last = np.array([list(each.values()) for each in last])
    return positive(np.asarray(last).reshape(len(rows), -1))


def _onnx_column(values: NDArray[Any], kind: str) -> NDArray[Any]:
    if "string" in kind:
        return values.astype(str)
    if "int64" in kind:
        return values.astype(np.int64)
    return values.astype(np.float64 if "double" in kind else np.float32)
