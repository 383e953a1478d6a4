"""What the sums of two arms say of a metric at each look: difference, variance, units, events."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.deployment.covariates import (
    CovariateSums,
    bucketed_adjusted,
    covariate_adjusted,
    covariate_coefficient,
)
from driftkit.comparison.deployment.delong_bins import delong_of_bins
from driftkit.comparison.deployment.epochs import (
    Within,
    accumulated,
    combined,
    combined_buckets,
    epoch_weights,
    over_epochs,
)
from driftkit.comparison.deployment.ratios import (
    Bucketed,
    Moments,
    bucketed_ratio,
    ratio,
    ratio_variance,
)
from driftkit.states.deployment.arms import SUMS

if TYPE_CHECKING:
    from driftkit.formats.deployment.plan import PlannedMetric
    from driftkit.native.arrays import Floats, Integers
    from driftkit.states.deployment.arms import ArmSums

COUNTED, S, SS, N = map(SUMS.index, ("counted", "s", "ss", "n"))
RATES = frozenset({"rate", "slo"})


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
        is_one_epoch: whether weights never changed, so that the arms' sums may be compared as they
            are.
        within: the difference within the epoch of each look alone; None where rows are paired.
    """

    difference: Floats
    variance: Floats
    units: Floats
    values: Floats
    counted: Floats
    events: Floats | None = None
    windows: Floats | None = None
    is_one_epoch: bool = True
    within: Within | None = None


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

    def evidence(self, index: int, metric: PlannedMetric) -> Evidence:
        """What is known of a metric.

        Args:
            index: of the metric in the states.
            metric: as it was planned.
        """
        if metric.kind == "auc":
            return self._of_scores()
        if self.sums.layout.buckets and not metric.table:
            return self._of_buckets(index, metric)
        return self._of_requests(index, metric)

    def _of_requests(self, index: int, metric: PlannedMetric) -> Evidence:
        blocks = self._dense(self.sums.sums[:, index])
        within = _within(accumulated(blocks, self.epochs), with_covariate=bool(metric.covariate))
        total = combined(within, self.epochs)
        found = total.difference, total.variance, total.units
        return self._evidence(blocks, metric, found, within)

    def _of_buckets(self, index: int, metric: PlannedMetric) -> Evidence:
        blocks = self._dense(self.sums.sums[:, index])
        counted = accumulated(blocks[..., COUNTED], self.epochs)
        within = self._in_buckets(index, with_covariate=bool(metric.covariate))
        weights = np.where(
            np.isfinite(within.value), epoch_weights(counted[:, 0], counted[:, 1]), 0.0
        )
        total = combined_buckets(within, weights, self.epochs)
        units = over_epochs(np.where(weights > 0, counted.sum(axis=1), 0.0), self.epochs)
        of_epoch = Within(
            difference=within.value,
            variance=within.variance,
            champion_units=counted[:, 0],
            challenger_units=counted[:, 1],
        )
        found = total.value, total.variance, units
        return self._evidence(blocks, metric, found, of_epoch)

    def _in_buckets(self, index: int, *, with_covariate: bool) -> Bucketed:
        s, n, *x = (
            accumulated(self._dense(self.sums.buckets[:, index, column]), self.epochs)
            for column in range(self.sums.layout.in_buckets)
        )
        found = _difference(s, n)
        return bucketed_adjusted(found, _difference(x[0], n)) if with_covariate else found

    def _of_scores(self) -> Evidence:
        blocks = self._dense(self.sums.scores[:, :2])
        within_sums, all_sums = accumulated(blocks, self.epochs), np.cumsum(blocks, axis=0)
        counted = within_sums.sum(axis=(2, 3))
        aucs = delong_of_bins(within_sums[:, :, 1], within_sums[:, :, 0])
        values, variances = aucs.values[..., 0], aucs.covariance[..., 0, 0]
        within = Within(
            difference=values[:, 1] - values[:, 0],
            variance=variances.sum(axis=1),
            champion_units=counted[:, 0],
            challenger_units=counted[:, 1],
        )
        total = combined(within, self.epochs)
        return Evidence(
            difference=total.difference,
            variance=total.variance,
            units=total.units,
            values=delong_of_bins(all_sums[:, :, 1], all_sums[:, :, 0]).values[..., 0],
            counted=all_sums.sum(axis=(2, 3)),
            is_one_epoch=self._is_one_epoch,
            within=within,
        )

    def _evidence(
        self,
        blocks: Floats,
        metric: PlannedMetric,
        total: tuple[Floats, Floats, Floats],
        within: Within,
    ) -> Evidence:
        so_far = np.cumsum(blocks, axis=0)
        difference, variance, units = total
        return Evidence(
            difference=difference,
            variance=variance,
            units=units,
            values=ratio(so_far[..., S], so_far[..., N]),
            counted=so_far[..., COUNTED],
            events=so_far[..., S] if metric.kind in RATES else None,
            windows=None if metric.kind == "ratio" else blocks[..., [COUNTED, S, SS]],
            is_one_epoch=self._is_one_epoch,
            within=within,
        )

    @property
    def _is_one_epoch(self) -> bool:
        return bool((self.epochs == self.epochs[0]).all())

    def _dense(self, of_keys: Floats | Integers) -> Floats:
        """By block and arm, 0 where there is no row; shape (blocks, 2, ...)."""
        keys = self.sums.keys
        found = np.zeros((len(self.blocks), 2, *of_keys.shape[1:]))
        at = np.searchsorted(self.blocks, keys[:, 0])
        for column, arm in enumerate(self.arms):
            chosen = keys[:, 1] == arm
            found[at[chosen], column] = of_keys[chosen]
        return found


def _within(sums: Floats, *, with_covariate: bool) -> Within:
    """The difference within epochs; sums have the shape (looks, 2, `SUMS`)."""
    of = {name: sums[..., column] for column, name in enumerate(SUMS)}
    moments = Moments(
        units=of["counted"],
        values=of["s"],
        counts=of["n"],
        values_squared=of["ss"],
        counts_squared=of["nn"],
        products=of["sn"],
    )
    values, variances = ratio(moments.values, moments.counts), ratio_variance(moments)
    if with_covariate:
        values, variances = _adjusted(moments, CovariateSums.of_mean(of["x"], of["xx"], of["xs"]))
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


def _difference(s: Floats, n: Floats) -> Bucketed:
    """Challenger minus champion; shape (looks, 2, buckets)."""
    return bucketed_ratio(s[:, 1], n[:, 1]) - bucketed_ratio(s[:, 0], n[:, 0])
