"""Parts of a table have the states that reading their rows alone would give."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import reduce
from operator import add
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from driftkit.errors import InputError
from driftkit.settings import SEGMENTS
from driftkit.states.partitions.partition import (
    BLOCKS,
    ROOM,
    Key,
    Partition,
    PartitionOptions,
    TableState,
)
from driftkit.states.profile.table import FoldOptions
from tests.compute.samples import text_table, typed_table
from tests.states.tables import as_of_version_1, folded


def table(rows: int, seed: int) -> pa.Table:
    names = [name for name in typed_table(0, 1).column_names if name != "nothing"]
    return typed_table(rows, seed).select(names)


def split_of(rows: pa.Table, split: PartitionOptions, cuts: tuple[int, ...] = ()) -> Partition:
    return folded(rows, FoldOptions(partitions=(split,)), cuts).partitions[0]


def only(rows: pa.Table, names: tuple[str, ...], key: Key) -> pa.Table:
    for name, value in zip(names, key, strict=True):
        texts = rows.column(name).cast(pa.string())
        mask = pc.is_null(texts) if value is None else pc.equal(texts, value)
        rows = rows.filter(mask)
    return rows


@pytest.mark.parametrize("by", [("texts",), ("truths", "few ints"), ("bytes",), ("days",)])
def test_a_segment_has_the_states_of_its_rows(by: tuple[str, ...]) -> None:
    rows = table(4000, 1)

    split = split_of(rows, PartitionOptions(by=by), cuts=(700, 700, 2900))

    assert split.rest is None
    for key, part in split.parts.items():
        mine = only(rows, by, key)
        cuts = [only(rows.slice(0, cut), by, key).num_rows for cut in (700, 2900)]
        assert part == as_of_version_1(folded(mine, cuts=cuts), hashed=True)
    assert sum(part.rows for part in split.parts.values()) == 4000


@pytest.mark.parametrize("known", [{}, {"mixed": ("a", "7"), "words": ("v1",)}])
def test_a_segment_of_texts_has_the_states_of_its_rows(known: dict[str, tuple[str, ...]]) -> None:
    """Few different texts are looked at once for all segments, others in each of them."""
    rows = text_table(4000, 3).append_column("part", pa.array(["a", "b", None, "c"] * 1000))
    options = FoldOptions(known=known, partitions=(PartitionOptions(by=("part",)),))

    split = folded(rows, options, (700, 2900)).partitions[0]

    assert len(split.parts) == 4
    for key, part in split.parts.items():
        cuts = [only(rows.slice(0, cut), ("part",), key).num_rows for cut in (700, 2900)]
        mine = folded(only(rows, ("part",), key), FoldOptions(known=known), cuts)
        assert part == as_of_version_1(mine, hashed=True)


@pytest.mark.parametrize("row_order", [False, True])
@pytest.mark.parametrize("rows", [text_table(1500, 2), table(1500, 2)], ids=["texts", "typed"])
def test_the_whole_is_the_same_with_and_without_segments(
    rows: pa.Table, *, row_order: bool
) -> None:
    names = rows.column_names
    partitions = (PartitionOptions(by=(names[0],)), PartitionOptions(by=(names[-1],)))
    cuts = (600, 1000)

    found = folded(rows, FoldOptions(partitions=partitions, row_order=row_order), cuts)

    assert found.columns == folded(rows, FoldOptions(row_order=row_order), cuts).columns
    for split in partitions:
        alone = folded(rows, FoldOptions(partitions=(split,), row_order=row_order), cuts)
        assert alone.partitions[0] in found.partitions


def test_a_text_that_a_dictionary_has_twice_is_one_segment() -> None:
    codes = pa.array([0, 1, 2, None, 3, 1])
    words = pa.DictionaryArray.from_arrays(codes, pa.array(["a", "b", "a", None, "unused"]))
    rows = pa.table({"word": words, "n": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]})

    split = split_of(rows, PartitionOptions(by=("word",)))

    assert {key: part.columns[1].moments.total for key, part in split.parts.items()} == {
        ("a",): 4.0,
        ("b",): 8.0,
        (None,): 9.0,
    }


def test_dictionaries_of_several_chunks_are_told_apart() -> None:
    parts = [pa.array(each).dictionary_encode() for each in (["a", "b"], ["b", None, "c"])]
    rows = pa.table({"word": pa.chunked_array(parts), "n": [1.0, 2.0, 3.0, 4.0, 5.0]})

    split = split_of(rows, PartitionOptions(by=("word",)))

    assert {key: part.columns[1].moments.total for key, part in split.parts.items()} == {
        ("a",): 1.0,
        ("b",): 5.0,
        ("c",): 5.0,
        (None,): 4.0,
    }


def test_the_rest_has_the_states_of_its_rows() -> None:
    rows = table(4000, 5)
    keys = ("u", "v", "w", "x", "y", "z")
    words = pa.array([keys[n * n % 11 % 6] for n in range(4000)])
    rows = rows.append_column("word", words)

    split = split_of(rows, PartitionOptions(by=("word",), keys=(("u",),)), (1500,))

    others = pc.not_equal(words, "u")
    cut = pc.sum(others.slice(0, 1500)).as_py()
    assert split.rest == as_of_version_1(folded(rows.filter(others), cuts=(cut,)), hashed=True)


def test_a_baselines_values_are_kept_and_all_others_are_one() -> None:
    rows = pa.table({"word": ["a", "b", "c", None, "b"]})

    split = split_of(rows, PartitionOptions(by=("word",), keys=(("b",), ("z",))))

    assert {key: part.rows for key, part in split.parts.items()} == {("b",): 2, ("z",): 0}
    assert split.rest is not None
    assert split.rest.rows == 3


words = st.lists(st.sampled_from([f"w{n}" for n in range(2 * ROOM)]), max_size=900)


@given(parts=st.lists(words, min_size=1, max_size=4))
@settings(deadline=None, max_examples=25)
def test_rows_of_a_key_are_together_however_many_keys_there_are(parts: list[list[str]]) -> None:
    partitions = [
        split_of(pa.table({"word": pa.array(part, pa.string())}), PartitionOptions(by=("word",)))
        for part in parts
    ]

    whole = reduce(add, partitions).largest(SEGMENTS)

    counts = {
        word: sum(part.count(word) for part in parts) for word in {w for p in parts for w in p}
    }
    assert len(whole.parts) <= SEGMENTS
    assert all(part.rows == counts[str(key[0])] for key, part in whole.parts.items())
    rest = whole.rest.rows if whole.rest else 0
    assert rest + sum(part.rows for part in whole.parts.values()) == sum(counts.values())
    if len(counts) <= SEGMENTS:
        assert whole.rest is None


def test_the_most_frequent_values_are_kept() -> None:
    sizes = {f"v{n}": n + 1 for n in range(ROOM)}
    rows = [value for value, size in sizes.items() for _ in range(size)]
    np.random.default_rng(1).shuffle(rows)

    split = split_of(pa.table({"word": rows}), PartitionOptions(by=("word",)), (500, 9000)).largest(
        SEGMENTS
    )

    assert set(split.parts) == {(f"v{n}",) for n in range(ROOM - SEGMENTS, ROOM)}
    assert split.rest is not None
    assert split.rest.rows == sum(range(1, ROOM - SEGMENTS + 1))


EAST = timezone(timedelta(hours=2))
TIMES: dict[str, tuple[pa.Array, list[str | None]]] = {
    "timestamps": (
        pa.array([datetime(2024, 3, 1, 23, 59, tzinfo=UTC), None], pa.timestamp("us", "UTC")),
        ["2024-03-01T23", None],
    ),
    "timestamps elsewhere": (
        pa.array([datetime(2024, 3, 2, 1, 30, tzinfo=EAST)], pa.timestamp("ms", "Europe/Athens")),
        ["2024-03-01T23"],
    ),
    "dates": (pa.array([date(1969, 12, 31)]), ["1969-12-31T00"]),
    "text": (
        pa.array(["2024-03-01T23:59:59Z", "2024-03-01 23:00", "2024-03-01T23:00:00.5", "soon"]),
        ["2024-03-01T23", "2024-03-01T23", "2024-03-01T23", None],
    ),
    "text elsewhere": (
        pa.array(["2024-03-02T01:30:00+02:00", "2024-03-01T23:30:00Z"]),
        ["2024-03-01T23", "2024-03-01T23"],
    ),
    "text of the hour elsewhere": (
        pa.array(["2024-03-02T01:30+02", "2024-03-01T18:30:00.25-0500"]),
        ["2024-03-01T23"],
    ),
    "text beyond all dates": (
        pa.array(["0001-01-01T00:00:00+02:00", "9999-12-31T23:59:59-05:00"]),
        [None],
    ),
    "timestamps beyond all dates": (
        pa.array([-62_135_596_801, -62_135_596_800, 253_402_300_799, 253_402_300_800]).view(
            pa.timestamp("s")
        ),
        ["0001-01-01T00", "9999-12-31T23", None],
    ),
    "dates beyond all dates": (
        pa.array([-719_163, -719_162, 2_932_896, 2_932_897], pa.int32()).view(pa.date32()),
        ["0001-01-01T00", "9999-12-31T00", None],
    ),
    "text of dates": (pa.array(["2024-03-01"]), [None]),
    "text of no dates": (
        pa.array(["2024-13-01T10:00", "2024-03-45T10:00", "2024-00-01T10:00", "2024-03-00T10:00"]),
        [None],
    ),
}


@pytest.mark.parametrize("unit", ["day", "hour"])
@pytest.mark.parametrize(("times", "hours"), TIMES.values(), ids=TIMES)
def test_blocks_of_time(times: pa.Array, hours: list[str | None], unit: str) -> None:
    expected = {(hour and hour[: {"day": 10, "hour": 13}[unit]],) for hour in hours}
    if unit == "day" and times.equals(TIMES["text of dates"][0]):
        expected = {("2024-03-01",)}

    split = split_of(pa.table({"when": times}), PartitionOptions(by=("when",), unit=unit))

    assert set(split.parts) == expected


@pytest.mark.parametrize("kind", ["text", "date32", "date64", "ns", "us"])
def test_weeks_are_those_of_iso_8601(kind: str) -> None:
    """From Monday on, also across the end of a year."""
    days = [date(1969, 12, 20) + timedelta(days=5 * n) for n in range(400)]
    late = [datetime.combine(day, time(23, 59), UTC) for day in days]
    types = {"date32": pa.date32(), "date64": pa.date64()}
    times: pa.Array = pa.array(late, pa.timestamp("us"))
    times = times.cast(
        types.get(kind) or pa.timestamp("us" if kind == "text" else kind), safe=False
    )
    if kind == "text":
        times = pa.array([moment.isoformat() for moment in late])
    rows = pa.table({"when": times, "day": range(len(days))})

    split = split_of(rows, PartitionOptions(by=("when",), unit="week"))

    expected: dict[tuple[str | None], float] = {}
    for number, day in enumerate(days):
        key = (f"{date.fromisocalendar(*day.isocalendar()[:2], 1)}",)
        expected[key] = expected.get(key, 0.0) + number
    assert {key: part.columns[1].moments.total for key, part in split.parts.items()} == expected


@pytest.mark.parametrize(
    ("rows", "split", "message"),
    [
        (
            {"a": [date(1970, 1, 1) + timedelta(days=n) for n in range(BLOCKS + 1)]},
            PartitionOptions(by=("a",), unit="day"),
            "a: there are too many.*1,001 days so far, from 1970-01-01 to 1972-09-27.*-unit week",
        ),
        ({"a": [1]}, PartitionOptions(by=("b",)), "b: there is no such column"),
        ({"a": [True]}, PartitionOptions(by=("a",), unit="day"), "a: the column has no times"),
    ],
)
def test_columns_that_cannot_tell_rows_apart_are_refused(
    rows: dict[str, Any], split: PartitionOptions, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        split_of(pa.table(rows), split)


def test_more_blocks_than_are_kept_are_refused_when_they_come_together() -> None:
    first, second = (
        split_of(
            pa.table({"a": [start + timedelta(hours=n) for n in range(600)]}),
            PartitionOptions(by=("a",), unit="hour"),
        )
        for start in (datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 2, 1, tzinfo=UTC))
    )

    with pytest.raises(InputError, match=r"1,200 hours so far.*--time-unit day"):
        first + second


def test_hours_of_a_day_are_hours() -> None:
    times = pa.array(["2024-03-01T24:00", "2024-03-01T23:00"])

    split = split_of(pa.table({"when": times}), PartitionOptions(by=("when",), unit="hour"))

    assert set(split.parts) == {(None,), ("2024-03-01T23",)}


def test_splits_of_one_side_only_are_dropped() -> None:
    rows = pa.table({"word": ["a", "b"]})
    plain, split = (
        folded(rows),
        folded(rows, FoldOptions(partitions=(PartitionOptions(by=("word",)),))),
    )

    assert (plain + split).partitions == ()
    assert (TableState() + split).partitions == split.partitions
