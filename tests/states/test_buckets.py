"""Rows of columns of many different texts, by the hash of their values."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest

from driftkit.native.hashing import BUCKETS, buckets_of, hash_texts_in_order
from driftkit.states.kernels.choice import compiled, plain_kernels
from driftkit.states.kernels.texts import buffers
from driftkit.states.states import States
from driftkit.states.storage import dumps, loads
from tests.states.tables import folded

if TYPE_CHECKING:
    from driftkit.states.kernels.choice import Kernels
    from driftkit.states.partitions.partition import TableState
    from driftkit.states.profile.buckets import Buckets

HEAVY = {"shop-1": 900, "shop-2": 250}
"""Values with more rows than all others of their bucket together."""


def many(seed: int = 1, rows: int = 4000) -> list[str]:
    """Texts of some hundred different values, two of them frequent, in any order."""
    random = np.random.default_rng(seed)
    texts = [name for name, count in HEAVY.items() for _ in range(count)]
    texts += [f"shop-{number}" for number in random.integers(10, 2000, rows)]
    return [texts[index] for index in random.permutation(len(texts))]


def hashed(texts: list[str]) -> np.ndarray:
    """The hash of each."""
    return hash_texts_in_order(*buffers(pa.array(texts)))


def buckets(table: TableState) -> Buckets:
    """Those of the only column."""
    found = table.columns[0].frequencies.buckets
    assert found is not None
    return found


@pytest.mark.parametrize("cuts", [(), (1, 2, 300), (4999,), tuple(range(100, 5000, 100))])
@pytest.mark.parametrize("encode", [False, True])
def test_rows_are_counted_by_the_hash_of_their_values(
    cuts: tuple[int, ...], *, encode: bool
) -> None:
    texts = many()
    array = pa.array(texts)

    state = folded(pa.table({"a": array.dictionary_encode() if encode else array}), cuts=cuts)

    expected = Counter(buckets_of(hashed(texts)).tolist())
    assert buckets(state).counts.tolist() == [expected[each] for each in range(BUCKETS)]
    for name, count in HEAVY.items():
        place = int(buckets_of(hashed([name]))[0])
        assert buckets(state).name_of(place) == name
        assert 0 < buckets(state).leaders[place][1] <= count


def test_values_that_are_counted_have_no_buckets_until_they_are_too_many() -> None:
    texts = many()
    parts = [folded(pa.table({"a": texts[start : start + 400]})) for start in range(0, 5000, 400)]

    assert all(buckets(each).total == 0 for each in parts if each.rows < 500)
    whole = sum((each.columns[0] for each in parts[1:]), start=parts[0].columns[0])
    assert whole.frequencies.buckets == buckets(folded(pa.table({"a": texts})))


def test_leaders_and_counts_are_kept() -> None:
    states = States.of(folded(pa.table({"a": many(), "b": range(5150)})), source="x")

    again = loads(dumps(states), "again")

    assert again == states
    assert buckets(again.table).leaders == buckets(states.table).leaders


@pytest.mark.parametrize("weighted", [False, True])
def test_kernels_agree(*, weighted: bool) -> None:
    loops: Kernels | None = compiled()
    if loops is None:
        pytest.skip("numba is not installed")
    random = np.random.default_rng(3)
    hashes = hashed(many())
    rows = random.integers(1, 9, len(hashes)) if weighted else None

    for least in (0.0, 0.01):
        fast, plain = (each.count_buckets(hashes, least, rows) for each in (loops, plain_kernels()))
        assert (fast[0] == plain[0]).all()
        leading = plain[2] > 0
        assert (fast[2] >= plain[2]).all()
        assert (hashes[fast[1][leading]] == hashes[plain[1][leading]]).all()
