"""Makes sums of arms from arrays by block and arm: of requests that were drawn rather than read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from driftkit.states.deployment.arms import SUMS, ArmLayout, ArmSums

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftkit.native.arrays import Floats, Integers


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DenseSums:
    """The sums of one metric in each block, arms side by side.

    Attributes:
        blocks: their begins in seconds since 1970, sorted; shape (blocks,).
        requests: shape (blocks, arms).
        sums: of `SUMS`, those that are not 0; shape (blocks, arms) each.
        buckets: the sums of S and N in each bucket of users, shape (blocks, arms, 2, buckets); None
            where every request is a unit of its own.
        scores: requests by `SCORE_CLASSES` and 1/1024 of the probability, shape (blocks, arms, 3,
            1024); None where they are not counted.
    """

    blocks: Integers
    requests: Floats
    sums: Mapping[str, Floats]
    buckets: Floats | None = None
    scores: Integers | None = None

    @classmethod
    def of_rate(
        cls, blocks: Integers, events: Floats, trials: Floats, buckets: Floats | None = None
    ) -> DenseSums:
        """The sums of a rate.

        Args:
            blocks: begins of blocks.
            events: requests with the event, shape (blocks, arms).
            trials: requests.
            buckets: as the attribute.
        """
        sums = {"counted": trials, "s": events, "ss": events, "n": trials, "nn": trials}
        return cls(blocks=blocks, requests=trials, sums={**sums, "sn": events}, buckets=buckets)

    def as_states(self, metric: str, arms: tuple[str, ...]) -> ArmSums:
        """The same as what is read of rows.

        Args:
            metric: its name.
            arms: their names.
        """
        blocks, width = len(self.blocks), len(arms)
        rows = blocks * width
        table = np.zeros((rows, 1, len(SUMS)))
        for name, values in self.sums.items():
            table[:, 0, SUMS.index(name)] = values.ravel()
        index = np.tile(np.arange(width), blocks)
        layout = ArmLayout(
            arms=arms,
            metrics=(metric,),
            buckets=0 if self.buckets is None else self.buckets.shape[-1],
            scores=self.scores is not None,
        )
        of_buckets = (rows, 1, layout.in_buckets, layout.buckets)
        of_scores = (rows, *layout.of_scores)
        made = replace(
            ArmSums.empty(layout),
            keys=np.column_stack([np.repeat(self.blocks, width), index]),
            requests=self.requests.ravel().astype(np.int64),
            labelled=np.zeros(rows, np.int64),
            sums=table,
            buckets=np.empty(of_buckets)
            if self.buckets is None
            else self.buckets.reshape(of_buckets),
            scores=np.empty(of_scores, np.int64)
            if self.scores is None
            else self.scores.reshape(of_scores),
            inputs=np.empty((rows, 0), np.int64),
        )
        return made.chosen(made.requests > 0)
