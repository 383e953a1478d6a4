"""What changed between the categories of a baseline and those of a window."""

from __future__ import annotations

import math
from collections import Counter
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
# The part of its rows that a value keeps at most that is gone, and how near the share of another one is.
_GONE, _AS_OFTEN = 0.05, 0.2


def causes_of_categories(before: Categories, now: Categories) -> tuple[Cause, ...]:
    """What changed, most rows first; nothing where no change is beyond chance.

    Args:
        before: of the baseline.
        now: of the window.
    """
    found = nulls(before, now)
    if not before.present or not now.present:
        return found
    instead = _instead(before, now) if before.complete and now.complete else {}
    new = _new(before, now, instead) if before.complete else None
    names = ((instead.get(value, value), count) for value, count in now.counts.items())
    share = _share(before.counts, {name: count for name, count in names if name in before.counts})
    return tuple(sorted((*found, *filter(None, (new, share))), key=lambda each: -each.rows))


def _instead(before: Categories, now: Categories) -> dict[str, str]:
    """New value -> the only one of the baseline that is gone, and was about as frequent."""
    n, m = now.present, before.present
    gone = {
        value: count / m
        for value, count in before.counts.items()
        if count >= _LEAST_MOVE * m and now.counts.get(value, 0) / n <= _GONE * count / m
    }
    new = {value: count / n for value, count in now.counts.items() if value not in before.counts}
    pairs = [
        (value, old)
        for value, share in new.items()
        for old, usual in gone.items()
        if math.isclose(share, usual, rel_tol=_AS_OFTEN)
    ]
    once = [Counter(pair[side] for pair in pairs) for side in (0, 1)]
    return {value: old for value, old in pairs if once[0][value] == once[1][old] == 1}


def _new(before: Categories, now: Categories, instead: Mapping[str, str]) -> Cause | None:
    new = {value: count for value, count in now.counts.items() if value not in before.counts}
    rows, n = sum(new.values()), now.present
    if rows < _LEAST_NEW * n or float(share_test(rows, n, 0, before.present)) > _SURE:
        return None
    about = sorted(new, key=lambda value: (-new[value], value))[:_SHOWN]
    return Cause(
        kind=Kind.NEW_CATEGORY,
        size=rows / n,
        rows=rows / n,
        fit=1.0,
        about=tuple(about),
        instead=tuple(instead.get(value, "") for value in about),
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
