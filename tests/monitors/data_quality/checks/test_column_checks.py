"""Missing and extra columns, and what is checked beside them."""

from __future__ import annotations

import pytest

from driftkit.dialects import AWS, TEXTBOOK
from driftkit.formats.constraints import FeatureConstraints, MonitoringConfig
from driftkit.formats.violations import Violation
from driftkit.monitors.data_quality.checks.evidence import Evidence, Outcome
from driftkit.monitors.data_quality.checks.table import check
from tests.monitors.data_quality.checks.windows import constrained, numbers, sentences, table


def of_names(
    current: str, baseline: str, *, dialect: str = "textbook", evaluate: bool = True
) -> Outcome:
    """What the checks say where only names are known; every feature has a value missing."""
    features = (numbers([1.0], missing=1, name=name) for name in current.split())
    constraints = constrained(
        *(
            FeatureConstraints(name=name, inferred_type="Fractional", completeness=1.0)
            for name in baseline.split()
        ),
        config=MonitoringConfig(evaluate_constraints=evaluate),
    )
    evidence = Evidence(statistics=table(*features))
    return check(evidence, constraints, None, {"aws": AWS, "textbook": TEXTBOOK}[dialect])


@pytest.mark.parametrize("dialect", ["aws", "textbook"])
def test_a_missing_column_is_counted(dialect: str) -> None:
    outcome = of_names("a", "a b", dialect=dialect)

    assert outcome.violations[0] == Violation(
        feature_name="Missing columns",
        constraint_check_type="missing_column_check",
        description=(
            "There are missing columns in current dataset. Number of columns in current "
            "dataset: 1, Number of columns in baseline constraints: 2"
        ),
    )
    assert outcome.findings[0].cause == "Missing: b."


@pytest.mark.parametrize("dialect", ["aws", "textbook"])
def test_an_extra_column_is_counted(dialect: str) -> None:
    outcome = of_names("a b c", "a b", dialect=dialect)

    assert outcome.violations[0] == Violation(
        feature_name="Extra columns",
        constraint_check_type="extra_column_check",
        description=(
            "There are extra columns in current dataset. Number of columns in current "
            "dataset: 3, Number of columns in baseline constraints: 2"
        ),
    )
    assert outcome.findings[0].cause == "Extra: c."


def test_a_renamed_column_is_missing_and_extra() -> None:
    outcome = of_names("a Speed", "a speed", dialect="aws")

    kinds = [each.constraint_check_type for each in outcome.violations]
    assert kinds == ["missing_column_check", "extra_column_check"]
    missing, extra = outcome.findings
    assert (missing.severity or 0) > (extra.severity or 0)
    assert "Written differently: 'Speed' for 'speed'." in outcome.findings[0].cause


@pytest.mark.parametrize("names", [("a", "a b"), ("a b", "a")])
def test_in_aws_nothing_else_is_checked_then(names: tuple[str, str]) -> None:
    in_aws, in_textbook = (of_names(*names, dialect=dialect) for dialect in ("aws", "textbook"))

    assert len(in_aws.violations) == 1
    assert in_aws.skipped == ()
    assert len(sentences(in_textbook, "completeness_check")) == 1


def test_columns_in_another_order_are_the_same_columns() -> None:
    outcome = of_names("b a", "a b")

    features = [each.feature_name for each in outcome.violations]
    assert features == ["a", "b"], "the order of the constraints"


def test_nothing_is_checked_where_constraints_are_not_evaluated() -> None:
    assert of_names("a", "a b", evaluate=False).violations == ()
