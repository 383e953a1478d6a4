"""Judges in this process: threads fold units, and scores wait on disk when they become many."""

from __future__ import annotations

import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from driftkit.compute.judging.ranges import QUANTILES, RangeResult, bounds_of, merged
from driftkit.compute.threads import in_order
from driftkit.statistics.quality.score_levels import CurvePart, Levels
from driftkit.statistics.quality.scores import Scores

if TYPE_CHECKING:
    from driftkit.compute.judging.ranges import Work
    from driftkit.compute.protocol import Progress
    from driftkit.readers.dataset import Dataset
    from driftkit.statistics.quality.state import QualityState

# Keys in memory: 256 MB.
HELD_KEYS = 2**25


@dataclass(slots=True, kw_only=True)
class LocalRanges:
    """Scores of this process's units: in memory, and on disk when they become many."""

    folder: tempfile.TemporaryDirectory[str] | None = None
    parts: list[Scores] = field(default_factory=list)
    held: int = 0
    _cut: list[tuple[Scores, ...]] = field(default_factory=list)

    def add(self, scores: Scores) -> None:
        """Takes the scores of one more unit."""
        if not scores.keys.size:
            return
        if self.held + scores.keys.size > HELD_KEYS:
            scores = self._on_disk(scores)
        else:
            self.held += scores.keys.size
        self.parts.append(scores)

    def results(self) -> list[RangeResult]:
        """The result of every range."""
        samples = [(part.quantiles(QUANTILES), part.keys.size) for part in self.parts]
        bounds = bounds_of(samples)
        self._cut = list(zip(*(part.split(bounds) for part in self.parts), strict=True))
        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            return list(pool.map(RangeResult.of, self._cut))

    def all_points(self, number: int) -> CurvePart:
        """Every point of one range."""
        return CurvePart.of(Levels.of(merged(self._cut[number])))

    def _on_disk(self, scores: Scores) -> Scores:
        self.folder = self.folder or tempfile.TemporaryDirectory(prefix="driftkit-scores-")
        stem = Path(self.folder.name) / str(len(self.parts))
        np.save(f"{stem}-keys.npy", scores.keys)
        keys = np.load(f"{stem}-keys.npy", mmap_mode="r")
        if scores.counts is None:
            return Scores(keys=keys)
        np.save(f"{stem}-counts.npy", scores.counts)
        return Scores(keys=keys, counts=np.load(f"{stem}-counts.npy", mmap_mode="r"))


def run(
    dataset: Dataset, work: Work, progress: Progress | None
) -> tuple[QualityState, LocalRanges | None]:
    """The state of all rows, and the ranges of their scores if they have any.

    Raises:
        InputError: a unit cannot be read.
    """
    ranges, total = LocalRanges(), work(())
    at_once = os.cpu_count() or 1
    # Sorting and reading leave Python's lock alone.
    with closing(in_order(dataset.units, lambda unit: work(unit.chunks()), at_once)) as states:
        for done, state in enumerate(states, start=1):
            ranges.add(state.scores)
            total += state.without_scores()
            if progress is not None:
                progress(done, len(dataset.units), total.rows)
    return total, ranges if ranges.parts else None
