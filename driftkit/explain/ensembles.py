"""Converts the trees of LightGBM, XGBoost and scikit-learn ensembles to arrays."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from driftkit.explain.leaves import Leaves, Tree, leaves_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray


# LightGBM writes this for an infinite threshold.
_INFINITE = 1e300


class _OtherTreeError(Exception):
    """The tree is none of those that are known here."""


def leaves_of_lightgbm(booster: Any) -> Leaves | None:
    """The leaves of a LightGBM booster.

    None where its trees are not sums of boxes (categories, linear leaves, averages, zeros that are
    missing), do not know their training rows, or are too deep.

    Args:
        booster: the model.
    """
    model = booster.dump_model()
    outputs = int(booster.num_model_per_iteration())
    if model.get("average_output"):
        return None
    trees = (
        _of_lightgbm(tree["tree_structure"], number % outputs, outputs)
        for number, tree in enumerate(model["tree_info"])
    )
    try:
        return leaves_of(trees, model["max_feature_idx"] + 1, outputs, "zero")
    except _OtherTreeError:
        return None


def leaves_of_xgboost(booster: Any) -> Leaves | None:
    """The leaves of an XGBoost booster.

    None where it is not a sum of trees with one output each, has categories, or is too deep.

    Args:
        booster: the model.
    """
    learner = json.loads(bytes(booster.save_raw("json")))["learner"]
    ensemble = learner["gradient_booster"]
    if ensemble["name"] != "gbtree":
        return None
    model = ensemble["model"]
    pairs = zip(model["trees"], model["tree_info"], strict=True)
    features = int(learner["learner_model_param"]["num_feature"])
    widths = (learner["learner_model_param"].get(name, 1) for name in ("num_class", "num_target"))
    outputs = max(1, *(int(width) for width in widths))
    try:
        trees = (_of_xgboost(tree, output, outputs) for tree, output in pairs)
        return leaves_of(trees, features, outputs, "single")
    except _OtherTreeError:
        return None


def leaves_of_sklearn(model: Any) -> Leaves | None:
    """The leaves of scikit-learn's trees, forests and boosted trees; of two classes the second.

    None where it has categories, or is too deep.

    Args:
        model: the ensemble.
    """
    outputs = sum(widths_of_sklearn(model))
    try:
        if hasattr(model, "_predictors"):
            trees = (
                _of_histogram(tree.nodes, output, outputs)
                for some in model._predictors  # noqa: SLF001  (it has no public ones)
                for output, tree in enumerate(some)
            )
            return leaves_of(trees, model.n_features_in_, outputs)
        return leaves_of(_of_sklearn(model), model.n_features_in_, outputs, "single")
    except _OtherTreeError:
        return None


def widths_of_sklearn(model: Any) -> list[int]:
    """How many numbers scikit-learn's trees answer with for each of their targets."""
    classes = getattr(model, "classes_", None)
    if classes is None:
        return [1] * int(getattr(model, "n_outputs_", 1))
    targets = classes if isinstance(classes, list) else [classes]
    return [1 if len(each) == 2 else len(each) for each in targets]


def _of_lightgbm(root: Mapping[str, Any], output: int, outputs: int) -> Tree:
    nodes = list(_nodes(root))
    indices = {id(node): index for index, node in enumerate(nodes)}
    split_nodes = [node if "split_feature" in node else None for node in nodes]
    weights = [node.get("internal_count", node.get("leaf_count", 0)) for node in nodes]
    if len(nodes) > 1 and not all(weights):
        raise _OtherTreeError
    thresholds = np.array([each["threshold"] if each else 0.0 for each in split_nodes], np.float64)
    values = np.zeros((len(nodes), outputs))
    values[:, output] = [node.get("leaf_value", 0.0) for node in nodes]
    return Tree(
        left=np.array([indices[id(each["left_child"])] if each else -1 for each in split_nodes]),
        right=np.array([indices[id(each["right_child"])] if each else -1 for each in split_nodes]),
        features=np.array([each["split_feature"] if each else 0 for each in split_nodes]),
        thresholds=np.where(thresholds >= _INFINITE, np.inf, thresholds),
        missing_left=np.array([_sends_left(each) if each else False for each in split_nodes]),
        weights=np.array(weights, np.float64),
        values=values,
    )


