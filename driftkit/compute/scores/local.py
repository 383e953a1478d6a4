"""Exact curves in this process: scores wait in memory, on disk when they become many."""

from __future__ import annotations

import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from driftkit.compute.scores.ranges import RangeResult, bounds_of, merged, sample
from driftkit.states.quality.score_levels import CurvePart, Levels
from driftkit.states.quality.scores import Scores

if TYPE_CHECKING:
    from driftkit.states.quality.state import QualityState

# Keys in memory: 256 MB.
HELD_KEYS = 2**25


@dataclass(slots=True, kw_only=True)
class LocalRanges:
    """Scores of this process's units: in memory, and on disk when they become many."""

    folder: tempfile.TemporaryDirectory[str] | None = None
    parts: list[Scores] = field(default_factory=list)
    held: int = 0
    _cut: list[tuple[Scores, ...]] = field(default_factory=list)

    def take(self, state: QualityState) -> QualityState:
        """Takes the scores of one more unit; gives its state without them."""
        scores = state.scores
        if scores.keys.size:
            fits = self.held + scores.keys.size <= HELD_KEYS
            self.held += scores.keys.size if fits else 0
            self.parts.append(scores if fits else self._on_disk(scores))
        return state.without_scores()

    def results(self) -> list[RangeResult]:
        """The result of every range."""
        bounds = bounds_of([sample(part) for part in self.parts])
        self._cut = list(zip(*(part.split(bounds) for part in self.parts), strict=True))
        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            return list(pool.map(RangeResult.from_scores, self._cut))

    def all_points(self, number: int) -> CurvePart:
        """Every point of one range."""
        return CurvePart.from_levels(Levels.from_scores(merged(self._cut[number])))

    def _on_disk(self, scores: Scores) -> Scores:
        self.folder = self.folder or tempfile.TemporaryDirectory(prefix="driftkit-scores-")
        stem = Path(self.folder.name) / str(len(self.parts))
        np.save(f"{stem}-keys.npy", scores.keys)
        keys = np.load(f"{stem}-keys.npy", mmap_mode="r")
        if scores.counts is None:
            return Scores(keys=keys)
        np.save(f"{stem}-counts.npy", scores.counts)
        return Scores(keys=keys, counts=np.load(f"{stem}-counts.npy", mmap_mode="r"))
