"""Baselines with segments and blocks of time grow with them, or say what was lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

import driftkit
from driftkit import InputError, SettingsError

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("no_session")


def table(values: range, each: int, first: int = 0) -> pd.DataFrame:
    codes = np.repeat([f"c{number}" for number in values], each)
    return pd.DataFrame({"code": codes, "n": np.arange(len(codes)) + first})


def segments(result: Any) -> set[Any]:
    return set(result.states.segments().parts)


def test_established_segments_stay_when_a_baseline_grows(tmp_path: Path) -> None:
    first = driftkit.data_quality.baseline(table(range(300), 5), segment_by="code")
    # Half of the established values, and some that are new.
    table(range(40, 340), 1, first=7000).to_parquet(tmp_path / "more.parquet")

    grown = driftkit.data_quality.baseline([first.states, str(tmp_path / "more.parquet")])

    assert len(segments(first)) == 100
    assert segments(grown) == segments(first)
    assert not any("joined all others" in line for line in grown.notes())


def test_segments_that_join_all_others_are_told() -> None:
    one, other = (
        driftkit.data_quality.baseline(table(values, 3, first), segment_by="code")
        for values, first in ((range(150), 0), (range(75, 225), 9000))
    )

    both = driftkit.data_quality.baseline(driftkit.data_quality.combine(one, other))

    lost = len((segments(one) | segments(other)) - segments(both))
    assert lost > 0
    assert any(f"{lost} segments joined all others" in line for line in both.notes())


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ({"segment_by": "code"}, "segments by code"),
        ({"time_column": "day", "time_unit": "hour"}, "hours by day"),
    ],
)
def test_states_that_lack_segments_are_named(
    tmp_path: Path, order: int, asked: Any, named: str
) -> None:
    for number, options in enumerate(({}, asked)):
        rows = table(range(3), 50, 1000 * number).assign(day=pd.Timestamp("2024-03-18"))
        result = driftkit.data_quality.baseline(rows, **options)
        result.write(tmp_path / str(number), keep_states=True)
    files = [str(tmp_path / str(number) / "states.arrow") for number in (0, 1)]

    with pytest.raises(InputError, match=named) as caught:
        driftkit.data_quality.baseline(driftkit.data_quality.combine(*files[::order]))

    assert str(caught.value.where) == files[0]
    assert files[1] in str(caught.value)
    assert "option" not in str(caught.value)


def test_another_unit_than_the_states_have_is_named() -> None:
    rows = table(range(3), 50).assign(day=pd.Timestamp("2024-03-18"))
    days = driftkit.data_quality.baseline(rows, time_column="day").states

    with pytest.raises(InputError, match=r"expected: states of hours by day.*found: .*days by day"):
        driftkit.data_quality.baseline(days, time_column="day", time_unit="hour")


@pytest.mark.parametrize("texts", [["5", "7"], ["2024-13-45", "soon"], [None, None]])
def test_a_column_without_any_time_gives_no_blocks(tmp_path: Path, texts: list[str | None]) -> None:
    lines = "".join(f"{text or ''},{number}\n" for number, text in enumerate(texts))
    (tmp_path / "training.csv").write_text("delay,n\n" + lines)

    with pytest.raises(InputError, match="delay: the column has no times"):
        driftkit.data_quality.baseline(str(tmp_path / "training.csv"), time_column="delay")


def test_few_segments_with_enough_rows_have_a_baseline_of_their_own() -> None:
    sizes = {"a": 40, "b": 30, "c": 20, "d": 5}
    rows = pd.DataFrame({"part": [name for name, size in sizes.items() for _ in range(size)]})
    rows["age"] = range(len(rows))

    def learnt(**asked: Any) -> set[Any]:
        return segments(driftkit.data_quality.baseline(rows, segment_by="part", **asked))

    assert learnt() == {("a",), ("b",), ("c",), ("d",)}
    assert learnt(segment_max=2) == {("a",), ("b",)}
    assert learnt(segment_min_rows=6) == {("a",), ("b",), ("c",)}
    assert learnt(segment_max=3, segment_min_rows=25) == {("a",), ("b",)}


def test_a_segment_of_a_window_with_few_rows_is_not_compared() -> None:
    normal = driftkit.data_quality.baseline(table(range(4), 50), segment_by="code")
    window = pd.concat([table(range(3), 50), table(range(3, 4), 9)])

    found = driftkit.data_quality.monitor(window, normal, segment_min_rows=10)
    all_of_them = driftkit.data_quality.monitor(window, normal)

    assert len(all_of_them.segments) - len(found.segments) == 1
    said = [str(each) for each in found.skipped if each.check.startswith("segment")]
    assert len(said) == 1
    assert said[0].endswith("the window has 9 rows of it, fewer than the 10 that are asked for")


@pytest.mark.parametrize(
    "asked",
    [
        {"segment_max": 5},
        {"segment_by": "code", "segment_max": 0},
        {"segment_by": "code", "segment_max": 101},
    ],
)
def test_a_number_of_segments_that_cannot_be_is_refused(asked: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match="segment_max"):
        driftkit.data_quality.baseline(table(range(4), 5), **asked)
