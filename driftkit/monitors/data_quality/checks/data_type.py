"""The check of data types: the share of values of the baseline's type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftkit.columns.types import InferredType, type_of
from driftkit.formats.jackson import double
from driftkit.monitors.data_quality.checks.categories import listed_categories
from driftkit.monitors.data_quality.checks.phrases import counted, listed, share
from driftkit.results.contract import Finding

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    from driftkit.dialects import Dialect
    from driftkit.monitors.data_quality.checks.evidence import CheckResult, FeatureContext

NAME = "data_type_check"

_NUMBERS = (InferredType.INTEGRAL, InferredType.FRACTIONAL)
_EXAMPLES = 3
# Every value of a column that is inferred to be one of these looks like it.
_PURE = (InferredType.INTEGRAL, InferredType.BOOLEAN)


def data_type_check(feature: FeatureContext) -> CheckResult:
    """Compares the share of values that look like the expected type with the threshold.

    Missing values do not count. A baseline column without any value expects no type.
    """
    expected = InferredType(feature.constraints.inferred_type)
    if expected is InferredType.UNKNOWN or feature.present == 0:
        return None
    counts = _counts(feature, expected)
    if counts is None:
        return feature.skipped(
            NAME,
            f"statistics.json says that {feature.name!r} is {feature.current.inferred_type}, not "
            f"what share of its values is {expected}; only the data can tell.",
        )
    matching, total = _matching(counts, expected, feature), sum(counts.values())
    threshold = feature.config.datatype_check_threshold
    if total == 0 or matching / total >= threshold:
        return None
    return Finding(
        check=NAME,
        feature=feature.name,
        message=(
            f"Data type match requirement is not met. Expected data type: {expected}, Expected match: "
            f"{double(threshold * 100)}%. Observed: Only {double((matching / total) * 100)}% of data is "
            f"{expected}."
        ),
        severity=1 - matching / total,
        expected=f"{share(threshold)} {expected}",
        observed=f"{share(matching / total)} {expected}",
        cause=_cause(feature, counts, expected),
    )


def _counts(feature: FeatureContext, expected: InferredType) -> Mapping[InferredType, int] | None:
    """Values by type, as far as the answer needs them; None where that is not known."""
    if feature.type_counts is not None:
        counts = feature.type_counts.items()
        return {type_: count for type_, count in counts if type_ is not InferredType.UNKNOWN}
    inferred = InferredType(feature.current.inferred_type)
    settled = inferred in _PURE or _settled(inferred, expected, feature.dialect)
    return {inferred: feature.present} if settled else None


def _settled(inferred: InferredType, expected: InferredType, dialect: Dialect) -> bool:
    """Whether values that are not all of the inferred type all match, or none does."""
    if inferred is InferredType.FRACTIONAL:
        same = expected is inferred and dialect.integral_is_fractional
        return same or expected not in _NUMBERS
    return expected is inferred and dialect.mixed_strings_match


def _matching(
    counts: Mapping[InferredType, int], expected: InferredType, feature: FeatureContext
) -> int:
    if expected is InferredType.FRACTIONAL and feature.dialect.integral_is_fractional:
        return sum(counts.get(type_, 0) for type_ in _NUMBERS)
    string_column = feature.current.inferred_type == expected == InferredType.STRING
    if string_column and feature.dialect.mixed_strings_match:
        return sum(counts.values())
    return counts.get(expected, 0)


def _cause(
    feature: FeatureContext, counts: Mapping[InferredType, int], expected: InferredType
) -> str:
    total = sum(counts.values())
    others = {type_: n for type_, n in counts.items() if n and type_ is not expected}
    if len(others) == 1 and sum(others.values()) == total:
        said = f"All {counted(total, 'value')} are {next(iter(others))}."
        return f"{said} {_WHOLE}" if _whole_numbers(feature, expected) else said
    parts = listed(f"{n:,} {type_}" for type_, n in others.items())
    return f"Of {counted(total, 'value')}, {parts}{_examples(feature, others)}."


def _examples(feature: FeatureContext, others: Container[InferredType]) -> str:
    """The most frequent values of other types, where values were counted."""
    values = feature.value_counts or listed_categories(feature.current) or {}
    of_others = {value: n for value, n in values.items() if type_of(value) in others}
    often = sorted(of_others, key=lambda value: (-of_others[value], value))[:_EXAMPLES]
    return ": " + ", ".join(f"{value!r} ({of_others[value]:,})" for value in often) if often else ""


_WHOLE = "They are whole numbers written as 3.0, as happens beside missing values."


def _whole_numbers(feature: FeatureContext, expected: InferredType) -> bool:
    fractional = feature.current.inferred_type == InferredType.FRACTIONAL
    if expected is not InferredType.INTEGRAL or not fractional:
        return False
    values = [value for level in feature.current.levels for value in level]
    return bool(values) and all(value.is_integer() for value in values)
