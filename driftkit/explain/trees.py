"""Exact Shapley values of tree ensembles: by their leaves, else by a library's own TreeSHAP."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np

from driftkit.explain.categories import categorised
from driftkit.explain.ensembles import (
    leaves_of_lightgbm,
    leaves_of_sklearn,
    leaves_of_xgboost,
    widths_of_sklearn,
)
from driftkit.explain.explainer import Attributions
from driftkit.explain.feature_order import aligned, indices, names_of
from driftkit.explain.models import matrix_of
from driftkit.explain.predictor import answers, answers_or_nan
from driftkit.explain.predictor_files import Model

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from driftkit.explain.leaves import Leaves
    from driftkit.explain.predictor_files import ModelObject
    from driftkit.explain.rows import Rows
    from driftkit.settings import Perturbation


@dataclass(frozen=True, kw_only=True)
class TreeExplainer:
    """TreeSHAP (Lundberg et al., "From local explanations to global understanding", 2020).

    What is explained is the sum of the trees: log-odds of boosted classifiers, probabilities of
    forests.

    Attributes:
        model: the ensemble.
        perturbation: "path_dependent" weighs branches by the training rows that took them;
            "interventional" replaces unknown features by the background's.
        background: of the interventional values; its names are those of the features.
        outputs: numbers that the ensemble gives for a row.
    """

    model: Model | ModelObject
    perturbation: Perturbation
    background: Rows
    outputs: int

    @property
    def name(self) -> str:
        """The method's name."""
        return f"exact, TreeSHAP ({self.perturbation.replace('_', ' ')})"

    @cached_property
    def expected(self) -> NDArray[np.float64]:
        """The sum of the trees when no feature is known, shape (outputs,)."""
        native = _NATIVE.get(_family(self.model.object))
        if native is None and _has_several_classifications(self.model.object):
            assert self._leaves is not None  # noqa: S101  (see `tree_explainer`)
            return self._leaves.expected
        if native is None:
            found = np.atleast_1d(np.asarray(self._shap.expected_value, dtype=np.float64))
            return found[-1:] if self.outputs == 1 else found
        table = native(_booster(self.model.object), aligned(self.model.object, self.background))
        parts = table.reshape(len(self.background), self.outputs, -1)
        if self.perturbation == "path_dependent":
            return parts[0, :, -1].copy()
        return np.asarray(parts.sum(axis=2).mean(axis=0), dtype=np.float64)

    def explain(self, rows: Rows) -> Attributions:
        """Shapley values of some rows, NaN where the ensemble does not take a row."""
        width = self.outputs * len(rows.names)
        flat = answers_or_nan(lambda some: answers(self._flat, some, self.model.name), rows, width)
        values = flat.reshape(len(rows), len(rows.names), self.outputs)
        return Attributions(values=values, expected=self.expected)

    def __getstate__(self) -> dict[str, Any]:
        # What can be made of the model again is not sent.
        return {name: value for name, value in vars(self).items() if not name.startswith("_")}

    @cached_property
    def _leaves(self) -> Leaves | None:
        """The ensemble's leaves, where they are faster than the library."""
        if self.perturbation != "path_dependent":
            return None
        if isinstance(self.model, Model):
            return _leaves_of_file(self.model)
        return _leaves_of(self.model.object)

    @cached_property
    def _shap(self) -> Any:
        """shap's explainer."""
        background = None
        if self.perturbation == "interventional":
            values = aligned(self.model.object, self.background).values
            background = values.tobytes(), len(values)
        if isinstance(self.model, Model):
            return _shap_of_file(self.model, background)
        return _shap_of(self.model.object, background)

    def _flat(self, rows: Rows) -> NDArray[np.float64]:
        """Shape (rows, features * outputs), features in the order of the rows."""
        model = self.model.object
        known = names_of(model)
        ordered = aligned(model, rows)
        native = _native(self)
        if ordered.numeric and self._leaves is not None:
            values = self._leaves.explain(ordered.values)
        elif native is None:
            # Additivity is the algorithm's; checking it asks the model about every row again.
            found = self._shap.shap_values(ordered.values, check_additivity=False)
            values = _of_classes(found, self.outputs)
        else:
            table = native(_booster(model), ordered)
            values = table.reshape(len(rows), self.outputs, -1)[:, :, :-1].transpose(0, 2, 1)
        if known is not None and known != rows.names:
            whole = np.zeros((len(rows), len(rows.names), self.outputs))
            whole[:, indices(known, rows.names)] = values
            values = whole
        return values.reshape(len(rows), -1)


def tree_explainer(
    model: Model | ModelObject, background: Rows, perturbation: Perturbation
) -> TreeExplainer | None:
    """The explainer of a tree ensemble; None where the model is none.

    Args:
        model: any model.
        background: rows whose values stand for "unknown" in interventional values.
        perturbation: of the features that are not known.

    Raises:
        InputError: the background lacks features of the model.
    """
    if not _is_ensemble(model.object):
        return None
    aligned(model.object, background)
    outputs = _outputs(model.object, background)
    explainer = TreeExplainer(
        model=model, perturbation=perturbation, background=background, outputs=outputs
    )
    return explainer if _takes(explainer) else None


