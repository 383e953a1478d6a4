"""Counts by facets add up: identity, split anywhere, order of merging."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from driftkit.columns.chunk import Column
from driftkit.states.groups import columns as facet_columns
from driftkit.states.groups import fold as facet_fold
from driftkit.states.groups.counts import GroupCounts
from driftkit.states.groups.fold import count, count_chunk
from driftkit.states.groups.storage import GroupStates, loads
from tests.states.groups.group_cases import TYPES, Case

if TYPE_CHECKING:
    from collections.abc import Sequence

ROWS = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "c", "7", "7.5", "x", "y", None]),
        st.integers(0, 9),
        st.floats(0, 1, width=16) | st.none(),
        st.sampled_from([1, 2, 3]),
    ),
    min_size=1,
    max_size=40,
)


def _case(rows: Sequence[Sequence[Any]]) -> Case:
    return Case(
        names=("facet", "label", "prediction", "group"),
        dtypes=("object", "int64", "float64", "int64"),
        rows=rows,
        facet="facet",
        facet_values=["a", 7],
        label="label",
        positives=[4],
        prediction="prediction",
        group="group",
    )


@pytest.fixture(params=[10_000, 4], ids=["values kept", "values collapsed"])
def values_kept(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    for module in (facet_columns, facet_fold):
        monkeypatch.setattr(module, "VALUES_KEPT", request.param)
    kept: int = request.param
    return kept


LAW = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@LAW
@given(rows=ROWS)
def test_identity(values_kept: int, rows: list[tuple[Any, ...]]) -> None:
    assert values_kept
    whole = count_chunk(_case(rows).plan(), _case(rows).chunk())
    empty = GroupCounts.empty(_case(rows).plan())

    assert empty + whole == whole + empty == whole


@LAW
@given(rows=ROWS, cuts=st.lists(st.integers(0, 40), max_size=5))
def test_split_anywhere_is_the_whole(
    values_kept: int, rows: list[tuple[Any, ...]], cuts: list[int]
) -> None:
    assert values_kept
    case = _case(rows)
    chunk = case.chunk()
    bounds = sorted({0, len(rows), *(min(cut, len(rows)) for cut in cuts)})
    parts = [chunk.slice(start, stop) for start, stop in pairwise(bounds)]

    assert count(case.plan(), parts) == count_chunk(case.plan(), chunk)


@LAW
@given(rows=ROWS, first=st.integers(0, 40), second=st.integers(0, 40))
def test_order_of_merging(
    values_kept: int, rows: list[tuple[Any, ...]], first: int, second: int
) -> None:
    assert values_kept
    case = _case(rows)
    low, high = sorted(min(cut, len(rows)) for cut in (first, second))
    bounds = ((0, low), (low, high), (high, len(rows)))
    a, b, c = (count_chunk(case.plan(), case.chunk().slice(*each)) for each in bounds)

    assert (a + b) + c == a + (b + c)


@LAW
@given(rows=ROWS, cut=st.integers(0, 40))
def test_parts_that_were_written_add_up(
    values_kept: int, rows: list[tuple[Any, ...]], cut: int
) -> None:
    assert values_kept
    case = _case(rows)
    parts = [
        _read_again(count(case.plan(), [case.chunk().slice(start, stop)]), case)
        for start, stop in pairwise((0, min(cut, len(rows)), len(rows)))
    ]

    assert parts[0] + parts[1] == count_chunk(case.plan(), case.chunk())
    empty = GroupCounts.empty(case.plan())
    assert _read_again(empty, case) == empty


def _read_again(counts: GroupCounts, case: Case) -> GroupCounts:
    columns = tuple(
        Column(name=name, declared=TYPES[dtype][0])
        for name, dtype in zip(case.names, case.dtypes, strict=True)
    )
    return loads(GroupStates(state=counts, columns=columns).dumps(), "here").state


def test_collapsed_columns_give_the_same_report(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [("a" if row % 3 else "b", row % 10, (row % 97) / 97, row % 2) for row in range(500)]
    exact = [each.table.counts for each in _case(rows).reader().groups(0, predicted=False)]

    for module in (facet_columns, facet_fold):
        monkeypatch.setattr(module, "VALUES_KEPT", 4)
    case = _case(rows)
    collapsed = case.reader()

    assert collapsed.counts.columns[2].collapsed
    assert [each.table.counts.tolist() for each in collapsed.groups(0, predicted=False)] == [
        each.tolist() for each in exact
    ]
