"""Where the aws dialect of bias differs from the textbook: one table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class BiasRules:
    """The quirks of smclarify and of AWS's bias monitor.

    Attributes:
        point_rule: a metric violates if abs(current) > abs(baseline), whatever the noise (five
            real monitoring runs; tests/golden/test_adult_bias.py). Otherwise only if its
            interval lies outside the allowed range.
        scale_of_two_values: a column of two numbers in at most 40 rows is a scale, of which
            none exceeds the greatest (smclarify, uniqueness of 0.05; the SageMaker SDK's issue
            3260). Otherwise two values are never a scale.
        missing_label_is_negative: rows without a label or prediction count as negative, and
            make whole numbers fractional (pandas). Otherwise they are set aside.
        missing_facet_is_value: missing values of a facet without given values get an entry
            "nan" of errors (pandas' unique). Otherwise they are only counted among the rest.
        missing_group_is_error: text groups with missing values have no conditional disparity
            (numpy cannot sort them). Otherwise rows without a group are left out of it.
        any_text_is_true: a positive value "False" given for a column of truth values means true,
            as Python's bool("False") does. Otherwise it means false.
        cut_predictions: fractions of predictions are cut off where labels are whole.
    """

    point_rule: bool
    scale_of_two_values: bool
    missing_label_is_negative: bool
    missing_facet_is_value: bool
    missing_group_is_error: bool
    any_text_is_true: bool
    cut_predictions: bool


AWS = BiasRules(
    point_rule=True,
    scale_of_two_values=True,
    missing_label_is_negative=True,
    missing_facet_is_value=True,
    missing_group_is_error=True,
    any_text_is_true=True,
    cut_predictions=True,
)
TEXTBOOK = BiasRules(
    point_rule=False,
    scale_of_two_values=False,
    missing_label_is_negative=False,
    missing_facet_is_value=False,
    missing_group_is_error=False,
    any_text_is_true=False,
    cut_predictions=False,
)


def rules_of(dialect: str) -> BiasRules:
    """The rules of a dialect: "aws" or "textbook"."""
    return AWS if dialect == "aws" else TEXTBOOK
