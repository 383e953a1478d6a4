"""Counts scored rows by slice and class, those of many chunks that have few of each together."""

from __future__ import annotations

from dataclasses import dataclass, field

from driftkit.states.quality.score_counts import ScoreCounts, ScoredPart
from driftkit.states.quality.scored_rows import ScoredRows, Slice

Key = tuple[Slice, str]

# Fewer rows wait for others: a count takes as long as one of so many.
FEW_ROWS = 2**15
# Of all that wait; each takes nine bytes.
_MOST_WAITING = 2**22
_MOST_KEYS = 4096


@dataclass(slots=True, kw_only=True)
class ScoreTally:
    """The rows so far."""

    _counts: dict[Key, ScoreCounts] = field(default_factory=dict)
    _waiting: dict[Key, list[ScoredPart]] = field(default_factory=dict)
    _rows: int = 0

    def add(self, key: Key, part: ScoredPart) -> None:
        """More rows.

        Args:
            key: slice and class.
            part: the rows, of which nothing is held that they share with others.

        Raises:
            InputError: there are too many slices.
        """
        self._counts.setdefault(key, ScoreCounts())
        if len(part.bits) >= FEW_ROWS:
            self._counts[key] += part.counts()
            return
        self._waiting.setdefault(key, []).append(part.alone())
        self._rows += len(part.bits)
        if self._rows > _MOST_WAITING or len(self._waiting) > _MOST_KEYS:
            self.done()

    def done(self) -> ScoredRows:
        """The state of all rows.

        Raises:
            InputError: there are too many slices.
        """
        for key, parts in self._waiting.items():
            self._counts[key] += ScoredPart.joined(parts).counts()
        self._waiting.clear()
        self._rows = 0
        # Adding refuses too many slices.
        return ScoredRows() + ScoredRows(counts=self._counts)
