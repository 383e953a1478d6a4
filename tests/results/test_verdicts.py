"""Effects of verdicts are told in the unit of their kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from driftkit.comparison.detection.categories import CategoricalReference
from driftkit.comparison.detection.cells import Cells
from driftkit.comparison.detection.day_scores import categorical_scores, numeric_scores
from driftkit.results.verdicts import how_far, measure_of
from tests.comparison.detection.drawn import edges_of, reference_of, windows_of

if TYPE_CHECKING:
    from driftkit.comparison.detection.day_scores import DayScores
    from driftkit.comparison.detection.evidence import Evidence

_RNG = np.random.default_rng(5)
_BASE = _RNG.normal(size=4_000)
_EDGES = edges_of(_BASE)


def _days(factor: float) -> DayScores:
    """Scores of two days, the second of which is so many times as wide."""
    cells = windows_of([_BASE, factor * _RNG.normal(size=4_000)], _EDGES)
    none = np.zeros((1, cells.counts.shape[2]), bool)
    return numeric_scores(cells, np.array([[True, False]]), none, far=none)


def _tests(factor: float) -> list[Evidence]:
    window = windows_of([factor * _RNG.normal(size=4_000)], _EDGES)
    return reference_of(_BASE, _EDGES).tests(window)


def test_every_kind_of_effect_has_a_unit() -> None:
    some = Cells.of(np.array([[30, 20, 0]]))
    of_categories = categorical_scores(some, np.array([[True]])).kinds
    of_tests = [*_tests(1.0), *CategoricalReference(cells=some).tests(some)]
    kinds = {*_days(1.0).kinds, *of_categories, *(each.kind for each in of_tests)}

    assert {"shape", "distribution", "spread", "shares", "nulls"} <= kinds
    for kind in kinds:
        assert measure_of(kind), kind
        assert how_far(kind, 0.2).strip("+0.2"), kind


@pytest.mark.parametrize("factor", [0.6, 1.2, 2.0])
def test_a_spread_is_told_as_the_factor_of_a_normal_law(factor: float) -> None:
    """Whichever test saw it."""
    scores = _days(factor)
    of_days = float(scores.effects[0, 1, scores.kinds.index("spread")])
    (of_test,) = [each.effect[0, 0] for each in _tests(factor) if each.kind == "spread"]

    for effect in (of_days, float(of_test)):
        wide, *others = how_far("spread", effect).split()
        assert others == ["times", "as", "wide"]
        assert float(wide) == pytest.approx(factor, rel=0.06)


def test_a_spread_beyond_all_ranks_is_told_as_such() -> None:
    assert how_far("spread", 1.0) == "over 10 times as wide"
    assert how_far("spread", -0.5) == "0 times as wide"
