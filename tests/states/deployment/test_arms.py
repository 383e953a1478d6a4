"""Sums by hour and arm: against pandas, and the laws of states."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from unittest import mock

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as some

from driftkit import InputError
from driftkit.formats.deployment.plan_inputs import MISSING, PlannedInput
from driftkit.readers.dataset import TableChunk
from driftkit.states.deployment import arms
from driftkit.states.deployment.arms import IN_BUCKETS, SUMS, UNKNOWN, ArmLayout, ArmSums, added
from driftkit.states.deployment.arms_fold import ArmFold, buckets_of
from driftkit.states.deployment.metrics import MetricSource
from driftkit.states.kernels.choice import compiled

if TYPE_CHECKING:
    from collections.abc import Sequence

NAMES = ("arm", "time", "unit", "label", "prediction", "probability", "column:ms", "column:carrier")
SOURCES = (
    MetricSource(of="accuracy"),
    MetricSource(of="share_over", column="ms", limit=100.0),
    MetricSource(of="f1"),
)
LAYOUT = ArmLayout(
    arms=("champion", "challenger"),
    metrics=("accuracy", "slow", "f1"),
    buckets=8,
    scores=True,
    covariates=True,
    cells=(4, 4),
)
INPUTS = (
    PlannedInput(column="ms", edges=(5.0, 100.0)),
    PlannedInput(column="carrier", values=("UA", "AA")),
)
CUT = int(datetime(2026, 11, 2, 10, 30, tzinfo=UTC).timestamp())
FOLD = ArmFold(
    names=NAMES,
    layout=LAYOUT,
    sources=SOURCES,
    covariates=(None, "ms", None),
    changes=(CUT,),
    salt="s",
    segment_by=("carrier",),
    inputs=INPUTS,
)
ROWS = some.lists(
    some.tuples(
        some.sampled_from(LAYOUT.arms),
        some.sampled_from(
            ["2026-11-02T10:00:00Z", "2026-11-02T10:30:00Z", "2026-11-02T11:59:59Z", None, "soon"]
        ),
        some.sampled_from(["ann", "bob", "cy", None, ""]),
        some.sampled_from(["1", "0", None]),
        some.sampled_from(["1", "0", None]),
        some.sampled_from([0.0, 0.25, 0.5, 1.0, 2.0, None]),
        some.sampled_from([5.0, 100.0, 100.5, None]),
        some.sampled_from(["AA", "UA", "(missing)", None, ""]),
    ),
    max_size=12,
)


def chunk(rows: Sequence[tuple[Any, ...]]) -> TableChunk:
    """Rows as a chunk."""
    kinds = [pa.string()] * 5 + [pa.float64(), pa.float64(), pa.string()]
    columns = list(zip(*rows, strict=True)) or [()] * len(NAMES)
    arrays = [pa.array(each, kind) for each, kind in zip(columns, kinds, strict=True)]
    return TableChunk(table=pa.Table.from_arrays(arrays, names=list(NAMES)))


def plain(state: ArmSums) -> dict[str, Any]:
    """All that a state says, to be compared."""
    return {
        **{
            name: getattr(state, name).tolist()
            for name in ("keys", "requests", "labelled", "sums", "buckets", "scores", "inputs")
        },
        "segments": {
            column: {name: plain(each) for name, each in parts.items()}
            for column, parts in state.segments.items()
        },
        "rejected": state.rejected,
    }


@given(ROWS, some.lists(some.integers(0, 12), max_size=3))
def test_any_split_of_the_rows_adds_up(rows: list[tuple[Any, ...]], cuts: list[int]) -> None:
    ends = sorted({0, *(min(cut, len(rows)) for cut in cuts), len(rows)})
    parts = [chunk(rows[i:j]) for i, j in pairwise(ends)]

    whole = FOLD([chunk(rows)])

    assert plain(added([FOLD([]), *(FOLD([part]) for part in parts)])) == plain(whole)
    assert plain(FOLD(parts)) == plain(whole)
    assert whole.rows == len(rows)


@pytest.mark.skipif(compiled() is None, reason="the plain kernels take all rows at once")
@pytest.mark.parametrize("size", [1, 7, 64])
def test_rows_of_a_chunk_that_are_looked_at_in_parts_have_the_same_bits(size: int) -> None:
    random = np.random.default_rng(12)

    def chosen(*values: str | None) -> list[str | None]:
        return [values[index] for index in random.integers(0, len(values), 150)]

    columns = (
        chosen(*LAYOUT.arms),
        chosen(*(f"2026-11-02T{hour:02d}:40:00Z" for hour in range(24)), None),
        chosen("ann", "bob", None),
        chosen("1", "0", None),
        chosen("1", "0", None),
        random.random(150).tolist(),
        random.gamma(2.0, 60.0, 150).tolist(),
        chosen("AA", "UA", None),
    )
    rows = chunk(list(zip(*columns, strict=True)))

    whole = FOLD([rows])
    with mock.patch.object(compiled(), "ROWS_AT_ONCE", size):
        in_parts = FOLD([rows])

    assert plain(in_parts) == plain(whole)


def test_hours_add_up_in_any_order() -> None:
    hours = [
        FOLD([chunk([(arm, f"2026-11-02T{hour}:00:00Z", "u", "1", "1", 0.5, 5.0, "AA")])])
        for hour in (10, 11, 12)
        for arm in LAYOUT.arms
    ]

    backwards, halves = added(hours[::-1]), added([added(hours[1::2]), added(hours[::2])])

    assert plain(backwards) == plain(added(hours)) == plain(halves)
    assert backwards.keys.tolist() == sorted(backwards.keys.tolist())


@given(ROWS)
def test_segments_add_up_to_all_rows(rows: list[tuple[Any, ...]]) -> None:
    state = FOLD([chunk(rows)])

    segments = state.segments.get("carrier", {})
    assert sum(each.rows for each in segments.values()) == len(rows)
    assert set(segments) == {MISSING if row[-1] is None else row[-1] for row in rows}


@given(ROWS)
def test_every_row_is_in_one_cell_of_each_column(rows: list[tuple[Any, ...]]) -> None:
    state = FOLD([chunk(rows)])

    by_column = np.split(state.inputs, [LAYOUT.cells[0]], axis=1)
    assert all(each.sum(axis=1).tolist() == state.requests.tolist() for each in by_column)
    intervals = pd.cut(
        pd.Series([row[6] for row in rows], dtype=float), [-np.inf, 5.0, 100.0, np.inf]
    )
    carriers: list[list[str | None]] = [["UA"], ["AA"], ["(missing)"], [None, ""]]
    assert by_column[0].sum(axis=0).tolist() == [
        *intervals.value_counts(sort=False).tolist(),
        int(intervals.isna().sum()),
    ]
    assert by_column[1].sum(axis=0).tolist() == [
        sum(row[7] in cell for row in rows) for cell in carriers
    ]


@pytest.mark.parametrize(
    "carriers",
    [
        pa.array(["AA", "UA", None, "DL"]),
        pa.array(["AA", "UA", None, "DL"]).dictionary_encode(),
        pa.DictionaryArray.from_arrays(
            pa.array([1, 2, 0, 4], pa.int8()), pa.array([None, "AA", "UA", "UA", "DL"])
        ),
    ],
    ids=["text", "dictionary", "dictionary with null"],
)
def test_texts_have_the_same_cells_however_they_are_stored(carriers: pa.Array) -> None:
    rows = chunk([("champion", None, "ann", "1", "1", 0.5, 5.0, "AA")] * 4).table
    table = rows.set_column(7, NAMES[7], pa.chunked_array([carriers]))

    assert FOLD([TableChunk(table=table)]).inputs[0, 4:].tolist() == [1, 1, 1, 1]


def test_sums_are_those_of_pandas() -> None:
    random = np.random.default_rng(5)
    count = 500
    frame = pd.DataFrame(
        {
            "arm": random.choice(LAYOUT.arms, count),
            "time": random.choice(["2026-11-02T10:10:00Z", "2026-11-02T10:40:00Z"], count),
            "unit": random.integers(0, 40, count).astype(str),
            "label": random.integers(0, 2, count).astype(str),
            "prediction": random.integers(0, 2, count).astype(str),
            "probability": random.random(count),
            "column:ms": random.random(count) * 200,
            "column:carrier": random.choice(["AA", "UA"], count),
        }
    )
    state = FOLD([TableChunk(table=pa.Table.from_pandas(frame))])

    frame["block"] = np.where(frame["time"].str[14:16] == "40", CUT, CUT - 1800)
    frame["index"] = frame["arm"].map(LAYOUT.arms.index)
    frame["s"] = (frame["column:ms"] > 100).astype(float)
    frame["xs"] = frame["column:ms"] * frame["s"]
    grouped = frame.groupby(["block", "index"])
    assert (
        state.keys.tolist() == grouped.size().reset_index()[["block", "index"]].to_numpy().tolist()
    )
    slow = state.sums[:, 1]
    assert slow[:, SUMS.index("counted")].tolist() == grouped.size().tolist()
    assert slow[:, SUMS.index("s")].tolist() == grouped["s"].sum().tolist()
    assert slow[:, SUMS.index("xs")] == pytest.approx(grouped["xs"].sum().to_numpy(), rel=1e-12)
    frame["bucket"] = buckets_of(pa.chunked_array([frame["unit"]]), "s", 8)
    by_bucket = frame.pivot_table(
        index=["block", "index"], columns="bucket", values="s", aggfunc="sum", fill_value=0
    )
    assert state.buckets[:, 1, IN_BUCKETS.index("s")] == pytest.approx(by_bucket.to_numpy())
    assert state.scores.sum() == count
    assert state.scores[:, 1].sum() == (frame["label"] == "1").sum()


def test_a_unit_has_the_same_bucket_however_its_id_is_stored() -> None:
    ids = [7, 12, 7, 99_999_999_999]

    whole = buckets_of(pa.chunked_array([pa.array(ids)]), "salt", 512)
    text = buckets_of(pa.chunked_array([pa.array(map(str, ids))]), "salt", 512)
    other = buckets_of(pa.chunked_array([pa.array(ids)]), "pepper", 512)

    assert whole.tolist() == text.tolist()
    assert whole[0] == whole[2]
    assert whole.tolist() != other.tolist()


@pytest.mark.parametrize(
    ("text", "block"),
    [
        ("2026-11-02T10:29:59Z", CUT - 1800),
        ("2026-11-02T10:30:00Z", CUT),
        ("2026-11-02T11:00:00.5Z", CUT + 1800),
        ("2026-11-02T12:30:00+02:00", CUT),
        ("2026-11-02 10:31", CUT),
        ("", UNKNOWN),
        ("yesterday", UNKNOWN),
        (None, UNKNOWN),
    ],
)
def test_blocks_are_hours_cut_where_weights_change(text: str | None, block: int) -> None:
    row = ("champion", text, "ann", "1", "1", 0.5, 5.0, "AA")

    assert FOLD([chunk([row])]).keys.tolist() == [[block, 0]]


def test_too_many_segments_become_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arms, "SEGMENTS_KEPT", 2)
    rows = [("champion", None, "u", "1", "1", 0.5, 5.0, name) for name in "aabbbcd"]

    state = added([FOLD([chunk(rows)]), FOLD([chunk(rows)])])

    segments = state.segments["carrier"]
    assert {name: each.rows for name, each in segments.items()} == {"a": 4, "b": 6, None: 4}


def test_states_of_other_plans_do_not_add_up() -> None:
    other = ArmSums.empty(ArmLayout(arms=("a", "b"), metrics=("accuracy",)))

    with pytest.raises(InputError, match="different plans"):
        FOLD([]) + other


def test_requests_whose_caller_chose_the_arm_are_left_out() -> None:
    row = ("champion", None, "ann", "1", "1", 0.5, 5.0, "AA")
    table = chunk([row] * 3).table.append_column("forced", pa.array([True, None, False]))

    state = replace(FOLD, names=(*NAMES, "forced"))([TableChunk(table=table)])

    assert state.rows == 2
    assert state.rejected.counts == {"forced to an arm by the caller": 1}
