"""Bias under both dialects: each quirk of the containers, and what stands in its place."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from driftkit.dialects import AWS, TEXTBOOK
from driftkit.errors import InputError
from driftkit.monitors.bias.analysis import asked, report
from tests.states.groups.group_cases import Case

if TYPE_CHECKING:
    from driftkit.dialects import Dialect
    from driftkit.formats.analysis import Stage

ROWS: list[list[Any]] = [
    ["a", 1, 1, "x"],
    ["a", 1, 0, "y"],
    ["a", 0, 1, "x"],
    ["b", 1, 1, "y"],
    ["b", 0, 0, "x"],
    ["b", 0, 0, "y"],
]
CASE = Case(
    names=["facet", "label", "prediction", "group"],
    dtypes=["object", "int64", "int64", "object"],
    rows=ROWS * 20,
    facet="facet",
    facet_values=["b"],
    label="label",
    positives=[1],
    prediction="prediction",
    group="group",
)


def values(
    case: Case, dialect: Dialect, stage: Stage = "pre_training"
) -> dict[str, dict[str, Any]]:
    """Metric values by facet value."""
    case = replace(case, rules=dialect)
    found = report(case.reader(), {stage: asked(stage, "all")}, case.flip()).analysis.to_dict()
    facets = found[f"{stage}_bias_metrics"]["facets"][case.facet]
    return {
        entry["value_or_threshold"]: {each["name"]: each["value"] for each in entry["metrics"]}
        for entry in facets
    }


def with_rows(*rows: list[Any], **changes: Any) -> Case:
    """The case with more rows; so many that two numbers are categories in either dialect."""
    return replace(CASE, rows=[*ROWS, *rows] * 20, **changes)


def test_dialects_agree_where_no_quirk_is_touched() -> None:
    assert values(CASE, AWS) == values(CASE, TEXTBOOK)


def test_rows_without_a_label_are_negative_or_set_aside() -> None:
    rows = [[facet, "yes" if label else "no", 1, group] for facet, label, _, group in ROWS]
    rows.append(["b", None, 1, "x"])
    dtypes = ["object", "object", "int64", "object"]
    case = replace(CASE, rows=rows, dtypes=dtypes, positives=["yes"], prediction=None)

    assert values(case, AWS)["b"]["DPL"] == pytest.approx(2 / 3 - 1 / 4)
    assert values(case, TEXTBOOK)["b"]["DPL"] == pytest.approx(2 / 3 - 1 / 3)


def test_missing_facets_are_an_entry_or_part_of_the_rest() -> None:
    case = with_rows([None, 1, 1, "x"], facet_values=None)

    assert list(values(case, AWS)) == ["a", "b", "nan"]
    assert list(values(case, TEXTBOOK)) == ["a", "b"]


def test_missing_groups_are_an_error_or_left_out() -> None:
    case = with_rows(["b", 1, 1, None])

    assert values(case, AWS)["b"]["CDDL"] is None
    assert values(case, TEXTBOOK)["b"]["CDDL"] == values(CASE, TEXTBOOK)["b"]["CDDL"]


def test_two_numbers_are_a_scale_or_categories() -> None:
    rows = [["a" if n % 2 else "b", n % 2, n % 2, "x"] for n in range(20)]
    case = replace(CASE, rows=rows)

    assert values(case, AWS)["b"]["DPL"] == pytest.approx(0)
    assert values(case, TEXTBOOK)["b"]["DPL"] == pytest.approx(1)


def test_the_text_false_is_true_or_false() -> None:
    rows = [[facet, bool(label), bool(label), group] for facet, label, _, group in ROWS]
    dtypes = ["object", "bool", "bool", "object"]
    case = replace(CASE, rows=rows, dtypes=dtypes, positives=["False"])

    assert values(case, AWS)["b"]["DPL"] == pytest.approx(2 / 3 - 1 / 3)
    assert values(case, TEXTBOOK)["b"]["DPL"] == pytest.approx(1 / 3 - 2 / 3)


def test_fractions_of_predictions_are_cut_or_kept() -> None:
    rows = [[facet, 10 * n, 10 * n + 0.5, group] for n, (facet, _, _, group) in enumerate(ROWS)]
    dtypes = ["object", "int64", "float64", "object"]
    case = replace(CASE, rows=rows, dtypes=dtypes, positives=[30])

    aws, textbook = (values(case, each, "post_training") for each in (AWS, TEXTBOOK))

    assert aws["b"]["DPPL"] == pytest.approx(0 - 2 / 3)
    assert textbook["b"]["DPPL"] == pytest.approx(0 - 3 / 3)


def test_nothing_accepted_is_an_error_or_measured() -> None:
    case = replace(CASE, rows=[[facet, label, 0, group] for facet, label, _, group in ROWS] * 20)

    with pytest.raises(InputError, match="No Label values are present"):
        values(case, AWS, "post_training")
    found = values(case, TEXTBOOK, "post_training")["b"]
    assert (found["DPPL"], found["RD"], found["DAR"]) == (0.0, 0.0, None)


def test_predictions_in_another_spelling_are_an_error_in_both() -> None:
    rows = [[facet, "Yes" if label else "No", "no", group] for facet, label, _, group in ROWS]
    dtypes = ["object", "object", "object", "object"]
    case = replace(CASE, rows=rows, dtypes=dtypes, positives=["Yes"])

    for dialect in (AWS, TEXTBOOK):
        with pytest.raises(InputError, match=r"No Label values are present.*no"):
            values(case, dialect, "post_training")


def test_predictions_that_no_label_is_are_left_out_or_listed() -> None:
    rows = [["a", "x", "x", "1"], ["b", "x", "z", "1"], ["b", "y", "y", "1"]]
    dtypes = ["object", "object", "object", "object"]
    case = replace(CASE, rows=rows, dtypes=dtypes, positives=["x"])

    aws = replace(case, rules=AWS).reader().outcomes.confusion()
    textbook = replace(case, rules=TEXTBOOK).reader().outcomes.confusion()

    assert aws == {"x": {"x": 1.0, "y": 0.0}, "y": {"x": 0.0, "y": 1.0}}
    assert textbook == {
        "x": {"x": 1.0, "y": 0.0, "z": 1.0},
        "y": {"x": 0.0, "y": 1.0, "z": 0.0},
        "z": {"x": 0.0, "y": 0.0, "z": 0.0},
    }
