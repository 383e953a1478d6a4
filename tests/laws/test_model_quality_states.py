"""The states of model quality add up: identity, split anywhere, any order of merging."""

from __future__ import annotations

from functools import reduce
from itertools import pairwise
from operator import add
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from driftkit.capture.truth_join.counts import MergeCounts
from driftkit.formats.model_quality.problems import Problem
from driftkit.states.quality.confusion import Confusion
from driftkit.states.quality.fold import Observed, fold
from driftkit.states.quality.rank_sums import Pairs, RankSums
from driftkit.states.quality.residuals import Residuals
from driftkit.states.quality.scores import Scores
from driftkit.states.quality.state import QualityRequest, QualityState

shares = st.one_of(
    st.floats(0, 1, allow_nan=False), st.sampled_from([0.0, -0.0, 0.25, 0.5, 1.0, 5e-324])
)
rows = st.integers(0, 60).flatmap(
    lambda n: st.tuples(arrays.arrays(np.float64, n, elements=shares), arrays.arrays(np.bool_, n))
)


def _confusion(scores: Any, flags: Any) -> Confusion:
    pairs = [(str(flag), str(score > 0.5)) for score, flag in zip(scores, flags, strict=True)]
    return reduce(add, (Confusion(cells={pair: 1}) for pair in pairs), Confusion())


def _quality(scores: Any, flags: Any) -> QualityState:
    if not scores.size:
        return QualityState()
    labels, probabilities = (pa.chunked_array([pa.array(each)]) for each in (flags, scores))
    observed = Observed(labels=labels, probabilities=probabilities)
    return fold(observed, QualityRequest(problem=Problem.BINARY))


STATES: dict[type, Any] = {
    Confusion: _confusion,
    Residuals: lambda scores, flags: Residuals.from_predictions(flags.astype(np.float64), scores),
    Scores: Scores.from_probabilities,
    Pairs: lambda scores, flags: (
        RankSums.from_scores(Scores.from_probabilities(scores, flags)).whole
    ),
    RankSums: lambda scores, flags: RankSums.from_scores(Scores.from_probabilities(scores, flags)),
    QualityState: _quality,
    MergeCounts: lambda scores, flags: MergeCounts(
        captures=len(scores),
        newest_label=f"2024/01/01/{len(scores) % 24:02d}",
        delays={int(flags.sum()): 1},
        labelled_hours={"2024/01/01/00": int(flags.sum())},
        unlabelled_hours={f"2024/01/01/{len(scores) % 2:02d}": 1},
    ),
}


def _state(kind: type, values: tuple[Any, Any]) -> Any:
    return STATES[kind](*values)


@pytest.mark.parametrize("kind", STATES)
@settings(max_examples=25, deadline=None)
@given(values=rows)
def test_nothing_is_the_identity(kind: type, values: tuple[Any, Any]) -> None:
    state, nothing = _state(kind, values), kind()

    assert nothing + state == state
    assert state + nothing == state


@pytest.mark.parametrize("kind", [Confusion, Scores, QualityState])
@settings(max_examples=40, deadline=None)
@given(values=rows, data=st.data())
def test_parts_in_any_order_are_the_whole(
    kind: type, values: tuple[Any, Any], data: st.DataObject
) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(values[0])), max_size=4)))
    edges = list(zip([0, *cuts], [*cuts, len(values[0])], strict=True))
    parts = [_state(kind, (values[0][a:b], values[1][a:b])) for a, b in edges]

    total = reduce(add, data.draw(st.permutations(parts)))

    assert total == _state(kind, values)


@settings(max_examples=40, deadline=None)
@given(values=rows, cuts=st.lists(shares, max_size=5))
def test_ranges_of_scores_side_by_side_are_the_whole(
    values: tuple[Any, Any], cuts: list[float]
) -> None:
    scores = Scores.from_probabilities(*values)
    parts = [RankSums.from_scores(part) for part in scores.split(sorted(cuts))]
    middle = len(parts) // 2

    from_the_left = reduce(add, parts)
    in_halves = reduce(add, parts[:middle], RankSums()) + reduce(add, parts[middle:], RankSums())

    assert from_the_left == RankSums.from_scores(scores)
    assert in_halves == from_the_left


@settings(max_examples=40, deadline=None)
@given(
    values=arrays.arrays(np.float64, (2, 40), elements=st.floats(-1e6, 1e6)),
    cut=st.integers(0, 40),
)
def test_residuals_of_parts_are_the_whole_within_rounding(values: Any, cut: int) -> None:
    labels, predictions = values

    joined = Residuals.from_predictions(
        labels[:cut], predictions[:cut]
    ) + Residuals.from_predictions(labels[cut:], predictions[cut:])

    whole = Residuals.from_predictions(labels, predictions)
    scale = np.abs(whole.whole).max() + 1e12
    np.testing.assert_allclose(joined.whole, whole.whole, rtol=1e-12, atol=scale * 1e-13)
    np.testing.assert_array_equal(joined.groups[:, 0].sum(), whole.groups[:, 0].sum())


def test_a_million_rows_split_anywhere_have_the_same_area() -> None:
    draws = np.random.default_rng(1)
    scores = draws.random(1_000_000)
    labels = draws.random(1_000_000) < scores
    whole = RankSums.from_scores(Scores.from_probabilities(scores, labels))

    cuts = [0, *sorted(draws.integers(0, 1_000_000, 5).tolist()), 1_000_000]
    parts = [Scores.from_probabilities(scores[a:b], labels[a:b]) for a, b in pairwise(cuts)]

    assert RankSums.from_scores(reduce(add, parts)) == whole
