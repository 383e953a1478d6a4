"""In which rows a feature changed: the segment without which nothing is left, and the first hour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from driftkit.comparison.arrays import Floats, Integers

_FEW = 50
# The part of the difference that is left without the segment.
_LEFT = 0.25
_GROUPS = 20
_MORE_LIKELY = 4.0
_RARE_NULLS = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """The rows without which the window differs least from its baseline.

    Attributes:
        index: among the segments that were asked about.
        left: the part of the difference that is left without them, 0 to 1.
    """

    index: int
    left: float


def changed_segment(
    before: Integers, now: Integers, segments: tuple[Integers, Integers], *, ordered: bool
) -> Segment | None:
    """The segment that changed; None where no single one explains the difference.

    Args:
        before: rows of the baseline by cell, those without a value last.
        now: rows of the window.
        segments: the same of each segment, segments by cells: of the baseline, and of the window.
        ordered: whether the cells are of numbers in their order.

    >>> before = np.array([[100, 100, 0], [100, 100, 0]])
    >>> now = np.array([[100, 100, 0], [20, 180, 0]])
    >>> changed_segment(before.sum(0), now.sum(0), (before, now), ordered=True)
    Segment(index=1, left=0.0)
    """
    all_rows = _difference(before[None], now[None], ordered=ordered)[0]
    rest = before - segments[0], now - segments[1]
    few = np.minimum(rest[0].sum(axis=1), rest[1].sum(axis=1)) < _FEW
    few |= segments[1].sum(axis=1) == 0
    if all_rows <= 0 or few.all():
        return None
    left = np.where(few, np.inf, _difference(*rest, ordered=ordered) / all_rows)
    index = int(left.argmin())
    return Segment(index=index, left=float(left[index])) if left[index] <= _LEFT else None


def _difference(before: Integers, now: Integers, *, ordered: bool) -> Floats:
    """How far rows are apart by their cells, less what chance does; Anderson-Darling of numbers."""
    present = [side[:, :-1].astype(np.float64) for side in (before, now)]
    rows = [np.maximum(side.sum(axis=1, keepdims=True), 1.0) for side in present]
    p, q = (side / count for side, count in zip(present, rows, strict=True))
    share = (present[0] + present[1]) / (rows[0] + rows[1])
    if ordered:
        middle = share.cumsum(axis=1) - share / 2
        gaps = (q - p).cumsum(axis=1)
        terms = gaps**2 / np.maximum(middle * (1 - middle), 1e-9) * share
        freedom = np.ones(len(p))
    else:
        terms = (q - p) ** 2 / np.maximum(share, 1e-12)
        freedom = np.maximum((share > 0).sum(axis=1) - 1, 1)
    chance = (1 / rows[0] + 1 / rows[1])[:, 0]
    totals = [np.maximum(side.sum(axis=1), 1) for side in (before, now)]
    usual, nulls = (side[:, -1] / total for side, total in zip((before, now), totals, strict=True))
    of_nulls = (nulls - usual) ** 2 / np.maximum(usual, _RARE_NULLS)
    surplus = np.maximum(0.0, of_nulls - 1 / totals[0] - 1 / totals[1])
    return np.asarray(np.maximum(0.0, terms.sum(axis=1) - freedom * chance) + surplus)


def onset(before: Integers, blocks: Integers) -> int:
    """The block of a window with which its change most likely began; 0 where it was there before.

    All rows before it come from the baseline's law, those from it on from one of their own.

    Args:
        before: rows of the baseline by cell, those without a value last; or such rows for each
            block, where the law depends on the hour of the day.
        blocks: rows of the window, blocks in the order of time by cells.

    >>> onset(np.array([500, 500, 0]), np.array([[50, 50, 0], [55, 45, 0], [10, 90, 0]]))
    2
    """
    expected = np.broadcast_to(before, blocks.shape)
    groups = _groups(expected.sum(axis=0))
    usual, seen = (
        np.stack([np.bincount(groups, each) for each in side]) for side in (expected, blocks)
    )
    usual = (usual + 0.5) / (usual + 0.5).sum(axis=1, keepdims=True)
    later = seen[::-1].cumsum(axis=0)[::-1]
    shares = later / np.maximum(later.sum(axis=1, keepdims=True), 1.0)
    own = (later * np.log(np.where(shares > 0, shares, 1.0))).sum(axis=1)
    of_baseline = (seen * np.log(usual)).sum(axis=1)[::-1].cumsum()[::-1]
    gains = own - of_baseline
    first = int(gains.argmax())
    return first if gains[first] - gains[0] > _MORE_LIKELY else 0


def _groups(before: Integers) -> Integers:
    """A group of about as many rows for each cell; rows without a value are one of their own."""
    present = before[:-1]
    middle = (present.cumsum() - present / 2) / max(int(present.sum()), 1)
    _, groups = np.unique((middle * _GROUPS).astype(np.int64), return_inverse=True)
    return np.append(groups, groups.max(initial=0) + 1)
