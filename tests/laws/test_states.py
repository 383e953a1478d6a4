"""Every state adds up: identity, split anywhere, order of merging. One row a state."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise
from math import isclose
from operator import add
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from driftkit.columns.chunk import Column, Rejections
from driftkit.states.kernels.choice import plain_kernels
from driftkit.states.partitions.partition import TableState
from driftkit.states.profile.buckets import Buckets
from driftkit.states.profile.column import STATES, ColumnState
from driftkit.states.profile.distinct import Registers
from driftkit.states.profile.extremes import Extremes
from driftkit.states.profile.frequencies import LIMIT, Frequencies
from driftkit.states.profile.kll import KllSketch
from driftkit.states.profile.moments import Moments
from driftkit.states.profile.presence import Presence
from driftkit.states.profile.skewness import ThirdMoment
from driftkit.states.profile.state_table import StateTable
from driftkit.states.profile.table import fold
from driftkit.states.profile.types import TypeCounts
from driftkit.states.storage_columns import unsigned
from tests.states.tables import Part

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Rows = list[float | None]
DOMAIN = frozenset({"0.0", "1.0", "-0.5"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A state, how rows make it, and how two of it are compared."""

    identity: Any
    of: Callable[[Rows], Any]
    same: Callable[[Any, Any], bool] = lambda one, other: bool(one == other)
    # Whether the sum of parts is the whole itself, and does not depend on their order.
    exact: bool = True


def floats(rows: Rows) -> np.ndarray:
    return np.array([row for row in rows if row is not None], np.float64)


def texts(rows: Rows) -> list[str]:
    return [str(row) for row in rows if row is not None]


def registers(rows: Rows) -> Registers:
    values = Registers().values.copy()
    plain_kernels().touch_doubles(floats(rows), values)
    return Registers(values=values)


def frequencies(rows: Rows) -> Frequencies:
    found = texts(rows)
    return Frequencies.from_counts({text: found.count(text) for text in set(found)}, DOMAIN)


def third_moment(rows: Rows) -> ThirdMoment:
    return table(rows).columns[0].third_moment


def close_third(one: ThirdMoment, other: ThirdMoment) -> bool:
    scale = one.m2 + abs(one.average) + 1e-300
    cubed = one.m2 * (abs(one.m2) ** 0.5 + abs(one.average)) + 1e-300
    return (
        one.n == other.n
        and isclose(one.average, other.average, rel_tol=1e-12, abs_tol=1e-12 * scale)
        and isclose(one.m2, other.m2, rel_tol=1e-12, abs_tol=1e-12 * scale)
        and isclose(one.m3, other.m3, rel_tol=1e-11, abs_tol=1e-11 * cubed)
    )


def extremes(rows: Rows) -> Extremes:
    values = floats(rows)
    if not len(values):
        return Extremes()
    return Extremes(minimum=float(values.min()), maximum=float(values.max()))


def type_counts(rows: Rows) -> TypeCounts:
    return TypeCounts(integral=len(texts(rows)), string=len(rows) - len(texts(rows)))


def table(rows: Rows) -> TableState:
    part = pa.table({"a": pa.array([None if r is None else str(r) for r in rows], pa.string())})
    return fold([Column(name="a")], [Part(table=part)])


def rejections(rows: Rows) -> Rejections:
    return Rejections(counts={"null": rows.count(None)} if None in rows else {})


def close(one: Moments, other: Moments) -> bool:
    scale = one.m2 + abs(one.total) + 1e-300
    return one.n == other.n and all(
        isclose(getattr(one, name), getattr(other, name), rel_tol=1e-12, abs_tol=1e-12 * scale)
        for name in ("total", "average", "m2")
    )


def same_count(one: KllSketch, other: KllSketch) -> bool:
    return one.count == other.count


def same_column(one: ColumnState, other: ColumnState) -> bool:
    exact = ("name", "declared", "presence", "types", "extremes", "distinct", "non_finite")
    return (
        all(getattr(one, name) == getattr(other, name) for name in (*exact, "frequencies"))
        and close(one.moments, other.moments)
        and close_third(one.third_moment, other.third_moment)
        and same_count(one.sketch, other.sketch)
    )


def same_table(one: TableState, other: TableState) -> bool:
    pairs = zip(one.columns, other.columns, strict=True)
    return one.rows == other.rows and all(same_column(first, second) for first, second in pairs)


