"""Changes of all numbers of a feature: units, a shift, another spread, rounding."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.causes.cause import Cause, Kind
from driftkit.comparison.causes.samples import MIDDLE, weighted_median
from driftkit.comparison.causes.units import TEMPERATURES, known_factor

if TYPE_CHECKING:
    from driftkit.comparison.causes.pair import Pair

# One and five of each power of ten, the coarsest first.
_GRIDS = tuple(float(f"{digit}e{power}") for power in range(6, -7, -1) for digit in (5, 1))
_MORE_ON_GRID = 0.5
# The middle of the quantiles moves by less than this part of the grid.
_WITHIN_GRID = 0.6
# Root mean square of what a model leaves of the quantiles, in deviations of the model.
_UNITS_MISFIT = 0.15
_TEMPERATURE_MISFIT = 0.1
_SHIFT_MISFIT = 0.09
_SPREAD_MISFIT = 0.12
# How near a factor is to a known one: by itself, and, in logarithms, where it explains all.
_NEAR = 0.06
_PERHAPS = 0.25
_AS_GOOD = 0.015
_NO_SPREAD = 0.09
_LEAST_SHIFT = 0.03
# The part of the quantiles' moves that a model may leave.
_LEFT_OVER = 0.35


def rounding(pair: Pair) -> Cause | None:
    """Numbers are multiples of a grid that were none, and are near where they were."""
    typical = float(np.median(np.abs(pair.moves)))
    for grid in _GRIDS:
        share = pair.now.on_grid(grid) if typical <= _WITHIN_GRID * grid else 0.0
        usual = pair.before.on_grid(grid) if share > _MORE_ON_GRID else 1.0
        if share - usual > _MORE_ON_GRID:
            return Cause(
                kind=Kind.ROUNDING,
                size=grid,
                moved=pair.moved,
                rows=share - usual,
                before=usual,
                now=share,
            )
    return None


def units(pair: Pair) -> Cause | None:
    """All numbers are multiplied by a factor between units, or are of another temperature scale."""
    before = pair.before.middle
    if not before.any():
        return None
    estimates = _factors(pair)
    known = {each for factor in estimates if (each := known_factor(factor, _PERHAPS))}
    models = [(factor, 0.0, said) for factor, said in sorted(known)]
    # Where nothing is left to explain, no factor may do worse than a line through the quantiles, but
    # for what ordinary windows differ.
    as_good = pair.apart(*_line(pair)) + max(_AS_GOOD, pair.ordinary)
    least = min(pair.chance, pair.gap / 2, as_good)
    for factor, offset, said in (*models, *TEMPERATURES):
        near = offset or any(abs(each / factor - 1) <= _NEAR for each in estimates)
        most = _TEMPERATURE_MISFIT if offset else _UNITS_MISFIT
        fits = near and _misfit(pair, factor, offset) < most
        if fits or pair.apart(factor, offset) <= least:
            cause = _all(pair, Kind.UNITS, factor, (factor, offset))
            return replace(cause, about=(said,) if said else ())
    return None


def _line(pair: Pair) -> tuple[float, float]:
    """The line of least squares through the quantiles: its factor, 0 or more, and its offset."""
    before, now = pair.before.middle, pair.now.middle
    span = float(np.ptp(before))
    if span == 0:
        return 1.0, float(np.median(pair.moves))
    # Squares of the largest doubles would overflow.
    x = (before - before.mean()) / span
    factor = max(float(x @ (now / span)) / float(x @ x), 0.0)
    return factor, float(now.mean() - factor * before.mean())


def _factors(pair: Pair) -> tuple[float, float]:
    """The factor of least squares, and that of least absolute differences."""
    before, now = pair.before.middle, pair.now.middle
    largest = float(np.abs(before).max())
    x = before / largest
    some = before != 0
    least_absolute = weighted_median(now[some] / before[some], np.abs(x[some]))
    return float(x @ (now / largest)) / float(x @ x), least_absolute


def shift_or_spread(pair: Pair) -> Cause | None:
    """All numbers are moved, or are further apart or closer together than they were."""
    if np.ptp(pair.before.middle) == 0:
        return None
    size, apart = _shift(pair)
    factor, offset = _line(pair)
    far = abs(size) > _LEAST_SHIFT * pair.scale
    if far and apart <= min(pair.chance, pair.gap / 2):
        return _all(pair, Kind.SHIFT, size, (1.0, size))
    if factor <= 0:
        return None
    near = abs(math.log(factor)) < _NO_SPREAD
    model, most = ((1.0, size), _SHIFT_MISFIT) if near else ((factor, offset), _SPREAD_MISFIT)
    fits = _misfit(pair, factor, offset) < most and _left_over(pair, *model) <= _LEFT_OVER
    if not fits:
        return None
    if near:
        return _all(pair, Kind.SHIFT, size, model) if far else None
    of_zero = next((each for each in _factors(pair) if _misfit(pair, each, 0.0) < most), None)
    return _all(pair, Kind.SPREAD, factor, model if of_zero is None else (of_zero, 0.0))


def _shift(pair: Pair) -> tuple[float, float]:
    """The offset after which the distributions are nearest, and how far they still are."""
    now, before = (side.distribution.quantiles(MIDDLE) for side in (pair.now, pair.before))
    # Of numbers on a grid most quantiles go exactly as far as all numbers.
    sizes, often = np.unique(np.round((now - before) / pair.scale, 6), return_counts=True)
    candidates = (float(np.median(pair.moves)), float(sizes[often.argmax()]) * pair.scale)
    apart = [pair.apart(1.0, size) for size in candidates]
    return min(zip(candidates, apart, strict=True), key=lambda each: each[1])


def mixture(pair: Pair) -> Cause:
    """Some rows come from somewhere else; nothing in particular explains the difference."""
    return Cause(kind=Kind.MIXTURE, size=None, moved=pair.moved, rows=pair.gap)


def _misfit(pair: Pair, factor: float, offset: float) -> float:
    model = factor * pair.before.middle + offset
    deviation = abs(factor) * float(np.std(pair.before.middle))
    return float(np.sqrt(np.mean((model - pair.now.middle) ** 2))) / max(deviation, 1e-12)


def _left_over(pair: Pair, factor: float, offset: float) -> float:
    left = np.abs(factor * pair.before.middle + offset - pair.now.middle)
    return float(left.sum() / max(float(np.abs(pair.moves).sum()), 1e-12))


def _all(pair: Pair, kind: Kind, size: float, model: tuple[float, float]) -> Cause:
    fit = pair.fit(pair.apart(*model))
    return Cause(kind=kind, size=size, moved=pair.moved, rows=1.0, fit=fit, model=model)
