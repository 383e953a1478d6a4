"""Baselines in which something moved: they are two references."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import driftkit
from tests.monitors.data_quality.drift.days import rows_of, several


def remarks(days: list[pd.DataFrame]) -> list[str]:
    run = driftkit.data_quality.baseline(pd.concat(days), time_column="t").run
    assert run is not None
    return [each for each in run.remarks if "moved inside" in each]


def test_a_move_inside_the_baseline_is_named_with_its_day() -> None:
    found = remarks([rows_of(day, shift=0.8 if day >= 25 else 0.0) for day in range(60)])

    assert len(found) == 1
    assert "column number moved inside the baseline, on 2026-01-26: shift" in found[0]


def test_nulls_that_begin_are_named() -> None:
    found = remarks([rows_of(day, nulls=0.06 if day >= 40 else 0.0) for day in range(60)])

    assert ["on 2026-02-10: nulls +" in each for each in found] == [True]


@pytest.mark.parametrize("days", [13, 60])
def test_ordinary_days_are_one_reference(days: int) -> None:
    assert remarks([several(range(days), rows=100)]) == []


def test_days_that_wander_are_no_move() -> None:
    walk = np.random.default_rng(3).normal(0, 0.15, 60).cumsum()

    found = remarks([rows_of(day, shift=float(walk[day])) for day in range(60)])

    assert found == []
