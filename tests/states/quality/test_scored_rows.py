"""Rows by score, prediction and label: the laws, how many digits are kept, and the file."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from driftkit.columns.chunk import Rejections
from driftkit.errors import FormatError, InputError
from driftkit.formats.model_quality.problems import Problem
from driftkit.readers.dataset import TableChunk
from driftkit.states.partitions.partition import PartitionOptions
from driftkit.states.quality import score_counts, score_tally
from driftkit.states.quality.score_counts import (
    CLASS,
    KNOWN,
    OTHER,
    UNLABELLED,
    ScoreCounts,
    ScoredPart,
    total_of,
)
from driftkit.states.quality.scored_fold import Columns, ScoredFold
from driftkit.states.quality.scored_rows import ALL, BLOCK, SEGMENT, ScoredRows
from driftkit.states.quality.scored_storage import ScoredStates, combined, loads
from driftkit.states.quality.state import QualityRequest
from tests.states.damaging import (
    a_file_that_is_cut_off_is_refused,
    every_flipped_bit_is_noticed_or_harmless,
    forged,
)

JUDGING = QualityRequest(problem=Problem.BINARY)
SCORES = st.one_of(
    st.floats(0, 1, allow_nan=False), st.sampled_from([0.0, -0.0, 0.25, 0.5, 1.0, 5e-324])
)
ROWS = st.integers(0, 60).flatmap(
    lambda n: st.tuples(
        arrays.arrays(np.float64, n, elements=SCORES),
        arrays.arrays(np.bool_, n),
        arrays.arrays(np.int64, n, elements=st.integers(0, 2)),
    )
)


def counted(scores: np.ndarray, predicted: np.ndarray, labels: np.ndarray) -> ScoreCounts:
    """The state of rows, by whether they were predicted as the class and by their labels."""
    column = predicted * np.uint8(KNOWN) + labels.astype(np.uint8)
    return ScoredPart.of(scores, column).counts()


@pytest.mark.parametrize("most", [4096, 8])
@given(rows=ROWS, cuts=st.lists(st.integers(0, 60), min_size=2, max_size=2))
def test_parts_add_up_to_the_whole_in_any_order(
    most: int, rows: tuple[np.ndarray, ...], cuts: list[int]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(score_counts, "MOST_SCORES", most)
        whole = counted(*rows)
        bounds = [0, *sorted(cuts), 60]
        a, b, c = (counted(*(x[i:j] for x in rows)) for i, j in pairwise(bounds))

        assert ScoreCounts() + whole == whole + ScoreCounts() == whole
        assert (a + b) + c == a + (b + c) == (c + a) + b == total_of([b, a, c]) == whole
        assert len(whole.keys) <= max(most, 1)


@pytest.mark.parametrize("most", [4096, 8])
@given(rows=ROWS, known=arrays.arrays(np.bool_, 60))
def test_labels_that_come_later_are_counted_as_if_they_had_been_there(
    most: int, rows: tuple[np.ndarray, ...], known: np.ndarray
) -> None:
    scores, predicted, labels = rows
    known = known[: len(labels)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(score_counts, "MOST_SCORES", most)
        before = counted(scores, predicted, np.full(len(labels), UNLABELLED))
        some = counted(*(each[known] for each in rows))

        after = counted(scores, predicted, np.where(known, labels, UNLABELLED))
        assert before.labelled_by(some) == after


@pytest.mark.parametrize("spread", ["even", "near 1", "near 0"])
def test_many_scores_are_counted_as_if_all_had_been_sorted(spread: str) -> None:
    rng = np.random.default_rng(1)
    drawn = {
        "even": rng.random(90_000),
        "near 1": 1 - rng.beta(0.2, 40, 90_000),
        "near 0": rng.beta(0.2, 40, 90_000),
    }[spread]
    predicted, labels = drawn > 0.5, rng.integers(0, 3, 90_000)

    found = counted(drawn, predicted, labels)

    keys = drawn.view(np.uint64) >> np.uint64(found.level)
    assert found.keys.tolist() == np.unique(keys).tolist()
    assert len(found.keys) <= score_counts.MOST_SCORES
    finer = drawn.view(np.uint64) >> np.uint64(max(found.level - 1, 0))
    assert len(np.unique(finer)) > score_counts.MOST_SCORES
    assert found.rows.sum(axis=0).tolist() == [
        int(((predicted == as_class) & (labels == label)).sum())
        for as_class in (False, True)
        for label in (UNLABELLED, OTHER, CLASS)
    ]
    kept = found.scores[np.searchsorted(found.keys, keys)]
    assert np.abs(kept - drawn).max() < 1e-3


def test_few_scores_keep_all_of_their_digits() -> None:
    scores = np.array([0.1, 0.30000000000000004, 0.3])

    found = counted(scores, scores > 0.2, np.array([0, 1, 2]))

    assert found.scores.tolist() == [0.1, 0.3, 0.30000000000000004]
    assert found.level == 0


def chunk(**columns: object) -> TableChunk:
    """A chunk of columns."""
    table = pa.table(dict(columns))
    return TableChunk(
        table=table.rename_columns([str(at) for at in range(table.num_columns)]),
        rejected=Rejections(),
    )


def folded(of: TableChunk, names: str, *partitions: PartitionOptions) -> ScoredRows:
    """The state of a chunk with a probability first, and a label second."""
    columns = Columns(probability=0, label=1)
    fold = ScoredFold(
        judging=JUDGING, columns=columns, names=tuple(names.split()), partitions=partitions
    )
    return fold([of])


ROWS_BY_CARRIER = chunk(
    p=[0.9, 0.2, None, 0.7, 2.0],
    label=["1", "0", "1", None, "1"],
    carrier=["UA", "AA", "UA", "UA", "AA"],
    at=["2024-03-18", "2024-03-19", "2024-03-18", "2024-03-19", "2024-03-18"],
)


def test_rows_are_counted_by_day_and_segment() -> None:
    found = folded(
        ROWS_BY_CARRIER,
        "p label carrier at",
        PartitionOptions(by=("at",), unit="day"),
        PartitionOptions(by=("carrier",), keys=(("UA",),)),
    )

    assert found.rows == 3
    assert found.rejected.counts == {"with a probability that is not a number from 0 to 1": 2}
    assert [found.rows_of(each) for each in found.slices(BLOCK)] == [1, 2]
    assert found.slices(SEGMENT) == [(SEGMENT, ("UA",))]
    counts = found.classes((SEGMENT, ("UA",)))["1"]
    assert counts.scores.tolist() == [0.7, 0.9]
    assert counts.rows.tolist() == [[0, 0, 0, 1, 0, 0], [0, 0, 0, 0, 0, 1]]


def test_a_segment_that_is_not_asked_for_is_left_out_where_it_is_the_only_one() -> None:
    of = chunk(p=[0.9, 0.2], label=["1", "0"], carrier=["AA", "AA"])

    found = folded(of, "p label carrier", PartitionOptions(by=("carrier",), keys=(("UA",),)))

    assert found.slices(SEGMENT) == []


@pytest.mark.parametrize("labelled", [True, False])
@pytest.mark.parametrize("order", ["by day", "mixed", "in stretches"])
def test_parts_of_many_rows_are_counted_as_if_each_stood_alone(
    order: str, *, labelled: bool
) -> None:
    rng = np.random.default_rng(2)
    size = 60_000
    p = np.where(rng.random(size) < 0.001, np.nan, rng.random(size))
    # Some days have many scores, one has few.
    days = rng.choice(4, size, p=[0.5, 0.3, 0.199, 0.001])
    days = np.sort(days) if order == "by day" else days
    days = np.tile(np.sort(days[: size // 2]), 2) if order == "in stretches" else days
    at = np.datetime64("1969-12-30") + days.astype("m8[D]")
    label = rng.integers(0, 2, size) if labelled else np.full(size, np.nan)

    of = chunk(p=p, label=pa.array(label, from_pandas=True), at=at)
    found = folded(of, "p label at", PartitionOptions(by=("at",), unit="day"))

    parts = [(ALL, ~np.isnan(p))]
    parts += [((BLOCK, (str(day),)), (at == day) & ~np.isnan(p)) for day in np.unique(at)]
    assert len(found.counts) == len(parts)
    for part, rows in parts:
        labels = np.where(label[rows] == 1, CLASS, OTHER) if labelled else np.zeros(rows.sum(), int)
        alone = counted(p[rows], p[rows] > 0.5, labels)
        assert found.classes(part)["1"] == alone


@pytest.mark.parametrize(("few", "most"), [(2**15, 2**22), (100, 2**22), (2**15, 1000)])
def test_rows_of_many_chunks_are_counted_as_those_of_one(
    few: int, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(score_tally, "FEW_ROWS", few)
    monkeypatch.setattr(score_tally, "_MOST_WAITING", most)
    rng = np.random.default_rng(3)
    size = 30_000
    at = np.datetime64("2024-03-01") + rng.integers(0, 9, size).astype("m8[D]")
    columns = {"p": rng.random(size), "label": rng.integers(0, 2, size), "at": at}
    fold = ScoredFold(
        judging=JUDGING,
        columns=Columns(probability=0, label=1),
        names=("p", "label", "at"),
        partitions=(PartitionOptions(by=("at",), unit="day"),),
    )

    whole = fold([chunk(**columns)])
    cuts = pairwise([0, 5, 4_000, 29_990, size])
    parts = fold([chunk(**{name: of[a:b] for name, of in columns.items()}) for a, b in cuts])

    assert parts.counts == whole.counts


def test_several_classes_are_counted_each_against_all_others() -> None:
    judging = QualityRequest(problem=Problem.MULTICLASS, label_names=("a", "b", "c"))
    lists = [[0.5, 0.3, 0.2], [0.1, 0.2, 0.7]]
    fold = ScoredFold(judging=judging, columns=Columns(probability=0, label=1))

    found = fold([chunk(p=lists, label=["b", None])]).classes(ALL)

    assert list(found) == ["a", "b", "c"]
    # The first row is predicted as a and is b; the second is predicted as c, and not known.
    assert found["a"].rows.tolist() == [[1, 0, 0, 0, 0, 0], [0, 0, 0, 0, 1, 0]]
    assert found["b"].rows.tolist() == [[1, 0, 0, 0, 0, 0], [0, 0, 1, 0, 0, 0]]
    assert found["c"].rows.tolist() == [[0, 1, 0, 0, 0, 0], [0, 0, 0, 1, 0, 0]]


def test_too_many_segments_are_refused() -> None:
    values = [str(number) for number in range(1001)]
    many = chunk(p=[0.5] * 1001, label=["1"] * 1001, user=values)

    with pytest.raises(InputError, match="too many segments"):
        folded(many, "p label user", PartitionOptions(by=("user",))) + ScoredRows()


def states() -> ScoredStates:
    """Some, of two days and two segments."""
    partitions = (PartitionOptions(by=("at",), unit="day"), PartitionOptions(by=("carrier",)))
    return ScoredStates(
        state=folded(ROWS_BY_CARRIER, "p label carrier at", *partitions), judging=JUDGING
    )


def test_a_file_gives_back_what_was_written() -> None:
    assert loads(states().dumps(), "here") == replace(states(), name="here")
    nothing = ScoredStates(state=ScoredRows(), judging=JUDGING)
    assert loads(nothing.dumps(), "here") == nothing


def test_damaged_files_are_refused() -> None:
    content = states().dumps()

    every_flipped_bit_is_noticed_or_harmless(content, loads)
    a_file_that_is_cut_off_is_refused(content, loads, 0.6)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("kind", "month"),
        ("level", 53),
        ("level", -1),
        ("scores", [5, 5, 6]),
        ("scores", [0x3FF0000000000001] * 3),
        ("rows", [1, 2, 3]),
        ("rows", [-1] * 18),
        ("rows", [0] * 18),
    ],
)
def test_what_no_rows_can_have_is_refused(column: str, value: object) -> None:
    with pytest.raises(FormatError, match="impossible"):
        loads(forged(states().dumps(), column, lambda _: value), "here")


def test_a_part_with_more_rows_than_all_is_refused() -> None:
    with pytest.raises(FormatError, match="impossible"):
        loads(forged(states().dumps(), "rows", lambda rows: [3] * len(rows), row=-1), "here")


def test_states_of_another_threshold_do_not_add_up() -> None:
    other = replace(states(), judging=replace(JUDGING, threshold=0.7))

    with pytest.raises(InputError, match="judged otherwise"):
        combined([states(), other])
