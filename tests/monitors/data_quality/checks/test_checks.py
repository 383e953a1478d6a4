"""Checks and distances run in the dialects of their rows, and in no other."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftkit.comparison.distances import CATEGORICAL, DISTANCES
from driftkit.dialects import AWS, TEXTBOOK, dialect
from driftkit.errors import FormatError
from driftkit.formats.constraints import (
    Constraints,
    DistributionConstraints,
    FeatureConstraints,
    MonitoringConfig,
    Overrides,
)
from driftkit.formats.jackson import double
from driftkit.monitors.check import Check
from driftkit.monitors.data_quality.checks import table as data_quality
from driftkit.monitors.data_quality.checks.evidence import Evidence
from driftkit.results.contract import Finding
from tests.monitors.data_quality.checks.windows import (
    NAME,
    constrained,
    judged,
    numbers,
    sentences,
    strings,
    table,
)

GROUPS = ("COLUMN_CHECKS", "CONSTRAINT_CHECKS", "DRIFT_CHECKS")
OF_MODEL_MONITOR = {
    *("missing_column_check", "extra_column_check", "data_type_check"),
    *("completeness_check", "categorical_values_check", "baseline_drift_check"),
}
DRIFT = "baseline_drift_check"
RED, BLUE = {"red": 900, "blue": 100}, {"red": 300, "blue": 700}


def comparing(**distribution: Any) -> MonitoringConfig:
    return MonitoringConfig(distribution=DistributionConstraints(**distribution))


def alarm(_context: object) -> Finding:
    return Finding(check="alarm", feature=NAME, message="always", severity=1.0)


def test_aws_runs_the_checks_of_model_monitor_and_no_other() -> None:
    rows = [row for group in GROUPS for row in getattr(data_quality, group)]

    assert {row.name for row in rows if "aws" in row.dialects} == OF_MODEL_MONITOR


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("runs_in", ["aws", "textbook"])
@given(
    now=st.lists(st.floats(), min_size=1, max_size=20),
    before=st.lists(st.floats(), min_size=1, max_size=20),
)
def test_a_check_runs_in_the_dialects_of_its_row_only(
    group: str, runs_in: str, now: list[float], before: list[float]
) -> None:
    row = Check(name="alarm", dialects=(runs_in,), run=alarm)
    window, constraints = Evidence(statistics=table(numbers(now))), constrained(_feature())
    baseline = table(numbers(before))

    for each in (AWS, TEXTBOOK):
        without = data_quality.check(window, constraints, baseline, each)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(data_quality, group, (*getattr(data_quality, group), row))
            outcome = data_quality.check(window, constraints, baseline, each)
        if each.name == runs_in:
            assert sentences(outcome, "alarm") == ["always"]
        else:
            assert outcome == without


@pytest.mark.parametrize("row", DISTANCES, ids=lambda row: row.name)
@pytest.mark.parametrize("name", ["aws", "textbook"])
@pytest.mark.parametrize("own", [False, True], ids=["all", "one feature"])
def test_a_distance_of_another_dialect_is_refused(row: Any, name: str, *, own: bool) -> None:
    key = "comparison_method" if row.numbers else "categorical_drift_method"
    constraints = _naming(key, row.name, own=own)

    if name in row.dialects:
        assert judged(numbers([1.0]), constraints, dialect(name), baseline=numbers([1.0]))
        return
    with pytest.raises(FormatError, match=f"{key}.*dialect {name} does not know.*{row.name!r}"):
        judged(numbers([1.0]), constraints, dialect(name), baseline=numbers([1.0]))


def test_a_method_that_nobody_knows_is_refused() -> None:
    with pytest.raises(FormatError, match=r"Simple \| Robust \| Jensen"):
        judged(numbers([1.0]), _naming("comparison_method", "Kolmogorov"), TEXTBOOK)


@pytest.mark.parametrize(
    "settings",
    [
        {"categorical_drift_method": "JensenShannon"},
        {"comparison_method": "JensenShannon"},
    ],
    ids=lambda settings: next(iter(settings)),
)
def test_jensen_shannon_compares_categories(settings: dict[str, str]) -> None:
    constraints = constrained(_feature("String"), config=comparing(**settings))

    outcome = judged(strings(BLUE), constraints, TEXTBOOK, baseline=strings(RED))

    measure = CATEGORICAL["JensenShannon"].categories
    assert measure
    value = double(measure(BLUE, RED))
    assert sentences(outcome, DRIFT) == [f"Baseline drift distance: {value} exceeds threshold: 0.1"]


def test_categories_keep_their_method_where_numbers_have_jensen_shannon() -> None:
    settings = {"comparison_method": "JensenShannon", "categorical_drift_method": "LInfinity"}
    few_red, few_blue = {"red": 12, "blue": 8}, {"red": 8, "blue": 12}

    outcome = judged(
        strings(few_blue),
        constrained(_feature("String"), config=comparing(**settings)),
        TEXTBOOK,
        baseline=strings(few_red),
    )

    assert outcome.violations == ()  # what 20 rows do by chance is taken off


def test_jensen_shannon_compares_numbers() -> None:
    constraints = constrained(_feature(), config=comparing(comparison_method="JensenShannon"))

    outcome = judged(numbers([2.0] * 50), constraints, TEXTBOOK, baseline=numbers([1.0] * 50))

    assert sentences(outcome, DRIFT) == ["Baseline drift distance: 1.0 exceeds threshold: 0.1"]


def test_jensen_shannon_is_a_word_of_constraints_json() -> None:
    constraints = _naming("comparison_method", "JensenShannon", own=True)

    assert Constraints.read(constraints.to_dict()) == constraints


def _feature(type_: str = "Fractional") -> FeatureConstraints:
    return FeatureConstraints(name=NAME, inferred_type=type_)


def _naming(key: str, name: str, *, own: bool = False) -> Constraints:
    if not own:
        return constrained(_feature(), config=comparing(**{key: name}))
    overrides = Overrides(distribution={key: name})
    return constrained(
        FeatureConstraints(name=NAME, inferred_type="Fractional", overrides=overrides)
    )
