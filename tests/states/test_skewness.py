"""Skewness is scipy's, in parts and in whole, and is told where all of a column's numbers are known."""

from __future__ import annotations

import itertools
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

import driftkit
from driftkit.states.profile.column import ColumnState
from driftkit.states.profile.skewness import ThirdMoment
from driftkit.states.profile.table import FoldOptions
from driftkit.states.storage import dumps, loads
from driftkit.states.storage_columns import joined_columns, unsigned
from tests.states.tables import folded

if TYPE_CHECKING:
    import numpy.typing as npt

RANDOM = np.random.default_rng(5)
NUMBERS: dict[str, npt.NDArray[Any]] = {
    "gamma": RANDOM.gamma(2.0, size=40_000),
    "far from zero": RANDOM.gamma(2.0, size=40_000) + 1e6,
    "left": -RANDOM.lognormal(size=20_000),
    "whole": RANDOM.poisson(3, 30_000),
    "narrow": RANDOM.normal(size=17_000).astype("float32"),
    "two": np.array([1.0, 2.0]),
    "large": RANDOM.gamma(2.0, size=1000) * 1e90,
    "small": RANDOM.gamma(2.0, size=1000) * 1e-90,
}

pytestmark = pytest.mark.usefixtures("no_session")


@pytest.mark.parametrize("values", NUMBERS.values(), ids=NUMBERS)
def test_skewness_is_that_of_scipy(values: npt.NDArray[Any]) -> None:
    expected = float(stats.skew(values.astype(np.float64)))

    whole = folded(pa.table({"a": values})).columns[0].third_moment
    cuts = sorted(RANDOM.integers(0, len(values), 5).tolist())
    chunks = folded(pa.table({"a": values}), cuts=cuts).columns[0].third_moment
    edges = [0, *cuts, len(values)]
    parts = [
        folded(pa.table({"a": values[start:stop]})).columns[0]
        for start, stop in itertools.pairwise(edges)
    ]
    added = reduce(add, parts).third_moment
    [joined] = joined_columns([unsigned([part]) for part in parts])

    for found in (whole, chunks, added):
        assert found.skewness == pytest.approx(expected, rel=1e-9, abs=1e-9)
    assert joined.third_moment == added


@pytest.mark.parametrize(
    "values", [[], [3.5], [0.1] * 40_000, [float("nan")], [1e300, -1e300, 5.0]]
)
def test_numbers_that_have_no_skewness(values: list[float]) -> None:
    state = folded(pa.table({"a": pa.array(values, pa.float64())})).columns[0]

    assert state.third_moment.skewness is None


def test_text_that_spells_numbers_has_one() -> None:
    values = RANDOM.gamma(2.0, size=500).round(3)
    table = pa.table({"a": [*map(str, values.tolist()), None]})

    assert folded(table).columns[0].further["skewness"] == pytest.approx(stats.skew(values))


def test_a_column_of_which_not_all_numbers_were_looked_at_has_none() -> None:
    table = pa.table({"a": RANDOM.gamma(2.0, size=500)})
    earlier = folded(table, FoldOptions(row_order=True)).columns[0]
    now = folded(table).columns[0]

    assert "skewness" in now.further
    assert earlier.third_moment == ThirdMoment()
    assert (now + earlier).further == (earlier + now).further == earlier.further == {}


def test_it_is_kept_with_the_states() -> None:
    table = folded(pa.table({"a": RANDOM.gamma(2.0, size=50), "b": ["x"] * 50}))
    states = driftkit.data_quality.States.of(table)

    assert loads(dumps(states), "here").table.columns == table.columns


def test_tables_show_it_and_files_are_as_ever() -> None:
    values = NUMBERS["gamma"]
    data = {"a": values, "b": ["x"] * len(values)}

    normal = driftkit.data_quality.baseline(data)
    window = driftkit.data_quality.monitor(data, normal)
    of_aws = driftkit.data_quality.baseline(data, dialect="aws")

    for table in (normal.statistics_table(), window.statistics_table()):
        [found, none] = table["skewness"].tolist()
        assert found == pytest.approx(stats.skew(values))
        assert none is None or np.isnan(none)
    assert "skewness" not in of_aws.statistics_table().columns
    assert "skewness" not in str(normal.files)
    assert isinstance(ColumnState(name="a").third_moment, ThirdMoment)


def test_rows_without_finite_numbers_do_not_unlearn_it() -> None:
    values = RANDOM.gamma(2.0, size=500)
    table = pa.table({"a": np.concatenate([values, [np.nan] * 3])})

    found = folded(table, cuts=[500]).columns[0]

    assert found.further["skewness"] == pytest.approx(stats.skew(values))
