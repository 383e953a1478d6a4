"""Changes of some of a feature's numbers: a default value, a share, a frozen column, errors of units."""

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
_RARE = 0.02
_KEPT = 0.6
# In terms of the rise of a default value: its share before, and the rise of any value beside it.
_NOT_NEW = 0.5
# A value that many rows have, of the baseline or of the window.
_FREQUENT = 0.05
_LEAST_MOVE = 0.01
# Numbers of so few values are codes or counts.
_FEW_VALUES = 24
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
    """Values that have come into rows that had others, each with the pair without these rows.

    Most of the rows that have it did not have it before, and the values beside it are not more
    frequent too: else it is a value of its own right, of which there are more.
    """
    n, m = pair.now.present, pair.before.present
    values = pair.now.distribution.values
    usual = pair.before.shares(values)
    rises = (pair.now.counts / n - usual) / np.maximum(1 - usual, 1e-12)
    beside = np.maximum(np.append(rises[1:], 0.0), np.append(0.0, rises[:-1]))
    alone = np.flatnonzero(np.maximum(usual, beside) <= _NOT_NEW * rises)
    for index in alone[np.argsort(-rises[alone])][:_RISES].tolist():
        rise, count = float(rises[index]), int(pair.now.counts[index])
        if rise < _LEAST_DEFAULT or share_test(count, n, round(usual[index] * m), m) > _SURE:
            continue
        rest = replace(pair, now=pair.now.without(float(values[index]), rise * n))
        if not rest.now.present:
            continue
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


def single_values(pair: Pair) -> Iterator[tuple[float, Pair]]:
    """Frequent values of the window that may be defaults, each with the pair without any of its rows.

    They stand at either end, or are far more frequent than those beside them.
    """
    shares = pair.now.counts / pair.now.present
    beside = np.maximum(np.append(shares[1:], 0.0), np.append(0.0, shares[:-1]))
    often = np.flatnonzero(shares >= _LEAST_DEFAULT)
    alone = often[beside[often] <= _NOT_NEW * shares[often]]
    alone = alone[np.argsort(-shares[alone])][:_RISES]
    for index in dict.fromkeys([*often[:1].tolist(), *often[-1:].tolist(), *alone.tolist()]):
        value = float(pair.now.distribution.values[index])
        rest = replace(pair, now=pair.now.without(value, float(pair.now.counts[index])))
        if rest.now.present:
            yield value, rest


def new_default(pair: Pair, value: float, model: tuple[float, float]) -> Cause | None:
    """A value as a default of some rows beside a change of all, which leaves few rows at it.

    Args:
        pair: of baseline and window.
        value: of the window.
        model: factor and offset of the change of all rows.
    """
    n, m = pair.now.present, pair.before.present
    now, usual = pair.now.share(value), pair.before.share(value)
    expected = pair.before.changed(*model).near(value)
    rise = (now - expected) / max(1 - expected, 1e-12)
    if rise < _LEAST_DEFAULT or expected > _NOT_NEW * rise:
        return None
    if share_test(round(now * n), n, round(expected * m), m) > _SURE:
        return None
    return Cause(
        kind=Kind.DEFAULT_VALUE,
        size=value,
        moved=pair.moved,
        rows=rise,
        before=usual,
        now=now,
    )


def keeps_its_mode(pair: Pair) -> bool:
    """Whether the baseline's most frequent value is about as frequent now, or was never frequent."""
    index = int(pair.before.counts.argmax())
    usual = pair.before.most_frequent
    mode = float(pair.before.distribution.values[index])
    return bool(usual < _RARE or pair.now.share(mode) >= _KEPT * usual)


def share(pair: Pair, most: float) -> Cause | None:
    """A frequent value of which there are more or fewer, while all others are as they were.

    Args:
        pair: of baseline and window.
        most: how far the others may be apart, of all rows.
    """
    moved, left = _most_moved(pair)
    frequent = max(moved.before or 0.0, moved.now or 0.0) >= _FREQUENT
    return moved if frequent and left <= most and _is_sure(pair, moved) else None


def share_of_codes(pair: Pair) -> Cause | None:
    """The value whose share moved most, of numbers of which there are but few."""
    if max(len(pair.before.counts), len(pair.now.counts)) > _FEW_VALUES:
        return None
    moved, _ = _most_moved(pair)
    return moved if _is_sure(pair, moved) else None


def _most_moved(pair: Pair) -> tuple[Cause, float]:
    """The value whose share changed most, and how far all others are apart, of all rows."""
    values = np.union1d(pair.before.distribution.values, pair.now.distribution.values)
    shares = [side.shares(values) for side in (pair.before, pair.now)]
    index = int(np.abs(shares[1] - shares[0]).argmax())
    value, before, now = float(values[index]), float(shares[0][index]), float(shares[1][index])
    sides = [side.without(value, side.present) for side in (pair.before, pair.now)]
    others = replace(pair, before=sides[0], now=sides[1])
    left = others.gap * (1 - now) if all(side.present for side in sides) else 0.0
    moved = Cause(
        kind=Kind.SHARE,
        size=value,
        moved=pair.moved,
        rows=abs(now - before),
        fit=pair.fit(min(left, pair.gap)),
        before=before,
        now=now,
    )
    return moved, left


def _is_sure(pair: Pair, moved: Cause) -> bool:
    n, m = pair.now.present, pair.before.present
    p = share_test(round((moved.now or 0.0) * n), n, round((moved.before or 0.0) * m), m)
    return moved.rows >= _LEAST_MOVE and float(p) <= _SURE


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
    if not _LEAST_BEYOND <= rows <= _MOST_BEYOND:
        return None
    if pair.gap > 2 * rows + pair.chance or beyond[1].max() >= _ONE_VALUE * beyond[1].sum():
        return None
    middle = pair.before.distribution.median
    span = np.where(beyond[0] > middle, high - middle, middle - low)
    far = np.abs(beyond[0] - middle) / np.maximum(span, 1e-12)
    if weighted_median(far, beyond[1]) < _FAR:
        return None
    # The test takes longer than all before it.
    if share_test(beyond[1].sum(), n, usual[1].sum(), m) > _SURE:
        return None
    return Cause(kind=Kind.UNIT_ERRORS, size=None, moved=pair.moved, rows=rows)


def _outside(numbers: Numbers, low: float, high: float) -> tuple[Floats, Floats]:
    """The values beyond these bounds, and their rows."""
    values = numbers.distribution.values
    out = (values < low) | (values > high)
    return values[out], numbers.counts[out].astype(np.float64)
