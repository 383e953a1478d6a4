"""Keeps the ids of rows before and after a step, as halves that wait to be joined."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from driftkit.columns.chunk import Rejections
from driftkit.states.deployment.halves import ArmChunk, Halves, halves_of
from driftkit.states.deployment.pairing import Pairing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from driftkit.columns.chunk import Chunk

BEFORE, AFTER = "before", "after"
EXAMPLES = 3
BY_ID = Pairing(champion=BEFORE, challenger=AFTER, labels=False, examples=EXAMPLES)


@dataclass(frozen=True, slots=True, kw_only=True)
class IdRows:
    """How many rows there are, beside their ids; see `driftkit.compute.job.WithHalves`.

    Attributes:
        rows: of both sides of a step.
        halves: their ids.
        rejected: records that were set aside.
    """

    rows: int = 0
    halves: Halves = field(default_factory=Halves)
    rejected: Rejections = field(default_factory=Rejections)

    def without_halves(self) -> IdRows:
        """The counts alone."""
        return replace(self, halves=Halves())

    def __add__(self, other: IdRows) -> IdRows:
        return IdRows(
            rows=self.rows + other.rows,
            halves=self.halves + other.halves,
            rejected=self.rejected + other.rejected,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class IdFold:
    """Keeps ids; of chunks whose columns are the id and the side of the step; pickled for workers."""

    def __call__(self, chunks: Iterable[Chunk]) -> IdRows:
        """The ids of some chunks; of none, the identity of `+`."""
        counts: list[IdRows] = []

        def sides() -> Iterator[ArmChunk]:
            for chunk in chunks:
                counts.append(IdRows(rows=chunk.num_rows, rejected=chunk.rejected))
                if chunk.num_rows:
                    yield ArmChunk(
                        ids=chunk.column(0),
                        arms=chunk.column(1),
                        blocks=np.zeros(chunk.num_rows, np.int64),
                    )

        halves = halves_of(sides(), BY_ID)
        return replace(sum(counts, IdRows()), halves=halves)
