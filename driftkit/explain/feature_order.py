"""Reorders columns to the model's feature names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from driftkit.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from driftkit.explain.rows import Rows


def aligned(model: Any, rows: Rows) -> Rows:
    """The rows as the model knows them: its features, in its order, under its names.

    A model that knows no names, or other names for all features, takes them as they come.

    Raises:
        InputError: features are missing.
    """
    known = names_of(model)
    if known is None:
        _check_width(getattr(model, "n_features_in_", None), rows)
    if known is None or known == rows.names:
        return rows
    return rows.taken(indices(known, rows.names), known)


def _check_width(wanted: int | None, rows: Rows) -> None:
    if wanted is not None and wanted != len(rows.names):
        raise InputError(
            "the model takes another number of features",
            where="features",
            expected=str(wanted),
            found=f"{len(rows.names)}: {', '.join(rows.names[:10])}",
            todo="Give it the features that it was trained with, in that order",
        )


def indices(known: tuple[str, ...], given: Sequence[str]) -> NDArray[np.intp]:
    """Where the features of a model stand among those given, shape (features of the model,).

    Raises:
        InputError: features are missing.
    """
    at = {_bare(name): index for index, name in enumerate(given)}
    missing = [name for name in known if _bare(name) not in at]
    if not missing:
        return np.array([at[_bare(name)] for name in known], dtype=np.intp)
    if len(missing) == len(known) == len(given):
        return np.arange(len(known))
    raise InputError(
        "the data lack features of the model",
        where="features",
        expected=", ".join(known[:10]),
        found=f"no {', '.join(missing[:10])} among {', '.join(given[:10])}",
        todo="Give the data headers that are the model's names, with all its features",
    )


def names_of(model: Any) -> tuple[str, ...] | None:
    """The names of a model's features, None where it knows none."""
    family = type(model).__module__.partition(".")[0]
    if family == "lightgbm":
        names = model.feature_name() if callable(getattr(model, "feature_name", None)) else None
        names = model.booster_.feature_name() if names is None else names
    elif family == "xgboost":
        names = (model if hasattr(model, "feature_names") else model.get_booster()).feature_names
    elif family == "catboost":
        names = model.feature_names_
    elif family == "onnxruntime":
        inputs = model.get_inputs()
        names = [each.name for each in inputs] if len(inputs) > 1 else None
    else:
        names = getattr(model, "feature_names_in_", None)
    return None if names is None else tuple(str(name) for name in names)


def _bare(name: str) -> str:
    """A name as LightGBM writes it into its file."""
    return name.replace(" ", "_")
