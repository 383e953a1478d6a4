"""Column summaries for counting by group: distinct values, type, range.

Values are kept one by one up to `VALUES_KEPT`. A column with more of them (a score, an age in
days) is collapsed: values that the configuration names stay, all others become a `Rest`, which
says between which of the named values they lie. That is enough to tell an interval's rows.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from driftkit.columns.numbers import number_in
from driftkit.native.hashing import splitmix64

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from driftkit.columns.types import InferredType

VALUES_KEPT = 10_000
HASHES_KEPT = 4096

Scalar = bool | int | float | str


@dataclass(frozen=True, slots=True)
class Rest:
    """Values that are not kept one by one.

    Attributes:
        rank: how many of the points are smaller; -1 for values that are no numbers.
    """

    rank: int


Key = bool | int | float | str | Rest | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """How scores become predictions.

    Attributes:
        score: those above it are 1, others 0.
        labels_stay: whether the column may hold labels: texts and whole numbers but 0 and 1 then
            stay as they are; otherwise texts are missing.
    """

    score: float
    labels_stay: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupColumn:
    """A column that plays a role.

    Attributes:
        name: for messages.
        index: its place among the dataset's columns.
        declared: the type that the input declares; None for text (CSV, JSON).
        category: whether it is a pandas category, which is never a scale.
        points: numbers that the configuration names, ascending.
        texts: values that the configuration names, as text.
        threshold: of scores; None leaves values as they are.
    """

    name: str
    # Files whose columns stand in another order add up.
    index: int = field(compare=False)
    declared: InferredType | None = None
    category: bool = False
    points: tuple[float, ...] = ()
    texts: frozenset[str] = frozenset()
    threshold: Threshold | None = None

    def collapse(self, key: Key) -> Key:
        """What stands for a value once there are too many of them."""
        if key is None or isinstance(key, Rest) or str(key) in self.texts:
            return key
        number = number_of(key)
        if number is None:
            return Rest(-1)
        rank = int(np.searchsorted(np.array(self.points), number, side="left"))
        named = rank < len(self.points) and self.points[rank] == number
        return key if named else Rest(rank)


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnFacts:
    """What is known of a column after some rows; it adds up in the order of the rows.

    Attributes:
        column: the column.
        values: its values in order of appearance, None for missing ones.
        collapsed: whether `values` are collapsed.
        present: rows with a value.
        missing: rows without.
        kinds: "int", "float", "bool", "str": what the values look like.
        maximum: greatest number, an int where all numbers are whole.
        hashes: smallest hashes of distinct numbers, once collapsed; they tell how many there are.
    """

    column: GroupColumn
    values: tuple[Key, ...] = ()
    collapsed: bool = False
    present: int = 0
    missing: int = 0
    kinds: frozenset[str] = frozenset()
    maximum: int | float | None = None
    hashes: tuple[int, ...] = field(default=(), repr=False)

    def __add__(self, other: ColumnFacts) -> ColumnFacts:
        if not self.present + self.missing:
            return other
        if not other.present + other.missing:
            return self
        maxima = [each for each in (self.maximum, other.maximum) if each is not None]
        facts = ColumnFacts(
            column=self.column,
            values=tuple(dict.fromkeys((*self.values, *other.values))),
            collapsed=self.collapsed,
            present=self.present + other.present,
            missing=self.missing + other.missing,
            kinds=self.kinds | other.kinds,
            maximum=max(maxima, default=None),
            hashes=self.hashes,
        )
        if not (self.collapsed or other.collapsed) and facts.distinct <= VALUES_KEPT:
            return facts
        return facts.collapse(self.all_hashes(), other.all_hashes())

    def collapse(self, *hashes: tuple[int, ...]) -> ColumnFacts:
        """The facts without single values; `hashes` are those of all parts."""
        union = sorted(set().union(*hashes))[:HASHES_KEPT]
        values = tuple(dict.fromkeys(map(self.column.collapse, self.values)))
        return replace(self, values=values, collapsed=True, hashes=tuple(union))

    def all_hashes(self) -> tuple[int, ...]:
        """The smallest hashes of the distinct numbers seen."""
        if self.collapsed:
            return self.hashes
        numbers = [number for key in self.values if (number := _plain_number(key)) is not None]
        return smallest_hashes(np.array(numbers, dtype=np.float64))

    @property
    def distinct(self) -> float:
        """Number of distinct values; an estimate (standard error 1.6 %) once collapsed."""
        if not self.collapsed:
            return len([key for key in self.values if key is not None])
        if len(self.hashes) < HASHES_KEPT:
            return len(self.hashes)
        # The k-th smallest of n uniform hashes lies at k/n (Bar-Yossef et al., 2002).
        return (HASHES_KEPT - 1) / (self.hashes[-1] / 2**64)


def number_of(value: Scalar) -> float | None:
    """The number that a value is or spells; None where it is none."""
    number = number_in(value) if isinstance(value, str) else float(value)
    return None if number is None or np.isnan(number) else number


def points_of(values: Iterable[Scalar]) -> tuple[float, ...]:
    """The numbers that decide about intervals with these bounds.

    The next whole number is one of them because smclarify cuts off the fractions of predictions
    where labels are whole.
    """
    numbers = [number for value in values if (number := number_of(value)) is not None]
    finite = [number for number in numbers if np.isfinite(number)]
    return tuple(sorted({*finite, *(float(np.floor(number) + 1) for number in finite)}))


def texts_of(values: Iterable[Scalar]) -> frozenset[str]:
    """How the values may be written in a column of text."""
    return frozenset(str(value) for value in values)


def smallest_hashes(numbers: NDArray[np.float64]) -> tuple[int, ...]:
    """The smallest hashes of distinct numbers (splitmix64 of their bits)."""
    # Adding zero makes -0.0 and 0.0 one number.
    bits = (np.unique(numbers) + 0.0).view(np.uint64)
    return tuple(int(each) for each in np.sort(splitmix64(bits))[:HASHES_KEPT])


def _plain_number(key: Key) -> float | None:
    return None if key is None or isinstance(key, Rest) else number_of(key)
