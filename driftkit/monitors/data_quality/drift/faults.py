"""Plain faults, which need no calibration: a window shows them by itself."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from driftkit.comparison.causes.cause import Kind
from driftkit.comparison.probabilities import hypergeometric_tail

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftkit.comparison.causes.cause import Cause
    from driftkit.comparison.causes.ordinary import Ordinary
    from driftkit.formats.drift import Verdict
    from driftkit.native.arrays import Integers
    from driftkit.states.cells.counted import CellCounts

FaultKind = Literal["nulls", "new categories", "one value", "range"]

# Shares of the rows from which on each is a fault.
_NULLS = 0.005
_NEW = 0.005
_BEYOND = 0.01
_ONE_VALUE, _ONE_VALUE_BEFORE = 0.5, 0.05
# The factor by which all values are in another unit, beyond that of ordinary days, in logarithms; and
# how much of the difference it explains.
_UNITS, _EXPLAINED = math.log(10), 0.8
# Of windows of the baseline's own population, so many have a fault of any feature at most.
_RATE = 0.001


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A plain fault of a feature.

    Attributes:
        kind: what it is.
        share: of the rows that have it.
        p_value: how probable so many rows are if the window and the baseline are of one population.
    """

    kind: FaultKind
    share: float
    p_value: float


def fault_of(baseline: CellCounts, window: CellCounts, index: int) -> Fault | None:
    """The worst plain fault of a feature; None where it has none that its rows can tell of.

    Args:
        baseline: in one block.
        window: on the same cells, in one block.
        index: of the feature.
    """
    grid, now, before = window.grids[index], window.counts[index][0], baseline.counts[index][0]
    present, missing = int(now.sum()), int(window.missing[index, 0])
    known, never = int(before.sum()), not baseline.missing[index, 0]
    found: list[Fault] = []
    if missing and never and missing / (present + missing) >= _NULLS:
        found.append(_fault("nulls", (missing, present + missing), (0, known)))
    if present and known:
        ends = _ends(now, is_numeric=grid.is_numeric)
        inner = slice(2, -2) if grid.is_numeric else slice(0, -1)
        ends_before = _ends(before, is_numeric=grid.is_numeric)
        kind: FaultKind = "range" if grid.is_numeric else "new categories"
        least = _BEYOND if grid.is_numeric else _NEW
        if ends / present >= least and ends_before / known < least / 10:
            # Rows beyond either end, however many of them are beyond which.
            ways = ends + 1 if grid.is_numeric else 1
            as_new = ends_before if grid.is_numeric else grid.seen_once(before)
            found.append(_fault(kind, (ends, present), (as_new, known), ways))
        at = int(now[inner].argmax()) if len(now[inner]) else 0
        if len(now[inner]) and _took_over(now[inner][at] / present, before[inner][at] / known):
            of_value = (int(now[inner][at]), present), (int(before[inner][at]), known)
            found.append(_fault("one value", *of_value, len(now)))
    sure = (each for each in found if each.p_value <= _RATE / len(window.grids))
    return max(sure, key=lambda each: each.share, default=None)


def is_of_units(causes: Sequence[Cause], ordinary: Ordinary | None) -> bool:
    """Whether all values are ten times as large, or a tenth, and far more so than on ordinary days.

    Args:
        causes: of what changed a feature.
        ordinary: how far ordinary days are; None where they are not known.
    """
    least = _UNITS + (ordinary.ratio if ordinary is not None else 0.0)
    return any(
        each.kind == Kind.UNITS
        and each.size is not None
        and abs(math.log(each.size)) >= least
        and (each.fit is None or each.fit >= _EXPLAINED)
        for each in causes
    )


def with_units(verdict: Verdict) -> Verdict:
    """The verdict of a feature whose values are in another unit: an alarm, whatever days tell.

    Far beyond its range a feature looks to the test of days as on a day on which all of it is there.
    """
    said = f"{verdict.message}; the values are in another unit"
    return replace(verdict, fault="units", alarm=True, message=said)


def _fault(
    kind: FaultKind, window: tuple[int, int], baseline: tuple[int, int], ways: int = 1
) -> Fault:
    """A fault by the rows that have it, and all rows, of both sides."""
    (hits, rows), (hits_before, rows_before) = window, baseline
    p = hypergeometric_tail(hits, rows, hits + hits_before, rows + rows_before)
    return Fault(kind=kind, share=hits / rows, p_value=min(1.0, ways * float(p)))


def _ends(counts: Integers, *, is_numeric: bool) -> int:
    """Rows beyond all that the baseline has: below or above its numbers, of none of its categories."""
    return int(counts[-2:].sum() + counts[:2].sum()) if is_numeric else int(counts[-1])


def _took_over(share: float, before: float) -> bool:
    return share >= _ONE_VALUE and before < _ONE_VALUE_BEFORE
