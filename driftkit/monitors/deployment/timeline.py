"""Blocks of a deployment in the order of time: their epochs, weights, days, and where it ends."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.deployment.epochs import accumulated, epochs_of_weights, found_epochs
from driftkit.errors import InputError
from driftkit.monitors.deployment.evidence import Looks
from driftkit.states.deployment.arms import UNKNOWN
from driftkit.states.deployment.blocks import HOUR

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftkit.formats.deployment.plan import Plan
    from driftkit.native.arrays import Floats, Integers
    from driftkit.states.deployment.arms import ArmSums

DAY = 86_400
# Arms that are told by time are not compared by chance: other things change with time, too.
BY_TIME = frozenset({"before", "from"})


@dataclass(frozen=True, eq=False)
class Timeline:
    """The blocks of all arms; the end of each is a look.

    Attributes:
        plan: whose weights count.
        sums: of all arms.
    """

    plan: Plan
    sums: ArmSums

    @cached_property
    def blocks(self) -> Integers:
        """Begins of blocks, sorted; rows whose time is not known come first."""
        found: Integers = np.unique(self.sums.keys[:, 0])
        return found

    @cached_property
    def looks(self) -> Mapping[str, Looks]:
        """The sums of the champion and of each challenger; what one of them says is made once."""
        arms = self.sums.layout.arms
        return {
            challenger: Looks(
                sums=self.sums,
                blocks=self.blocks,
                epochs=self.epochs,
                arms=(arms.index(self.plan.champion), arms.index(challenger)),
            )
            for challenger in self.plan.challengers
        }

    @cached_property
    def requests(self) -> Floats:
        """Requests by block and arm."""
        found = np.zeros((len(self.blocks), len(self.sums.layout.arms)))
        at = np.searchsorted(self.blocks, self.sums.keys[:, 0])
        found[at, self.sums.keys[:, 1]] = self.sums.requests
        return found

    @cached_property
    def weights(self) -> Floats | None:
        """The weights of the arms in each block; None where the plan has none."""
        history, arms = self.plan.weights_history, self.sums.layout.arms
        if not history:
            if self.plan.weights is None:
                return None
            row = [self.plan.weights.get(arm, 0.0) for arm in arms]
            return np.tile(np.array(row), (len(self.blocks), 1))
        starts = np.array([change.start.timestamp() for change in history])
        rows = np.array([[change.weights.get(arm, 0.0) for arm in arms] for change in history])
        at = np.searchsorted(starts, self.blocks, side="right") - 1
        found: Floats = rows[np.maximum(at, 0)]
        return found

    @cached_property
    def epochs(self) -> Integers:
        """The epoch of each block, from 0."""
        if self.plan.strategy == "shadow" or self.is_observational:
            return np.zeros(len(self.blocks), np.int64)
        if self.plan.weights_history and self.weights is not None:
            return epochs_of_weights(self.weights)
        if self.plan.routing == "sticky":
            # Requests of users that keep to an arm vary more than found epochs allow.
            return np.zeros(len(self.blocks), np.int64)
        return found_epochs(self.requests)

    @property
    def is_observational(self) -> bool:
        """Whether arms are told by time, so that a difference may be the time's."""
        return any(selector.kind in BY_TIME for selector in self.plan.arms.values())

    @cached_property
    def requests_of_epoch(self) -> Floats:
        """Requests of each arm from the first block of the epoch up to each look."""
        return accumulated(self.requests, self.epochs)

    @cached_property
    def ends(self) -> Integers:
        """The end of each block: the next hour, or the next block if it begins sooner."""
        hours = self.blocks - self.blocks % HOUR + HOUR
        following = np.append(self.blocks[1:], np.iinfo(np.int64).max)
        found: Integers = np.where(self.blocks == UNKNOWN, UNKNOWN, np.minimum(hours, following))
        return found

    @cached_property
    def days(self) -> Floats:
        """Days from the first known block to each look; infinite where no time is known."""
        known = self.blocks[self.blocks != UNKNOWN]
        if not len(known):
            return np.full(len(self.blocks), np.inf)
        found: Floats = np.where(self.blocks == UNKNOWN, 0.0, (self.ends - known[0]) / DAY)
        return found

    @cached_property
    def cells(self) -> Integers:
        """The run of blocks of one epoch and one day, of each block."""
        pairs = np.column_stack([self.epochs, self.blocks // DAY])
        begins = np.any(pairs[1:] != pairs[:-1], axis=1)
        return np.concatenate([np.zeros(1, np.int64), np.cumsum(begins)])

    def refuse_missing_arms(self) -> None:
        """Refuses data in which an arm of the plan has no row.

        Raises:
            InputError: so it is.
        """
        missing = [
            arm
            for arm, rows in zip(self.sums.layout.arms, self.requests.sum(axis=0), strict=True)
            if not rows
        ]
        if missing:
            raise InputError(
                "an arm has no rows",
                where=", ".join(f"{arm} ({self.plan.arms[arm]})" for arm in missing),
                expected="rows of every arm of the plan",
                found=f"{self.sums.rows:,} rows of other arms",
                todo="Check the arm's selector, the folder, and that the version gets requests",
            )
