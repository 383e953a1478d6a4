"""What a distance is: a row of the table of distances."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from driftkit.comparison.cell_counts import CellDistance, Measured
from driftkit.dialects import IN_TEXTBOOK

if TYPE_CHECKING:
    from driftkit.comparison.distributions import Distribution

OfNumbers = Callable[["Distribution", "Distribution"], float]
OfCategories = Callable[[Mapping[str, int], Mapping[str, int]], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Distance:
    """A way to compare a window's distribution with its baseline's.

    Attributes:
        name: its word in constraints.json; a comparison_method if it is of numbers, a
            categorical_drift_method if it is of categories.
        dialects: those in which constraints may name it.
        numbers: of two numeric distributions, the window's first; None where there is none.
        categories: of two counts of categories, the window's first; None where there is none.
        robust_categories: the same where the comparison_method is not Simple, if that differs.
        greatest: the value of samples with nothing in common, infinite where there is none; the
            least is 0. None for a test, whose value is no distance.
        is_p_value: whether the value is a p-value, for which small is drift.
        robust_is_p_value: whether that of `robust_categories` is.
        threshold: of files that are silent about it.
        spellings: further words for it in constraints.json.
        source: where it is defined.
    """

    name: str
    dialects: tuple[str, ...] = IN_TEXTBOOK
    numbers: OfNumbers | None = None
    categories: OfCategories | None = None
    robust_categories: OfCategories | None = None
    greatest: float | None = 1.0
    is_p_value: bool = False
    robust_is_p_value: bool = False
    threshold: float = 0.1
    spellings: tuple[str, ...] = ()
    source: str


def measured(measure: OfNumbers | OfCategories, current: Any, baseline: Any) -> Measured:
    """The value of a distance, with its interval and p-value where it has them."""
    if isinstance(measure, CellDistance):
        return measure.measured(current, baseline)
    return Measured(value=measure(current, baseline))
