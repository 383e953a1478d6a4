"""Directions in which the shape of a feature differs from day to day, for a distance that knows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from driftkit.comparison.arrays import Floats, Integers, Truths

# How far a day of the reference may be thought away from its own directions.
_LEAST_LEFT = 0.05


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shapes:
    """Days by the directions in which those of a reference differ most.

    Attributes:
        coordinates: features by days by directions, of the roots of shares.
        variances: of sampling, features by days; alike in all directions.
        distance: Hellinger's from the reference, features by days.
    """

    coordinates: Floats
    variances: Floats
    distance: Floats


def shapes(parts: Floats, rows: Integers, reference: Truths) -> Shapes:
    """Days of a few shares each, turned into the main directions of the reference's days.

    Roots of shares have the same variance by sampling, 1 / 4 n, whatever the shares are. Along the
    main directions of the ordinary days (principal components) their differences are uncorrelated,
    so that what is usual in one does not hide what is unusual in another.

    Args:
        parts: rows in each part of the reference's numbers, features by days by parts.
        rows: their sum, features by days.
        reference: features by days, which days are ordinary.
    """
    own = (parts * reference[..., None]).sum(axis=1)
    expected = own / np.maximum(own.sum(axis=1), 1.0)[:, None]
    n = np.maximum(rows, 1).astype(np.float64)
    roots = np.sqrt((parts + 0.375 * (own > 0)[:, None]) / (n + 0.75)[..., None])
    overlap = np.sqrt(parts / n[..., None] * expected[:, None]).sum(axis=2)
    kept = reference[..., None] & (rows > 0)[..., None]
    days = np.maximum(kept.sum(axis=1), 1)
    apart = (roots - ((roots * kept).sum(axis=1) / days)[:, None]) * kept
    directions = np.linalg.eigh(np.swapaxes(apart, 1, 2) @ apart).eigenvectors
    return Shapes(
        coordinates=roots @ directions,
        variances=1 / (4 * n + 3),
        distance=np.sqrt(np.maximum(0.0, 1 - overlap)),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lengths:
    """How long the deviations of a reference's days are over all directions; arrays by feature.

    Attributes:
        mean: of their lengths.
        deviation: of their lengths.
    """

    mean: Floats
    deviation: Floats

    def of(self, deviations: Floats) -> Floats:
        """The length of deviations along the last axis, in deviations of the reference's days."""
        length = np.sqrt((deviations**2).sum(axis=-1))
        more = (self.mean, self.deviation)
        mean, deviation = (each.reshape(-1, *(1,) * (length.ndim - 1)) for each in more)
        return np.asarray((length - mean) / deviation)


def lengths(deviations: Floats, kept: Truths) -> tuple[Lengths, Floats]:
    """Mahalanobis' distances of the reference's days, each as if it were not among them.

    What a day adds to the variance of its own direction is taken back (Sherman and Morrison).

    Args:
        deviations: features by days by directions, each of variance 1.
        kept: features by days, which are of the reference.

    Returns:
        What they are alike in, and for each day of the reference its own; 0 for others.
    """
    days = np.maximum(kept.sum(axis=1), 1)[:, None]
    squares = (deviations**2).sum(axis=2)
    without = squares / np.maximum(1 - squares / days, _LEAST_LEFT)
    length = np.sqrt(without) * kept
    mean = length.sum(axis=1) / days[:, 0]
    variance = ((length - mean[:, None]) ** 2 * kept).sum(axis=1) / days[:, 0]
    known = Lengths(mean=mean, deviation=np.sqrt(np.maximum(variance, 1e-2)))
    return known, np.where(kept, (length - mean[:, None]) / known.deviation[:, None], 0.0)