def _takes(explainer: TreeExplainer) -> bool:
    """Whether anything explains the ensemble: its library, its leaves, or shap."""
    native, rows = _native(explainer), explainer.background
    if native is not None:
        return explainer.outputs == 1 or _answers(native, explainer)
    # shap and the leaves compare scikit-learn's categories as numbers.
    if not rows.numeric or np.any(getattr(explainer.model.object, "is_categorical_", None)):
        return False
    if _has_several_classifications(explainer.model.object):
        # shap would explain the first target's classes only.
        return explainer._leaves is not None  # noqa: SLF001
    return _shap_takes(explainer)


def _answers(native: Callable[[Any, Rows], Any], explainer: TreeExplainer) -> bool:
    """Whether a library explains several outputs; XGBoost does not where leaves are vectors."""
    model, rows = explainer.model.object, explainer.background
    try:
        native(_booster(model), aligned(model, rows.with_values(rows.values[:1])))
    except Exception:  # noqa: BLE001  (an error of its own of each library)
        return False
    return True


def _shap_takes(explainer: TreeExplainer) -> bool:
    """Whether shap is here and knows this ensemble; of some it only knows two classes."""
    if find_spec("shap") is None:
        return False
    try:
        return explainer._shap is not None  # noqa: SLF001
    except Exception:  # noqa: BLE001  (shap's error of an unknown model has changed its class)
        return False


_SKLEARN = (
    "DecisionTreeClassifier",
    "DecisionTreeRegressor",
    "ExtraTreesClassifier",
    "ExtraTreesRegressor",
    "GradientBoostingClassifier",
    "GradientBoostingRegressor",
    "HistGradientBoostingClassifier",
    "HistGradientBoostingRegressor",
    "RandomForestClassifier",
    "RandomForestRegressor",
)


def _is_ensemble(model: Any) -> bool:
    family = _family(model)
    if family == "sklearn":
        return type(model).__name__ in _SKLEARN
    return family in {"lightgbm", "xgboost", "catboost"}


def _has_several_classifications(model: Any) -> bool:
    """Whether scikit-learn's trees classify several targets at once."""
    return isinstance(getattr(model, "classes_", None), list)


def _outputs(model: Any, rows: Rows) -> int:
    if _family(model) == "sklearn":
        return sum(widths_of_sklearn(model))
    booster = _booster(model)
    if type(booster).__module__.startswith("lightgbm"):
        return int(booster.num_model_per_iteration())
    if type(booster).__module__.startswith("xgboost"):
        learner = json.loads(booster.save_config())["learner"]["learner_model_param"]
        return max(int(learner["num_class"]), int(learner.get("num_target", 1)), 1)
    frame = aligned(model, rows.with_values(rows.values[:1])).frame()
    return np.asarray(model.predict(frame, prediction_type="RawFormulaVal")).size


def _booster(model: Any) -> Any:
    if hasattr(model, "booster_"):
        return model.booster_
    if not hasattr(model, "get_booster"):
        return model
    booster = model.get_booster()
    # XGBoost's estimators that stopped early answer with their first trees only.
    last = getattr(model, "best_iteration", None)
    return booster if last is None else booster[: last + 1]


def _native(
    asked: TreeExplainer,
) -> Callable[[Any, Rows], NDArray[np.float64]] | None:
    """The library's own TreeSHAP, None where it has none of the kind."""
    if asked.perturbation == "interventional":
        return None
    return _NATIVE.get(_family(asked.model.object))


def _family(model: Any) -> str:
    return type(model).__module__.partition(".")[0]


def _of_classes(found: Any, outputs: int) -> NDArray[np.float64]:
    """Shape (rows, features, outputs); of two classes the second."""
    values = np.stack(found, axis=-1) if isinstance(found, list) else np.asarray(found)
    whole = values[:, :, None] if values.ndim == 2 else values
    return whole.astype(np.float64)[:, :, -outputs:]


@lru_cache(maxsize=2)
def _leaves_of_file(model: Model) -> Leaves | None:
    return _leaves_of(model.object)


def _leaves_of(model: Any) -> Leaves | None:
    find = _LEAVES.get(_family(model))
    return find(_booster(model)) if find else None


_LEAVES = {
    "lightgbm": leaves_of_lightgbm,
    "sklearn": leaves_of_sklearn,
    "xgboost": leaves_of_xgboost,
}


def _lightgbm(model: Any, rows: Rows) -> NDArray[np.float64]:
    frame = categorised(model, rows)
    table = rows.values if frame is None else frame
    return np.asarray(model.predict(table, pred_contrib=True), dtype=np.float64)


def _xgboost(model: Any, rows: Rows) -> NDArray[np.float64]:
    return np.asarray(model.predict(matrix_of(model, rows), pred_contribs=True), np.float64)


def _catboost(model: Any, rows: Rows) -> NDArray[np.float64]:
    import catboost  # noqa: PLC0415

    pool = catboost.Pool(rows.frame(), cat_features=model.get_cat_feature_indices())
    return np.asarray(model.get_feature_importance(data=pool, type="ShapValues"), np.float64)


_NATIVE = {"lightgbm": _lightgbm, "xgboost": _xgboost, "catboost": _catboost}


@lru_cache(maxsize=2)
def _shap_of_file(model: Model, background: tuple[bytes, int] | None) -> Any:
    return _shap_of(model.object, background)


def _shap_of(model: Any, background: tuple[bytes, int] | None) -> Any:
    import shap  # noqa: PLC0415

    if background is None:
        return shap.TreeExplainer(model, feature_perturbation="tree_path_dependent")
    content, rows = background
    data = np.frombuffer(content).reshape(rows, -1)
    return shap.TreeExplainer(model, data=data, feature_perturbation="interventional")
