"""Numbers whose baseline and windows are known by driftkit's sketches, as in a real run.

What a sketch errs by depends on the order and the ranks of the values alone, not on their law. So
sketches of a few hundred permutations, drawn once, serve all features and windows: counts are drawn
exactly, and each rank is then replaced by what one of the sketches makes of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.detection.cells import Cells, sketch_allowance
from driftkit.comparison.detection.numbers import NumericReference
from driftkit.states.profile.kll import KllSketch
from tests.detection.drawn import BASELINE, NULLS, Drawn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftkit.comparison.arrays import Integers

_QUANTILES = 254
_ATOM = (0.35, 0.65)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Misread:
    """What a sketch makes of the ranks of its values.

    Attributes:
        kept: the true ranks of the values that it kept, ascending, after 0.
        told: the rank that it tells for each of them.
    """

    kept: Integers
    told: Integers

    def of(self, ranks: Integers) -> Integers:
        """The ranks that it tells instead of the true ones."""
        return np.asarray(self.told[np.searchsorted(self.kept, ranks, side="right") - 1])


def misread(rows: int, rng: np.random.Generator) -> Misread:
    """A sketch of so many values in a random order."""
    sketch = KllSketch().extended(rng.permutation(rows).astype(np.float64))
    values = np.concatenate(sketch.levels)
    weights = np.repeat(2 ** np.arange(len(sketch.levels)), [len(each) for each in sketch.levels])
    order = np.argsort(values, kind="stable")
    kept = values[order].astype(np.int64) + 1
    return Misread(kept=np.append(0, kept), told=np.append(0, weights[order].cumsum()))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sketched:
    """Numeric features with a sketched baseline.

    Attributes:
        exact: their baseline and true shares.
        pool: sketches of windows.
    """

    exact: Drawn
    pool: Sequence[Misread]

    @property
    def reference(self) -> NumericReference:
        """Of the baseline."""
        assert isinstance(self.exact.reference, NumericReference)
        return self.exact.reference

    def windows(self, rows: int, count: int, rng: np.random.Generator) -> Cells:
        """Windows of so many rows, each sketched by itself."""
        drawn = self.exact.windows(rows, count, rng)
        ranks = drawn.counts.cumsum(axis=2)
        told = np.empty_like(ranks)
        chosen = rng.integers(0, len(self.pool), ranks.shape[:2])
        for feature, window in np.ndindex(*chosen.shape):
            one = self.pool[int(chosen[feature, window])]
            told[feature, window] = one.of(ranks[feature, window])
        # A sketch knows how many values it has seen.
        told[..., -1] = ranks[..., -1]
        counts = np.diff(told, axis=2, prepend=0)
        return Cells.of(counts, drawn.missing, sketch_allowance(rows))


def sketched(
    features: int,
    baselines: Sequence[Misread],
    pool: Sequence[Misread],
    rng: np.random.Generator,
    *,
    atoms: int = 0,
) -> Sketched:
    """Numbers of a continuous law; the first `atoms` features have a value of 30 % of the rows.

    Args:
        features: how many there are.
        baselines: sketches of `BASELINE` values.
        pool: sketches of windows, which have fewer rows where some have no value.
        rng: draws the baselines.
        atoms: how many features have a frequent value.
    """
    chosen = [baselines[index] for index in rng.integers(0, len(baselines), features)]
    ranks = np.stack([_edges(each, atom=index < atoms) for index, each in enumerate(chosen)])
    gaps = np.diff(ranks, axis=1, prepend=0, append=BASELINE + 1)
    shares = rng.standard_gamma(gaps)
    # Below the smallest value that the sketch kept there is a cell without rows.
    told = np.stack([each.of(row) for each, row in zip(chosen, ranks, strict=True)])
    counts = np.diff(told, axis=1, prepend=0, append=BASELINE)
    ends = (ranks == round(_ATOM[1] * BASELINE)) & (np.diff(ranks, axis=1, prepend=0) > 0)
    middle = ends & (np.arange(features) < atoms)[:, None]
    nulls = np.resize(NULLS, features)
    missing = rng.negative_binomial(BASELINE, 1 - nulls)
    cells = Cells.of(counts[:, None], missing[:, None], sketch_allowance(BASELINE))
    at_value = np.append(middle, np.zeros((features, 1), dtype=bool), axis=1)
    reference = NumericReference(cells=cells, atoms=at_value)
    shares = shares / shares.sum(axis=1, keepdims=True)
    return Sketched(exact=Drawn(reference=reference, shares=shares, nulls=nulls), pool=pool)


def _edges(baseline: Misread, *, atom: bool) -> Integers:
    """True ranks of the edges that are made of a sketch; ranks within a frequent value are none."""
    quantiles = np.linspace(0, len(baseline.kept) - 1, _QUANTILES).astype(np.int64)
    ends = np.arange(1, 4)
    chosen = np.concatenate([quantiles[1:], ends, len(baseline.kept) - ends])
    ranks = np.sort(baseline.kept[chosen])
    if atom:
        low, high = (round(each * BASELINE) for each in _ATOM)
        inside = np.flatnonzero((ranks > low) & (ranks <= high))
        ranks[inside] = high
        ranks[inside[0]] = low
    # The first edge is just below the smallest value.
    return np.append(ranks[0] - 1, ranks)
