"""Thresholds and methods of a run go before the baseline's, whose files stay as they are."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

import driftkit
from driftkit.errors import SettingsError

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("no_session")


def table(shift: float = 0.0) -> pd.DataFrame:
    numbers = np.linspace(0, 1, 200) + shift
    return pd.DataFrame({"age": numbers, "tmp_a": numbers, "code": ["x"] * 100 + ["y"] * 100})


def judged(**given: Any) -> dict[str, tuple[Any, Any]]:
    baseline = driftkit.data_quality.baseline(table())
    result = driftkit.data_quality.monitor(table(shift=0.3), baseline, **given)
    return {
        str(each.feature): (each.dimensions["method"], each.threshold) for each in result.distances
    }


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"thresholds": {"age": 0.2}}, {"age": ("Robust", 0.2), "tmp_a": ("Robust", 0.1)}),
        ({"thresholds": ["age=0.2", "*=0.5"]}, {"age": ("Robust", 0.2), "tmp_a": ("Robust", 0.5)}),
        (
            {"thresholds": {"a*": 0.2, "*": 0.5}},
            {"age": ("Robust", 0.5), "code": ("LInfinity", 0.5)},
        ),
        ({"methods": {"age": "simple"}}, {"age": ("Simple", 0.1)}),
        (
            {"methods": {"*": "JensenShannon"}, "thresholds": {"code": 0.3}},
            {"age": ("JensenShannon", 0.1), "code": ("JensenShannon", 0.3)},
        ),
        # A pattern means the columns that the method is made for.
        ({"methods": {"*": "Simple"}}, {"age": ("Simple", 0.1), "code": ("LInfinity", 0.1)}),
    ],
)
def test_a_run_has_its_own(given: dict[str, Any], found: dict[str, Any]) -> None:
    of_features = judged(**given)

    assert {name: of_features[name] for name in found} == found


@pytest.mark.parametrize(
    ("method", "column", "name"),
    [
        ("PSI", "age", "distance"),
        ("wasserstein", "age", "distance"),
        ("AndersonDarling", "age", "statistic"),
        ("CramersV", "code", "distance"),
        ("PearsonChiSquared", "code", "p_value"),
    ],
)
def test_a_distance_comes_with_its_interval_and_p_values_have_none(
    method: str, column: str, name: str
) -> None:
    baseline = driftkit.data_quality.baseline(table())

    result = driftkit.data_quality.monitor(table(shift=0.3), baseline, methods={column: method})

    (found,) = [each for each in result.distances if each.feature == column]
    assert found.name == name
    assert found.violated == (column == "age")
    assert found.value is not None
    if name == "p_value":
        assert found.interval is None
    else:
        assert found.interval
        assert found.interval[0] <= found.value <= found.interval[1]


def test_numbers_too_large_for_a_distance_are_not_compared() -> None:
    huge = pd.DataFrame({"age": [1e308, -1e308] * 50})

    result = driftkit.data_quality.monitor(
        huge, driftkit.data_quality.baseline(huge), methods={"age": "Wasserstein"}
    )

    assert not result.distances
    assert "too large for Wasserstein" in str(result.skipped)


def test_violations_follow_the_threshold_and_files_stay() -> None:
    baseline = driftkit.data_quality.baseline(table())
    before = json.dumps(baseline.files)

    strict = driftkit.data_quality.monitor(table(shift=0.3), baseline)
    lax = driftkit.data_quality.monitor(table(shift=0.3), baseline, thresholds={"*": 0.9})
    again = driftkit.data_quality.compare(strict.statistics, baseline, thresholds={"age": 0.9})

    assert [each.feature_name for each in strict.violations] == ["age", "tmp_a"]
    assert lax.violations == ()
    assert [each.feature_name for each in again.violations] == ["tmp_a"]
    assert json.dumps(baseline.files) == before
    assert lax.files["constraints.json"] == strict.files["constraints.json"]


def test_files_are_compared_in_a_dialect_however_it_is_written() -> None:
    baseline = driftkit.data_quality.baseline(table())
    window = driftkit.data_quality.monitor(table(shift=0.3), baseline).statistics
    written: Any = "AWS"

    again = driftkit.data_quality.compare(window, baseline, dialect=written)

    assert again == driftkit.data_quality.compare(window, baseline, dialect="aws")


def test_segments_are_judged_so_too() -> None:
    baseline = driftkit.data_quality.baseline(table(), segment_by="code")

    result = driftkit.data_quality.monitor(table(shift=0.3), baseline, thresholds={"*": 0.99})

    assert {each.threshold for part in result.segments for each in part.distances} == {0.99}


def test_a_baseline_is_written_with_its_own(tmp_path: Path) -> None:
    driftkit.data_quality.baseline(table(), thresholds={"age": 0.4}).write(tmp_path)

    again = driftkit.data_quality.Baseline.read(tmp_path)
    config = again.constraints.own_configs["age"]

    assert config.distribution.comparison_threshold == 0.4
    assert set(again.constraints.own_configs) == {"age"}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"thresholds": {"agee": 0.1}}, "expected: age; found: 'agee'"),
        ({"thresholds": ["age"]}, "pairs of a column and a value"),
        ({"thresholds": {"age": -1}}, "a number, 0 or more"),
        ({"thresholds": {"age": "nan"}}, "a number, 0 or more"),
        ({"methods": {"age": "ChiSquared"}}, "Simple | Robust | JensenShannon"),
        ({"methods": {"*": "Kolmogorov"}}, "found: 'Kolmogorov'"),
        ({"methods": {"age": "JensenShannon"}, "dialect": "aws"}, "in dialect aws"),
    ],
)
def test_what_is_not_known_is_one_error(given: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsError) as refused:
        judged(**given)

    assert said in str(refused.value)
