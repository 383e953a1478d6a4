"""Blocks of a deployment in the order of time: their epochs, weights, days, and where it ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.deployment.epochs import (
    accumulated,
    found_epochs,
    last_looks,
    runs_of,
)
from driftkit.errors import InputError
from driftkit.formats.deployment.plan import NAME
from driftkit.monitors.deployment.evidence import Looks
from driftkit.states.deployment.arms import SUMS, UNKNOWN
from driftkit.states.deployment.blocks import HOUR

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from driftkit.formats.deployment.plan import Plan
    from driftkit.native.arrays import Floats, Integers, Truths
    from driftkit.states.deployment.arms import ArmSums

DAY = 86_400
# Arms that are told by time are not compared by chance: other things change with time, too.
BY_TIME = frozenset({"before", "from"})


def moment(seconds: int) -> datetime:
    """The time of so many seconds since 1970."""
    return datetime.fromtimestamp(int(seconds), UTC)


def known_moment(block: int) -> datetime | None:
    """The time of a block's begin or end; None of the block of unknown times."""
    return None if block == UNKNOWN else moment(block)


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
        return {each: self._looks(self.arms_of(each)) for each in self.plan.challengers}

    def _looks(self, arms: tuple[int, int]) -> Looks:
        return Looks(
            sums=self.compared(self.sums, arms), blocks=self.blocks, epochs=self.epochs, arms=arms
        )

    @cached_property
    def requests(self) -> Floats:
        """Requests by block and arm."""
        return self.sums.by_block(self.sums.requests, self.blocks)

    @cached_property
    def weights(self) -> Floats | None:
        """The weights of the arms in each block; None where the plan has none.

        All are 0 where the history does not tell them: before it begins, and of rows whose time is
        not known.
        """
        history, arms = self.plan.weights_history, self.sums.layout.arms
        if not history:
            if self.plan.weights is None:
                return None
            row = [self.plan.weights.get(arm, 0.0) for arm in arms]
            return np.tile(np.array(row), (len(self.blocks), 1))
        starts = np.array([change.start.timestamp() for change in history])
        rows = np.array([[change.weights.get(arm, 0.0) for arm in arms] for change in history])
        at = np.searchsorted(starts, self.blocks, side="right")
        found: Floats = np.concatenate([np.zeros((1, len(arms))), rows])[at]
        return found

    @cached_property
    def weights_told(self) -> Truths:
        """Whether the weights of each block are told; everywhere where the plan has no history."""
        if self.weights is None:
            return np.ones(len(self.blocks), np.bool_)
        return np.asarray(self.weights.sum(axis=1) > 0)

    def weights_at(self, block: int) -> Mapping[str, float]:
        """The weights of a block by arm; nothing where they are not told."""
        if self.weights is None or not self.weights_told[block]:
            return {}
        return dict(zip(self.sums.layout.arms, self.weights[block].tolist(), strict=True))

    @cached_property
    def epochs(self) -> Integers:
        """The epoch of each block, from 0."""
        if self.plan.strategy == "shadow" or self.is_observational:
            return np.zeros(len(self.blocks), np.int64)
        if self.plan.weights_history and self.weights is not None:
            return runs_of(self.weights)
        if self.plan.routing == "sticky":
            # Requests of users that keep to an arm vary more than found epochs allow.
            return np.zeros(len(self.blocks), np.int64)
        return found_epochs(self.requests)

    @property
    def runs(self) -> list[tuple[int, int]]:
        """The first and the last block of each epoch, by their indices."""
        ends = last_looks(self.epochs).tolist()
        return [*zip([0, *(end + 1 for end in ends[:-1])], ends, strict=True)]

    @property
    def is_observational(self) -> bool:
        """Whether arms are told by time, so that a difference may be the time's."""
        return any(selector.kind in BY_TIME for selector in self.plan.arms.values())

    def arms_of(self, challenger: str) -> tuple[int, int]:
        """The indices of the champion and of a challenger."""
        arms = self.sums.layout.arms
        return arms.index(self.plan.champion), arms.index(challenger)

    @property
    def is_routed(self) -> bool:
        """Whether chance decided, by weights, which arm a request went to."""
        return self.plan.strategy not in {"shadow", "batch"} and not self.is_observational

    @cached_property
    def requests_of_epoch(self) -> Floats:
        """Requests of each arm from the first block of the epoch up to each look."""
        return accumulated(self.requests, self.epochs)

    def begin(self, arms: Sequence[int]) -> int:
        """The first known block by which each of some arms has had requests; the first, if one never has.

        Args:
            arms: their indices.
        """
        begins = []
        for arm in arms:
            with_rows = self.requests[:, arm] > 0
            if self.weights is not None and self.plan.weights_history:
                with_rows &= self.weights[:, arm] > 0
            begins += self.blocks[with_rows & (self.blocks != UNKNOWN)][:1].tolist()
        return max(begins) if len(begins) == len(arms) else self.first

    def compared(self, sums: ArmSums, arms: Sequence[int]) -> ArmSums:
        """Those of the sums by which arms may be compared.

        Left out are blocks before each of the arms has had requests, in which a level would be
        taken for a difference, blocks whose weights are not told, and rows of an arm whose weight
        was 0: chance did not route these.

        Args:
            sums: of all rows, or of a segment's.
            arms: indices of champion and challenger.
        """
        if not self.is_routed:
            return sums
        blocks, of_arm = sums.keys.T
        kept = (blocks >= self.begin(arms)) | (blocks == UNKNOWN)
        if self.plan.weights_history and self.weights is not None:
            kept &= self.weights[np.searchsorted(self.blocks, blocks), of_arm] > 0
        return sums if kept.all() else sums.chosen(kept)

    @cached_property
    def ends(self) -> Integers:
        """The end of each block: the next hour, or the next block if it begins sooner."""
        hours = self.blocks - self.blocks % HOUR + HOUR
        following = np.append(self.blocks[1:], np.iinfo(np.int64).max)
        found: Integers = np.where(self.blocks == UNKNOWN, UNKNOWN, np.minimum(hours, following))
        return found

    @property
    def has_times(self) -> bool:
        """Whether the time of any row is known."""
        return bool(self.blocks[-1] != UNKNOWN)

    @cached_property
    def first(self) -> int:
        """The first block whose time is known; that of unknown times where there is no other."""
        known = self.blocks[self.blocks != UNKNOWN]
        return int(known[0]) if len(known) else UNKNOWN

    def days(self, arms: Sequence[int]) -> Floats:
        """Days from the first block by which each of some arms has had requests to each look.

        0 where no time is known.

        Args:
            arms: their indices.
        """
        if not self.has_times:
            return np.zeros(len(self.blocks))
        return np.asarray(np.maximum(self.ends - self.begin(arms), 0) / DAY)

    @cached_property
    def cells(self) -> Integers:
        """The run of blocks of one epoch and one day, of each block."""
        return runs_of(np.column_stack([self.epochs, self.blocks // DAY]))

    def refuse_odd_rates(self) -> None:
        """Refuses rates of columns with other values than 0 and 1: bounds of rates do not hold for them.

        Raises:
            InputError: there are some.
        """
        for index, metric in enumerate(self.plan.metrics):
            if metric.kind != "rate" or metric.column is None:
                continue
            total, squared = self.sums.sums[:, index][:, [SUMS.index("s"), SUMS.index("ss")]].sum(
                axis=0
            )
            if total != squared:
                raise InputError(
                    "a rate is of a column with other values than 0 and 1",
                    where=metric.column,
                    expected="0 or 1, true or false, in each row; nothing where a row does not count",
                    found=f"values that sum up to {total:g}, and their squares to {squared:g}",
                    todo=f"Plan with its mean, column:{metric.column}, or with {metric.column}_slo, "
                    "the share above a limit",
                )

    def refuse_unknown_inputs(self) -> None:
        """Refuses data in which no row has a value of a column of inputs.

        Raises:
            InputError: there is such a column.
        """
        cells, rows = self.sums.inputs.sum(axis=0), self.sums.rows
        for i, end in enumerate(np.cumsum(self.sums.layout.cells).tolist()):
            if rows and cells[end - 1] == rows:
                column = (self.plan.inputs or ())[i].column
                raise InputError(
                    f"no row has a value of {column}, by which it is compared what arms are asked",
                    where=f"{NAME}: inputs[{i}].column",
                    expected="a column, attribute:KEY, field:PATH, or a place in CSV payloads",
                    found=f"{rows:,} rows without",
                    todo="Correct it, or plan without it",
                )

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
