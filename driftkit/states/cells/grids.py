"""The cells of a feature, and counts of rows by them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from driftkit.native.hashing import BUCKETS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from driftkit.comparison.distributions import Distribution
    from driftkit.native.arrays import Floats, Integers, Truths
    from driftkit.states.profile.buckets import Buckets

# Of numbers: so many quantiles, or each value where there are not many.
_QUANTILES = 256
_VALUES = 300
_EXTREMES = 3
_FREQUENT = 0.01
# Of categories: so many have a cell of their own, all others share one.
_CATEGORIES = 119


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Grid:
    """The cells of a feature, made from its baseline.

    Numbers have a cell from each edge to the next, which belongs to it. The first two are below all
    numbers of the baseline, by more than their whole range and by less; the last two are above.
    Categories have a cell each, then all but the most frequent one
    together, then all those that the baseline does not know. Of more categories than are counted, those
    share a cell whose hashes end alike.

    Attributes:
        name: of the feature.
        edges: of numbers, ascending; none of categories.
        atoms: of numbers, by cell, whether it is of a single value.
        values: of categories, the most frequent first, or who leads each bucket, the empty text where
            nobody does; none of numbers.
        hashed: whether cells are buckets of categories.
    """

    name: str
    edges: Floats
    atoms: Truths
    values: tuple[str, ...] = ()
    hashed: bool = False

    @property
    def is_numeric(self) -> bool:
        """Whether it is of numbers."""
        return bool(len(self.edges))

    @property
    def far(self) -> Truths:
        """Of numbers, by cell, whether it is far below or above all of the baseline."""
        found = np.zeros(self.cells, np.bool_)
        found[[0, -1]] = True
        return found

    @property
    def cells(self) -> int:
        """How many there are."""
        if self.is_numeric:
            return len(self.edges) + 1
        if self.hashed:
            # No value is known to be new, but all cells of categories end with one of these.
            return BUCKETS + 1
        return min(len(self.values), _CATEGORIES + 1) + 1

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Grid) and self._parts() == other._parts()

    def __hash__(self) -> int:
        return hash(self._parts())

    def _parts(self) -> tuple[object, ...]:
        # The same rows may name a bucket otherwise, or not at all, where they were split otherwise.
        names = () if self.hashed else self.values
        return self.name, self.edges.tobytes(), names, self.hashed

    def of_sketches(self, sketches: Sequence[Sequence[Sequence[float] | Floats]]) -> Integers:
        """Rows of each cell as well as sketches of numbers know, a row a sketch.

        Args:
            sketches: of each the values at its levels; one of level i stands for 2**i.
        """
        heights = [len(levels) for levels in sketches]
        sizes = [len(level) for levels in sketches for level in levels]
        weights = np.left_shift(1, np.concatenate([np.arange(0), *map(np.arange, heights)]))
        first = np.repeat(np.arange(len(heights)) * self.cells, heights)
        values = np.concatenate([np.empty(0), *(level for levels in sketches for level in levels)])
        cells = self.edges.searchsorted(values) + np.repeat(first, sizes)
        # Sums of doubles are exact up to far more rows than there are.
        rows = np.bincount(cells, np.repeat(weights, sizes), len(heights) * self.cells)
        return rows.astype(np.int64).reshape(len(heights), self.cells)

    def of_categories(self, counts: Mapping[str, int], total: int) -> Integers:
        """Rows of each cell.

        Args:
            counts: rows of each value that is counted.
            total: rows with a value.
        """
        found = np.zeros(self.cells, np.int64)
        rows = np.fromiter((counts.get(value, 0) for value in self.values), np.int64)
        np.add.at(found, np.minimum(np.arange(len(rows)), _CATEGORIES), rows)
        found[-1] = total - rows.sum()
        return found

    def of_buckets(self, buckets: Buckets) -> Integers:
        """Rows of each cell, where cells are buckets."""
        return np.append(buckets.counts, 0)

    def seen_once(self, counts: Integers) -> int:
        """About how many categories have a single row; exact unless some share a cell.

        As many rows as there are of them are to be expected of values that nobody has seen yet
        (Good and Turing's estimate: Good, Biometrika 40, 1953). Those that share a cell are taken to
        have numbers of rows as a geometric law has them.

        Args:
            counts: rows of each cell.
        """
        shared = 0 if self.hashed else len(self.values) - _CATEGORIES
        single = int((counts[: self.cells - 1 - (shared > 1)] == 1).sum())
        if shared <= 1 or not counts[_CATEGORIES]:
            return single
        return single + int(np.ceil(shared * min(1.0, shared / counts[_CATEGORIES])))


def numeric_grid(name: str, numbers: Distribution) -> Grid:
    """The cells of numbers: quantiles, extremes, and frequent values by themselves.

    Args:
        name: of the feature.
        numbers: of the baseline, at least one.
    """
    values = numbers.values
    shares = numbers.counts / numbers.total
    lowest, highest = float(values[0]), float(values[-1])
    width = highest - lowest or max(abs(highest), 1.0)
    bounds = np.array([lowest - width, np.nextafter(lowest, -np.inf), highest + width])
    bounds = bounds[np.isfinite(bounds)]
    if len(values) <= _VALUES:
        edges = np.unique(np.concatenate([bounds, values]))
        return Grid(name=name, edges=edges, atoms=np.append(np.isin(edges, values), False))
    frequent = values[shares >= _FREQUENT]
    inner = numbers.quantiles(np.linspace(0, 1, _QUANTILES + 1)[1:])
    extremes = (values[:_EXTREMES], values[-_EXTREMES:])
    singles = np.concatenate([frequent, np.nextafter(frequent, -np.inf)])
    edges = np.unique(np.concatenate([bounds, inner, *extremes, singles]))
    atoms = np.append(np.isin(edges, frequent), False)
    return Grid(name=name, edges=edges, atoms=atoms)


def categorical_grid(name: str, counts: Mapping[str, int]) -> Grid:
    """The cells of categories.

    Args:
        name: of the feature.
        counts: of the baseline, value -> rows, all values that it has.
    """
    ordered = sorted(counts, key=lambda value: (-counts[value], value))
    return Grid(name=name, edges=np.empty(0), atoms=np.zeros(0, np.bool_), values=tuple(ordered))


def hashed_grid(name: str, buckets: Buckets) -> Grid:
    """The cells of categories that are too many to have one each.

    Args:
        name: of the feature.
        buckets: of the baseline's rows.
    """
    return Grid(
        name=name,
        edges=np.empty(0),
        atoms=np.zeros(0, np.bool_),
        values=tuple(buckets.name_of(bucket) for bucket in range(BUCKETS)),
        hashed=True,
    )
