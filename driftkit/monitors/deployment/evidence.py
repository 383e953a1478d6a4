"""What the sums of two arms say of a metric at each look: difference, variance, units, events."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.deployment.covariates import (
    CovariateSums,
    bucketed_adjusted,
    covariate_adjusted,
    covariate_coefficient,
)
from driftkit.comparison.deployment.delong import independent_difference
from driftkit.comparison.deployment.delong_bins import delong_of_bins
from driftkit.comparison.deployment.epochs import (
    Within,
    accumulated,
    accumulated_parts,
    combined,
    combined_buckets,
    over_epochs,
)
from driftkit.comparison.deployment.magnitudes import magnitude_difference
from driftkit.comparison.deployment.ratios import (
    Bucketed,
    Moments,
    bucketed_difference,
    ratio,
    ratio_variance,
)
from driftkit.monitors.deployment.bias_evidence import LESS, GroupSums, SignedBias
from driftkit.states.deployment.arms import IN_BUCKETS, SUMS
from driftkit.states.deployment.metrics import rest_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from driftkit.formats.deployment.metrics import Bias
    from driftkit.formats.deployment.plan import PlannedMetric
    from driftkit.native.arrays import Floats, Integers
    from driftkit.states.deployment.arms import ArmSums

COUNTED, S, SS, N, X = map(SUMS.index, ("counted", "s", "ss", "n", "x"))
RATES = frozenset({"rate", "slo"})
# Numbers that are worked on at a time, so that they stay in the processor's cache.
_AT_ONCE = 1 << 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A metric of two arms at each look, from all rows up to it; NaN where there is nothing.

    Attributes:
        difference: challenger minus champion, within epochs; shape (looks,).
        variance: its squared standard error.
        units: that both arms have of it: requests, or pairs.
        values: the metric of champion and challenger, shape (looks, 2).
        counted: rows of champion and challenger that the metric is of, shape (looks, 2).
        events: of a rate, those of them with the event; None of other metrics.
        windows: of rates and means, rows, sum and sum of squares of each block alone, shape
            (looks, 2, 3); None of other metrics.
        epochs: the epoch of each look; None where weights do not matter, as of pairs.
        users: at least so many users that the rows of champion and challenger are of, shape
            (looks, 2): buckets with any row; None where each request is a unit of its own.
        bias: of a bias metric, whose difference is that of absolute values and whose values have
            signs; None of other metrics.
    """

    difference: Floats
    variance: Floats
    units: Floats
    values: Floats
    counted: Floats
    events: Floats | None = None
    windows: Floats | None = None
    epochs: Integers | None = None
    users: Floats | None = None
    bias: SignedBias | None = None

    @classmethod
    def of_bias(cls, bias: SignedBias) -> Evidence:
        """Of the bias of champion and challenger."""
        return cls(
            difference=magnitude_difference(bias.difference, bias.total),
            variance=bias.variance,
            units=bias.units,
            values=bias.values,
            counted=bias.counted.sum(axis=2),
            bias=bias,
        )

    @property
    def fewest(self) -> Floats:
        """Rows of champion and challenger, of the smaller group where groups are compared."""
        return self.counted if self.bias is None else self.bias.fewest

    @property
    def is_one_epoch(self) -> bool:
        """Whether weights never changed, so that the arms' sums may be compared as they are."""
        return self.epochs is None or bool((self.epochs == self.epochs[0]).all())


