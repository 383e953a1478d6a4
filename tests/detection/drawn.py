"""Features that are drawn by their law: baselines, and windows that are alike or moved."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr, ndtri

from driftkit.comparison.detection.categories import CategoricalReference
from driftkit.comparison.detection.cells import Cells
from driftkit.comparison.detection.numbers import NumericReference

if TYPE_CHECKING:
    from driftkit.comparison.arrays import Floats, Integers

BASELINE = 20_000
_QUANTILES = 253
NULLS = (0.0, 0.002, 0.05)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """Some features with a baseline.

    Attributes:
        reference: of the baseline.
        shares: the true share of each cell, features by cells.
        nulls: the true share of rows without a value, by feature.
    """

    reference: NumericReference | CategoricalReference
    shares: Floats
    nulls: Floats

    def windows(self, rows: int, count: int, rng: np.random.Generator) -> Cells:
        """Windows of so many rows."""
        missing = rng.binomial(rows, self.nulls[:, None], (len(self.nulls), count))
        counts = rng.multinomial(rows - missing, self.shares[:, None])
        return Cells.of(counts, missing)


def numeric(features: int, rng: np.random.Generator, nulls: tuple[float, ...] = NULLS) -> Drawn:
    """Numbers of a continuous law.

    Edges are quantiles and extremes of a drawn baseline, so that the true share of what lies between
    two of them is that between two order statistics.
    """
    gaps = np.diff(_ranks())
    masses = rng.standard_gamma(np.concatenate([[1.0], gaps, [1.0]]), (features, len(gaps) + 2))
    shares = np.insert(masses / masses.sum(axis=1, keepdims=True), 1, 0.0, axis=1)
    counts = np.broadcast_to(np.concatenate([[0, 1], gaps, [0]]), shares.shape)
    shares_of_nulls = np.resize(nulls, features)
    missing = rng.negative_binomial(counts.sum(axis=1), 1 - shares_of_nulls)
    reference = NumericReference(
        cells=_one(counts, missing), atoms=np.zeros(shares.shape, dtype=bool)
    )
    return Drawn(reference=reference, shares=shares, nulls=shares_of_nulls)


def moved(
    features: int,
    rng: np.random.Generator,
    *,
    shift: float = 0.0,
    scale: float = 1.0,
    part: float = 1.0,
) -> Drawn:
    """Normal numbers of whose windows a part is shifted by deviations, and spread by a factor."""
    alike = numeric(features, rng)
    below = np.clip(alike.shares.cumsum(axis=1)[:, :-1], 0.0, 1.0)
    below = (1 - part) * below + part * ndtr((ndtri(below) - shift) / scale)
    shares = np.diff(below, axis=1, prepend=0.0, append=1.0)
    return Drawn(
        reference=alike.reference, shares=np.maximum(shares, 0.0), nulls=np.zeros(features)
    )


def with_nulls(features: int, rng: np.random.Generator, share: float) -> Drawn:
    """Numbers of which windows lack a share, and the baseline none."""
    alike = numeric(features, rng, nulls=(0.0,))
    return replace(alike, nulls=np.full(features, share))


def with_new_category(features: int, rng: np.random.Generator, share: float) -> Drawn:
    """Categories, and windows of which a share is of one that the baseline does not have."""
    alike = categorical(features, rng)
    shares = (1 - share) * alike.shares
    shares[:, -1] += share
    return replace(alike, shares=shares)


def categorical(features: int, rng: np.random.Generator) -> Drawn:
    """Categories, 2 to 100 of them; those that the baseline does not have are one cell."""
    sizes = np.geomspace(2, 100, features).astype(int)
    shares = np.zeros((features, 101))
    for index, size in enumerate(sizes.tolist()):
        shares[index, :size] = rng.dirichlet(np.ones(size))
    counts = rng.multinomial(BASELINE, shares)
    unseen = np.where(counts == 0, shares, 0.0)
    shares = np.where(counts == 0, 0.0, shares)
    shares[:, -1] += unseen.sum(axis=1)
    nulls = np.resize(NULLS, features)
    reference = CategoricalReference(cells=_one(counts, rng.negative_binomial(BASELINE, 1 - nulls)))
    return Drawn(reference=reference, shares=shares, nulls=nulls)


def _ranks() -> Integers:
    """Of the edges in the baseline: the three smallest and largest, and quantiles between."""
    inner = np.linspace(3, BASELINE - 3, _QUANTILES).astype(np.int64)
    return np.unique(np.concatenate([[1, 2], inner, BASELINE - np.arange(3)[::-1]]))


def _one(counts: Integers, missing: Integers) -> Cells:
    return Cells.of(counts[:, None], missing[:, None])
