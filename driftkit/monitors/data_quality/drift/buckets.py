"""What changed a feature of text of which only groups of values are known, told apart by their hash."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.causes.categories import causes_of_categories
from driftkit.comparison.causes.cause import Kind
from driftkit.comparison.causes.samples import Categories

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftkit.comparison.causes.cause import Cause
    from driftkit.native.arrays import Integers
    from driftkit.states.profile.buckets import Buckets


def causes_of_buckets(
    usual: Sequence[str], seen: Buckets | None, before: Integers, now: Integers
) -> tuple[Cause, ...]:
    """What changed, most rows first.

    A bucket that has more rows is named after the value that leads it in the window, one that has
    fewer after that of the baseline. Its other values are taken to have what they had: of the
    baseline, where only who leads is kept, what most buckets have.

    Args:
        usual: who leads each bucket of the baseline, the empty text where nobody does.
        seen: of the window, where it is known.
        before: rows of the baseline by bucket, those of none, and those without a value.
        now: the same of the window.
    """
    found = causes_of_categories(_sample(before), _sample(now))
    return tuple(_named(each, usual, seen, (before, now)) for each in found)


def _sample(rows: Integers) -> Categories:
    counts = {str(bucket): count for bucket, count in enumerate(rows[:-2].tolist())}
    return Categories(counts=counts, missing=int(rows[-1]), complete=False)


def _named(
    cause: Cause,
    usual: Sequence[str],
    seen: Buckets | None,
    sides: tuple[Integers, Integers],
) -> Cause:
    if cause.kind not in {Kind.SHARE, Kind.FROZEN}:
        return cause
    shares = [rows[:-2] / max(int(rows[:-2].sum()), 1) for rows in sides]
    rises = shares[1] > shares[0]

    def name(bucket: int) -> str:
        return seen.name_of(bucket) if seen and rises[bucket] else usual[bucket]

    buckets = [int(each) for each in cause.about]
    first = buckets[0]
    if not name(first):
        return replace(cause, about=(), size=None)
    before, now = (float(each[first]) for each in shares)
    others = float(np.median(shares[0]))
    if seen and rises[first]:
        # Who leads has the rows that it is ahead, and half of the rest.
        others = (now - seen.leaders[first][1] / max(int(sides[1][:-2].sum()), 1)) / 2
    about = tuple(filter(None, map(name, buckets)))
    return replace(cause, about=about, before=max(0.0, before - others), now=max(0.0, now - others))
