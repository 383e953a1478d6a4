"""What happened is said in the same words wherever a violation is told."""

from __future__ import annotations

import math

import pytest

from driftkit.results.contract import Finding, Metric
from driftkit.results.findings import happened, with_cause

WHOLE = {"expected": "at most 0.1", "observed": "0.4", "cause": "It moved."}


@pytest.mark.parametrize(
    ("known", "said", "whole"),
    [
        (WHOLE, "expected at most 0.1, found 0.4", "expected at most 0.1, found 0.4. It moved."),
        ({**WHOLE, "cause": ""}, "expected at most 0.1, found 0.4", None),
        ({**WHOLE, "observed": ""}, "It drifted.", None),
        ({**WHOLE, "expected": ""}, "It drifted.", None),
        ({}, "It drifted.", None),
    ],
)
def test_half_a_comparison_is_not_said(known: dict[str, str], said: str, whole: str | None) -> None:
    finding = Finding(check="baseline_drift_check", message="It drifted.", **known)  # type: ignore[arg-type]

    assert happened(finding) == said
    assert with_cause(finding) == (whole or said)


@pytest.mark.parametrize(
    ("value", "known"), [(None, None), (math.nan, None), (0.0, 0.0), (math.inf, math.inf)]
)
def test_what_was_not_measured_is_not_known(value: float | None, known: float | None) -> None:
    assert Metric(group="drift", name="distance", value=value).known == known
