"""Rows that have no value now, or have one again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftkit.comparison.causes.cause import Cause, Kind
from driftkit.comparison.detection.shares import share_test

if TYPE_CHECKING:
    from driftkit.comparison.causes.samples import Categories, Numbers

_LEAST = 0.005
_SURE = 2e-5


def nulls(before: Numbers | Categories, now: Numbers | Categories) -> tuple[Cause, ...]:
    """The change of the share of rows without a value, if it is beyond chance."""
    n, m = now.present + now.missing, before.present + before.missing
    if not n or not m:
        return ()
    share, usual = now.missing / n, before.missing / m
    change = share - usual
    if abs(change) < _LEAST or float(share_test(now.missing, n, before.missing, m)) > _SURE:
        return ()
    cause = Cause(kind=Kind.NULLS, size=change, rows=abs(change), fit=1.0, before=usual, now=share)
    return (cause,)
