"""The table of AWS's quirks: what each is, where it acts, how it is known, what tests it."""

from __future__ import annotations

from dataclasses import dataclass

from driftkit.errors import SettingsError
from driftkit.quirks import OF_BIAS, Quirk


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """Which quirks hold. The fields are explained in `QUIRKS`."""

    name: str
    distinct_ranks: bool
    integral_is_fractional: bool
    mixed_strings_match: bool
    column_mismatch_only: bool
    drift_needs_same_type: bool
    categories_drift_when_asked: bool
    row_order_moments: bool
    r2_of_predictions: bool
    f0_5_unreported: bool
    every_curve_point: bool
    point_rule: bool
    scale_of_two_values: bool
    missing_label_is_negative: bool
    missing_facet_is_value: bool
    missing_group_is_error: bool
    any_text_is_true: bool
    cut_predictions: bool
    unseen_value_is_empty: bool
    kernel_shap_only: bool
    common_labels_only: bool
    nothing_by_nothing_is_zero: bool
    one_outcome_is_disparity: bool
    imbalance_needs_both_sides: bool
    acceptance_is_required: bool
    confusion_of_labels_only: bool


QUIRKS: tuple[Quirk, ...] = (
    Quirk(
        name="distinct_ranks",
        aws=True,
        what=(
            "The distribution function of a sketch counts each distinct value once, with the "
            "weight of the highest level that holds it; the sum of these weights is also the "
            "number of values in the correction for small samples."
        ),
        instead="Every value in the sketch counts with its weight.",
        where="comparison/distributions.py",
        source=(
            "Deequ's getRankMap up to 2.0.21; all 133 distances of four real reports follow from it."
        ),
        test="tests/golden/test_taxi_distances.py",
    ),
    Quirk(
        name="integral_is_fractional",
        aws=False,
        what="An integer is not a Fractional value in the data type check.",
        instead="Integers are fractional numbers too.",
        where="monitors/data_quality/checks/data_type.py",
        source='Real runs say "Only 0.0% of data is Fractional" of a column of integers.',
        test="tests/monitors/data_quality/checks/test_data_type.py",
    ),
    Quirk(
        name="mixed_strings_match",
        aws=False,
        what=(
            "A String column matches by the values that look like neither numbers nor truth values."
        ),
        instead="Every value of a column that is String matches String.",
        where="monitors/data_quality/checks/data_type.py",
        source=(
            'Real runs say "Only 0.0% of data is String" of a column of numbers; that mixed columns '
            "are counted value by value follows from Deequ's DataType."
        ),
        test="tests/monitors/data_quality/checks/test_data_type.py",
    ),
    Quirk(
        name="column_mismatch_only",
        aws=True,
        what="Where columns are missing or extra, no other check is made.",
        instead="The other checks are made on the columns in common.",
        where="monitors/data_quality/checks/table.py",
        source="Real runs of three projects have no violation beside it.",
        test="tests/monitors/data_quality/checks/test_column_checks.py",
    ),
    Quirk(
        name="drift_needs_same_type",
        aws=True,
        what="Features whose inferred type differs from the baseline's are not checked for drift.",
        instead="Numbers are compared with numbers, whole or not.",
        where="monitors/data_quality/checks/drift.py",
        source="Real runs never report both for a feature, in months when all others drifted.",
        test="tests/monitors/data_quality/checks/test_drift.py",
    ),
    Quirk(
        name="categories_drift_when_asked",
        aws=True,
        what=(
            "Shares of categories are compared only where the constraints name a "
            "categorical_drift_method or categorical_comparison_threshold."
        ),
        instead="They are always compared, by L-infinity unless the constraints say otherwise.",
        where="monitors/data_quality/checks/drift.py",
        source=(
            "A guess: the containers of before 2024, which do not write these keys, never "
            "report drift of a String feature."
        ),
        test="tests/monitors/data_quality/checks/test_drift.py",
    ),
    Quirk(
        name="row_order_moments",
        aws=True,
        what="Sums run from the first row to the last, deviations by Welford's update.",
        instead="Pairwise sums, which are more exact and faster.",
        where="states/profile/table.py",
        source="The containers' sum, mean and std_dev to the last bit on 68,385 rows.",
        test="tests/golden/test_row_order_moments.py",
    ),
    Quirk(
        name="r2_of_predictions",
        aws=True,
        what="r2 divides by the spread of the predictions: label and prediction are swapped.",
        instead="r2 divides by the spread of the labels.",
        where="monitors/model_quality/description.py",
        source="A real run's r2 of -3.208758170289026 on 100 rows, where the right one is -0.335.",
        test="tests/golden/test_model_quality_numbers.py",
    ),
    Quirk(
        name="f0_5_unreported",
        aws=True,
        what="f0_5 has a constraint, but is never reported as a violation.",
        instead="It is reported like every other metric.",
        where="monitors/model_quality/checks.py",
        source="Three real runs in which it was worse than its constraint.",
        test="tests/golden/test_model_quality_numbers.py",
    ),
    Quirk(
        name="every_curve_point",
        aws=True,
        what=(
            "Curves are written with a point for each distinct score, and the AUC is the sum of "
            "the trapezoids under them from left to right."
        ),
        instead=(
            "Curves are written with at most 1,000 points; the AUC is exact all the same, and "
            "correctly rounded."
        ),
        where="monitors/model_quality/monitor.py",
        source="A real run's AUC of 0.9395127993393898 on 201 rows, to the last digit.",
        test="tests/golden/test_model_quality_numbers.py",
    ),
    Quirk(
        name="point_rule",
        aws=True,
        what=(
            "A bias metric violates when the absolute value of the current one exceeds that of the "
            "baseline, however little, and whichever way it points."
        ),
        instead="It violates only when its interval lies outside the allowed range.",
        where="monitors/bias/checks.py",
        source="Five real runs of the bias monitor, every metric of them.",
        test="tests/golden/test_adult_bias.py",
    ),
    Quirk(
        name="scale_of_two_values",
        aws=True,
        what=(
            "A column of two numbers is a scale where there are at most 40 rows (5 % different "
            "values), and no value exceeds the greatest."
        ),
        instead="Two values are categories in any number of rows, if what is given is one of them.",
        where="states/groups/types.py",
        source="smclarify's rule of uniqueness; issue 3260 of the SageMaker SDK reports its effect.",
        test="tests/states/groups/test_bias_dialects.py",
    ),
    Quirk(
        name="missing_label_is_negative",
        aws=True,
        what=(
            "Rows without a label or a prediction count as negative, and make fractions of whole "
            "numbers."
        ),
        instead="They are set aside and counted.",
        where="states/groups/outcomes.py",
        source="smclarify on pandas, where a missing value equals nothing.",
        test="tests/states/groups/test_bias_dialects.py",
    ),
    Quirk(
        name="missing_facet_is_value",
        aws=True,
        what="The missing values of a facet without given values get an entry nan, of errors.",
        instead="They count among the rest only.",
        where="states/groups/tables.py",
        source="smclarify on pandas, whose unique() lists nan.",
        test="tests/states/groups/test_bias_dialects.py",
    ),
    Quirk(
        name="missing_group_is_error",
        aws=True,
        what="There is no conditional disparity where a group of texts is missing in some rows.",
        instead="Rows without a group are left out of it.",
        where="states/groups/tables.py",
        source="smclarify, where numpy cannot sort texts and nan; recorded from it.",
        test="tests/states/groups/test_bias_dialects.py",
    ),
    Quirk(
        name="any_text_is_true",
        aws=True,
        what='A positive value "False" that is given for a column of truth values means true.',
        instead="It means false.",
        where="states/groups/types.py",
        source="smclarify, which converts by Python's bool().",
        test="tests/states/groups/test_bias_dialects.py",
    ),
    Quirk(
        name="cut_predictions",
        aws=True,
        what="Fractions of predictions are cut off where labels are whole numbers.",
        instead="A prediction of 2.7 is compared as 2.7.",
        where="states/groups/outcomes.py",
        source="smclarify, which gives the prediction the label's type.",
        test="tests/states/groups/test_bias_dialects.py",
    ),
    Quirk(
        name="unseen_value_is_empty",
        aws=True,
        what=(
            "A positive label or a value of a facet that no row has is let pass: nothing is positive, "
            "or the group is empty and its metrics are null."
        ),
        instead=(
            "It is an error that lists the values seen; in a window only a remark, where the "
            "baseline had the value."
        ),
        where="monitors/bias/unseen.py",
        source="smclarify, which compares value by value and looks no further.",
        test="tests/monitors/bias/test_bad_input.py",
    ),
    Quirk(
        name="kernel_shap_only",
        aws=True,
        what="Every model is asked about mixed rows (KernelSHAP), and what it answers is explained.",
        instead=(
            "Trees and linear models are explained exactly by what is in them; boosted classifiers "
            "then in log-odds."
        ),
        where="monitors/attribution/measuring.py",
        source="Clarify knows endpoints only; its files say kernel_shap whatever the model.",
        test="tests/monitors/attribution/test_monitor.py",
    ),
    *OF_BIAS,
)

