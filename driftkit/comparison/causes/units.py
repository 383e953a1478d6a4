"""Factors between units that data are known to be given in."""

from __future__ import annotations

import math

# What the units are where values are multiplied, and where they are divided.
FACTORS = {
    1.609344: ("miles to kilometres", "kilometres to miles"),
    2.54: ("inches to centimetres", "centimetres to inches"),
    2.20462262: ("kilograms to pounds", "pounds to kilograms"),
    3.2808399: ("metres to feet", "feet to metres"),
    7.0: ("weeks to days", "days to weeks"),
    10.0: ("", ""),
    12.0: ("years to months or from feet to inches", "months to years or from inches to feet"),
    24.0: ("days to hours", "hours to days"),
    60.0: (
        "hours to minutes or from minutes to seconds",
        "minutes to hours or from seconds to minutes",
    ),
    100.0: (
        "shares to percent or from units to hundredths",
        "percent to shares or from hundredths to units",
    ),
    1e3: ("a unit to its thousandth", "a unit to its thousandfold"),
    3600.0: ("hours to seconds", "seconds to hours"),
    1e4: ("", ""),
    1e6: ("a unit to its millionth", "a unit to its millionfold"),
}
_MOST = 1e9
# Fahrenheit of Celsius, and back: factor, offset, and the units.
TEMPERATURES = (
    (1.8, 32.0, "Celsius to Fahrenheit"),
    (1 / 1.8, -32 / 1.8, "Fahrenheit to Celsius"),
)


def is_only(factor: float, near: float) -> bool:
    """Whether at most one known factor is near; 1, which changes nothing, is one of them.

    Args:
        factor: of the numbers, above 0.
        near: how far it may be off, in logarithms.

    >>> is_only(1_100.0, 0.5), is_only(59.2, 0.7), is_only(1.6, 0.5)
    (True, False, False)
    """
    sizes = (1.0, *FACTORS, *(1 / each for each in FACTORS))
    return sum(abs(math.log(each / factor)) <= near for each in sizes) <= 1


def known_factor(factor: float, near: float) -> tuple[float, str] | None:
    """The factor between units that is nearest, and the units; None where none is near.

    Args:
        factor: of the numbers.
        near: how far it may be off, in logarithms.

    >>> known_factor(59.2, 0.06)
    (60.0, 'hours to minutes or from minutes to seconds')
    >>> known_factor(1.3, 0.06) is None
    True
    """
    if not 1 / _MOST < factor < _MOST:
        return None
    size = max(factor, 1 / factor)
    known = min(FACTORS, key=lambda each: abs(math.log(each / size)))
    if abs(math.log(known / size)) > near:
        return None
    multiplied, divided = FACTORS[known]
    return (known, multiplied) if factor > 1 else (1 / known, divided)
