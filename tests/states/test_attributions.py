"""Attribution states: sums that add up to what all rows together give."""

from __future__ import annotations

import itertools
from functools import reduce
from operator import add

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from driftkit.columns.chunk import Rejections
from driftkit.states.attribution_storage import (
    AttributionRequest,
    AttributionStates,
    combined,
    loads,
)
from driftkit.states.attributions import (
    GROUPS,
    UNANSWERED,
    AttributionState,
    no_attributions,
    of_rows,
)

FEATURES, OUTPUTS = 3, 2
ROWS = arrays(
    np.float64,
    st.tuples(st.integers(1, 60), st.just(FEATURES), st.just(OUTPUTS)),
    elements=st.floats(-5, 5),
)


def state(values: np.ndarray, first: int = 0) -> AttributionState:
    """The state of some rows; a row's group is its place."""
    groups = (np.arange(len(values)) + first) % GROUPS
    return of_rows(values, groups, median=True, local=True, rejected=Rejections())


@given(ROWS, st.lists(st.integers(0, 60), max_size=4))
def test_parts_add_up_to_the_whole(values: np.ndarray, cuts: list[int]) -> None:
    ends = [0, *sorted(min(cut, len(values)) for cut in cuts), len(values)]
    nothing = no_attributions(FEATURES, OUTPUTS, median=True)

    parts = [state(values[a:b], a) for a, b in itertools.pairwise(ends)]
    total, whole = reduce(add, parts, nothing), state(values)

    assert (total.rows, total.count) == (whole.rows, whole.count)
    for method in ("mean_abs", "mean_sq", "median"):
        assert total.values(method) == pytest.approx(whole.values(method), rel=1e-12, abs=1e-15)
    assert np.array_equal(np.concatenate(total.local), values)


def kept(found: AttributionState) -> AttributionStates:
    """The states of a file."""
    names = tuple("abc"[:FEATURES]), tuple("xy"[:OUTPUTS])
    request = AttributionRequest(
        features=names[0],
        labels=names[1],
        options={"seed": 1, "explained": None},
        background="a,b,c\n1,2,3\n",
        expected=(0.0, 1.5),
        median=True,
    )
    return AttributionStates(state=found, request=request)


@given(ROWS, st.data())
def test_kept_parts_in_any_order_are_the_whole(values: np.ndarray, data: st.DataObject) -> None:
    cuts = sorted(
        data.draw(st.lists(st.integers(1, len(values) - 1 or 1), unique=True, max_size=3))
    )
    ends = sorted({0, *cuts, len(values)})
    parts = [kept(state(values[a:b], a)) for a, b in itertools.pairwise(ends)]

    ordered = data.draw(st.permutations(parts))
    total = combined([loads(part.dumps(), "here") for part in ordered], allow_overlap=True).state

    whole = state(values)
    assert (total.rows, total.seen, total.count) == (whole.rows, whole.seen, whole.count)
    assert np.array_equal(total.explained, whole.explained)
    for method in ("mean_abs", "mean_sq", "median"):
        assert total.values(method) == pytest.approx(whole.values(method), rel=1e-12, abs=1e-15)
    errors = whole.errors("mean_abs")
    assert total.errors("mean_abs") == pytest.approx(errors, rel=1e-6, abs=1e-6, nan_ok=True)


@given(ROWS)
def test_nothing_changes_nothing(values: np.ndarray) -> None:
    nothing, whole = no_attributions(FEATURES, OUTPUTS, median=True), state(values)

    for total in (nothing + whole, whole + nothing):
        assert kept(total).dumps() == kept(whole).dumps()


@given(ROWS)
def test_global_values_are_numpys(values: np.ndarray) -> None:
    found = state(values)

    assert found.values("mean_abs") == pytest.approx(np.abs(values).mean(axis=0))
    assert found.values("mean_sq") == pytest.approx((values**2).mean(axis=0))
    assert found.values("median") == pytest.approx(np.median(values, axis=0))


def test_errors_are_those_of_the_mean() -> None:
    values = np.random.default_rng(1).normal(size=(500, FEATURES, OUTPUTS))

    found = state(values).errors("mean_abs")

    assert found == pytest.approx(np.abs(values).std(axis=0, ddof=1) / np.sqrt(500))


def test_resampled_values_spread_as_the_error_says() -> None:
    values = np.random.default_rng(2).normal(size=(64_000, FEATURES, OUTPUTS))
    found = state(values)

    drawn = found.resampled("mean_abs", samples=2000, seed=0)

    assert drawn is not None
    assert drawn.mean(axis=0) == pytest.approx(found.values("mean_abs"), rel=1e-3)
    assert drawn.std(axis=0) == pytest.approx(found.errors("mean_abs"), rel=0.4)


def test_rows_without_an_answer_are_counted_and_left_out() -> None:
    values = np.ones((4, FEATURES, OUTPUTS))
    values[1, 0, 0] = np.nan

    found = state(values)

    assert (found.rows, found.count) == (4, 3)
    assert found.rejected.counts == {UNANSWERED: 1}
    assert found.values("mean_abs") == pytest.approx(np.ones((FEATURES, OUTPUTS)))


def test_nothing_has_no_values() -> None:
    nothing = no_attributions(FEATURES, OUTPUTS, median=False)

    assert np.isnan(nothing.values("mean_abs")).all()
    assert nothing.resampled("mean_abs", samples=3, seed=0) is None
