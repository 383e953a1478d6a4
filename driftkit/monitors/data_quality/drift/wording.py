"""Sentences for verdicts of drift and for plain faults."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftkit.native.hashing import BUCKETS
from driftkit.results.verdicts import how_sure, moved, usual

if TYPE_CHECKING:
    from driftkit.formats.drift import Test
    from driftkit.monitors.data_quality.drift.faults import FaultKind
    from driftkit.states.cells.grids import Grid

_FAULTS: dict[FaultKind, str] = {
    "nulls": "{} of the rows have no value, in the baseline none",
    "new categories": "{} of the values are none that the baseline has",
    "one value": "one value makes up {} of the values, in the baseline less than 5 %",
    "range": "{} of the values lie beyond the smallest and largest of the baseline",
}


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
        largest = f"; the largest among {days} reference {unit}s was {usual(test)}"
    return f"unusual{lasting}: {moved(test)}{together}{largest} ({how_sure(test.p_value)})"


def of_different(test: Test, windows: int) -> str:
    """Beyond sampling."""
    lasting = f" for {windows} windows" if windows > 1 else ""
    together = f" over {test.windows} windows" if test.windows > 1 else ""
    return (
        f"different from the baseline beyond sampling{lasting}: {moved(test)}{together} "
        f"({how_sure(test.p_value)})"
    )


def of_ordinary(grid: Grid) -> str:
    """No more different from the baseline than its rows may be by chance."""
    if grid.hashed:
        return f"as the baseline, as far as rows of {BUCKETS} groups of its values can tell"
    return "as the baseline, as far as its rows can tell"


def of_slow(test: Test) -> str:
    """Away from the baseline, though no block of the reference is far from the next."""
    return f"moved since the baseline, slowly: {moved(test)}; no single block is unusual"


def of_zone(hours: float) -> str:
    """Rows at other hours than before."""
    later = "later" if hours > 0 else "earlier"
    unit = "hour" if abs(hours) == 1 else "hours"
    return f"the times of the rows are about {abs(hours):g} {unit} {later}: as of another time zone"


def of_fault(fault: FaultKind, share: float) -> str:
    """A plain fault."""
    return _FAULTS[fault].format(f"{share:.1%}")
