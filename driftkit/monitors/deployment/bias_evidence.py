"""What the sums of a group and of the rest say of the bias of champion and challenger."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.deployment.epochs import (
    Combined,
    Within,
    combined,
    combined_buckets,
    over_epochs,
)
from driftkit.comparison.deployment.ratios import bucketed_ratio, ratio, ratio_variance

if TYPE_CHECKING:
    from driftkit.comparison.deployment.ratios import Bucketed, Moments
    from driftkit.native.arrays import Floats, Integers

LESS, PLUS = -1.0, 1.0
"""Of the two ways in which the bias of champion and challenger go together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedBias:
    """The bias b0 of the champion and b1 of the challenger at each look, with their signs.

    Attributes:
        difference: b1 - b0, within epochs; shape (looks,).
        difference_variance: its squared standard error.
        total: b1 + b0, within epochs, each with the same weight.
        total_variance: its squared standard error.
        units: that both arms have of it: requests, or pairs.
        sign: with which the group's rate is taken from that of the rest.
        counted: rows of the group and of the rest, shape (looks, 2 arms, 2).
        events: those of them that the rate counts.
    """

    difference: Floats
    difference_variance: Floats
    total: Floats
    total_variance: Floats
    units: Floats
    sign: float
    counted: Floats
    events: Floats

    @property
    def values(self) -> Floats:
        """b0 and b1 of all rows, shape (looks, 2)."""
        return signed_difference(ratio(self.events, self.counted), self.sign)

    @property
    def fewest(self) -> Floats:
        """Rows of champion and challenger in the smaller of the two groups, shape (looks, 2)."""
        return np.asarray(self.counted.min(axis=2))

    @property
    def variance(self) -> Floats:
        """The squared standard error of |b1| - |b0|, as if both signs were known."""
        same = np.abs(self.total) >= np.abs(self.difference)
        return np.where(same, self.difference_variance, self.total_variance)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupSums:
    """Sums of the group and of the rest, from the first block of each look's epoch up to the look.

    Attributes:
        sign: with which the group's rate is taken from that of the rest.
        epochs: the epoch of each look.
        moments: shape (looks, 2 arms, 2): of the group, then of the rest.
        buckets: S and N by bucket of users, shape (looks, 2 arms, 2, buckets); None where each
            request is a unit of its own.
    """

    sign: float
    epochs: Integers
    moments: Moments
    buckets: tuple[Floats, Floats] | None = None

    def signed(self, counted: Floats, events: Floats) -> SignedBias:
        """The bias of both arms over all epochs up to each look.

        Args:
            counted: rows of all epochs, as the attribute of what is returned.
            events: likewise.
        """
        less, plus = self.over_epochs(LESS), self.over_epochs(PLUS)
        return SignedBias(
            difference=less.difference,
            difference_variance=less.variance,
            total=plus.difference,
            total_variance=plus.variance,
            units=less.units,
            sign=self.sign,
            counted=counted,
            events=events,
        )

    def within(self, way: float) -> Within:
        """Bias of the challenger less, or plus, that of the champion within each look's epoch.

        Groups weigh as much as they make certain: an arm has na nd / (na + nd) units.

        Args:
            way: `LESS` or `PLUS`.
        """
        of_group, of_rest = np.moveaxis(self.moments.units, 2, 0)
        units = np.nan_to_num(ratio(of_group * of_rest, of_group + of_rest))
        value, variance = self._of_requests(way) if self.buckets is None else self._of_users(way)
        return Within(
            difference=value,
            variance=variance,
            champion_units=units[:, 0],
            challenger_units=units[:, 1],
        )

    def over_epochs(self, way: float) -> Combined:
        """The same over all epochs up to each look; its units are rows."""
        within = self.within(way)
        weights, rows = within.weights, self.moments.units.sum(axis=(1, 2))
        units = over_epochs(np.where(weights > 0, rows, 0.0), self.epochs)
        if self.buckets is None:
            return replace(combined(within, self.epochs), units=units)
        difference, variance = combined_buckets([self._bucketed(way)], weights, self.epochs)
        return Combined(difference=difference, variance=variance, units=units)

    def _of_requests(self, way: float) -> tuple[Floats, Floats]:
        bias = signed_difference(ratio(self.moments.values, self.moments.counts), self.sign)
        return bias[:, 1] + way * bias[:, 0], ratio_variance(self.moments).sum(axis=(1, 2))

    def _of_users(self, way: float) -> tuple[Floats, Floats]:
        found = self._bucketed(way)
        return found.value, found.variance

    def _bucketed(self, way: float) -> Bucketed:
        assert self.buckets is not None  # noqa: S101  (asked for where there are some)
        s, n = self.buckets
        order = (1, 0) if self.sign > 0 else (0, 1)
        # What is added is what is taken away the other way round.
        of_champion = order if way == LESS else order[::-1]
        return _difference(s[:, 1], n[:, 1], order) - _difference(s[:, 0], n[:, 0], of_champion)


def signed_difference(rates: Floats, sign: float) -> Floats:
    """The difference of the rates of group and rest, shape (..., 2), in Clarify's direction."""
    return np.asarray(sign * (rates[..., 1] - rates[..., 0]))


def _difference(s: Floats, n: Floats, order: tuple[int, ...]) -> Bucketed:
    """The rate of the first of two groups of an arm less that of the second."""
    first, second = (bucketed_ratio(s[:, at], n[:, at]) for at in order)
    return first - second
