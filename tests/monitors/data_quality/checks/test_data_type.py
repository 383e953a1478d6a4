"""The data type check in both dialects, with counts and from files alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from driftkit.columns.types import InferredType
from driftkit.dialects import AWS, TEXTBOOK
from driftkit.formats.constraints import FeatureConstraints, MonitoringConfig
from tests.monitors.data_quality.checks.windows import (
    constrained,
    expecting,
    judged,
    nothing,
    numbers,
    sentences,
    skipped,
    strings,
    the_finding,
)

if TYPE_CHECKING:
    from driftkit.dialects import Dialect
    from driftkit.formats.statistics import FeatureStatistics

CHECK = "data_type_check"
INTEGRAL, FRACTIONAL = InferredType.INTEGRAL, InferredType.FRACTIONAL
STRING, BOOLEAN = InferredType.STRING, InferredType.BOOLEAN


def column(type_: InferredType, present: int = 10) -> FeatureStatistics:
    if type_.is_numeric:
        return numbers([float(x) / 2 for x in range(present)], type_=type_)
    return strings({"a": present}, type_=type_)


def said(expected: str, percent: str, match: str = "100.0") -> list[str]:
    sentence = (
        f"Data type match requirement is not met. Expected data type: {expected}, "
        f"Expected match: {match}%. Observed: Only {percent}% of data is {expected}."
    )
    return [sentence]


@pytest.mark.parametrize("dialect", [AWS, TEXTBOOK], ids=lambda dialect: dialect.name)
@pytest.mark.parametrize(
    ("expected", "counts", "percent"),
    [
        (INTEGRAL, {INTEGRAL: 1970, FRACTIONAL: 7}, "99.64592817400101"),
        (INTEGRAL, {INTEGRAL: 67, STRING: 40}, "62.616822429906534"),
        (INTEGRAL, {FRACTIONAL: 10}, "0.0"),
        (STRING, {FRACTIONAL: 10}, "0.0"),
        (BOOLEAN, {BOOLEAN: 1, STRING: 3}, "25.0"),
    ],
)
def test_the_share_of_the_type_is_in_the_sentence(
    expected: InferredType, counts: dict[InferredType, int], percent: str, dialect: Dialect
) -> None:
    window = column(max(counts, key=[INTEGRAL, FRACTIONAL, BOOLEAN, STRING].index))

    outcome = judged(window, expecting(expected), dialect, types=counts)

    assert sentences(outcome, CHECK) == said(expected, percent)


@pytest.mark.parametrize(
    ("expected", "counts", "percent"),
    [
        (FRACTIONAL, {INTEGRAL: 10}, "0.0"),
        (FRACTIONAL, {INTEGRAL: 1, FRACTIONAL: 3}, "75.0"),
        (STRING, {INTEGRAL: 1, STRING: 1}, "50.0"),
        (STRING, {BOOLEAN: 1, INTEGRAL: 1}, "0.0"),
    ],
)
def test_mixtures_violate_in_aws_alone(
    expected: InferredType, counts: dict[InferredType, int], percent: str
) -> None:
    inferred = expected if expected is STRING or FRACTIONAL in counts else INTEGRAL
    window, constraints = column(inferred), expecting(expected)

    in_aws, in_textbook = (
        sentences(judged(window, constraints, dialect, types=counts), CHECK)
        for dialect in (AWS, TEXTBOOK)
    )

    assert in_aws == said(expected, percent)
    assert in_textbook == []


@pytest.mark.parametrize("dialect", [AWS, TEXTBOOK], ids=lambda dialect: dialect.name)
@pytest.mark.parametrize(
    ("inferred", "expected", "percent"),
    [
        (INTEGRAL, INTEGRAL, None),
        (INTEGRAL, STRING, "0.0"),
        (INTEGRAL, BOOLEAN, "0.0"),
        (BOOLEAN, BOOLEAN, None),
        (BOOLEAN, INTEGRAL, "0.0"),
        (FRACTIONAL, STRING, "0.0"),
        (FRACTIONAL, BOOLEAN, "0.0"),
    ],
)
def test_files_answer_where_all_values_are_alike(
    inferred: InferredType, expected: InferredType, percent: str | None, dialect: Dialect
) -> None:
    outcome = judged(column(inferred), expecting(expected), dialect)

    assert sentences(outcome, CHECK) == ([] if percent is None else said(expected, percent))
    assert skipped(outcome, CHECK) == []


@pytest.mark.parametrize(
    ("inferred", "expected", "dialect"),
    [
        (FRACTIONAL, FRACTIONAL, AWS),
        (STRING, STRING, AWS),
        *((FRACTIONAL, INTEGRAL, dialect) for dialect in (AWS, TEXTBOOK)),
        *((STRING, INTEGRAL, dialect) for dialect in (AWS, TEXTBOOK)),
        *((STRING, BOOLEAN, dialect) for dialect in (AWS, TEXTBOOK)),
    ],
)
def test_files_do_not_answer_for_mixtures(
    inferred: InferredType, expected: InferredType, dialect: Dialect
) -> None:
    outcome = judged(column(inferred), expecting(expected), dialect)

    assert sentences(outcome, CHECK) == []
    assert [each.feature for each in skipped(outcome, CHECK)] == ["feature"]
    assert f"what share of its values is {expected}" in skipped(outcome, CHECK)[0].reason


@pytest.mark.parametrize(
    ("inferred", "expected"),
    [(INTEGRAL, FRACTIONAL), (FRACTIONAL, FRACTIONAL), (STRING, STRING)],
)
def test_files_answer_in_textbook_where_mixtures_match(
    inferred: InferredType, expected: InferredType
) -> None:
    outcome = judged(column(inferred), expecting(expected), TEXTBOOK)

    assert sentences(outcome, CHECK) == []
    assert skipped(outcome, CHECK) == []


@pytest.mark.parametrize("types", [None, {}])
def test_a_window_without_values_has_no_type(types: dict[InferredType, int] | None) -> None:
    outcome = judged(nothing(), expecting("Integral"), AWS, types=types)

    assert sentences(outcome, CHECK) == []
    assert skipped(outcome, CHECK) == []


def test_a_baseline_without_values_expects_no_type() -> None:
    assert sentences(judged(column(STRING), expecting("Unknown"), AWS), CHECK) == []


@pytest.mark.parametrize(("threshold", "violated"), [(0.9, False), (0.95, True)])
def test_the_threshold_decides(threshold: float, *, violated: bool) -> None:
    config = MonitoringConfig(datatype_check_threshold=threshold)
    feature = FeatureConstraints(name="feature", inferred_type="Integral")

    outcome = judged(
        column(STRING),
        constrained(feature, config=config),
        AWS,
        types={INTEGRAL: 9, STRING: 1},
    )

    assert bool(sentences(outcome, CHECK)) is violated
    assert sentences(outcome, CHECK) == (said("Integral", "90.0", "95.0") if violated else [])


def test_the_cause_names_what_the_others_are() -> None:
    outcome = judged(
        strings({"n/a": 5, "?": 2, "7": 1970}),
        expecting("Integral"),
        AWS,
        types={INTEGRAL: 1970, STRING: 7},
    )

    finding = the_finding(outcome, CHECK)
    assert finding.cause == "Of 1,977 values, 7 String: 'n/a' (5), '?' (2)."
    assert finding.severity == pytest.approx(7 / 1977)


def test_the_cause_knows_integers_that_pandas_made_floats() -> None:
    outcome = judged(numbers([1.0, 2.0]), expecting("Integral"), TEXTBOOK, types={FRACTIONAL: 2})

    cause = the_finding(outcome, CHECK).cause
    assert cause.startswith("All 2 values are Fractional. They are whole numbers written as 3.0")