CASES = {
    "presence": Case(
        identity=Presence(),
        of=lambda rows: Presence(present=len(texts(rows)), missing=rows.count(None)),
    ),
    "types": Case(identity=TypeCounts(), of=type_counts),
    "moments": Case(
        identity=Moments(),
        of=lambda rows: table(rows).columns[0].moments,
        same=close,
        exact=False,
    ),
    "third moment": Case(identity=ThirdMoment(), of=third_moment, same=close_third, exact=False),
    "extremes": Case(identity=Extremes(), of=extremes),
    "sketch": Case(
        identity=KllSketch(),
        of=lambda rows: KllSketch().extended(floats(rows)),
        same=same_count,
        exact=False,
    ),
    "distinct": Case(identity=Registers(), of=registers),
    "frequencies": Case(identity=Frequencies(), of=frequencies),
    "buckets": Case(identity=Buckets(), of=lambda rows: Buckets.of_counts(Counter(texts(rows)))),
    "rejections": Case(identity=Rejections(), of=rejections),
    "table": Case(identity=TableState(), of=table, same=same_table, exact=False),
    "column": Case(
        identity=ColumnState(name="a"),
        of=lambda rows: table(rows).columns[0],
        same=same_column,
        exact=False,
    ),
}

numbers = st.floats(-1e9, 1e9).map(lambda number: round(number, 1) + 0.0)
some_rows = st.lists(st.none() | numbers | st.sampled_from([0.0, 1.0, 2.0, 3.5]), max_size=60)
cases = pytest.mark.parametrize("case", CASES.values(), ids=CASES)


@cases
@given(rows=some_rows)
@settings(deadline=None, max_examples=40)
def test_nothing_added_changes_nothing(case: Case, rows: Rows) -> None:
    state = case.of(rows)

    assert case.identity + state == state
    assert state + case.identity == state


@cases
@given(rows=some_rows, data=st.data())
@settings(deadline=None, max_examples=40)
def test_parts_add_up_to_the_whole(case: Case, rows: Rows, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(rows)), max_size=4)))
    parts = [case.of(rows[start:stop]) for start, stop in pairwise([0, *cuts, len(rows)])]

    whole, total = case.of(rows), reduce(add, parts, case.identity)

    assert case.same(whole, total)
    assert not case.exact or whole == total


@cases
@given(parts=st.lists(some_rows, min_size=3, max_size=3))
@settings(deadline=None, max_examples=40)
def test_the_order_of_merging_does_not_matter(case: Case, parts: Sequence[Rows]) -> None:
    one, two, three = (case.of(rows) for rows in parts)

    assert case.same((one + two) + three, one + (two + three))
    assert case.same(one + two, two + one)
    assert not case.exact or (one + two) + three == one + (two + three)


@pytest.mark.parametrize("name", STATES)
@given(parts=st.lists(some_rows, min_size=1, max_size=4))
@settings(deadline=None, max_examples=25)
def test_every_state_is_read_back_and_many_add_up_as_one_by_one(
    name: str, parts: Sequence[Rows]
) -> None:
    columns = [table(rows).columns[0] for rows in parts]
    states = [getattr(column, name) for column in columns]
    batches = [unsigned([column]) for column in columns]

    back = [state for batch in batches for state in STATES[name].decode(batch)]
    [total] = STATES[name].merge(StateTable(batches))

    assert back == states
    assert repr(total) == repr(reduce(add, states))


@given(rows=st.lists(st.integers(0, 2 * LIMIT), max_size=3 * LIMIT), cut=st.integers(0, 3 * LIMIT))
@settings(deadline=None, max_examples=40)
def test_frequencies_overflow_wherever_the_rows_are_cut(rows: list[int], cut: int) -> None:
    values: Rows = [float(row) for row in rows]

    whole, total = frequencies(values), frequencies(values[:cut]) + frequencies(values[cut:])

    assert whole == total
    assert whole.overflowed == (len(set(rows)) > LIMIT)
    assert whole.others + sum(whole.counts.values()) == len(rows)


@given(rows=st.lists(st.floats(-1e6, 1e6), max_size=9000), data=st.data())
@settings(deadline=None, max_examples=20)
def test_sketches_extended_in_order_are_the_whole(rows: list[float], data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(rows)), max_size=3)))
    values = np.array(rows, np.float64)

    sketch = KllSketch()
    for start, stop in pairwise([0, *cuts, len(rows)]):
        sketch = sketch.extended(values[start:stop])

    assert sketch == KllSketch().extended(values)
