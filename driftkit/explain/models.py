"""Loads models of the common libraries and predicts with them."""

from __future__ import annotations

import io
import json
import pickle
import tarfile
import tempfile
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from driftkit.errors import InputError
from driftkit.explain.categories import categorised
from driftkit.explain.feature_order import aligned

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

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
    """A model's answers: probabilities where it has them, of one class where there are two.

    A model of several targets answers for each of them, side by side.
    """
    rows = aligned(model, rows)
    family = type(model).__module__.partition(".")[0]
    if family == "xgboost" and type(model).__name__ == "Booster":
        return model.predict(matrix_of(model, rows))
    if family == "onnxruntime":
        return ask_onnx(model, rows)
    table = _table(model, rows)
    if hasattr(model, "predict_proba"):
        return scores(model, model.predict_proba(table))
    if family == "catboost":
        return model.predict(table, prediction_type="RawFormulaVal")
    return model.predict(table) if hasattr(model, "predict") else model(table)


_LOSSES_OF_TARGETS = {"MultiLogloss", "MultiCrossEntropy"}


def scores(model: Any, probabilities: Any) -> NDArray[Any]:
    """Probabilities as the scores that are explained, shape (rows, outputs).

    Args:
        model: a classifier.
        probabilities: of its classes; a list of such arrays where it has several targets.
    """
    if isinstance(probabilities, list):
        return np.column_stack([positive(np.asarray(each)) for each in probabilities])
    found = np.asarray(probabilities)
    return found if of_several_targets(model) else positive(found)


def of_several_targets(model: Any) -> bool:
    """Whether a classifier's columns of probabilities are targets of their own, not classes."""
    while (inner := _inner(model)) is not None:
        model = inner
    classes = getattr(model, "classes_", None)
    if isinstance(classes, list) or getattr(model, "multilabel_", False) is True:
        return True
    if type(model).__module__.startswith("catboost"):
        return model.get_all_params().get("loss_function") in _LOSSES_OF_TARGETS
    if type(model).__module__.startswith("xgboost"):
        return targets_of_xgboost(model.get_booster()) > 1
    # Of two classes scikit-learn's networks have one output.
    logistic = getattr(model, "out_activation_", None) == "logistic"
    return bool(logistic and model.n_outputs_ > 1)


def _inner(model: Any) -> Any:
    """The model in a pipeline or a search; None where it is none of these."""
    steps = getattr(model, "steps", None)
    return steps[-1][1] if isinstance(steps, list) else getattr(model, "best_estimator_", None)


@lru_cache(maxsize=4)
def targets_of_xgboost(booster: Any) -> int:
    """How many targets a booster has."""
    learner = json.loads(booster.save_config())["learner"]["learner_model_param"]
    return int(learner.get("num_target", 1))


def _table(model: Any, rows: Rows) -> Any:
    """A frame where the model knows names, or there is text; else a matrix."""
    family = type(model).__module__.partition(".")[0]
    if family in {"lightgbm", "xgboost"}:
        frame = categorised(model, rows)
        if frame is not None:
            return frame
    named = hasattr(model, "feature_names_in_") or not hasattr(model, "predict")
    if named or family in {"catboost", "mlflow"} or not rows.numeric:
        return rows.frame()
    # LightGBM would make single precision of integers.
    return rows.values if family in {"lightgbm", "xgboost"} else rows.matrix()


def matrix_of(model: Any, rows: Rows) -> Any:
    """The rows as XGBoost takes them, under the model's own names where it has some."""
    import xgboost  # noqa: PLC0415

    frame = categorised(model, rows)
    if frame is not None:
        return xgboost.DMatrix(frame, enable_categorical=True)
    return xgboost.DMatrix(rows.values, feature_names=model.feature_names)


# What ONNX calls types, in numpy's words.
_TYPES = {"bool": "bool", "double": "float64", "float": "float32", "float16": "float16"}
_TYPES |= {f"{sign}int{bits}": f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)}


def ask_onnx(session: Any, rows: Rows) -> NDArray[Any]:
    """A model's answers, shape (rows, outputs).

    Of a classifier, which gives labels first, the probabilities, of one class where there are two;
    of several targets those of each; of what has no labels all numbers.

    Raises:
        InputError: it takes a type that features do not have, or answers with no numbers.
    """
    wanted = session.get_inputs()
    if len(wanted) == 1:
        columns = [rows.column(index) for index in range(len(rows.names))]
        given = {wanted[0].name: np.column_stack([_typed(each, wanted[0]) for each in columns])}
    else:
        given = {
            each.name: _typed(rows.column(index), each)[:, None]
            for index, each in enumerate(wanted)
        }
    return np.column_stack(_scores(session.run(None, given), len(rows)))


def _typed(values: NDArray[Any], wanted: Any) -> NDArray[Any]:
    """A column of a type that an input takes.

    Raises:
        ValueError: a value is none of it, such as a missing one among integers.
    """
    kind = str(wanted.type).removeprefix("tensor(").removesuffix(")")
    if kind == "string":
        return np.array(["" if each is None else _text(each) for each in values.tolist()], object)
    if kind not in _TYPES:
        raise InputError(
            "the ONNX model takes an input that no feature is",
            where=f"input {wanted.name!r}",
            expected="tensors of numbers, truth values or strings",
            found=str(wanted.type),
            todo="Export the model with an input for each feature, or one for all",
        )
    numbers = np.array(values, dtype=np.float64)
    if "float" in _TYPES[kind]:
        return numbers.astype(_TYPES[kind])
    if not (numbers == np.floor(numbers)).all() or np.isinf(numbers).any():
        raise ValueError(f"input {wanted.name!r} takes {kind}, and a value is broken or missing")
    return numbers.astype(_TYPES[kind])


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _scores(answered: Sequence[Any], rows: int) -> list[NDArray[Any]]:
    """What is explained, shapes (rows, ...): of classifiers the probabilities, which come last."""
    first, last = answered[0], answered[-1]
    labels = None if isinstance(first, list) else np.asarray(first)
    if len(answered) == 1 or labels is None or labels.dtype.kind not in "iuOUSb":
        return [np.asarray(each).reshape(rows, -1) for each in answered]
    if isinstance(last, list) and last and isinstance(last[0], dict):
        return [positive(np.array([[*each.values()] for each in last]))]
    targets = labels.reshape(rows, -1).shape[1]
    if targets == 1:
        return [positive(np.asarray(last).reshape(rows, -1))]
    # Of several targets each has its own classes, or the probability of being there.
    plain = not isinstance(last, list) and np.asarray(last).ndim == 2
    return [np.asarray(last)] if plain else [positive(np.asarray(each)) for each in last]


def positive(probabilities: NDArray[Any]) -> NDArray[Any]:
    """The second of two classes, which says all; more classes as they are."""
    two = probabilities.ndim == 2 and probabilities.shape[1] == 2
    return probabilities[:, 1] if two else probabilities
