"""Counts scored rows by slice and class, those of many chunks that have few of each together."""

from __future__ import annotations

from dataclasses import dataclass, field

from driftkit.states.quality.score_counts import ScoreCounts, ScoredPart, total_of
from driftkit.states.quality.scored_rows import ALL, ScoredRows, Slice, refuse_many

Key = tuple[Slice, str]

# Fewer rows wait for others: a count takes as long as one of so many.
FEW_ROWS = 2**15
# Of all that wait; each takes nine bytes.
_MOST_WAITING = 2**22
_MOST_KEYS = 4096


@dataclass(slots=True, kw_only=True)
class ScoreTally:
    """The rows so far.

    Attributes:
        whole: the kind of slices of which each row is in one: what they add up to are all rows, which
            are not counted again; None where there is no such kind.
    """

    whole: str | None = None
    _counts: dict[Key, ScoreCounts] = field(default_factory=dict)
    _waiting: dict[Key, list[ScoredPart]] = field(default_factory=dict)
    _rows: int = 0
    _level: int = 0

    def add(self, key: Key, part: ScoredPart) -> None:
        """More rows.

        Args:
            key: slice and class.
            part: the rows, of which nothing is held that they share with others.

        Raises:
            InputError: there are too many slices.
        """
        self._counts.setdefault(key, ScoreCounts())
        if self.whole is not None and key[0] == ALL:
            return
        if len(part.bits) >= FEW_ROWS:
            self._count(key, part)
            return
        self._waiting.setdefault(key, []).append(part.alone())
        self._rows += len(part.bits)
        if self._rows > _MOST_WAITING or len(self._waiting) > _MOST_KEYS:
            self._count_waiting()

    def done(self) -> ScoredRows:
        """The state of all rows.

        Raises:
            InputError: there are too many slices.
        """
        self._count_waiting()
        if self.whole is not None:
            for of, name in self._counts:
                if of == ALL:
                    self._counts[of, name] = total_of(self._parts(name))
        return ScoredRows(counts=self._counts)

    def _parts(self, name: str) -> list[ScoreCounts]:
        """The slices that each row of a class is in one of."""
        found = self._counts.items()
        return [each for ((kind, _), of), each in found if kind == self.whole and of == name]

    def _count_waiting(self) -> None:
        for key, parts in self._waiting.items():
            self._count(key, ScoredPart.joined(parts))
        self._waiting.clear()
        self._rows = 0
        refuse_many({of for of, _ in self._counts})

    def _count(self, key: Key, part: ScoredPart) -> None:
        counts = part.counts(self._level)
        self._level = counts.level
        self._counts[key] += counts
