"""Detects a change of units between two distributions."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from driftkit.comparison.arrays import Floats
    from driftkit.comparison.distributions import Distribution

# Tails are left out: few values decide on them, and outliers are no change of units.
_SHARES = np.linspace(0.025, 0.975, 96)
_DISTINCT_NEEDED = 5
# The change must explain this much of the mean distance between quantiles.
_LEFT_OVER = 0.15
_SMALLEST_FACTOR = 1.25
# How far an estimated factor may be from a known one, which seasons and chance allow.
_NEAR = {"small": 0.05, "large": 0.2}
_LARGE_FACTOR = 5.0

# What the units are where values are multiplied, and where they are divided.
_KNOWN_FACTORS = {
    1.609344: ("from miles to kilometres", "from kilometres to miles"),
    2.54: ("from inches to centimetres", "from centimetres to inches"),
    2.20462262: ("from kilograms to pounds", "from pounds to kilograms"),
    3.2808399: ("from metres to feet", "from feet to metres"),
    10.0: ("", ""),
    24.0: ("from days to hours", "from hours to days"),
    60.0: (
        "from hours to minutes or from minutes to seconds",
        "from minutes to hours or from seconds to minutes",
    ),
    100.0: (
        "from shares to percent or from units to hundredths",
        "from percent to shares or from hundredths to units",
    ),
    1000.0: ("between a unit and its thousandth", "between a unit and its thousandth"),
    3600.0: ("from hours to seconds", "from seconds to hours"),
    1e6: ("between a unit and its millionth", "between a unit and its millionth"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rescaling:
    """A change of units: new = factor * old + shift.

    Attributes:
        factor: 1 where the values are only shifted.
        shift: 0 where they are only multiplied.
        units: the units that are known to differ so, or nothing.
    """

    factor: float
    shift: float
    units: str = ""


_TEMPERATURES = (
    Rescaling(factor=1.8, shift=32.0, units="from Celsius to Fahrenheit"),
    Rescaling(factor=1 / 1.8, shift=-32 / 1.8, units="from Fahrenheit to Celsius"),
)


def rescaling(old: Distribution, new: Distribution) -> Rescaling | None:
    """The change of units that makes `new` out of `old`; None where none explains it.

    Quantiles of both are laid beside each other; the change is the least-squares factor, or
    the median difference, that leaves at most 15 % of their mean distance.

    >>> from driftkit.comparison.distributions import distribution
    >>> minutes = distribution([[float(x) for x in range(100)]], distinct_ranks=False)
    >>> seconds = distribution([[60.0 * x for x in range(100)]], distinct_ranks=False)
    >>> rescaling(minutes, seconds).factor
    60.0
    """
    before, after = old.quantiles(_SHARES), new.quantiles(_SHARES)
    if not _comparable(before, after):
        return None
    # Squares of the largest doubles overflow; such a change is then explained by nothing.
    with np.errstate(over="ignore", invalid="ignore"):
        left_over = {each: _left_over(before, after, each) for each in _candidates(before, after)}
    best = min(left_over, key=left_over.__getitem__)
    return _known(best) if left_over[best] <= _LEFT_OVER else None


def _comparable(before: Floats, after: Floats) -> bool:
    finite = bool(np.isfinite(before).all() and np.isfinite(after).all())
    few = min(len(np.unique(before)), len(np.unique(after))) < _DISTINCT_NEEDED
    return finite and not few and bool((before != after).any())


def _candidates(before: Floats, after: Floats) -> tuple[Rescaling, ...]:
    factor = float((before @ after) / (before @ before))
    scaled = factor > 0 and abs(math.log(factor)) >= math.log(_SMALLEST_FACTOR)
    return (
        Rescaling(factor=1.0, shift=float(np.median(after - before))),
        *_TEMPERATURES,
        *((Rescaling(factor=factor, shift=0.0),) if scaled else ()),
    )


def _left_over(before: Floats, after: Floats, change: Rescaling) -> float:
    """Share of the mean distance between quantiles that the change does not explain."""
    explained = change.factor * before + change.shift
    return float(np.abs(after - explained).mean() / np.abs(after - before).mean())


def _known(change: Rescaling) -> Rescaling:
    """The change, its factor replaced by that of known units where it is near one."""
    if change.factor == 1.0 or change.shift:
        return change
    size = max(change.factor, 1 / change.factor)
    known = min(_KNOWN_FACTORS, key=lambda each: abs(math.log(each / size)))
    if abs(known / size - 1) > _NEAR["large" if known > _LARGE_FACTOR else "small"]:
        return change
    multiplied, divided = _KNOWN_FACTORS[known]
    if change.factor > 1:
        return Rescaling(factor=known, shift=0.0, units=multiplied)
    return Rescaling(factor=1 / known, shift=0.0, units=divided)
