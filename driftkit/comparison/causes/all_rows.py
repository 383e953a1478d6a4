"""Changes of all numbers of a feature: units, a shift, another spread, rounding."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.causes.cause import Cause, Kind
from driftkit.comparison.causes.samples import MIDDLE
from driftkit.comparison.causes.units import TEMPERATURES, is_only, known_factor

if TYPE_CHECKING:
    from driftkit.comparison.causes.pair import Pair

# One and five of each power of ten, the coarsest first.
_GRIDS = tuple(float(f"{digit}e{power}") for power in range(6, -7, -1) for digit in (5, 1))
_MORE_ON_GRID = 0.5
# Nearly all rows, and how probable so many others may be on a grid.
_ALL_ON_GRID, _BY_CHANCE = 0.99, 1e-5
# The middle of the quantiles moves by less than this part of the grid.
_WITHIN_GRID = 0.6
# Root mean square of what a model leaves of the quantiles, in deviations of the model.
_UNITS_MISFIT = 0.15
_TEMPERATURE_MISFIT = 0.1
_SHIFT_MISFIT = 0.09
_SPREAD_MISFIT = 0.12
# How near a factor is to a known one, in logarithms: by itself, and where it explains all.
_NEAR = 0.06
_PERHAPS = 0.25
_AS_GOOD = 0.015
# A factor that is none between units, but larger than values have by chance, in logarithms.
_FAR = math.log(3)
_NO_SPREAD = 0.09
_LEAST_SHIFT = 0.03
# The part of the quantiles' moves that a model may leave.
_LEFT_OVER = 0.35


def rounding(pair: Pair, least: float = 0.0, widest: float = math.inf) -> Cause | None:
    """Numbers are multiples of a grid that were none, and are near where they were.

    Args:
        pair: of baseline and window.
        least: the share of the window's rows that are on the grid.
        widest: a step of it.
    """
    typical = float(np.median(np.abs(pair.moves)))
    for grid in _GRIDS:
        near = grid <= widest and typical <= _WITHIN_GRID * grid + pair.ordinary.move
        share = pair.now.on_grid(grid) if near else 0.0
        usual = pair.before.on_grid(grid) if share > _MORE_ON_GRID else 1.0
        if share - usual > _MORE_ON_GRID and share >= least:
            return Cause(
                kind=Kind.ROUNDING,
                size=grid,
                moved=pair.moved,
                rows=share - usual,
                before=usual,
                now=share,
            )
    return None


def rounding_to_one(pair: Pair) -> Cause | None:
    """Rounding that leaves nearly all rows one value, and does not look as a frozen one does.

    Either the others are on the grid too, which is no chance, or half a step of the grid is as
    wide as the values of an ordinary window lie.
    """
    # All are 0 on a grid that is wider than they ever were, and so they are if they are frozen.
    widest = float(np.ptp(pair.before.middle))
    cause = rounding(pair, _ALL_ON_GRID, widest)
    if cause is None or cause.size is None:
        return None
    others = pair.now.present - int(pair.now.counts.max())
    width = widest * math.exp(-pair.ordinary.slope)
    return (
        cause if (cause.before or 0.0) ** others <= _BY_CHANCE or 2 * width <= cause.size else None
    )


def units(pair: Pair) -> Cause | None:
    """All numbers are multiplied by a factor between units, or are of another temperature scale."""
    if not pair.before.middle.any():
        return None
    estimates = pair.factors
    known = {each for factor in estimates if (each := known_factor(factor, _PERHAPS))}
    likely = {each for factor in estimates if (each := _likely(factor, pair.ordinary.ratio))}
    models = [(factor, 0.0, said) for factor, said in sorted(known | likely)]
    # Where nothing is left to explain, no factor may do worse than an offset, or than a line.
    as_good = min(pair.apart(*pair.line), _shift(pair)[1]) + _AS_GOOD
    least = min(pair.chance, pair.gap / 2, as_good)
    for factor, offset, said in (*models, *TEMPERATURES):
        near = offset or (factor, said) in likely
        most = _TEMPERATURE_MISFIT if offset else _UNITS_MISFIT
        if _is_apart(pair, factor, offset):
            most = max(most, pair.ordinary.misfit)
        fits = near and pair.misfit(factor, offset) < most
        if fits or pair.apart(factor, offset) <= least:
            cause = _all(pair, Kind.UNITS, factor, (factor, offset))
            return replace(cause, about=(said,) if said else ())
    return next(filter(None, (_far_factor(pair, each) for each in estimates)), None)


def _far_factor(pair: Pair, factor: float) -> Cause | None:
    """A factor that is none of the known ones, but larger than any that all values have by chance."""
    if factor <= 0 or abs(math.log(factor)) < _FAR + pair.ordinary.ratio:
        return None
    if pair.misfit(factor, 0.0) >= max(_UNITS_MISFIT, pair.ordinary.misfit):
        return None
    return _all(pair, Kind.UNITS, factor, (factor, 0.0))


def _is_apart(pair: Pair, factor: float, offset: float) -> bool:
    """Whether no ordinary window looks as one that is multiplied so, and this one does."""
    slope, ordinary = pair.line[0], pair.ordinary
    if slope > 0 and abs(math.log(factor)) > 2 * ordinary.slope:
        return abs(math.log(slope / factor)) <= ordinary.slope
    return not offset and ordinary.ratio <= _NEAR


def _likely(factor: float, ordinary: float) -> tuple[float, str] | None:
    """The only known factor that an ordinary window multiplied by it may show as this one."""
    found = known_factor(factor, max(_NEAR, ordinary))
    if found is None or ordinary <= _NEAR:
        return found
    return found if is_only(factor, ordinary) else None


def shift_or_spread(pair: Pair) -> Cause | None:
    """All numbers are moved, or are further apart or closer together than they were."""
    if np.ptp(pair.before.middle) == 0:
        return None
    size, apart = _shift(pair)
    factor, offset = pair.line
    far = abs(size) > max(_LEAST_SHIFT * pair.scale, pair.ordinary.move)
    if far and apart <= min(pair.sampling, pair.gap / 2):
        return _all(pair, Kind.SHIFT, size, (1.0, size))
    if factor <= 0:
        return None
    near = abs(math.log(factor)) < max(_NO_SPREAD, pair.ordinary.slope)
    model, most = ((1.0, size), _SHIFT_MISFIT) if near else ((factor, offset), _SPREAD_MISFIT)
    most = max(most, pair.ordinary.bend)
    fits = pair.misfit(factor, offset) < most and _left_over(pair, *model) <= _LEFT_OVER
    if not fits:
        return None
    if near:
        return _all(pair, Kind.SHIFT, size, model) if far else None
    of_zero = next((each for each in pair.factors if pair.misfit(each, 0.0) < most), None)
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


def _left_over(pair: Pair, factor: float, offset: float) -> float:
    left = np.abs(factor * pair.before.middle + offset - pair.now.middle)
    return float(left.sum() / max(float(np.abs(pair.moves).sum()), 1e-12))


def _all(pair: Pair, kind: Kind, size: float, model: tuple[float, float]) -> Cause:
    fit = pair.fit(pair.apart(*model))
    return Cause(kind=kind, size=size, moved=pair.moved, rows=1.0, fit=fit, model=model)
