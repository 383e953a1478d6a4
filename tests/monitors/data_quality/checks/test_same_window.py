"""A window that is its own baseline has no violations, whatever is in it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftkit.dialects import AWS, TEXTBOOK
from driftkit.monitors.data_quality.checks.evidence import Evidence
from driftkit.monitors.data_quality.checks.table import check
from driftkit.monitors.data_quality.suggestion import suggest
from tests.monitors.data_quality.checks.windows import nothing, numbers, strings, table

if TYPE_CHECKING:
    from driftkit.dialects import Dialect
    from driftkit.formats.statistics import FeatureStatistics, Statistics

MISSING = st.integers(0, 3)
FEATURES = st.one_of(
    st.builds(
        numbers,
        st.lists(st.floats(), min_size=1, max_size=20),
        type_=st.sampled_from(["Integral", "Fractional"]),
        missing=MISSING,
    ),
    st.builds(
        strings,
        st.dictionaries(st.text(max_size=3), st.integers(1, 50), min_size=1, max_size=8),
        type_=st.sampled_from(["String", "Boolean"]),
        missing=MISSING,
        listed=st.booleans(),
    ),
    st.builds(nothing),
)


def named(features: list[FeatureStatistics]) -> Statistics:
    return table(*(replace(each, name=f"f{i}") for i, each in enumerate(features)))


@pytest.mark.parametrize("dialect", [AWS, TEXTBOOK], ids=lambda dialect: dialect.name)
@given(window=st.lists(FEATURES, max_size=6).map(named))
def test_nothing_is_found_in_the_baseline_itself(window: Statistics, dialect: Dialect) -> None:
    outcome = check(Evidence(statistics=window), suggest(window), window, dialect)

    assert outcome.violations == ()
    assert outcome.findings == ()


@given(window=st.lists(FEATURES, min_size=1, max_size=6).map(named), data=st.data())
def test_findings_go_with_violations_and_can_be_ranked(
    window: Statistics, data: st.DataObject
) -> None:
    size = len(window.features)
    baseline = named(data.draw(st.lists(FEATURES, min_size=size, max_size=size)))

    outcome = check(Evidence(statistics=window), suggest(baseline), baseline, TEXTBOOK)

    assert len(outcome.findings) == len(outcome.violations)
    for finding in outcome.findings:
        assert finding.severity is not None
        assert 0.0 <= finding.severity <= 1.0
        assert finding.cause.endswith(".")
