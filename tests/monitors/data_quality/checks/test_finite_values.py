"""The check of values that are NaN or infinite: when it speaks, and when not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftkit import data_quality
from driftkit.dialects import AWS, TEXTBOOK
from tests.monitors.data_quality.checks.windows import (
    expecting,
    judged,
    numbers,
    sentences,
    the_finding,
)

if TYPE_CHECKING:
    from driftkit.formats.statistics import FeatureStatistics

CHECK = "finite_values_check"
FINITE = [float(x) for x in range(2000)]


def partly_finite(finite: int, other: int) -> FeatureStatistics:
    feature = numbers(FINITE[:finite])
    assert feature.numerical is not None
    return replace(feature, numerical=replace(feature.numerical, num_present=finite + other))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("share", [0.3, 1.0])
def test_a_window_of_infinite_values_is_found(value: float, share: float) -> None:
    rows = np.random.default_rng(3).normal(size=2000)
    broken = np.where(np.arange(2000) < share * 2000, value, rows)
    baseline = data_quality.baseline(pa.table({"x": rows}))

    result = data_quality.monitor(pa.table({"x": broken}), baseline)

    (violation,) = (each for each in result.violations if each.constraint_check_type == CHECK)
    assert violation.description == (
        "Finite value requirement is not met. Expected: 100.0% finite values as in the baseline. "
        f"Observed: Only {1 - share:.1%} of the values are finite."
    )
    again = data_quality.compare(result, baseline)
    assert violation in again.violations


def test_the_finding_counts_the_values() -> None:
    outcome = judged(partly_finite(1000, 1000), expecting(), TEXTBOOK, baseline=numbers(FINITE))

    finding = the_finding(outcome, CHECK)
    assert finding.severity == 0.5
    assert finding.cause == (
        "1,000 of 2,000 values are NaN or infinite; in the baseline 0 of 2,000."
    )


@pytest.mark.parametrize(
    ("now", "before"),
    [
        ((1950, 50), (2000, 0)),  # a share that is below the threshold
        ((1000, 1000), (900, 1000)),  # as many as ever
        ((2000, 0), (100, 1900)),  # better than before
        ((2, 2), (2000, 0)),  # chance may do so
    ],
)
def test_what_is_no_violation(now: tuple[int, int], before: tuple[int, int]) -> None:
    outcome = judged(partly_finite(*now), expecting(), TEXTBOOK, baseline=partly_finite(*before))

    assert sentences(outcome, CHECK) == []


@given(
    values=st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=50),
    before=st.integers(0, 50),
)
def test_finite_values_are_never_too_few(values: list[float], before: int) -> None:
    outcome = judged(numbers(values), expecting(), TEXTBOOK, baseline=partly_finite(20, before))

    assert sentences(outcome, CHECK) == []


def test_it_does_not_run_in_aws() -> None:
    outcome = judged(partly_finite(1, 1999), expecting(), AWS, baseline=numbers(FINITE))

    assert sentences(outcome, CHECK) == []


def test_numbers_of_which_nothing_is_known_are_passed_over() -> None:
    feature = numbers(FINITE)
    assert feature.numerical is not None
    without = replace(feature, numerical=replace(feature.numerical, kll=None, mean=1.0))

    outcome = judged(without, expecting(), TEXTBOOK, baseline=numbers(FINITE))

    assert sentences(outcome, CHECK) == []
