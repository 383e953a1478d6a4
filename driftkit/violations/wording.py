"""The exact sentences of constraint_violations.json."""

from __future__ import annotations

from driftkit.formats.jackson import double


def data_type(expected: str, threshold: float, percent: float) -> str:
    """The sentence of data_type_check.

    >>> data_type("Integral", 1.0, 99.5)
    'Data type match requirement is not met. Expected data type: Integral, Expected match: \
100.0%. Observed: Only 99.5% of data is Integral.'
    """
    return (
        f"Data type match requirement is not met. Expected data type: {expected}, "
        f"Expected match: {double(threshold * 100)}%. "
        f"Observed: Only {double(percent)}% of data is {expected}."
    )


def completeness(expected: float, percent: float) -> str:
    """The sentence of completeness_check.

    >>> completeness(1.0, 91 / 93 * 100)
    'Data completeness requirement is not met. Expected: 100.0%. Observed: Only \
97.84946236559139%.'
    """
    return (
        f"Data completeness requirement is not met. Expected: {double(expected * 100)}%. "
        f"Observed: Only {double(percent)}%."
    )


def drift(distance: float, threshold: float) -> str:
    """The sentence of baseline_drift_check.

    >>> drift(0.2654387312522783, 0.1)
    'Baseline drift distance: 0.2654387312522783 exceeds threshold: 0.1'
    """
    return f"Baseline drift distance: {double(distance)} exceeds threshold: {double(threshold)}"


def categories(threshold: float, percent: float) -> str:
    """The sentence of categorical_values_check.

    >>> categories(1.0, 50.0)
    'Categorical value match requirement is not met. Expected match: 100.0%. Observed: 50.0% of \
the values match the known values.'
    """
    return (
        "Categorical value match requirement is not met. "
        f"Expected match: {double(threshold * 100)}%. "
        f"Observed: {double(percent)}% of the values match the known values."
    )


def columns(mismatch: str, current: int, baseline: int) -> str:
    """The sentence of missing_column_check and extra_column_check.

    >>> columns("missing", 69, 70)
    'There are missing columns in current dataset. Number of columns in current dataset: 69, \
Number of columns in baseline constraints: 70'
    """
    return (
        f"There are {mismatch} columns in current dataset. "
        f"Number of columns in current dataset: {current}, "
        f"Number of columns in baseline constraints: {baseline}"
    )
