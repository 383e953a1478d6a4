"""The table of distances: laws that every row keeps, and the page that lists them."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftkit.comparison.distances import CATEGORICAL, DISTANCES, NUMERICAL
from driftkit.comparison.distributions import distribution

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftkit.comparison.distance import Distance, OfCategories, OfNumbers
    from driftkit.comparison.distributions import Distribution

PAGE = Path(__file__).resolve().parents[2] / "docs" / "distances.md"
NUMBERS = st.lists(
    st.lists(st.floats(allow_nan=False, width=32), max_size=20), min_size=1, max_size=3
).filter(any)
DISTRIBUTIONS = NUMBERS.map(lambda levels: distribution(levels, distinct_ranks=False))
CATEGORIES = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 1_000), min_size=1)
OF_NUMBERS = [each.numbers for each in DISTANCES if each.numbers and each.greatest == 1.0]
OF_CATEGORIES = [
    measure
    for each in DISTANCES
    for measure in (each.categories, each.robust_categories)
    if measure and each.greatest == 1.0
]


@pytest.mark.parametrize("measure", OF_NUMBERS)
@given(first=DISTRIBUTIONS, second=DISTRIBUTIONS)
def test_a_distance_of_numbers_is_zero_or_more_and_at_most_one(
    measure: OfNumbers, first: Distribution, second: Distribution
) -> None:
    value = measure(first, second)
    # Numbers that are too far apart for bins of equal width have none.
    assert 0.0 <= value <= 1.0 or (math.isnan(value) and not math.isfinite(width(first, second)))
    own = measure(first, first)
    assert own == pytest.approx(0.0, abs=1e-7) or not math.isfinite(width(first, first))


def width(*samples: Distribution) -> float:
    """How far the greatest number is from the least."""
    with np.errstate(over="ignore", invalid="ignore"):
        return float(np.ptp(np.concatenate([each.values for each in samples])))


@pytest.mark.parametrize("measure", OF_CATEGORIES)
@given(first=CATEGORIES, second=CATEGORIES)
def test_a_distance_of_categories_is_zero_or_more_and_at_most_one(
    measure: OfCategories, first: Mapping[str, int], second: Mapping[str, int]
) -> None:
    assert 0.0 <= measure(first, second) <= 1.0
    assert measure(first, first) == 0.0


def test_distances_with_nothing_in_common_are_the_greatest() -> None:
    low, high = (distribution([values], distinct_ranks=False) for values in ([1.0], [2.0]))

    measures = (NUMERICAL[name].numbers for name in ("Simple", "JensenShannon"))

    assert [measure(high, low) for measure in measures if measure] == [1.0, 1.0]


def test_a_name_belongs_to_one_row() -> None:
    names = [name.lower() for each in DISTANCES for name in (each.name, *each.spellings)]

    assert len(names) == len(set(names))
    assert {*NUMERICAL, *CATEGORICAL} == {each.name for each in DISTANCES}


@pytest.mark.parametrize("row", DISTANCES, ids=lambda row: row.name)
def test_the_page_lists_every_distance(row: Distance) -> None:
    kinds = [word for word, of in (("numbers", row.numbers), ("text", row.categories)) if of]
    range_ = "a test" if row.greatest is None else f"0 to {row.greatest:g}".replace("inf", "∞")
    less = "less than " if row.is_p_value else ""
    dialects = ", ".join(row.dialects)
    cells = (row.name, ", ".join(kinds), range_, f"{less}{row.threshold:g}", dialects, row.source)

    assert f"| {' | '.join(cells)} |" in PAGE.read_text(encoding="utf-8")
