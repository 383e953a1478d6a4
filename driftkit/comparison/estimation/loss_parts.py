"""A model of a regression's errors as plain numbers, and what is known of how sure it is."""

from __future__ import annotations

from dataclasses import dataclass

# A code is a byte, and so is the number of a leaf.
CODES = 256
DEEPEST = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """A column whose values are told apart by codes; that of a missing value is 0.

    Attributes:
        name: of the column; of the first feature, which is the prediction, it says nothing.
        edges: of numbers, ascending: a value has the code 1 more than the edges below it.
        categories: ascending: texts, as the numbers that stand for them, and numbers among them.
        others: whether the reference has other categories.
        low: the least number of the reference; None of categories.
        high: the greatest.
        missing: whether the reference has rows without a value.
    """

    name: str
    edges: tuple[float, ...] = ()
    categories: tuple[float, ...] = ()
    others: bool = False
    low: float | None = None
    high: float | None = None
    missing: bool = False

    @property
    def is_text(self) -> bool:
        """Whether its values are categories."""
        return self.low is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """A tree that asks one question at each level; with d of them it has 2**d leaves.

    Attributes:
        features: of each level, the index of the feature whose code is asked for.
        above: a greater code adds a bit 1 to the number of the row's leaf, any other a bit 0.
        absolute: what each leaf adds to the absolute error that is expected.
        squared: the same of the squared error.
    """

    features: tuple[int, ...]
    above: tuple[int, ...]
    absolute: tuple[float, ...]
    squared: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """What one fold's rows were held out of: a sum of trees.

    Attributes:
        absolute: the absolute error, before any tree adds to it.
        squared: the squared error likewise.
        codes: of each feature those of its categories, and last that of all others; none of numbers.
        trees: what is added.
    """

    absolute: float
    squared: float
    codes: tuple[tuple[int, ...], ...]
    trees: tuple[Tree, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LossModel:
    """The errors that are to be expected of a row: the mean of what the members say.

    Attributes:
        features: that are asked for, the prediction first.
        members: each made of other rows.
    """

    features: tuple[Feature, ...]
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Rows of the reference of which similar errors are expected.

    Attributes:
        least: the least absolute error that is expected of them.
        rows: how many rows they are worth.
        absolute_variance: of absolute errors about what a model without these rows expected.
        squared_variance: of squared errors likewise.
    """

    least: float
    rows: float
    absolute_variance: float
    squared_variance: float
