"""What cannot be told apart any more once windows are added up that were split otherwise."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from driftkit.states.partitions.partition import Key, Split

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


class Added(Protocol):
    """States on their way to being added up."""

    @property
    def name(self) -> str:
        """The file or what else they came from."""

    @property
    def splits(self) -> Sequence[Split]:
        """The states of parts of the rows."""

    @property
    def losses(self) -> Losses:
        """What they lost when they were added up themselves."""


AnyAdded = TypeVar("AnyAdded", bound=Added)


@dataclass(slots=True)
class Seen:
    """The splits of states that pass by on their way to being added up."""

    _names: dict[frozenset[_By], str] = field(default_factory=dict)
    _keys: set[Key] = field(default_factory=set)
    _earlier: list[Losses] = field(default_factory=list)

    def watched(self, parts: Iterable[AnyAdded]) -> Iterator[AnyAdded]:
        """The parts as they are."""
        for part in parts:
            self._earlier.append(part.losses)
            told = frozenset((each.by, each.unit) for each in part.splits)
            self._names.setdefault(told, part.name)
            for split in part.splits:
                if split.unit is None:
                    self._keys.update(split.parts)
            yield part

    def lost(self, left: Sequence[Split]) -> Losses:
        """What was seen and is not in the sum, of which these are left, and what was lost before."""
        there = {(each.by, each.unit) for each in left}
        seen = sorted(frozenset().union(*self._names), key=str)
        splits = tuple(self._split(each) for each in seen if each not in there)
        segments = next((each for each in left if each.unit is None), None)
        return Losses(
            splits=(*(split for each in self._earlier for split in each.splits), *splits),
            segments=sum(each.segments for each in self._earlier)
            + (len(self._keys.difference(segments.parts)) if segments is not None else 0),
        )

    def _split(self, by: _By) -> LostSplit:
        owner = next(name for found, name in self._names.items() if by in found)
        lacking = next(name for found, name in self._names.items() if by not in found)
        return LostSplit(by=by[0], unit=by[1], owner=owner, lacking=lacking)
