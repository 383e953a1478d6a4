"""Restores the categories that LightGBM and XGBoost models had in training."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from driftkit.errors import InputError

if TYPE_CHECKING:
    from driftkit.explain.rows import Rows

_OF_LIGHTGBM = re.compile(r"^\[categorical_feature: ([\d,]+)\]$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Categories:
    """Which features of a model are categories.

    Attributes:
        indices: of the features.
        trained: the categories in training, whose places are the model's codes; None where the
            model keeps them itself.
    """

    indices: tuple[int, ...] = ()
    trained: tuple[tuple[Any, ...], ...] | None = None


def categorised(model: Any, rows: Rows) -> Any:
    """A frame in which the model's categories, and text, are pandas categories.

    None where there are none: a matrix of numbers says all then.

    Raises:
        InputError: nothing tells which features the model's categories belong to.
    """
    known = _categories(_booster(model))
    if rows.numeric and not known.indices:
        return None
    import pandas as pd  # noqa: PLC0415  (loaded by the model's library)

    frame = rows.frame()
    names = frame.columns
    kinds: dict[Any, Any] = {
        name: "category" for name, kind in frame.dtypes.items() if kind.kind not in "biuf"
    }
    for at, index in enumerate(known.indices):
        trained = known.trained
        kinds[names[index]] = pd.CategoricalDtype([*trained[at]]) if trained else "category"
    return frame.astype(kinds)


def _booster(model: Any) -> Any:
    if hasattr(model, "booster_"):
        return model.booster_
    return model.get_booster() if hasattr(model, "get_booster") else model


@lru_cache(maxsize=4)
def _categories(booster: Any) -> Categories:
    if type(booster).__module__.startswith("xgboost"):
        kinds = booster.feature_types or ()
        return Categories(indices=tuple(at for at, kind in enumerate(kinds) if kind == "c"))
    values = getattr(booster, "pandas_categorical", None)
    if not values:
        return Categories()
    found = _OF_LIGHTGBM.search(booster.model_to_string(num_iteration=1))
    indices = tuple(int(index) for index in found[1].split(",")) if found else ()
    if len(indices) != len(values):
        raise InputError(
            "nothing tells which features are the model's categories",
            where="the LightGBM model",
            expected=f"{len(values)} features of categories among its parameters",
            found=str(len(indices)),
            todo="Save the model with LightGBM's own save_model, or hand in the fitted estimator",
        )
    return Categories(indices=indices, trained=tuple(tuple(each) for each in values))
