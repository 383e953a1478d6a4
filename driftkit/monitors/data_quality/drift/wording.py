"""Words for verdicts of drift: how far, how sure, since when."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from driftkit.formats.drift import Test
    from driftkit.monitors.data_quality.drift.faults import Fault

# Kinds whose effect is in standard deviations; those whose effect is a difference of shares.
_DEVIATIONS = {"shift"}
_SHARES = {
    "nulls",
    "extremes",
    "frequent value",
    "share of a category",
    "new categories",
    "rare categories",
    "high values",
    "low values",
    "one value",
    "shares",
}
_FAULTS: dict[Fault, str] = {
    "nulls": "{} of the rows have no value, in the baseline none",
    "new categories": "{} of the values are none that the baseline has",
    "one value": "one value makes up {} of the values, in the baseline less than 5 %",
    "range": "{} of the values lie beyond the smallest and largest of the baseline",
}
# Below, a p-value is told as being less.
_LEAST = 1e-12


def how_far(kind: str, effect: float | None) -> str:
    """An effect in the unit of its kind.

    >>> how_far("shift", 0.62), how_far("nulls", 0.05), how_far("spread", -0.1)
    ('+0.62 standard deviations', '+5.0 points', '-0.1')
    """
    if effect is None:
        return ""
    if kind in _DEVIATIONS:
        return f"{effect:+.2g} standard deviations"
    return f"{effect * 100:+.1f} points" if kind in _SHARES else f"{effect:+.2g}"


def how_sure(p_value: float) -> str:
    """A p-value.

    >>> how_sure(0.000213), how_sure(0.0)
    ('p = 0.00021', 'p < 1e-12')
    """
    return f"p < {_LEAST:.0e}" if p_value < _LEAST else f"p = {p_value:.2g}"


def of_unusual(test: Test, days: int, unit: str, windows: int) -> str:
    """Beyond what the reference's days differ.

    Args:
        test: the one that says so.
        days: of the reference.
        unit: what a block of it is called.
        windows: how many windows in a row.
    """
    lasting = f" for {windows} {unit}s" if windows > 1 else ""
    together = f" over {test.windows} {unit}s" if test.windows > 1 else ""
    largest = ""
    if test.largest is not None:
        most = how_far(test.kind, test.largest).lstrip("+")
        largest = f"; the largest among {days} reference {unit}s was {most}"
    far = how_far(test.kind, test.effect)
    return f"unusual{lasting}: {test.kind} {far}{together}{largest} ({how_sure(test.p_value)})"


def of_different(test: Test, windows: int) -> str:
    """Beyond sampling."""
    lasting = f" for {windows} windows" if windows > 1 else ""
    together = f" over {test.windows} windows" if test.windows > 1 else ""
    far = how_far(test.kind, test.effect)
    return (
        f"different from the baseline beyond sampling{lasting}: {test.kind} {far}{together} "
        f"({how_sure(test.p_value)})"
    )


def of_slow(test: Test) -> str:
    """Away from the baseline, though no block of the reference is far from the next."""
    far = how_far(test.kind, test.effect)
    return f"moved since the baseline, slowly: {test.kind} {far}; no single block is unusual"


def of_fault(fault: Fault, share: float) -> str:
    """A plain fault."""
    return _FAULTS[fault].format(f"{share:.1%}")
