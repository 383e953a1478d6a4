"""The table of distances between a window's distribution and its baseline's.

A new distance is a function in a file of its own and a row here: constraints.json, the drift check,
the tables of statistics and the list in docs/data-quality.md follow from the row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

from driftkit.comparison import jensen_shannon
from driftkit.comparison.chi_square import chi_square
from driftkit.comparison.linfinity import categorical_distance, distribution_distance
from driftkit.dialects import IN_BOTH, IN_TEXTBOOK

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
        greatest: the value of samples with nothing in common; the least is 0. None for a test,
            whose value is no distance.
        robust_is_p_value: whether `robust_categories` gives a p-value, for which small is drift.
        threshold: of files that are silent about it.
        spellings: further words for it in constraints.json.
        source: where it is defined.
    """

    name: str
    dialects: tuple[str, ...]
    numbers: OfNumbers | None = None
    categories: OfCategories | None = None
    robust_categories: OfCategories | None = None
    greatest: float | None = 1.0
    robust_is_p_value: bool = False
    threshold: float = 0.1
    spellings: tuple[str, ...] = ()
    source: str


DISTANCES: tuple[Distance, ...] = (
    Distance(
        name="Simple",
        dialects=IN_BOTH,
        numbers=partial(distribution_distance, robust=False),
        # AWS's documentation says linf_simple where its schema says Simple.
        spellings=("linf_simple",),
        source="Deequ's Distance.numericalDistance: L-infinity of the distribution functions",
    ),
    Distance(
        name="Robust",
        dialects=IN_BOTH,
        numbers=partial(distribution_distance, robust=True),
        spellings=("linf_robust",),
        source="the same, less what few values are apart by chance",
    ),
    Distance(
        name="LInfinity",
        dialects=IN_BOTH,
        categories=partial(categorical_distance, robust=False),
        robust_categories=partial(categorical_distance, robust=True),
        source="Deequ's Distance.categoricalDistance: greatest difference of a share",
    ),
    Distance(
        name="ChiSquared",
        dialects=IN_BOTH,
        categories=partial(chi_square, robust=False),
        robust_categories=partial(chi_square, robust=True),
        greatest=None,
        robust_is_p_value=True,
        source="Deequ's Distance.categoricalDistance: Pearson's test after regrouping",
    ),
    Distance(
        name="JensenShannon",
        dialects=IN_TEXTBOOK,
        numbers=jensen_shannon.numerical_distance,
        categories=jensen_shannon.categorical_distance,
        source="Endres and Schindelin 2003: root of the divergence, base 2",
    ),
)

NUMERICAL = MappingProxyType({each.name: each for each in DISTANCES if each.numbers})
CATEGORICAL = MappingProxyType({each.name: each for each in DISTANCES if each.categories})
