"""Rows of a window and of its baseline in the same cells, and distances that are made of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from driftkit.comparison.arrays import Floats

_RESAMPLES, _SEED = 200, 20_301
_NORMAL_95 = 1.959963984540054
# Cells of a resample: more of them say nothing new of how far chance moves a distance.
_COARSE = 128


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CellCounts:
    """Rows of a window and of its baseline in the same cells; leading axes are resamples.

    Attributes:
        now: rows of the window in each cell.
        before: rows of the baseline in each cell.
        values: the number that each cell stands for, ascending; None where cells have no order.
        doubts: how far shares of the window and of the baseline may be off, by their sketches.
    """

    now: Floats
    before: Floats
    values: Floats | None = None
    doubts: tuple[float, float] = (0.0, 0.0)

    @property
    def totals(self) -> tuple[Floats, Floats]:
        """Rows of the window, and of the baseline."""
        return self.now.sum(axis=-1, keepdims=True), self.before.sum(axis=-1, keepdims=True)

    @property
    def shares(self) -> tuple[Floats, Floats]:
        """Shares of the cells in the window, and in the baseline."""
        n, m = self.totals
        return self.now / n, self.before / m

    @property
    def gaps(self) -> Floats:
        """By how much the share up to each cell, itself included, is greater in the window."""
        n, m = self.totals
        return np.asarray(self.now.cumsum(axis=-1) / n - self.before.cumsum(axis=-1) / m)

    def sure(self, gaps: Floats) -> Floats:
        """The size of gaps that sketches do not explain."""
        return np.maximum(0.0, np.abs(gaps) - sum(self.doubts))

    def coarse(self) -> CellCounts:
        """The same rows in fewer cells of about as many rows each, where they have an order."""
        if self.values is None or len(self.values) <= _COARSE:
            return self
        both = self.now / self.now.sum() + self.before / self.before.sum()
        group = np.minimum((both.cumsum() - both / 2) * (_COARSE / 2), _COARSE - 1).astype(np.int64)
        starts = np.flatnonzero(np.diff(group, prepend=-1))
        weights = np.add.reduceat(both, starts)
        return CellCounts(
            now=np.add.reduceat(self.now, starts),
            before=np.add.reduceat(self.before, starts),
            values=np.add.reduceat(both * self.values, starts) / weights,
            doubts=self.doubts,
        )

    def resampled(self) -> CellCounts:
        """As chance could have drawn these rows: multinomial, both samples, with a fixed seed.

        What a sketch may be off by counts as if there were fewer rows: its largest error as one
        standard deviation of the median's share.
        """
        random = np.random.default_rng(_SEED)
        now, before = (
            _drawn(random, counts, doubt)
            for counts, doubt in zip((self.now, self.before), self.doubts, strict=True)
        )
        return CellCounts(now=now, before=before, values=self.values, doubts=self.doubts)


def _drawn(random: np.random.Generator, counts: Floats, doubt: float) -> Floats:
    total = counts.sum()
    rows = max(1, round(1 / (1 / total + 4 * doubt**2)))
    return np.asarray(random.multinomial(rows, counts / total, size=_RESAMPLES) * (total / rows))


Kernel = Callable[[CellCounts], "Floats"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A distance with what is known of its uncertainty.

    Attributes:
        value: NaN where the numbers are too large for it.
        interval: about the distance of the two laws from which the rows come, 95 %; None where
            the value is a p-value.
        p_value: of the test whether both laws are the same; None where the distance is none of
            a test.
    """

    value: float
    interval: tuple[float, float] | None = None
    p_value: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CellDistance:
    """A distance of a window from its baseline: what makes the cells, and a function of them.

    Attributes:
        cells: makes them of the window and the baseline.
        kernel: the distance.
        is_root: whether it grows as the root of a divergence, so that chance adds to its square.
        tail: the p-value of the test that belongs to it.
        is_p_value: whether the distance is a p-value.
        instead: the value as another tool approximates it; None for that of the kernel.
    """

    cells: Callable[[Any, Any], CellCounts]
    kernel: Kernel
    is_root: bool = False
    tail: Kernel | None = None
    is_p_value: bool = False
    instead: Callable[[Any, Any], float] | None = None

    def __call__(self, current: Any, baseline: Any) -> float:
        """The distance alone."""
        with np.errstate(all="ignore"):
            if self.instead is not None:
                return self.instead(current, baseline)
            return float(self.kernel(self.cells(current, baseline)))

    def measured(self, current: Any, baseline: Any) -> Measured:
        """The distance with its interval and p-value."""
        with np.errstate(all="ignore"):
            counts = self.cells(current, baseline)
            value = float(self.kernel(counts)) if self.instead is None else self(current, baseline)
            if self.is_p_value or not np.isfinite(value):
                return Measured(value=value, p_value=value if self.is_p_value else None)
            p_value = None if self.tail is None else float(self.tail(counts))
            return Measured(value=value, interval=self._interval(counts, value), p_value=p_value)

    def _interval(self, counts: CellCounts, value: float) -> tuple[float, float] | None:
        """Normal, about the value less what chance adds to it, as resamples show it.

        Chance adds to the square of a root. As a root cannot fall below 0, resamples of a small one
        vary by less than it does itself, so that the upper end is no nearer than their distances
        from it say. The interval is widened to the value, which chance alone may put outside.
        """
        coarse = counts.coarse()
        drawn, whole = self.kernel(coarse.resampled()), float(self.kernel(coarse))
        if self.is_root:
            low, high = np.sqrt(np.maximum(0.0, _ends(value**2, drawn**2, whole**2)))
            high = max(high, value + _NORMAL_95 * np.sqrt(((drawn - whole) ** 2).mean()))
        else:
            low, high = _ends(value, drawn, whole)
        ends = min(max(0.0, float(low)), value), max(float(high), value)
        return ends if np.isfinite(high) else None


def _ends(value: float, drawn: Floats, whole: float) -> tuple[float, float]:
    middle, half = value - (float(drawn.mean()) - whole), _NORMAL_95 * float(drawn.std())
    return middle - half, middle + half