AWS = Dialect(name="aws", **{quirk.name: quirk.aws for quirk in QUIRKS})
TEXTBOOK = Dialect(name="textbook", **{quirk.name: not quirk.aws for quirk in QUIRKS})

_DIALECTS = {each.name: each for each in (AWS, TEXTBOOK)}
# Where a check runs, or a distance may be named.
IN_BOTH, IN_TEXTBOOK = tuple(_DIALECTS), (TEXTBOOK.name,)


def dialect(name: str) -> Dialect:
    """The dialect of a name.

    >>> dialect("aws").distinct_ranks
    True

    Raises:
        SettingsError: there is none of that name.
    """
    if name not in _DIALECTS:
        raise SettingsError(
            "there is no such dialect",
            where="dialect",
            expected=" | ".join(_DIALECTS),
            found=repr(name),
            todo="Choose one of them",
        )
    return _DIALECTS[name]


def markdown() -> str:
    """The page docs/dialects.md."""
    return _INTRODUCTION + "\n".join(_section(quirk) for quirk in QUIRKS)


_INTRODUCTION = """\
# The two dialects

`aws` gives the files and numbers of the AWS containers, quirks included; `textbook` gives the
same files with the right mathematics. These are all the differences.
The page is written from the table in `driftkit/dialects.py`; a test keeps it up to date.

"""


def _section(quirk: Quirk) -> str:
    lines = (
        f"## {quirk.name}",
        "",
        f"- `{str(quirk.aws).lower()}` in aws: {quirk.what}",
        f"- `{str(not quirk.aws).lower()}` in textbook: {quirk.instead}",
        f"- Known from: {quirk.source}",
        f"- Acts in `driftkit/{quirk.where}`, tested by `{quirk.test}`.",
        "",
    )
    return "\n".join(lines)
