"""All distances of all columns: from what runs kept, from data, in Python and in the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy import stats

import driftkit
from driftkit import SettingsError
from driftkit.comparison.distances import OWN

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("no_session")


def columns(rows: int, shift: float = 0.0) -> dict[str, Any]:
    random = np.random.default_rng(rows)
    codes = random.choice(list("abc"), rows, p=[0.5 - shift, 0.3, 0.2 + shift])
    return {"age": random.normal(40 + 10 * shift, 10, rows).round(3), "code": codes}


def told(found: Any) -> dict[tuple[str, str | None], Any]:
    return {(each.feature, each.distance): each for each in found.found}


def test_a_column_has_every_distance_that_is_made_for_it() -> None:
    found = told(driftkit.data_quality.distances(columns(500, 0.1), columns(900)))

    numbers = {("age", each.name) for each in OWN if each.numbers}
    assert {*found} == numbers | {("code", each.name) for each in OWN if each.categories}
    assert all(each.reason is None for each in found.values())
    assert found["age", "Wasserstein"].lower < found["age", "Wasserstein"].value
    assert found["code", "PearsonChiSquared"].beyond is (
        found["code", "PearsonChiSquared"].value < 0.05
    )


def test_what_runs_kept_says_the_same_as_data_where_nothing_was_left_out(tmp_path: Path) -> None:
    window, training = columns(500, 0.1), columns(900)
    baseline = driftkit.data_quality.baseline(training)
    result = driftkit.data_quality.monitor(window, baseline)
    baseline.write(tmp_path / "baseline")
    result.write(tmp_path / "results")
    expected = driftkit.data_quality.distances(window, training)

    sides = [
        (result, baseline),
        (tmp_path / "results", tmp_path / "baseline"),
        (tmp_path / "results" / "statistics.json", training),
        (result.states, baseline.states),
    ]
    for now, before in sides:
        assert driftkit.data_quality.distances(now, before) == expected
    pd.testing.assert_frame_equal(result.distances_table(), expected.table())


@pytest.mark.parametrize("form", ["frame", "csv", "decimals", "whole"])
def test_every_number_of_data_counts(form: str, tmp_path: Path) -> None:
    now, before = columns(4_000, 0.1)["age"], columns(30_000)["age"]
    expected = stats.wasserstein_distance(now, before)

    sides = []
    for name, values in (("now", now), ("before", before)):
        frame = pd.DataFrame({"age": values})
        texts = pa.array([f"{each:.3f}" for each in values])
        made: dict[str, Any] = {
            "frame": frame,
            "decimals": pa.table({"age": texts.cast(pa.decimal128(9, 3))}),
            "whole": pa.table({"age": np.round(1000 * np.asarray(values)).astype(np.int64)}),
            "csv": tmp_path / f"{name}.csv",
        }
        frame.to_csv(made["csv"], index=False)
        sides.append(made[form])
    (found,) = driftkit.data_quality.distances(
        *sides, names="databricks:wasserstein_distance"
    ).found

    assert found.value == pytest.approx(1000 * expected if form == "whole" else expected, rel=1e-9)


def test_what_can_be_read_once_is_sketched() -> None:
    now, before = (pa.table(columns(rows)) for rows in (4_000, 30_000))
    stream = pa.RecordBatchReader.from_batches(before.schema, before.to_batches())

    (exact,) = driftkit.data_quality.distances(now, before, names="KS", columns="age").found
    (found,) = driftkit.data_quality.distances(now, stream, names="KS", columns="age").found

    assert found.value != exact.value
    assert found.value == pytest.approx(exact.value, abs=0.002)


@pytest.mark.parametrize(
    ("now", "before", "reason"),
    [
        ([1.0, 2.0], ["a", "b"], "numbers on one side and text on the other"),
        ([None, None], [1.0, 2.0], "no value of it"),
        ([f"x{i}" for i in range(200)], ["a", "b"], "too many values"),
        ([1e308, -1e308], [1.0, 2.0], "too large"),
    ],
)
def test_what_cannot_be_measured_says_why(now: list[Any], before: list[Any], reason: str) -> None:
    sides = (pd.DataFrame({"x": each}) for each in (now, before))

    found = driftkit.data_quality.distances(*sides, names=["Wasserstein", "PSI"]).found

    assert any(reason in str(each.reason) and each.value is None for each in found)


def test_a_name_that_is_none_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"nannyml:chi2.*found: 'evidentyl:\*'"):
        driftkit.data_quality.distances(columns(10), columns(10), names=["evidentyl:*"])
