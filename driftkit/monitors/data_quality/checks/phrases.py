"""Formats numbers and lists for messages."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_LISTED = 5


def share(value: float) -> str:
    """A share in percent; what is not quite 0 or 100 % does not look so.

    >>> [share(x) for x in (0.5, 0.00001, 0.99999, 1.0)]
    ['50.0%', '<0.1%', '>99.9%', '100.0%']
    """
    if 0.0 < value < 0.001:
        return "<0.1%"
    return ">99.9%" if 0.999 < value < 1.0 else f"{value:.1%}"


def number(value: float) -> str:
    """A number with four significant digits.

    >>> [number(x) for x in (12345.6, 0.30000000000000004, 60.0, 1e12)]
    ['12,346', '0.3', '60', '1e+12']
    """
    if not math.isfinite(value):
        return str(value)
    return f"{value:,.0f}" if 1e4 <= abs(value) < 1e9 else f"{value:.4g}"


def counted(count: int, noun: str) -> str:
    """A number of things.

    >>> counted(1, "row"), counted(1200, "row")
    ('1 row', '1,200 rows')
    """
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def listed(items: Iterable[str]) -> str:
    """Some of the items, and how many more there are.

    >>> listed(["a", "b"]), listed("abcdefg")
    ('a, b', 'a, b, c, d, e and 2 more')
    """
    everything = list(items)
    shown, more = everything[:_LISTED], len(everything) - _LISTED
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")
