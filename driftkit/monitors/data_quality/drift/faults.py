"""Plain faults, which need no calibration: a window shows them by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from driftkit.native.arrays import Integers
    from driftkit.states.cells.counted import CellCounts

Fault = Literal["nulls", "new categories", "one value", "range"]

# Shares of the rows from which on each is a fault.
_NULLS = 0.005
_NEW = 0.005
_BEYOND = 0.01
_ONE_VALUE, _ONE_VALUE_BEFORE = 0.5, 0.05


def fault_of(baseline: CellCounts, window: CellCounts, index: int) -> tuple[Fault, float] | None:
    """The worst plain fault of a feature and the share of its rows; None where it has none.

    Args:
        baseline: in one block.
        window: on the same cells, in one block.
        index: of the feature.
    """
    grid, now, before = window.grids[index], window.counts[index][0], baseline.counts[index][0]
    present, missing = int(now.sum()), int(window.missing[index, 0])
    found: list[tuple[Fault, float]] = []
    if missing and not baseline.missing[index, 0]:
        share = missing / (present + missing)
        found += [("nulls", share)] if share >= _NULLS else []
    if present and before.sum():
        ends = _ends(now, is_numeric=grid.is_numeric)
        inner = slice(2, -2) if grid.is_numeric else slice(0, -1)
        known = _ends(before, is_numeric=grid.is_numeric)
        kind: Fault = "range" if grid.is_numeric else "new categories"
        least = _BEYOND if grid.is_numeric else _NEW
        if ends / present >= least and known / before.sum() < least / 10:
            found.append((kind, ends / present))
        at = int(now[inner].argmax()) if len(now[inner]) else 0
        if len(now[inner]) and _took_over(
            now[inner][at] / present, before[inner][at] / before.sum()
        ):
            found.append(("one value", now[inner][at] / present))
    return max(found, key=lambda each: each[1], default=None)


def _ends(counts: Integers, *, is_numeric: bool) -> int:
    """Rows beyond all that the baseline has: below or above its numbers, of none of its categories."""
    return int(counts[-2:].sum() + counts[:2].sum()) if is_numeric else int(counts[-1])


def _took_over(share: float, before: float) -> bool:
    return share >= _ONE_VALUE and before < _ONE_VALUE_BEFORE
