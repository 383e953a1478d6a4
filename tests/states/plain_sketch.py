"""Deequ's sketch written down as it stands in its source, one value at a time: the oracle."""

from __future__ import annotations

from math import ceil, copysign, isnan
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def java_order(value: float) -> tuple[bool, float, float]:
    """Sorts like java.lang.Double.compare: -0.0 before 0.0, NaN last."""
    return isnan(value), 0.0 if isnan(value) else value, copysign(1.0, value)


class PlainSketch:
    """QuantileNonSample with its NonSampleCompactors."""

    def __init__(self) -> None:
        self.buffers: list[list[float]] = [[]]
        self.offsets = [0]
        self.compactions = [0]

    def capacity(self, height: int) -> int:
        """Values at which a level is full."""
        return 2 * (ceil(2048 * 0.64**height / 2) + 1)

    def total(self) -> int:
        """Capacities of all levels together."""
        return sum(self.capacity(height) for height in range(len(self.buffers)))

    def items(self) -> int:
        """Values at all levels."""
        return sum(len(buffer) for buffer in self.buffers)

    def expand(self) -> None:
        """Adds a level."""
        self.buffers.append([])
        self.offsets.append(0)
        self.compactions.append(0)

    def update(self, values: Iterable[float]) -> PlainSketch:
        """Adds values one by one."""
        items, total = self.items(), self.total()
        for value in values:
            self.buffers[0].append(value)
            items += 1
            if items > total:
                self.condense()
                items, total = self.items(), self.total()
        return self

    def condense(self) -> None:
        """Compacts the first level that is full."""
        for height, buffer in enumerate(self.buffers):
            if len(buffer) >= self.capacity(height):
                if height + 1 >= len(self.buffers):
                    self.expand()
                self.buffers[height + 1].extend(self.compact(height))
                return

    def compact(self, height: int) -> list[float]:
        """Empties a level and gives what goes up."""
        buffer = self.buffers[height]
        even = len(buffer) - len(buffer) % 2
        if self.compactions[height] % 2 == 1:
            self.offsets[height] = 1 - self.offsets[height]
        self.compactions[height] += 1
        self.buffers[height] = buffer[even:]
        return sorted(buffer[:even], key=java_order)[self.offsets[height] : even : 2]

    def merge(self, other: PlainSketch) -> PlainSketch:
        """Joins level by level."""
        while len(self.buffers) < len(other.buffers):
            self.expand()
        for height, buffer in enumerate(other.buffers):
            self.buffers[height] = self.buffers[height] + buffer
        while self.items() >= self.total():
            self.condense()
        return self
