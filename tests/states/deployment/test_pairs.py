"""Pairs are those that a dictionary finds, however rows are cut; a pair counts once."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from driftkit.native.text_mixing import mixed_texts
from driftkit.states.deployment import halves, repeated_ids
from driftkit.states.deployment.halves import halves_of
from driftkit.states.deployment.keyed_sums import KeyedSums
from driftkit.states.deployment.pairs import (
    MOST_ANSWERS,
    MOST_CELLS,
    SUMS,
    Answers,
    Cells,
    Count,
    Example,
    PairState,
)
from tests.states.deployment.pair_cases import (
    PAIRING,
    Expected,
    Row,
    by_key,
    chunk_of,
    state_of,
    state_of_halves,
)

if TYPE_CHECKING:
    from driftkit.native.arrays import Bytes, Hashes, Integers

shares = st.sampled_from([0.0, 0.1, 0.25, 0.5, 1.0, None])


def rows_with(
    ids: st.SearchStrategy[str | None],
    inputs: st.SearchStrategy[str | None],
    times: st.SearchStrategy[int | None],
    named: st.SearchStrategy[str | None] | None = None,
) -> st.SearchStrategy[list[Row]]:
    """Rows of arms that are paired by such ids, inputs and times."""
    row = st.builds(
        Row,
        arm=st.sampled_from(["old", "new", "new", "old", "other"]),
        block=st.sampled_from([-1, 3600, 7200]),
        id=ids,
        input=inputs,
        time=times,
        right=st.sampled_from([0.0, 1.0, None]),
        cost=st.none() | st.floats(-5, 5),
        ratio=st.sampled_from([(0.0, 0.0), (2.0, 2.0), (0.0, 1.0), (1.5, 4.0)]),
        positive=st.sampled_from([0.0, 1.0, None]),
        score=shares,
        answer=st.sampled_from(["0", "1", "2", None]),
        cell=st.sampled_from(["S", "M", "", None]),
        named=st.none() if named is None else named,
    )
    return st.lists(row, max_size=40)


no_ids = st.sampled_from([None, ""])
some_ids = st.integers(0, 12).map(str)
rows_of_arms = st.one_of(
    rows_with(some_ids, st.sampled_from(["x", "y", None]), st.none()),
    rows_with(st.integers(10, 22).map(str), st.none(), st.none()),
    rows_with(no_ids, st.sampled_from("xyz"), st.integers(0, 60)),
    rows_with(
        st.one_of(no_ids, some_ids, some_ids),
        st.sampled_from(["x", "y", "", None, "7"]),
        st.none() | st.integers(0, 30),
        st.one_of(no_ids, some_ids),
    ),
)


@settings(max_examples=150)
@given(rows=rows_of_arms)
def test_pairs_are_those_that_a_dictionary_finds(rows: list[Row]) -> None:
    state, expected = state_of([rows]), Expected(rows)

    assert by_key(state.counts) == expected.counts()
    for place, name in ((0, "right"), (1, "cost")):
        found = by_key(state.moments.where(1, place))
        wanted = expected.moments(place, name)
        assert found.keys() == wanted.keys()
        for block, sums in wanted.items():
            assert found[block] == pytest.approx(sums, rel=1e-12, abs=1e-12)
    ratios = state.ratios_of(2)
    for block, n, sums, products in zip(
        ratios.blocks.tolist(), ratios.n, ratios.sums, ratios.products, strict=True
    ):
        pairs, four, outer = expected.ratios()[block]
        assert n == pairs
        np.testing.assert_allclose(sums, four, rtol=1e-12)
        np.testing.assert_allclose(products, outer, rtol=1e-12)
    assert len(ratios.blocks) == len(expected.ratios())
    scores = state.score_counts
    columns = (scores.blocks, scores.positive, scores.champion, scores.challenger)
    keys = zip(*(column.tolist() for column in columns), strict=True)
    assert dict(zip(keys, scores.pairs.tolist(), strict=True)) == expected.scores()
    assert by_key(state.margins) == expected.margins()
    assert state.answers == expected.answers()
    assert state.cells == expected.cells()
    assert state.examples == expected.examples()


@settings(max_examples=80)
@given(rows=rows_of_arms, data=st.data())
def test_rows_cut_anywhere_give_the_same_bits(rows: list[Row], data: st.DataObject) -> None:
    bits = data.draw(st.integers(0, 3))
    shuffled = data.draw(st.permutations(rows))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(rows)), max_size=4)))
    parts = [shuffled[start:stop] for start, stop in pairwise([0, *cuts, len(rows)])]

    assert state_of(parts, bits) == state_of([rows], bits)


@settings(max_examples=40)
@given(rows=rows_of_arms)
def test_each_row_is_in_a_pair_or_ambiguous_or_unmatched(rows: list[Row]) -> None:
    state, expected = state_of([rows]), Expected(rows)

    loose = [
        len(of_arm)
        - len(expected.pairs)
        - sum(row.arm == arm for some in expected.ambiguous for row in some)
        for arm, of_arm in expected.arms.items()
    ]

    assert state.unmatched == tuple(loose)
    assert state.pairs == len(expected.pairs)
    assert state.rows == sum(map(len, expected.arms.values()))


@pytest.mark.parametrize(
    ("old", "new", "pairs"),
    [
        ([0], [5], 1),
        ([5], [0], 1),
        ([0], [6], 0),
        # Neither may have another row that is near enough.
        ([0], [1, 4], 0),
        ([0, 3], [1], 0),
        ([0], [1, 6], 1),
        ([0, 6], [1, 7], 0),
        ([0, 10], [1, 11], 2),
        ([0, 0], [0, 0], 0),
    ],
)
def test_rows_without_an_id_are_paired_by_time(old: list[int], new: list[int], pairs: int) -> None:
    rows = [
        Row(arm, 0, None, "x", time, None, None, (0.0, 0.0), None, None, None, None)
        for arm, times in (("old", old), ("new", new))
        for time in times
    ]

    assert state_of([rows]).pairs == pairs


@pytest.mark.parametrize(("old", "new", "positive"), [(None, 1.0, True), (0.0, 1.0, False)])
def test_the_label_is_the_champions_or_else_the_challengers(
    old: float | None, new: float, *, positive: bool
) -> None:
    rows = [
        Row(arm, 0, "a", None, None, None, None, (0.0, 0.0), label, 0.5, None, None)
        for arm, label in (("old", old), ("new", new))
    ]

    assert state_of([rows]).score_counts.positive.tolist() == [positive]


def test_no_rows_are_the_identity() -> None:
    assert state_of([]) == state_of([[]]) == PairState(shown=PAIRING.examples)


@settings(max_examples=40)
@given(rows=rows_of_arms, data=st.data())
def test_states_of_windows_add_up_in_any_order(rows: list[Row], data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(rows)), min_size=2, max_size=2)))
    one, two, three = (
        state_of([rows[start:stop]]) for start, stop in pairwise([0, *cuts, len(rows)])
    )
    nothing = PairState()

    assert nothing + one == one
    assert one + nothing == one
    assert (one + two) + three == PairState.together([one, two, three])
    assert same(one + two, two + one)
    assert same((one + two) + three, one + (two + three))


def same(state: PairState, other: PairState) -> bool:
    """Whether counts are the same, and sums but for their rounding."""
    for name in SUMS:
        sums, others = getattr(state, name), getattr(other, name)
        if not np.array_equal(sums.keys, others.keys):
            return False
        if not np.allclose(sums.values, others.values, rtol=1e-12, atol=1e-12):
            return False
    plain = ("answers", "cells", "examples")
    return all(getattr(state, name) == getattr(other, name) for name in plain)


@pytest.mark.parametrize("kept", [0, 0x7F], ids=["one hash", "hashes that differ in last bits"])
@settings(max_examples=40)
@given(rows=rows_of_arms)
def test_ids_are_told_apart_whatever_their_hashes_are(kept: int, rows: list[Row]) -> None:
    rows = [row._replace(input=None) for row in rows]

    def poor(offsets: Integers, data: Bytes) -> Hashes:
        return mixed_texts(offsets, data) & np.uint64(kept)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(halves, "mixed_texts", poor)
        found = state_of([rows])

    assert same(found, state_of([rows]))


@settings(max_examples=60)
@given(rows=rows_of_arms, cut=st.integers(0, 40))
def test_rows_of_ids_that_are_repeated_need_not_be_kept(rows: list[Row], cut: int) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(repeated_ids, "_LEAST", 0)
        patched.setattr(repeated_ids, "_SHARE", 1_000)
        found = state_of([rows[:cut], rows[cut:]])

    assert found == state_of([rows[:cut], rows[cut:]])


def test_a_constant_in_place_of_an_id_takes_no_memory() -> None:
    row = Row("old", 3600, "none", "x", 5, 1.0, 2.5, (2.0, 2.0), 1.0, 0.7, "1", "S")
    rows = [row] * 5_000 + [row._replace(block=7200), row._replace(arm="new")]
    others = [row._replace(id=str(number)) for number in range(100)]

    found = halves_of([chunk_of(rows + others)], PAIRING)
    state = state_of_halves([found], 0, PAIRING)

    assert found.rows == 2 + 1 + 100
    assert by_key(state.counts)[3600, Count.CHAMPION_AMBIGUOUS] == 5_000
    assert state.by_block(Count.AMBIGUOUS_IDS)[0].tolist() == [7200]
    assert state.unmatched == (100, 0)


def test_labels_are_named_while_they_are_few() -> None:
    cells = {(str(label), "0"): 1 for label in range(MOST_ANSWERS)}

    assert not Answers.of(cells).collapsed
    assert (Answers.of(cells) + Answers.of({("x", "0"): 1})) == Answers(collapsed=True)
    assert (Answers(collapsed=True) + Answers.of(cells)).collapsed


def test_values_of_features_are_named_while_they_are_few() -> None:
    cells = {("size", str(value)): (1, 0, 1, 0, 1) for value in range(MOST_CELLS)}
    more = Cells.of({("size", "x"): (1, 0, 0, 0, 0), ("kind", "y"): (2, 1, 0, 0, 0)})

    whole = Cells.of(cells) + more

    assert Cells.of(cells).pairs == cells
    assert whole == Cells(pairs={("kind", "y"): (2, 1, 0, 0, 0)}, collapsed=frozenset({"size"}))
    assert whole + Cells.of(cells) == whole


def test_scores_are_binned_by_edges_where_there_are_some() -> None:
    pairing = replace(PAIRING, edges=(0.2, 0.5))
    rows = [
        Row(arm, 0, "a", None, None, None, None, (0.0, 0.0), 1.0, score, None, None)
        for arm, score in (("old", 0.2), ("new", 7.5))
    ]

    counts = state_of([rows], pairing=pairing).score_counts

    assert (counts.champion.tolist(), counts.challenger.tolist()) == ([1], [2])


def test_no_examples_where_none_are_wanted() -> None:
    rows = [
        Row(arm, 0, "a", None, None, None, None, (0.0, 0.0), None, score, None, None)
        for arm, score in (("old", 0.2), ("new", 0.5), ("new", 0.5))
    ]

    assert state_of([rows]).examples == (Example(kind="ambiguous", id="a"),)
    assert state_of([rows], pairing=replace(PAIRING, examples=0)).examples == ()


@settings(max_examples=60)
@given(
    keys=st.lists(st.tuples(st.integers(-3, 3), st.integers(-(2**62), 2**62)), max_size=30),
)
def test_sums_are_those_of_a_dictionary(keys: list[tuple[int, int]]) -> None:
    expected = Counter(keys)

    sums = KeyedSums.of(np.array(keys, np.int64).reshape(-1, 2), np.ones((len(keys), 1), np.int64))

    assert by_key(sums) == expected
    assert list(by_key(sums)) == sorted(expected)
