"""Chooses the explainer that fits the model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from driftkit.errors import InputError, SettingsError
from driftkit.explain.kernel import KernelExplainer
from driftkit.explain.linear import linear_explainer
from driftkit.explain.predictor import UnansweredError
from driftkit.explain.predictor_files import Model, ModelObject
from driftkit.explain.trees import tree_explainer

if TYPE_CHECKING:
    from driftkit.explain.explainer import Explainer
    from driftkit.explain.predictor import Predictor
    from driftkit.explain.rows import Rows
    from driftkit.settings import ExplainerName, Perturbation

ROUNDED = "the baseline rows are rounded: the model takes no fractions in features of whole numbers"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainOptions:
    """How predictions are attributed.

    Attributes:
        explainer: "auto" takes what is exact and fast for the model.
        perturbation: of tree ensembles.
        samples: coalitions asked about by KernelSHAP; None for the default.
        seed: of the coalitions.
        logit: whether log-odds are explained.
        explained: names of the features to explain; None for all.
    """

    explainer: ExplainerName = "auto"
    perturbation: Perturbation = "path_dependent"
    samples: int | None = None
    seed: int = 0
    logit: bool = False
    explained: tuple[str, ...] | None = None


def choose_explainer(model: Predictor, background: Rows, options: ExplainOptions) -> Explainer:
    """The explainer of a model, which has answered the background once.

    Args:
        model: what is asked.
        background: rows whose values stand for "unknown".
        options: what the user wants.

    Raises:
        SettingsError: an explainer was chosen that does not fit the model, or a feature to
            explain is not there.
        InputError: the model cannot be loaded, or cannot answer the background.
    """
    chosen = _chosen(model, background, options)
    if not np.isfinite(chosen.expected).all():
        raise InputError(
            "the model has no expected value on the baseline rows",
            where="methods.shap.baseline",
            expected="a number for each label",
            found=str(chosen.expected.tolist()),
            todo="Give baseline rows that the model can answer",
        )
    return chosen


def fitting_explainer(
    model: Predictor, background: Rows, options: ExplainOptions, *, rounded: bool
) -> tuple[Explainer, tuple[str, ...]]:
    """As `choose_explainer`, and ROUNDED where the background had to be rounded.

    Args:
        model: what is asked.
        background: as for `choose_explainer`.
        options: what the user wants.
        rounded: whether features of whole numbers may be, where the model fails for fractions:
            centres of clusters, but not what the user gave.
    """
    try:
        return choose_explainer(model, background, options), ()
    except UnansweredError:
        whole = background.rounded()
        if not rounded or np.array_equal(whole.values, background.values):
            raise
    return choose_explainer(model, whole, options), (ROUNDED,)


def _chosen(model: Predictor, background: Rows, options: ExplainOptions) -> Explainer:
    wanted = options.explainer
    if isinstance(model, Model | ModelObject) and options.explained is None and wanted != "kernel":
        if wanted in {"auto", "linear"}:
            linear = linear_explainer(model.object, background, logit=options.logit)
            if linear is not None:
                return linear
        if wanted in {"auto", "tree"} and not options.logit:
            tree = tree_explainer(model, background, options.perturbation)
            if tree is not None:
                return tree
    if wanted in {"tree", "linear"}:
        raise SettingsError(
            f"the model cannot be explained as a {wanted} model",
            where="explainer",
            expected="auto or kernel",
            found=wanted,
            todo="Leave the explainer to driftkit",
        )
    return KernelExplainer(
        predictor=model,
        background=background,
        samples=options.samples,
        seed=options.seed,
        logit=options.logit,
        explained=_indices(options.explained, background.names),
    )


def _indices(explained: tuple[str, ...] | None, names: tuple[str, ...]) -> tuple[int, ...] | None:
    if explained is None:
        return None
    missing = [name for name in explained if name not in names]
    if missing:
        raise SettingsError(
            "a feature to explain is not there",
            where="methods.shap.features_to_explain",
            expected=", ".join(names),
            found=", ".join(missing),
            todo="Correct the name",
        )
    return tuple(names.index(name) for name in explained)
