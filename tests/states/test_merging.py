"""Many states added up at once give the bits of adding them up one after the other."""

from __future__ import annotations

from functools import reduce
from operator import add
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from driftkit.states.kernels.choice import compiled, plain_kernels
from driftkit.states.profile.column import ColumnState
from driftkit.states.profile.extremes import Extremes
from driftkit.states.profile.frequencies import LIMIT, Frequencies
from driftkit.states.profile.kll import KllSketch, SketchStack
from driftkit.states.profile.moments import Moments
from driftkit.states.profile.sketches import joined_sketches
from driftkit.states.profile.table import FoldOptions
from driftkit.states.storage_columns import joined_columns, unsigned
from tests.compute.samples import text_table, typed_table
from tests.states.tables import folded

if TYPE_CHECKING:
    from collections.abc import Sequence


def joined(states: Sequence[ColumnState]) -> ColumnState:
    [found] = joined_columns([unsigned([state]) for state in states])
    return found


def stack_of(sketches: Sequence[KllSketch]) -> SketchStack:
    return SketchStack(
        values=[np.concatenate(sketch.levels) for sketch in sketches],
        sizes=[[len(level) for level in sketch.levels] for sketch in sketches],
        compactions=sketches[0].compactions,
    )


@pytest.mark.parametrize("make", [typed_table, text_table])
def test_columns_of_many_windows(make: object) -> None:
    assert callable(make)
    options = FoldOptions(
        known={"texts": ("a", "x"), "many texts": ("v1",), "identifiers": ("id-3",)}
    )
    windows = []
    for number, rows in enumerate([3000, 0, 1, 6000, 700, 9000]):
        table = make(rows, number)
        if "nothing" in table.column_names:
            table = table.drop_columns(["nothing"])
        windows.append(folded(table, options))

    together = joined_columns([unsigned(window.columns) for window in windows])

    columns = zip(*(window.columns for window in windows), strict=True)
    assert together == [reduce(add, states) for states in columns]


@given(data=st.data(), sizes=st.lists(st.integers(0, 6000), min_size=1, max_size=12))
@settings(deadline=None, max_examples=30)
def test_sketches_of_any_sizes(data: st.DataObject, sizes: list[int]) -> None:
    random = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    zeros = data.draw(st.booleans())
    parts = [random.normal(size=size).round(data.draw(st.integers(0, 4))) for size in sizes]
    sketches = [KllSketch().extended(part if zeros else part + 0.0) for part in parts]

    states = [ColumnState(name="a", sketch=sketch) for sketch in sketches]
    assert joined(states).sketch == reduce(add, sketches)


@pytest.mark.parametrize("zeros", [False, True])
@given(seed=st.integers(0, 2**32), sizes=st.lists(st.integers(1, 9000), min_size=1, max_size=15))
@settings(deadline=None, max_examples=40)
def test_both_kernels_give_the_same_bits(*, zeros: bool, seed: int, sizes: list[int]) -> None:
    pytest.importorskip("numba")
    random = np.random.default_rng(seed)
    parts = [random.normal(size=size).round(seed % 4) for size in sizes]
    sketches = [KllSketch().extended(part if zeros else part + 0.0) for part in parts]

    stack = stack_of(sketches)
    found = [each.merged([stack, stack]) for each in (plain_kernels(), compiled()) if each]

    assert found == [[reduce(add, sketches)] * 2] * 2


def test_several_threads_keep_the_order_of_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("numba")
    monkeypatch.setattr("driftkit.states.kernels.choice._WORTH_MERGING", 0)
    random = np.random.default_rng(4)
    columns = [
        [KllSketch().extended(random.normal(size=size)) for size in sizes]
        for sizes in random.integers(1, 9000, (7, 5)).tolist()
    ]

    found = joined_sketches(list(map(stack_of, columns)))

    assert found == [reduce(add, sketches) for sketches in columns]


some = st.floats(-1e308, 1e308) | st.sampled_from([0.0, -0.0, 5e-324, 1e308])


@given(
    parts=st.lists(
        st.tuples(st.integers(0, 3) | st.just(2**53 + 1), some, some, some), min_size=1, max_size=6
    )
)
@settings(deadline=None, max_examples=200)
def test_moments_and_extremes(parts: list[tuple[int, float, float, float]]) -> None:
    states = [
        ColumnState(
            name="a",
            moments=Moments(n=n, total=one, average=two, m2=abs(three)) if n else Moments(),
            extremes=Extremes(minimum=min(one, two), maximum=max(one, two)) if n else Extremes(),
        )
        for n, one, two, three in parts
    ]

    # The text of a number tells zeros apart, and takes one NaN for another.
    assert repr(joined(states)) == repr(reduce(add, states))


few = st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 9), max_size=6)
domains = st.frozensets(st.sampled_from("abcx"), max_size=3)


@given(parts=st.lists(st.tuples(few, domains, st.integers(0, 2 * LIMIT)), min_size=1, max_size=6))
@settings(deadline=None, max_examples=80)
def test_frequencies_with_and_without_overflow(
    parts: list[tuple[dict[str, int], frozenset[str], int]],
) -> None:
    states = [
        Frequencies.from_counts({**counts, **{f"v{n}": 1 for n in range(others)}}, domain)
        for counts, domain, others in parts
    ]

    columns = [ColumnState(name="a", frequencies=state) for state in states]
    found, expected = joined(columns).frequencies, reduce(add, states)
    assert found == expected
    assert list(found.counts) == list(expected.counts)


def test_one_state_is_itself() -> None:
    state = folded(pa.table({"a": [1.5, None]})).columns[0]

    assert joined([state]) == state
    assert joined([ColumnState(name="a"), state]) == ColumnState(name="a") + state
