"""Partitions that are lost when states with different partitions are merged."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from driftkit.states.partitions.partition import Key, Partition

_By = tuple[tuple[str, ...], str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class LostPartition:
    """Segments or blocks that some states have and others lack.

    Attributes:
        by: the columns whose values tell rows apart.
        unit: "day", "hour" or "week" for blocks of time, None for segments.
        owner: the first states that have them, by name.
        lacking: the first ones that do not.
    """

    by: tuple[str, ...]
    unit: str | None
    owner: str
    lacking: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeLosses:
    """What a sum has lost of its parts.

    Attributes:
        partitions: what not all parts were told apart by.
        segments: how many segments of a part are among all others now.
    """

    partitions: tuple[LostPartition, ...] = ()
    segments: int = 0


class Added(Protocol):
    """States on their way to being added up."""

    @property
    def name(self) -> str:
        """The file or what else they came from."""

    @property
    def partitions(self) -> Sequence[Partition]:
        """The states of parts of the rows."""

    @property
    def merge_losses(self) -> MergeLosses:
        """What they lost when they were added up themselves."""


AnyAdded = TypeVar("AnyAdded", bound=Added)


@dataclass(slots=True)
class Seen:
    """The splits of states that pass by on their way to being added up."""

    _names: dict[frozenset[_By], str] = field(default_factory=dict)
    _keys: set[Key] = field(default_factory=set)
    _earlier: list[MergeLosses] = field(default_factory=list)

    def watched(self, parts: Iterable[AnyAdded]) -> Iterator[AnyAdded]:
        """The parts as they are."""
        for part in parts:
            self._earlier.append(part.merge_losses)
            told = frozenset((each.by, each.unit) for each in part.partitions)
            self._names.setdefault(told, part.name)
            for split in part.partitions:
                if split.unit is None:
                    self._keys.update(split.parts)
            yield part

    def lost(self, left: Sequence[Partition]) -> MergeLosses:
        """What was seen and is not in the sum, of which these are left, and what was lost before."""
        there = {(each.by, each.unit) for each in left}
        seen = sorted(frozenset().union(*self._names), key=str)
        partitions = tuple(self._split(each) for each in seen if each not in there)
        segments = next((each for each in left if each.unit is None), None)
        return MergeLosses(
            partitions=(
                *(split for each in self._earlier for split in each.partitions),
                *partitions,
            ),
            segments=sum(each.segments for each in self._earlier)
            + (len(self._keys.difference(segments.parts)) if segments is not None else 0),
        )

    def _split(self, by: _By) -> LostPartition:
        owner = next(name for found, name in self._names.items() if by in found)
        lacking = next(name for found, name in self._names.items() if by not in found)
        return LostPartition(by=by[0], unit=by[1], owner=owner, lacking=lacking)