def _nodes(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield node
    if "split_feature" in node:
        if node["decision_type"] != "<=" or node["missing_type"] == "Zero":
            raise _OtherTreeError
        yield from _nodes(node["left_child"])
        yield from _nodes(node["right_child"])
    elif "leaf_coeff" in node:
        raise _OtherTreeError


def _sends_left(split: Mapping[str, Any]) -> bool:
    """Whether missing values go to the left; without a side of their own they are zeros."""
    if split["missing_type"] == "NaN":
        return bool(split["default_left"])
    return bool(split["threshold"] >= 0)


def _of_xgboost(tree: Mapping[str, Any], output: int, outputs: int) -> Tree:
    weights = np.array(tree["sum_hessian"], np.float64)
    left = np.array(tree["left_children"], np.int64)
    whole = any(tree["split_type"]) or int(tree["tree_param"]["size_leaf_vector"]) > 1
    if whole or not weights[left >= 0].all():
        raise _OtherTreeError
    # Numbers below the condition go to the left; it is the leaf's value where there is none.
    conditions = np.array(tree["split_conditions"], np.float32)
    values = np.zeros((len(left), outputs))
    values[:, output] = np.where(left < 0, conditions, 0.0)
    return Tree(
        left=left,
        right=np.array(tree["right_children"], np.int64),
        features=np.array(tree["split_indices"], np.int64),
        thresholds=np.nextafter(conditions, np.float32(-np.inf)).astype(np.float64),
        missing_left=np.array(tree["default_left"], np.bool_),
        weights=weights,
        values=values,
    )


def _of_sklearn(model: Any) -> Iterator[Tree]:
    if hasattr(model, "init_"):
        if model.estimators_.shape[1] > 1:
            raise _OtherTreeError
        for each in model.estimators_[:, 0]:
            yield _of_tree(each.tree_, each.tree_.value[:, 0] * model.learning_rate)
        return
    estimators = getattr(model, "estimators_", [model])
    for each in estimators:
        values = each.tree_.value[:, :, 0]
        if hasattr(model, "classes_"):
            values = _shares(each.tree_, widths_of_sklearn(model))
        yield _of_tree(each.tree_, values / len(estimators))


def _shares(tree: Any, widths: list[int]) -> NDArray[np.float64]:
    """Shares of the classes of each target side by side; of two classes the second."""
    shares = []
    for target, width in enumerate(widths):
        counts = tree.value[:, target, : tree.n_classes[target]]
        shares.append((counts / counts.sum(axis=1, keepdims=True))[:, -width:])
    return np.concatenate(shares, axis=1)


def _of_tree(tree: Any, values: NDArray[np.float64]) -> Tree:
    leaves = tree.children_left < 0
    return Tree(
        left=tree.children_left.astype(np.int64),
        right=tree.children_right.astype(np.int64),
        features=tree.feature.astype(np.int64),
        thresholds=tree.threshold.astype(np.float64),
        missing_left=tree.missing_go_to_left.astype(np.bool_),
        weights=tree.weighted_n_node_samples.astype(np.float64),
        values=np.where(leaves[:, None], values, 0.0),
    )


def _of_histogram(nodes: NDArray[Any], output: int, outputs: int) -> Tree:
    leaves = nodes["is_leaf"].astype(np.bool_)
    if nodes["is_categorical"].any():
        raise _OtherTreeError
    values = np.zeros((len(nodes), outputs))
    values[:, output] = np.where(leaves, nodes["value"], 0.0)
    return Tree(
        left=np.where(leaves, -1, nodes["left"].astype(np.int64)),
        right=np.where(leaves, -1, nodes["right"].astype(np.int64)),
        features=nodes["feature_idx"].astype(np.int64),
        thresholds=nodes["num_threshold"].astype(np.float64),
        missing_left=nodes["missing_go_to_left"].astype(np.bool_),
        weights=nodes["count"].astype(np.float64),
        values=values,
    )
