"""Within which limits a metric lies in an ordinary window, by the reference's blocks of time."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.estimation.uncertainty import around

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from driftkit.comparison.estimation.uncertainty import Range
    from driftkit.formats.model_quality.calibration import Block, Segment

    Limits = Callable[[str, int], Range | None]

# A deviation of fewer blocks says little.
LEAST_BLOCKS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """How metrics scatter over the reference's blocks of time.

    Attributes:
        scatter: mean and variance of each metric, over enough blocks that have it.
        rows: of a usual block.
        known: all rows of the reference.
        most: the greatest value that a metric can have.
    """

    scatter: Mapping[str, tuple[float, float]]
    rows: float
    known: Segment
    most: float = 1.0

    @classmethod
    def of(cls, known: Segment, blocks: Sequence[Block], most: float = 1.0) -> Days:
        """Those of a reference.

        Args:
            known: all of its rows.
            blocks: of time.
            most: the greatest value that a metric can have.
        """
        found = {
            name: [each.realized[name] for each in blocks if name in each.realized]
            for name in known.realized
        }
        return cls(
            scatter={
                name: (float(np.mean(values)), float(np.var(values)))
                for name, values in found.items()
                if len(values) >= LEAST_BLOCKS
            },
            rows=float(np.median([each.rows for each in blocks])) if blocks else 0.0,
            known=known,
            most=most,
        )

    def limits(self, name: str, rows: int) -> Range | None:
        """Three standard deviations about the mean; those of chance are of as many rows."""
        if name not in self.scatter or not rows:
            return self._by_chance(self.known, name, rows)
        middle, seen = self.scatter[name]
        usual = self._chance(name, self.rows)
        now = self._chance(name, rows)
        # Blocks may scatter by less than chance lets expect.
        least = now * min(1.0, seen / usual) if usual else 0.0
        deviation = math.sqrt(max(seen + now - usual, least))
        return around(middle, deviation, most=self.most)

    def limits_of(self, segment: Segment, name: str, rows: int) -> Range | None:
        """Those of a segment, with the scatter of the whole, for that of its own is not kept."""
        return self._by_chance(segment, name, rows, self._beyond_chance(name))

    def _beyond_chance(self, name: str) -> float:
        """The variance from block to block that rows drawn by chance would not have."""
        if name not in self.scatter:
            return 0.0
        return max(self.scatter[name][1] - self._chance(name, self.rows), 0.0)

    def _chance(self, name: str, rows: float) -> float:
        return self.known.deviations.get(name, 0.0) ** 2 / rows

    def _by_chance(self, known: Segment, name: str, rows: int, more: float = 0.0) -> Range | None:
        """Three standard errors of so many rows about the reference's own value.

        Args:
            known: the reference, or a segment of it.
            name: of the metric.
            rows: of the window.
            more: a variance that adds to that of chance.
        """
        if name not in known.realized or name not in known.deviations or not rows:
            return None
        chance = known.deviations[name] ** 2 * (1 / rows + 1 / known.rows)
        return around(known.realized[name], math.sqrt(chance + more), most=self.most)
