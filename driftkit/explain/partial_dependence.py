"""Partial dependence: how predictions change with one feature alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from driftkit.errors import DriftkitError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from driftkit.explain.predictor import Predictor
    from driftkit.explain.rows import Rows

DEFAULT_GRID = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class PartialDependence:
    """The mean prediction when a feature has a value in all rows.

    Attributes:
        feature: its name.
        data_type: numbers have a grid of bucket centres, categories their commonest values.
        values: of the grid.
        predictions: shape (grid, outputs).
        distribution: share of the rows in each bucket, or with each category.
    """

    feature: str
    data_type: Literal["numerical", "categorical"]
    values: tuple[float | str, ...]
    predictions: NDArray[np.float64]
    distribution: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoDependence:
    """A feature whose partial dependence cannot be measured.

    Attributes:
        feature: its name.
        error: why.
    """

    feature: str
    error: str


def partial_dependence(
    predictor: Predictor, rows: Rows, features: Sequence[str], grid: int = DEFAULT_GRID
) -> tuple[PartialDependence | NoDependence, ...]:
    """The partial dependence on each of some features (Friedman, "Greedy function approximation").

    Rows that the model does not answer are left out of the means.

    Args:
        predictor: the model.
        rows: over which predictions are averaged, a sample where they are many.
        features: names.
        grid: buckets of equal width that a number's range is cut into, 1 or more; categories at
            most.

    Raises:
        SettingsError: a feature is not there, or the grid has no bucket.
    """
    missing = [name for name in features if name not in rows.names]
    if missing or grid < 1:
        raise SettingsError(
            "a feature is not there" if missing else "the grid has no bucket",
            where="methods.pdp.features" if missing else "methods.pdp.grid_resolution",
            expected=", ".join(rows.names[:10]) if missing else "1 or more",
            found=", ".join(missing) or str(grid),
            todo="Correct it",
        )
    return tuple(_of_feature(predictor, rows, rows.names.index(name), grid) for name in features)


def _of_feature(
    predictor: Predictor, rows: Rows, index: int, grid: int
) -> PartialDependence | NoDependence:
    feature, column = rows.names[index], rows.values[:, index]
    textual = any(isinstance(value, str) for value in column)
    found = _categories(column, grid) if textual else _buckets(column, grid)
    if found is None:
        return NoDependence(feature=feature, error="The feature has no values")
    values, shares = found
    try:
        predictions = [_mean(predictor, rows, index, value) for value in values]
    except DriftkitError as error:
        return NoDependence(feature=feature, error=str(error))
    return PartialDependence(
        feature=feature,
        data_type="categorical" if textual else "numerical",
        values=values,
        predictions=np.stack(predictions),
        distribution=shares,
    )


def _mean(predictor: Predictor, rows: Rows, index: int, value: Any) -> NDArray[np.float64]:
    changed = rows.values.copy()
    changed[:, index] = value
    answered = predictor.predict(rows.with_values(changed))
    known = np.isfinite(answered).all(axis=1)
    if not known.any():
        return np.full(answered.shape[1], np.nan)
    return np.asarray(answered[known].mean(axis=0), dtype=np.float64)


def _buckets(
    column: NDArray[Any], grid: int
) -> tuple[tuple[float | str, ...], NDArray[np.float64]] | None:
    numbers = column.astype(np.float64)
    known = numbers[np.isfinite(numbers)]
    if not len(known):
        return None
    if known.min() == known.max():
        return (float(known[0]),), np.ones(1)
    counts, edges = np.histogram(known, bins=grid)
    centres = (edges[:-1] + edges[1:]) / 2
    return tuple(centres.tolist()), counts / len(known)


def _categories(
    column: NDArray[Any], grid: int
) -> tuple[tuple[float | str, ...], NDArray[np.float64]]:
    known = [value for value in column.tolist() if isinstance(value, str)]
    names, counts = np.unique(np.array(known), return_counts=True)
    order = np.lexsort((names, -counts))[:grid]
    return tuple(names[order].tolist()), counts[order] / len(known)
