"""Windows of data in a state, so that no rows are added twice."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from os.path import normpath
from typing import TYPE_CHECKING

from driftkit.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_EVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)

# What windows with rows in common share: a path, or the number of rows and their digest.
_Mark = str | tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The rows that entered a state.

    Attributes:
        source: where they were read, a full path or URL; None for tables in memory.
        start: beginning of the window, included; None if it is not known.
        end: end of the window, excluded; None if it is not known.
        rows: how many they are.
        digest: a number that the same rows give again.
        paths: full paths or URLs that were read, where they are several.
    """

    source: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    rows: int = 0
    digest: int = 0
    paths: tuple[str, ...] = ()

    @property
    def is_timed(self) -> bool:
        """Whether beginning or end is known."""
        return self.start is not None or self.end is not None

    @property
    def label(self) -> str:
        """The window in words."""
        if not self.is_timed:
            return self.source or f"{self.rows:,} rows in memory"
        begin, end = (each.isoformat() if each else "open" for each in (self.start, self.end))
        return f"{self.source or 'a table'}, {begin} to {end}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Placed:
    """A window and the states in which it is."""

    window: Window
    part: int
    name: str

    @property
    def start(self) -> datetime:
        return self.window.start or _EVER[0]

    @property
    def end(self) -> datetime:
        return self.window.end or _EVER[1]

    def paths(self) -> list[str]:
        window = self.window
        found = window.paths or ((window.source,) if window.source else ())
        return [path if "://" in path else normpath(path) for path in found]

    def marks(self) -> list[_Mark]:
        return [*self.paths(), (self.window.rows, self.window.digest)]


class _Timeline:
    """Windows with a mark in common, by their time."""

    def __init__(self, windows: Iterable[_Placed]) -> None:
        ordered = sorted(windows, key=lambda each: each.start)
        self._starts = [each.start for each in ordered]
        self._last = list(_last(ordered))

    def meets(self, one: _Placed) -> _Placed | None:
        """A window of other states whose time intersects."""
        before = bisect_left(self._starts, one.end)
        candidates = self._last[before - 1] if before else ()
        return next(
            (each for each in candidates if each.part != one.part and each.end > one.start), None
        )


def _last(ordered: Iterable[_Placed]) -> Iterator[tuple[_Placed, ...]]:
    """Of the windows up to each, the one that ends last, and the last of other states than its."""
    last: tuple[_Placed, ...] = ()
    for one in ordered:
        ranked = sorted((*last, one), key=lambda each: each.end, reverse=True)
        last = (ranked[0], *[each for each in ranked if each.part != ranked[0].part][:1])
        yield last


def refuse_overlap(parts: Sequence[tuple[Sequence[Window], str]]) -> None:
    """Refuses states that have rows in common, as far as their windows tell.

    Two windows overlap if their times are not known to be apart, and if they read the same path,
    or one read a path inside the other's, or if they have the same rows. What is inside one part
    was accepted when it was made.

    Args:
        parts: the windows of each part, and its name.

    Raises:
        InputError: windows of two parts overlap.
    """
    placed = [
        _Placed(window=window, part=number, name=name)
        for number, (windows, name) in enumerate(parts)
        for window in windows
        if window.rows
    ]
    marked: defaultdict[_Mark, list[_Placed]] = defaultdict(list)
    for each in placed:
        for mark in each.marks():
            marked[mark].append(each)
    timelines = {mark: _Timeline(some) for mark, some in marked.items()}
    for each in placed:
        for mark in (*each.marks(), *_above(each.paths())):
            twin = timelines[mark].meets(each) if mark in timelines else None
            if twin is not None:
                first, second = sorted((twin, each), key=lambda one: one.part)
                raise _overlapping(first, second, mark)


def _above(paths: Iterable[str]) -> set[str]:
    """The folders in which paths are, up to the highest."""
    found: set[str] = set()
    for path in paths:
        folder = path.rpartition("/")[0]
        while folder and folder not in found:
            found.add(folder)
            folder = folder.rpartition("/")[0]
    return found


def _overlapping(one: _Placed, two: _Placed, mark: _Mark) -> InputError:
    shared = f"rows of {mark}" if isinstance(mark, str) else "the same rows"
    return InputError(
        "two windows overlap, so that some rows would count twice",
        where=f"{one.name} and {two.name}",
        expected="windows without rows in common",
        found=f"{shared} in both: {one.window.label}; {two.window.label}",
        todo="Leave one out, or allow it with --allow-overlap (allow_overlap=True)",
    )