@dataclass(frozen=True, eq=False)
class Looks:
    """The sums of the champion and of a challenger, block by block; the end of each is a look.

    Attributes:
        sums: of all arms.
        blocks: of all arms, in the order of time.
        epochs: the epoch of each block.
        arms: indices of champion and challenger.
    """

    sums: ArmSums
    blocks: Integers
    epochs: Integers
    arms: tuple[int, int]

    @cached_property
    def requests(self) -> Floats:
        """Requests of each block, shape (blocks, 2)."""
        return self._dense(self.sums.requests)

    @cached_property
    def labelled(self) -> Floats:
        """Those of them with a label."""
        return self._dense(self.sums.labelled)

    @cached_property
    def probabilities(self) -> Floats:
        """Rows by bin of their probability, labelled or not, shape (blocks, 2, bins)."""
        found: Floats = self._dense(self.sums.scores).sum(axis=2)
        return found

    @cached_property
    def inputs(self) -> Floats:
        """Rows by the cells of each column of inputs, shape (blocks, 2, cells)."""
        return self._dense(self.sums.inputs)

    def counted(self, index: int, metric: PlannedMetric) -> Floats:
        """Rows of each block that a metric is of, shape (blocks, 2)."""
        if metric.kind == "auc":
            return np.asarray(self._scores.sum(axis=(2, 3)))
        if metric.bias is not None:
            sums = self.sums.sums[:, self._groups(index, metric), COUNTED]
            return np.asarray(self._dense(sums).sum(axis=2))
        return self._dense(self.sums.sums[:, index, COUNTED])

    def evidence(self, index: int, metric: PlannedMetric) -> Evidence:
        """What is known of a metric.

        Args:
            index: of the metric in the states.
            metric: as it was planned.
        """
        if (index, metric) not in self._found:
            self._found[index, metric] = self._evidence(index, metric)
        return self._found[index, metric]

    def within(self, index: int, metric: PlannedMetric) -> Within:
        """The difference of a metric within the epoch of each look alone; of bias with its sign."""
        if metric.bias is not None:
            return self._group_sums(index, metric, metric.bias).within(LESS)
        if metric.kind == "auc":
            return self._within_scores(accumulated(self._scores, self.epochs))
        if self._is_of_buckets(metric):
            return self._within_buckets(index, list(self._in_buckets(index, metric)))
        blocks = accumulated(self._dense(self.sums.sums[:, index]), self.epochs)
        return _within(blocks, with_covariate=bool(metric.covariate))

    @cached_property
    def _found(self) -> dict[tuple[int, PlannedMetric], Evidence]:
        return {}

    def _evidence(self, index: int, metric: PlannedMetric) -> Evidence:
        if metric.kind == "auc":
            return self._of_scores()
        if metric.bias is not None:
            return self._of_bias(index, metric, metric.bias)
        if not self._is_of_buckets(metric):
            total = combined(self.within(index, metric), self.epochs)
            return self._of_sums(index, metric, (total.difference, total.variance, total.units))
        parts = list(self._in_buckets(index, metric))
        within = self._within_buckets(index, parts)
        weights = np.where(np.isfinite(within.difference), within.weights, 0.0)
        difference, variance = combined_buckets(parts, weights, self.epochs)
        counted = within.champion_units + within.challenger_units
        units = over_epochs(np.where(weights > 0, counted, 0.0), self.epochs)
        found = self._of_sums(index, metric, (difference, variance, units))
        return replace(found, users=self._buckets_with_rows(index))

    def _buckets_with_rows(self, index: int | list[int]) -> Floats:
        rows = self._parts(self.sums.buckets[:, index, IN_BUCKETS.index("n")])
        so_far = accumulated_parts(rows, np.zeros(len(self.blocks), np.int64))
        return np.concatenate([np.count_nonzero(each, axis=-1) * 1.0 for each in so_far])

    def _groups(self, index: int, metric: PlannedMetric) -> list[int]:
        """The indices of the sums of a bias metric's group, and of the rest."""
        return [index, self.sums.layout.metrics.index(rest_of(metric))]

    def _group_sums(self, index: int, metric: PlannedMetric, bias: Bias) -> GroupSums:
        groups = self._groups(index, metric)
        s, n = (
            accumulated(self._dense(self.sums.buckets[:, groups, column]), self.epochs)
            for column in range(2)
        )
        return GroupSums(
            sign=bias.sign,
            epochs=self.epochs,
            moments=moments_of(accumulated(self._dense(self.sums.sums[:, groups]), self.epochs)),
            buckets=(s, n) if self._is_of_buckets(metric) else None,
        )

    def _of_bias(self, index: int, metric: PlannedMetric, bias: Bias) -> Evidence:
        groups = self._groups(index, metric)
        so_far = _so_far(self._dense(self.sums.sums[:, groups]))
        signed = self._group_sums(index, metric, bias).signed(so_far[..., COUNTED], so_far[..., S])
        found = replace(Evidence.of_bias(signed), epochs=self.epochs)
        if not self._is_of_buckets(metric):
            return found
        return replace(found, users=self._buckets_with_rows(groups).min(axis=2))

    def _is_of_buckets(self, metric: PlannedMetric) -> bool:
        return bool(self.sums.layout.buckets) and not metric.table

    def _within_buckets(self, index: int, parts: Sequence[Bucketed]) -> Within:
        counted = accumulated(self._dense(self.sums.sums[:, index, COUNTED]), self.epochs)
        return Within(
            difference=np.concatenate([part.value for part in parts]),
            variance=np.concatenate([part.variance for part in parts]),
            champion_units=counted[:, 0],
            challenger_units=counted[:, 1],
        )

    def _in_buckets(self, index: int, metric: PlannedMetric) -> Iterator[Bucketed]:
        """The difference within each look's epoch, some looks at a time."""
        sums = self.sums.buckets[:, index, : 3 if metric.covariate else 2]
        for found in accumulated_parts(self._parts(sums), self.epochs):
            s, n, *x = np.moveaxis(found, 2, 0)
            both = bucketed_difference(s, n)
            yield bucketed_adjusted(both, bucketed_difference(x[0], n)) if x else both

    @property
    def _scores(self) -> Floats:
        return self._dense(self.sums.scores[:, :2])

    def _within_scores(self, sums: Floats) -> Within:
        counted = sums.sum(axis=(2, 3))
        champion, challenger = (delong_of_bins(sums[:, arm, 1], sums[:, arm, 0]) for arm in (0, 1))
        found = independent_difference(champion, challenger)
        return Within(
            difference=found.difference,
            variance=found.variance,
            champion_units=counted[:, 0],
            challenger_units=counted[:, 1],
        )

    def _of_scores(self) -> Evidence:
        blocks = self._scores
        total = combined(self._within_scores(accumulated(blocks, self.epochs)), self.epochs)
        so_far = _so_far(blocks)
        return Evidence(
            difference=total.difference,
            variance=total.variance,
            units=total.units,
            values=delong_of_bins(so_far[:, :, 1], so_far[:, :, 0]).values[..., 0],
            counted=so_far.sum(axis=(2, 3)),
            epochs=self.epochs,
        )

    def _of_sums(
        self, index: int, metric: PlannedMetric, total: tuple[Floats, Floats, Floats]
    ) -> Evidence:
        blocks = self._dense(self.sums.sums[:, index])
        so_far = _so_far(blocks)
        difference, variance, units = total
        return Evidence(
            difference=difference,
            variance=variance,
            units=units,
            values=ratio(so_far[..., S], so_far[..., N]),
            counted=so_far[..., COUNTED],
            events=so_far[..., S] if metric.kind in RATES else None,
            windows=None if metric.kind == "ratio" else blocks[..., [COUNTED, S, SS]],
            epochs=self.epochs,
        )

    def _parts(self, of_keys: Floats) -> Iterator[Floats]:
        """As `_dense`, some blocks at a time."""
        at_once = max(_AT_ONCE // max(of_keys[:1].size, 1), 1)
        for first in range(0, len(self.blocks), at_once):
            yield self.sums.by_block(of_keys, self.blocks[first : first + at_once], self.arms)

    def _dense(self, of_keys: Floats | Integers) -> Floats:
        """By block and arm, 0 where there is no row; shape (blocks, 2, ...)."""
        return self.sums.by_block(of_keys, self.blocks, self.arms)


def _so_far(blocks: Floats) -> Floats:
    """The sums of all blocks up to each of them."""
    return accumulated(blocks, np.zeros(len(blocks), np.int64))


def moments_of(sums: Floats) -> Moments:
    """The sums of a metric, shape (..., `SUMS`)."""
    of = {name: sums[..., column] for column, name in enumerate(SUMS)}
    return Moments(
        units=of["counted"],
        values=of["s"],
        counts=of["n"],
        values_squared=of["ss"],
        counts_squared=of["nn"],
        products=of["sn"],
    )


def _within(sums: Floats, *, with_covariate: bool) -> Within:
    """The difference within epochs; sums have the shape (looks, 2, `SUMS`)."""
    moments = moments_of(sums)
    values, variances = ratio(moments.values, moments.counts), ratio_variance(moments)
    if with_covariate:
        values, variances = _adjusted(
            moments, CovariateSums.of_mean(*np.moveaxis(sums[..., X:], -1, 0))
        )
    return Within(
        difference=values[:, 1] - values[:, 0],
        variance=variances.sum(axis=1),
        champion_units=moments.units[:, 0],
        challenger_units=moments.units[:, 1],
    )


def _adjusted(moments: Moments, covariate: CovariateSums) -> tuple[Floats, Floats]:
    """Values and variances of both arms, less what the covariate explains (CUPED)."""
    first, second = (
        (
            Moments(**{name: getattr(moments, name)[:, arm] for name in Moments.__slots__}),
            CovariateSums(**{n: getattr(covariate, n)[:, arm] for n in CovariateSums.__slots__}),
        )
        for arm in (0, 1)
    )
    pooled, sums = first[0] + second[0], first[1] + second[1]
    theta = covariate_coefficient(pooled, sums)[:, None]
    centre = ratio(sums.covariate, pooled.units)[:, None]
    found = covariate_adjusted(moments, covariate, theta, centre)
    return found.value, found.variance
