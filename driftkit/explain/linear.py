"""Exact Shapley values of linear models, from their coefficients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from driftkit.explain.explainer import Attributions

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from driftkit.explain.rows import Rows


_LARGEST_SUM = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LinearExplainer:
    """A feature adds its weight times its distance from the background's mean.

    Features are taken as independent (Lundberg, Lee, "A Unified Approach to Interpreting Model
    Predictions", 2017, corollary 1).

    Attributes:
        weights: shape (features, outputs).
        intercept: shape (outputs,).
        mean: of the background, shape (features,).
    """

    weights: NDArray[np.float64]
    intercept: NDArray[np.float64]
    mean: NDArray[np.float64]

    @property
    def name(self) -> str:
        """The method's name."""
        return "exact, of a linear model"

    @property
    def outputs(self) -> int:
        """Numbers that the model gives for a row."""
        return len(self.intercept)

    @property
    def expected(self) -> NDArray[np.float64]:
        """The prediction at the background's mean, shape (outputs,)."""
        return np.asarray(self.mean @ self.weights + self.intercept, dtype=np.float64)

    def explain(self, rows: Rows) -> Attributions:
        """Shapley values of some rows."""
        values = (rows.values - self.mean)[:, :, None] * self.weights
        return Attributions(values=values, expected=self.expected)


def linear_explainer(model: Any, background: Rows, *, logit: bool) -> LinearExplainer | None:
    """The explainer of a scikit-learn model; None where it is not linear in what is explained.

    Args:
        model: any object.
        background: rows whose mean stands for "unknown".
        logit: whether log-odds are explained, in which a logistic regression is linear.
    """
    family = type(model).__module__.startswith("sklearn.linear_model")
    weights = getattr(model, "coef_", None)
    if not family or weights is None or not background.numeric:
        return None
    probable = hasattr(model, "predict_proba")
    if probable != logit or (probable and len(model.classes_) != 2):
        return None
    if not probable and hasattr(model, "classes_"):
        return None
    plain = weights.toarray() if hasattr(weights, "toarray") else weights
    matrix = np.atleast_2d(np.asarray(plain, dtype=np.float64)).T
    intercept = np.broadcast_to(np.asarray(model.intercept_, dtype=np.float64), matrix.shape[1])
    explainer = LinearExplainer(
        weights=matrix, intercept=intercept.copy(), mean=background.values.mean(axis=0)
    )
    return explainer if _is_linear(explainer, model, background, logit=logit) else None


def _is_linear(explainer: LinearExplainer, model: Any, rows: Rows, *, logit: bool) -> bool:
    """Whether the model answers with its weighted sums; a Poisson regression does with powers."""
    sums = rows.values @ explainer.weights + explainer.intercept
    asked = rows.frame() if hasattr(model, "feature_names_in_") else rows.values
    if not logit:
        answers = np.asarray(model.predict(asked)).reshape(sums.shape)
        return bool(np.allclose(answers, sums, equal_nan=True))
    # Of large sums nothing is left in a probability.
    near = np.abs(sums[:, 0]) < _LARGEST_SUM
    chances = np.asarray(model.predict_proba(asked))[near, 1]
    with np.errstate(divide="ignore"):
        return bool(np.allclose(np.log(chances / (1 - chances)), sums[near, 0]))
