"""Folds the requests of arms into the sums from which policies are evaluated."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from driftkit.formats.deployment.plan_inputs import MISSING
from driftkit.native.arrays import whole
from driftkit.native.hashing import splitmix64
from driftkit.states.deployment.arms import UNKNOWN
from driftkit.states.deployment.arms_fold import ARM, UNIT, arms_of, buckets_of
from driftkit.states.deployment.forced import routed
from driftkit.states.deployment.judging import COLUMN, JudgedRows, Judging, finite_numbers
from driftkit.states.deployment.logged import BY_WEIGHTS, LOGGED, LoggedSums
from driftkit.states.deployment.metrics import MetricSource, values
from driftkit.states.quality.values import joined, numbers

if TYPE_CHECKING:
    from collections.abc import Iterable

    from driftkit.columns.chunk import Chunk
    from driftkit.native.arrays import Floats, Integers

PROPENSITY, REWARD = "propensity", "reward"
_HALVES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownShares:
    """The arms' shares of the requests over time, for requests that say no propensity.

    Attributes:
        starts: seconds since 1970 from which on each row of shares counts, sorted; the first counts
            before it, too. Empty where no shares are known.
        shares: of the arms, a row for each start.
    """

    starts: tuple[int, ...] = ()
    shares: tuple[tuple[float, ...], ...] = ()

    def of(self, seconds: Integers, arms: Integers) -> Floats:
        """The share of each request's arm at its time; NaN where it is not known."""
        if not self.starts:
            return np.full(len(arms), np.nan)
        at = np.searchsorted(np.array(self.starts), seconds, side="right") - 1
        found = np.array(self.shares)[np.maximum(at, 0), arms]
        # Without a time, it is known only where weights never changed.
        return np.where((seconds == UNKNOWN) & (len(self.starts) > 1), np.nan, found)


@dataclass(frozen=True, slots=True, kw_only=True)
class RewardSource:
    """What the reward of a request is, of which more is better.

    Attributes:
        metric: offset + sign x its value; None for the column of rewards.
        offset: as in `metric`.
        sign: as in `metric`.
    """

    metric: MetricSource | None = None
    offset: float = 0.0
    sign: float = 1.0

    def of(self, rows: JudgedRows) -> Floats:
        """The reward of each request; NaN where there is none."""
        if self.metric is None:
            return finite_numbers(rows.values(REWARD))
        s, n = values(self.metric, rows)
        return np.where(n > 0, self.offset + self.sign * s, np.nan)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedFold:
    """Sums the requests of chunks up; pickled and sent to the workers.

    Attributes:
        names: of the chunks' columns.
        arms: in the order of the plan.
        reward: what is summed up.
        shares: of the arms, for requests that say no propensity.
        judging: how labels and predictions are read.
        segment_by: the column whose values are segments; None for none.
        segments: that policies tell apart, as text; all others are one more.
        salt: hashed before the id of a unit.
    """

    names: tuple[str, ...]
    arms: tuple[str, ...]
    reward: RewardSource
    shares: KnownShares
    judging: Judging = field(default_factory=Judging)
    segment_by: str | None = None
    segments: tuple[str, ...] = ()
    salt: str = ""

    def __call__(self, chunks: Iterable[Chunk]) -> LoggedSums:
        """The sums of some chunks; of none, the identity of `+`."""
        total = LoggedSums()
        for chunk in chunks:
            rows = routed(JudgedRows(chunk, self.names, self.judging))
            found = self._sums(rows) if rows.rows else LoggedSums()
            total += replace(found, rejected=rows.rejected)
        return total

    def _sums(self, rows: JudgedRows) -> LoggedSums:
        arms = arms_of(rows.values(ARM), self.arms)
        seconds = rows.seconds
        rewards = self.reward.of(rows)
        counts = ~np.isnan(rewards)
        propensities, sources = self._propensities(rows, seconds, arms)
        keys = np.column_stack(
            [arms, self._segments(rows), self._halves(rows, seconds), sources, _bits(propensities)]
        )
        sums = np.column_stack([np.ones(rows.rows), rewards, rewards * rewards])
        known = seconds[counts & (seconds != UNKNOWN)]
        empty = LoggedSums(
            without_reward=int((~counts).sum()),
            span=(int(known.min()), int(known.max())) if len(known) else None,
        )
        return empty.with_cells(keys[counts], sums[counts])

    def _propensities(
        self, rows: JudgedRows, seconds: Integers, arms: Integers
    ) -> tuple[Floats, Integers]:
        """The propensity of each request, and where it comes from."""
        by_weights = self.shares.of(seconds, arms)
        if not rows.has(PROPENSITY):
            return by_weights, np.full(rows.rows, BY_WEIGHTS)
        column = rows.values(PROPENSITY)
        logged = np.asarray(whole(column).is_valid(), np.bool_)
        return (
            np.where(logged, numbers(column), by_weights),
            np.where(logged, LOGGED, BY_WEIGHTS),
        )

    def _segments(self, rows: JudgedRows) -> Integers:
        if self.segment_by is None:
            return np.zeros(rows.rows, np.int64)
        column = joined(rows.values(f"{COLUMN}{self.segment_by}"))
        texts = pc.fill_null(column.cast(pa.string()), MISSING)
        found = pc.index_in(texts, value_set=pa.array(self.segments, pa.string()))
        others = pc.fill_null(found, len(self.segments))
        return np.asarray(others.to_numpy(zero_copy_only=False), np.int64)

    def _halves(self, rows: JudgedRows, seconds: Integers) -> Integers:
        """By unit, else by second; all in one where neither is known."""
        if rows.has(UNIT):
            return buckets_of(rows.values(UNIT), self.salt, _HALVES)
        mixed = splitmix64(seconds.astype(np.uint64)) % np.uint64(_HALVES)
        return np.where(seconds == UNKNOWN, 0, mixed.astype(np.int64))


def _bits(propensities: Floats) -> Integers:
    """Their bits, of which those that are missing all have the same."""
    return np.where(np.isnan(propensities), np.nan, propensities + 0.0).view(np.int64)
