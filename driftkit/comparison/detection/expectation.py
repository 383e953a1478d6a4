"""What the scores of a day are expected to be: mean, season, known causes and part of the week."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike

    from driftkit.comparison.arrays import Floats, Integers, Truths

# Days that are pooled, and the part of the error rate that each pool has.
POOLS = {1: 0.55, 2: 0.15, 4: 0.15, 8: 0.15}
_YEAR = 365.2425
# A season is told apart by so much of a year, and so many of its blocks.
_SPAN = 0.9
_FILLED = 0.5
HARMONICS = 2
# Each part of the week has to be there so often, and so many of the parts.
_TIMES = 4
_PARTS = 0.7
_PARTS_DIFFER = 2.2
_SMALL = 1e-300
# Keeps columns that say nothing, such as a holiday that never was, from being divided by.
_RIDGE = 1e-9


@dataclass(frozen=True, kw_only=True, eq=False)
class Calendar:
    """What is known of each block besides its rows.

    Attributes:
        parts: the part of the week of each block, numbered from 0; all 0 where there are none.
        year: blocks of a year.
        covariates: blocks by columns, known causes of change such as holidays; a block that has
            what no block of the reference had is not judged.
        pools: how many of the last blocks are pooled, and the part of the error rate of each pool.
    """

    parts: Integers
    year: float = _YEAR
    covariates: Floats | None = None
    pools: Mapping[int, float] = field(default_factory=lambda: POOLS)

    @classmethod
    def of_days(cls, dates: Integers, covariates: Floats | None = None) -> Self:
        """Of days since 1970-01-01: parts are weekdays."""
        return cls(parts=(dates + 3) % 7, covariates=covariates)

    @classmethod
    def of_hours(cls, hours: Integers, covariates: Floats | None = None) -> Self:
        """Of hours since 1970-01-01: parts are hours of working days and of weekends."""
        weekend = (hours // 24 + 3) % 7 >= 5
        return cls(parts=hours % 24 + 24 * weekend, year=24 * _YEAR, covariates=covariates)

    @classmethod
    def of_weeks(cls, weeks: Integers, covariates: Floats | None = None) -> Self:
        """Of weeks, numbered: without parts."""
        return cls(parts=np.zeros_like(weeks), year=_YEAR / 7, covariates=covariates)

    def columns(self, dates: Integers) -> Floats:
        """What scores are regressed on: blocks by one, harmonics of the year, and covariates."""
        angles = 2 * np.pi * dates / self.year
        waves = [
            wave(order * angles) for order in range(1, HARMONICS + 1) for wave in (np.cos, np.sin)
        ]
        known = np.empty((len(dates), 0)) if self.covariates is None else self.covariates
        scale = np.maximum(np.abs(known).max(axis=0, initial=0.0), _SMALL)
        return np.column_stack([np.ones(len(dates)), *waves, known / scale])

    def has_season(self, length: ArrayLike, blocks: ArrayLike, step: int) -> Truths:
        """Whether a reference is long enough, and has enough blocks, to tell a season from a trend.

        Args:
            length: from its first block to its last.
            blocks: that it has.
            step: from a block to the next, where there is not one after the other.
        """
        year = np.asarray(length) >= _SPAN * self.year
        return np.asarray(year & (np.asarray(blocks) >= _FILLED * self.year / step))


@dataclass(frozen=True, kw_only=True, eq=False)
class Expectation:
    """A regression of each score on the calendar and a trend, and means of the parts of the week.

    Attributes:
        kept: features by blocks by scores, whether a block is of the reference.
        columns: blocks by columns; the last one is the trend.
        used: features by scores by columns, whether a column is regressed on.
        inverse: features by scores by columns by columns, of the columns' products.
        middle: features by scores, the trend's mean in the reference.
        parts: the part of the week of each block.
        count: features by scores by parts, blocks of the reference.
        shrunk: features by scores, how far parts have means of their own, 0 to 1.
    """

    kept: Truths
    columns: Floats
    used: Truths
    inverse: Floats
    middle: Floats
    parts: Integers
    count: Floats
    shrunk: Floats

    def of(self, values: Floats) -> Floats:
        """What is expected of such values without the trend, features by blocks by scores."""
        base = self._regressed(values)
        means = self.part_means((values - base) * self.kept)
        by_block = (means * self.shrunk[..., None])[..., self.parts]
        return np.asarray(base + np.moveaxis(by_block, 2, 1))

    def leverage(self) -> Floats:
        """How much of its own expectation each block makes, features by blocks by scores."""
        known, inverse = self.columns[:, :-1], self.inverse
        outer = known[:, :, None] * known[:, None, :]
        size = outer[0].size
        square = (
            inverse[..., :-1, :-1].reshape(*inverse.shape[:2], size) @ outer.reshape(-1, size).T
        )
        mixed = inverse[..., -1, :-1] @ known.T * self.middle[..., None]
        own = square + 2 * mixed + (inverse[..., -1, -1] * self.middle**2)[..., None]
        weekly = self.shrunk[..., None] / np.maximum(self.count[..., self.parts], 1)
        limit = np.where((self.shrunk > 0) | self.used[..., 1:-1].any(axis=2), 0.6, 1.0)
        return np.moveaxis(np.minimum(own + weekly, limit[..., None]), 2, 1)

    @property
    def parameters(self) -> Floats:
        """How many numbers are estimated besides the trend, features by scores."""
        parts = np.maximum(len(self.count[0, 0]) - 1, 0) * self.shrunk
        return np.asarray(self.used[..., :-1].sum(axis=2) + parts)

    def doubt(self, weights: Floats, later: Floats, asked: Truths) -> Floats:
        """Variance of what is expected of a mean of blocks, as a share of a block's variance.

        Args:
            weights: features by blocks by scores, of the mean.
            later: features by scores, how far the trend goes on.
            asked: features by scores, of which it is asked.
        """
        at = np.moveaxis(weights, 1, 2)[asked] @ self.columns
        at[:, -1] = self.middle[asked] + later[asked]
        return np.asarray(np.einsum("ip,ipq,iq->i", at, self.inverse[asked], at))

    def _regressed(self, values: Floats) -> Floats:
        sums = np.moveaxis(values * self.kept, 1, 2) @ self.columns * self.used
        found = (self.inverse @ sums[..., None])[..., 0]
        at_middle = found[..., -1] * self.middle
        return np.moveaxis(found[..., :-1] @ self.columns[:, :-1].T + at_middle[..., None], 2, 1)

    def part_means(self, residuals: Floats) -> Floats:
        """Means of residuals by part of the week, features by scores by parts."""
        sums = np.moveaxis(residuals, 1, 2) @ _indicators(self.parts)
        return np.asarray(sums / np.maximum(self.count, 1))


def expectation(values: Floats, kept: Truths, dates: Integers, calendar: Calendar) -> Expectation:
    """Regresses values on what is known of their blocks.

    The season is told from a trend only where the reference covers a year; before, only a trend is.

    Args:
        values: features by blocks by scores.
        kept: whether a block is of the reference, in the same shape.
        dates: of the blocks, ascending.
        calendar: what is known of them.
    """
    by_score = np.moveaxis(kept, 1, 2).astype(np.float64)
    blocks = np.maximum(by_score.sum(axis=2), 1.0)
    trend = trend_of(dates)
    columns = np.column_stack([calendar.columns(dates), trend])
    used = _used(by_score, dates, calendar, columns.shape[1])
    outer = (columns[:, :, None] * columns[:, None, :]).reshape(len(dates), -1)
    products = (by_score @ outer).reshape(used.shape + used.shape[-1:])
    both = used[..., None] & used[..., None, :]
    products = products * both
    diagonal = np.where(used, _RIDGE * blocks[..., None], 1.0)
    diagonal[..., 0] = np.where(by_score.any(axis=2), 0.0, 1.0)
    products[..., range(len(columns[0])), range(len(columns[0]))] += diagonal
    fitted = Expectation(
        kept=kept,
        columns=columns,
        used=used,
        inverse=np.asarray(np.linalg.inv(products) * both, dtype=np.float64),
        middle=by_score @ trend / blocks,
        parts=calendar.parts,
        count=by_score @ _indicators(calendar.parts),
        shrunk=np.zeros(blocks.shape),
    )
    return replace(fitted, shrunk=_shrunk(fitted, values))


def step_of(dates: Integers) -> int:
    """From a block to the next, of most of them: 1, but 7 of batches that come once in seven days."""
    steps = np.sort(np.diff(dates))
    return max(1, int(steps[(len(steps) - 1) // 2])) if len(steps) else 1


def trend_of(dates: Integers) -> Floats:
    """Blocks on a scale on which all of them are 1 long."""
    return np.asarray((dates - dates.mean()) / max(float(np.ptp(dates)), 1.0))


def _used(by_score: Floats, dates: Integers, calendar: Calendar, columns: int) -> Truths:
    some = by_score > 0
    first = np.where(some, dates, dates.max(initial=0)).min(axis=2)
    last = np.where(some, dates, dates.min(initial=0)).max(axis=2)
    year = calendar.has_season(last - first, some.sum(axis=2), step_of(dates))
    used = np.ones((*by_score.shape[:2], columns), dtype=bool)
    used[..., 1 : 1 + 2 * HARMONICS] = year[..., None]
    return used


def _shrunk(fitted: Expectation, values: Floats) -> Floats:
    """How far means of parts of the week are believed: not at all unless they differ clearly."""
    residuals = (values - fitted.of(values)) * fitted.kept
    means, count = fitted.part_means(residuals), fitted.count
    parts, blocks = count.shape[2], count.sum(axis=2)
    if parts < 2:
        return np.zeros(blocks.shape)
    enough = (blocks >= _TIMES * parts) & ((count > 0).sum(axis=2) >= _PARTS * parts)
    between = (count * means**2).sum(axis=2) / (parts - 1)
    inside = residuals - np.moveaxis(means[..., fitted.parts], 2, 1) * fitted.kept
    within = (inside**2).sum(axis=1) / np.maximum(blocks - parts, 1)
    ratio = between / np.maximum(within, _SMALL)
    return np.where(enough & (ratio > _PARTS_DIFFER), 1 - 1 / np.maximum(ratio, 1.0), 0.0)


def _indicators(parts: Integers) -> Floats:
    every = np.arange(int(parts.max(initial=0)) + 1)
    return np.asarray(parts[:, None] == every, dtype=np.float64)
