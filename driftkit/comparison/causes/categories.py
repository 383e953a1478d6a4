"""What changed between the categories of a baseline and those of a window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftkit.comparison.causes.cause import Cause, Kind
from driftkit.comparison.causes.nulls import nulls
from driftkit.comparison.causes.samples import is_frozen
from driftkit.comparison.detection.shares import share_test

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftkit.comparison.causes.samples import Categories

_LEAST_NEW = 0.002
_LEAST_MOVE = 0.01
_SURE = 1e-4
_SHOWN = 3


def causes_of_categories(before: Categories, now: Categories) -> tuple[Cause, ...]:
    """What changed, most rows first; nothing where no change is beyond chance.

    Args:
        before: of the baseline.
        now: of the window.
    """
    found = nulls(before, now)
    if not before.present or not now.present:
        return found
    new = _new(before, now) if before.complete else None
    known = {value: count for value, count in now.counts.items() if value in before.counts}
    share = _share(before.counts, known)
    return tuple(sorted((*found, *filter(None, (new, share))), key=lambda each: -each.rows))


def _new(before: Categories, now: Categories) -> Cause | None:
    new = {value: count for value, count in now.counts.items() if value not in before.counts}
    rows, n = sum(new.values()), now.present
    if rows < _LEAST_NEW * n or float(share_test(rows, n, 0, before.present)) > _SURE:
        return None
    return Cause(
        kind=Kind.NEW_CATEGORY,
        size=rows / n,
        rows=rows / n,
        fit=1.0,
        about=tuple(sorted(new, key=lambda value: (-new[value], value))[:_SHOWN]),
        before=0.0,
        now=rows / n,
    )


def _share(before: Mapping[str, int], now: Mapping[str, int]) -> Cause | None:
    """The categories that moved most among those that the baseline has."""
    n, m = sum(now.values()), sum(before.values())
    if not n:
        return None
    moves = {value: now.get(value, 0) / n - count / m for value, count in before.items()}
    most = sorted(moves, key=lambda value: (-abs(moves[value]), value))[:_SHOWN]
    first = most[0]
    p = float(share_test(now.get(first, 0), n, before[first], m)) * len(before)
    if abs(moves[first]) < _LEAST_MOVE or p > _SURE:
        return None
    usual, share = before[first] / m, now.get(first, 0) / n
    return Cause(
        kind=Kind.FROZEN if is_frozen(usual, share) else Kind.SHARE,
        size=moves[first],
        rows=sum(abs(each) for each in moves.values()) / 2,
        fit=1.0,
        about=tuple(most),
        before=usual,
        now=share,
    )
