"""Changes of some of a feature's numbers: a default value, a frozen column, errors of units."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.causes.cause import Cause, Kind
from driftkit.comparison.causes.samples import is_frozen, weighted_median
from driftkit.comparison.detection.shares import share_test

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftkit.comparison.arrays import Floats
    from driftkit.comparison.causes.pair import Pair
    from driftkit.comparison.causes.samples import Numbers

_SURE = 1e-5
_LEAST_DEFAULT = 0.01
_RISES = 3
_RARE = 0.005
_KEPT = 0.6
# So many of the baseline's rows are beyond either of its ends; its own errors may be among them.
_ENDS = (0.001, 0.01)
_LEAST_BEYOND = 0.002
_MOST_BEYOND = 0.1
# In terms of how far these ends are from the median.
_FAR = 2
# Among so many of these rows one value is a default value.
_ONE_VALUE = 0.8


def frozen(pair: Pair) -> Cause | None:
    """Nearly all rows have one value."""
    index = int(pair.now.counts.argmax())
    value, share = (
        float(pair.now.distribution.values[index]),
        pair.now.counts[index] / pair.now.present,
    )
    usual = pair.before.share(value)
    if not is_frozen(usual, share):
        return None
    return Cause(
        kind=Kind.FROZEN,
        size=value,
        moved=pair.moved,
        rows=float(share),
        fit=float(share),
        before=usual,
        now=float(share),
    )


def default_values(pair: Pair) -> Iterator[tuple[Cause, Pair]]:
    """Values that have come into rows that had others, each with the pair without these rows."""
    n, m = pair.now.present, pair.before.present
    values = pair.now.distribution.values
    usual = pair.before.shares(values)
    rises = (pair.now.counts / n - usual) / np.maximum(1 - usual, 1e-12)
    for index in np.argsort(-rises)[:_RISES].tolist():
        rise, count = float(rises[index]), int(pair.now.counts[index])
        p = float(share_test(count, n, round(usual[index] * m), m))
        if rise < _LEAST_DEFAULT or p > _SURE:
            return
        rest = replace(pair, now=pair.now.without(float(values[index]), rise * n))
        if not rest.now.present:
            return
        cause = Cause(
            kind=Kind.DEFAULT_VALUE,
            size=float(values[index]),
            moved=pair.moved,
            rows=rise,
            fit=rest.fit(rest.gap) if rest.gap < pair.gap else 0.0,
            before=float(usual[index]),
            now=count / n,
        )
        yield cause, rest


def keeps_its_mode(pair: Pair) -> bool:
    """Whether the baseline's most frequent value is about as frequent now, or was never frequent."""
    index = int(pair.before.counts.argmax())
    share = pair.before.counts[index] / pair.before.present
    mode = float(pair.before.distribution.values[index])
    return bool(share < _RARE or pair.now.share(mode) >= _KEPT * share)


def unit_errors(pair: Pair) -> Cause | None:
    """Few rows are far beyond all others, and all others are as they were."""
    return next((cause for share in _ENDS if (cause := _beyond(pair, share))), None)


def _beyond(pair: Pair, share: float) -> Cause | None:
    """The rows beyond the baseline's ends, this share of its rows at either, if they are far."""
    low, high = pair.before.distribution.quantiles(np.array([share, 1 - share])).tolist()
    beyond = _outside(pair.now, low, high)
    usual = _outside(pair.before, low, high)
    n, m = pair.now.present, pair.before.present
    rows = float(beyond[1].sum()) / n - float(usual[1].sum()) / m
    p = float(share_test(beyond[1].sum(), n, usual[1].sum(), m))
    if not _LEAST_BEYOND <= rows <= _MOST_BEYOND or p > _SURE:
        return None
    if pair.gap > 2 * rows + pair.chance or beyond[1].max() >= _ONE_VALUE * beyond[1].sum():
        return None
    middle = pair.before.distribution.median
    span = np.where(beyond[0] > middle, high - middle, middle - low)
    far = np.abs(beyond[0] - middle) / np.maximum(span, 1e-12)
    if weighted_median(far, beyond[1]) < _FAR:
        return None
    return Cause(kind=Kind.UNIT_ERRORS, size=None, moved=pair.moved, rows=rows)


def _outside(numbers: Numbers, low: float, high: float) -> tuple[Floats, Floats]:
    """The values beyond these bounds, and their rows."""
    values = numbers.distribution.values
    out = (values < low) | (values > high)
    return values[out], numbers.counts[out].astype(np.float64)
