"""The flip test (FT): counterfactual predictions from nearest neighbours.

Black, Yeom, Fredrikson, "FlipTest: Fairness Testing via Optimal Transport", FAT* 2020, in the
approximation of the open library smclarify: the nearest neighbours among the rest of the rows
predict for the rows of the facet.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.bias.noise import Noise
from driftkit.comparison.bias.table import UndefinedMetricError
from driftkit.extras import library

if TYPE_CHECKING:
    from numpy.typing import NDArray

NEIGHBOURS = 5
FEWEST_ROWS = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Flips:
    """How many rows of the facet would have been predicted otherwise.

    Attributes:
        only_model: rows that the model accepts and their neighbours do not.
        only_neighbours: rows that their neighbours accept and the model does not.
        rows: all rows of the facet.
    """

    only_model: int
    only_neighbours: int
    rows: int

    @property
    def value(self) -> float:
        """FT = (rows that only the model accepts - rows that only neighbours accept) / nd."""
        return (self.only_model - self.only_neighbours) / self.rows

    @property
    def spread(self) -> Noise:
        """Noise of the facet's rows, given their neighbours.

        The value is a mean of 1, 0 and -1; one row shared among the three keeps the deviation of
        counts of nothing from being zero.
        """
        up, down = (
            (count + 1 / 3) / (self.rows + 1) for count in (self.only_model, self.only_neighbours)
        )
        variance = up + down - (up - down) ** 2
        return Noise(centre=self.value, deviation=math.sqrt(variance / self.rows))


def flip_test(
    features: NDArray[np.float64], facet: NDArray[np.bool_], positive: NDArray[np.bool_]
) -> Flips:
    """Compares the facet's rows with their nearest neighbours among the rest.

    Args:
        features: shape (rows, features), not scaled.
        facet: whether a row belongs to the disadvantaged facet.
        positive: whether its prediction is positive.

    Raises:
        UndefinedMetricError: a side is empty, or there are no features.
    """
    require_sides(facet)
    rest = ~facet
    if not features.shape[1]:
        raise UndefinedMetricError(
            f"Found array with 0 feature(s) (shape=({int(rest.sum())}, 0)) while a minimum of 1 "
            "is required by KNeighborsClassifier."
        )
    expected = _neighbours(features[rest], positive[rest], features[facet])
    actual = positive[facet]
    return Flips(
        only_model=int((actual & ~expected).sum()),
        only_neighbours=int((~actual & expected).sum()),
        rows=int(facet.sum()),
    )


def _neighbours(
    known: NDArray[np.float64], positive: NDArray[np.bool_], asked: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """What most of the nearest rows are predicted."""
    # Loaded here because it takes longer to load than most runs of the bias monitor.
    neighbors = library("sklearn.neighbors", "science", "the flip test")
    model = neighbors.KNeighborsClassifier(
        n_neighbors=NEIGHBOURS if len(known) > FEWEST_ROWS else 1
    )
    try:
        return np.asarray(model.fit(known, positive).predict(asked), dtype=bool)
    except ValueError as error:
        raise UndefinedMetricError(str(error)) from error


def require_sides(facet: NDArray[np.bool_]) -> None:
    """Neither side may be empty.

    Raises:
        UndefinedMetricError: one is, in smclarify's words.
    """
    if not facet.any():
        raise UndefinedMetricError("Facet set is empty")
    if facet.all():
        raise UndefinedMetricError("Negated Facet set is empty")
