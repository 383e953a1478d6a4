"""Each damage does what its story says, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

from baselines.flights.damage import DAMAGES, damaged
from baselines.flights.data import training_rows
from baselines.flights.payload import csv_lines

if TYPE_CHECKING:
    from collections.abc import Callable


def test_only_the_damaged_columns_change(october: pd.DataFrame) -> None:
    broken = damaged(october)

    changed = {name for name in october if not october[name].equals(broken[name])}
    assert changed == {fault.feature for fault in DAMAGES}
    assert list(broken) == list(october)


def test_damage_is_the_same_every_time(october: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(damaged(october), damaged(october))


def _distance_is_in_kilometres(before: pd.Series, after: pd.Series) -> bool:
    return bool(((after / 1.609344 - before).abs() <= 0.5).all())


def _three_in_ten_are_lost(before: pd.Series, after: pd.Series) -> bool:
    kept = after.notna()
    return bool((before[kept] == after[kept]).all()) and 0.29 < 1 - kept.mean() < 0.31


def _the_new_code_stands_for_the_old(before: pd.Series, after: pd.Series) -> bool:
    return after[before == "US"].unique().tolist() == ["AWE"]


def _whole_numbers_gain_a_fraction(before: pd.Series, after: pd.Series) -> bool:
    old, new = (csv_lines(values.to_frame(), [str(values.name)]) for values in (before, after))
    return new == [f"{text}.0" if text else "" for text in old]


@pytest.mark.parametrize(
    ("feature", "is_damaged"),
    [
        ("distance", _distance_is_in_kilometres),
        ("visibility", _three_in_ten_are_lost),
        ("carrier", _the_new_code_stands_for_the_old),
        ("seats", _whole_numbers_gain_a_fraction),
    ],
)
def test_a_damage_is_what_its_story_says(
    october: pd.DataFrame,
    feature: str,
    is_damaged: Callable[[pd.Series, pd.Series], bool],
) -> None:
    assert is_damaged(october[feature], damaged(october)[feature])


def test_the_new_code_is_new(table: pd.DataFrame) -> None:
    assert "AWE" not in set(training_rows(table)["carrier"])
