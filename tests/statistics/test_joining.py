"""Many states added up at once give the bits of adding them up one after the other."""

from __future__ import annotations

from functools import reduce
from operator import add

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from driftkit.statistics.column import ColumnState
from driftkit.statistics.frequencies import LIMIT, Frequencies
from driftkit.statistics.joining import joined_columns, joined_frequencies, joined_sketches
from driftkit.statistics.kernels.choice import compiled, plain_kernels
from driftkit.statistics.kll import KllSketch
from driftkit.statistics.table import FoldOptions
from tests.engines.samples import text_table, typed_table
from tests.statistics.tables import folded


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

    for columns in zip(*(window.columns for window in windows), strict=True):
        assert joined_columns(columns) == reduce(add, columns)


@given(data=st.data(), sizes=st.lists(st.integers(0, 6000), min_size=1, max_size=12))
@settings(deadline=None, max_examples=30)
def test_sketches_of_any_sizes(data: st.DataObject, sizes: list[int]) -> None:
    random = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    zeros = data.draw(st.booleans())
    parts = [random.normal(size=size).round(data.draw(st.integers(0, 4))) for size in sizes]
    sketches = [KllSketch().extended(part if zeros else part + 0.0) for part in parts]

    assert joined_sketches(sketches) == reduce(add, sketches)


@pytest.mark.parametrize("zeros", [False, True])
@given(seed=st.integers(0, 2**32), sizes=st.lists(st.integers(1, 9000), min_size=1, max_size=15))
@settings(deadline=None, max_examples=40)
def test_both_kernels_give_the_same_bits(*, zeros: bool, seed: int, sizes: list[int]) -> None:
    pytest.importorskip("numba")
    random = np.random.default_rng(seed)
    parts = [random.normal(size=size).round(seed % 4) for size in sizes]
    sketches = [KllSketch().extended(part if zeros else part + 0.0) for part in parts]

    found = [each.merged(sketches) for each in (plain_kernels(), compiled()) if each]

    assert found == [reduce(add, sketches)] * 2


few = st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 9), max_size=6)
domains = st.frozensets(st.sampled_from("abcx"), max_size=3)


@given(parts=st.lists(st.tuples(few, domains, st.integers(0, 2 * LIMIT)), min_size=1, max_size=6))
@settings(deadline=None, max_examples=80)
def test_frequencies_with_and_without_overflow(
    parts: list[tuple[dict[str, int], frozenset[str], int]],
) -> None:
    states = [
        Frequencies.of({**counts, **{f"v{n}": 1 for n in range(others)}}, domain)
        for counts, domain, others in parts
    ]

    assert joined_frequencies(states) == reduce(add, states)


def test_one_state_is_itself() -> None:
    state = folded(pa.table({"a": [1.5, None]})).columns[0]

    assert joined_columns([state]) == state
    assert joined_columns([ColumnState(name="a"), state]) == ColumnState(name="a") + state
