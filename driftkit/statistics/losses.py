"""What cannot be told apart any more once windows are added up that were split otherwise."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from driftkit.statistics.splits import Key
    from driftkit.statistics.states import Part, States

    Added = TypeVar("Added", bound=States | Part)

_By = tuple[tuple[str, ...], str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class LostSplit:
    """Segments or blocks that some states have and others lack.

    Attributes:
        by: the columns whose values tell rows apart.
        unit: "day" or "hour" for blocks of time, None for segments.
        owner: the first states that have them, by name.
        lacking: the first ones that do not.
    """

    by: tuple[str, ...]
    unit: str | None
    owner: str
    lacking: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Losses:
    """What a sum has lost of its parts.

    Attributes:
        splits: what not all parts were told apart by.
        segments: how many segments of a part are among all others now.
    """

    splits: tuple[LostSplit, ...] = ()
    segments: int = 0


@dataclass(slots=True)
class Seen:
    """The splits of states that pass by on their way to being added up."""

    _names: dict[frozenset[_By], str] = field(default_factory=dict)
    _keys: set[Key] = field(default_factory=set)
    _earlier: list[Losses] = field(default_factory=list)

    def watched(self, parts: Iterable[Added]) -> Iterator[Added]:
        """The parts as they are."""
        for part in parts:
            self._earlier.append(part.losses)
            told = frozenset((each.by, each.unit) for each in part.splits)
            self._names.setdefault(told, part.name)
            for split in part.splits:
                if split.unit is None:
                    self._keys.update(split.parts)
            yield part

    def lost(self, total: States) -> Losses:
        """What was seen and is not in the sum, and what had been lost before."""
        there = {(each.by, each.unit) for each in total.table.splits}
        seen = sorted(frozenset().union(*self._names), key=str)
        splits = tuple(self._split(each) for each in seen if each not in there)
        left = total.segments()
        return Losses(
            splits=(*(split for each in self._earlier for split in each.splits), *splits),
            segments=sum(each.segments for each in self._earlier)
            + (len(self._keys.difference(left.parts)) if left is not None else 0),
        )

    def _split(self, by: _By) -> LostSplit:
        owner = next(name for found, name in self._names.items() if by in found)
        lacking = next(name for found, name in self._names.items() if by not in found)
        return LostSplit(by=by[0], unit=by[1], owner=owner, lacking=lacking)
