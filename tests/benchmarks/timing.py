"""Alternating measurements: ours, theirs, ours, theirs; a ratio of medians means something."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Seconds of several runs of one job."""

    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        """The run in the middle."""
        return statistics.median(self.seconds)

    def __str__(self) -> str:
        return f"{self.median:.2f} ({min(self.seconds):.2f}-{max(self.seconds):.2f})"


def alternate(jobs: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, Measured]:
    """Runs all jobs in turn, `rounds` times, after one round that warms up and is not counted."""
    seconds: dict[str, list[float]] = {name: [] for name in jobs}
    for turn in range(rounds + 1):
        for name, job in jobs.items():
            began = time.perf_counter()
            job()
            if turn:
                seconds[name].append(time.perf_counter() - began)
    return {name: Measured(seconds=tuple(each)) for name, each in seconds.items()}
