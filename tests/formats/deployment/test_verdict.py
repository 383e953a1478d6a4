"""verdict.json and comparison.json: written, read again, and refused where they are wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given

from driftkit.errors import FormatError
from driftkit.formats.deployment import comparison as tables
from driftkit.formats.deployment.plan_file import read as read_plan
from driftkit.formats.deployment.verdict import PlanName, of_several, read, read_file
from driftkit.formats.python_json import file_text
from tests.formats.damage import damaged, ours
from tests.formats.deployment.plans import document as plan_document
from tests.formats.deployment.verdicts import comparison, comparisons, document, verdicts
from tests.formats.documents import strictly, with_value, without

if TYPE_CHECKING:
    from pathlib import Path

    from driftkit.formats.deployment.verdict import Verdict


def test_a_verdict_is_written_as_it_was_read() -> None:
    again = read(document()).to_dict()

    assert again == document()
    assert [*again] == [*document()]
    assert [*again["metrics"][0]] == [*document()["metrics"][0]]


@given(verdicts())
def test_any_verdict_is_read_again(verdict: Verdict) -> None:
    assert read(strictly(file_text(verdict.to_dict()))) == verdict


@given(comparisons)
def test_any_tables_are_read_again(found: tables.Comparison) -> None:
    assert tables.read(strictly(file_text(found.to_dict()))) == found


def test_files_are_read(tmp_path: Path) -> None:
    (tmp_path / "verdict.json").write_text(file_text(read(document()).to_dict()), encoding="utf-8")
    (tmp_path / "comparison.json").write_text(file_text(comparison().to_dict()), encoding="utf-8")

    assert read_file(tmp_path / "verdict.json") == read(document())
    assert tables.read_file(tmp_path / "comparison.json") == comparison()


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf"), np.float64("nan")])
def test_what_is_not_measurable_is_null(number: float) -> None:
    verdict = read(document())
    metric = replace(verdict.metrics[0], difference=number, p_value=number, e_value=number)

    written = strictly(file_text(replace(verdict, metrics=(metric,)).to_dict()))["metrics"][0]

    assert (written["difference"], written["p_value"], written["e_value"]) == (None, None, None)


def test_numbers_of_arrays_are_written() -> None:
    verdict = read(document())
    passed: Any = np.bool_(True)  # noqa: FBT003
    counts: Any = {"champion": np.int64(3)}
    check = replace(verdict.checks[0], passed=passed, p_value=np.float64(0.4))
    counted = replace(verdict, checks=(check,), units=counts)

    again = read(strictly(file_text(counted.to_dict())))

    assert again.checks == verdict.checks
    assert again.units == {"champion": 3}


@given(damaged(document()))
def test_a_damaged_verdict_is_read_or_refused_with_its_place(broken: dict[str, Any]) -> None:
    with ours():
        read(broken)


@given(damaged(comparison().to_dict()))
def test_damaged_tables_are_read_or_refused_with_their_place(broken: dict[str, Any]) -> None:
    with ours():
        tables.read(broken)


@pytest.mark.parametrize(
    ("at", "value", "path", "expected"),
    [
        ("verdict", "wait", "verdict", "promote | hold | roll_back"),
        ("version", "2.0", "version", "version '1.0'"),
        ("final", None, "final", "true or false"),
        ("plan.sha256", 1, "plan.sha256", "text"),
        ("window.start", "noon", "window.start", "ISO 8601"),
        ("units.champion", -1, "units.champion", "a whole number"),
        ("error_rates.guarantee", "sure", "error_rates.guarantee", "exact"),
        ("metrics.0.state", "bad", "metrics[0].state", "passes | harmed | open | not_measured"),
        ("metrics.0.low", "NaN", "metrics[0].low", "a finite number"),
        ("metrics.0.p_value", 1.5, "metrics[0].p_value", "a share"),
        ("metrics.0.lowest", 1.5, "metrics[0].lowest", "low"),
        ("checks.0.passed", "yes", "checks[0].passed", "true or false"),
        ("pairs.by.inferenceId", 0.5, "pairs.by.inferenceId", "a whole number"),
        ("epochs.0.weights", [], "epochs[0].weights", "an object"),
        ("epochs.0.from", 5, "epochs[0].from", "text"),
        ("still_needed.units", "many", "still_needed.units", "a whole number"),
        (
            "actions.stop_inference_experiment",
            "stop",
            "actions.stop_inference_experiment",
            "object",
        ),
        ("notes", "note", "notes", "an array"),
        ("verdicts", [{}], "verdicts[0].plan", "plan"),
    ],
)
def test_a_wrong_verdict_is_refused_with_its_path(
    at: str, value: Any, path: str, expected: str
) -> None:
    with pytest.raises(FormatError) as caught:
        read(with_value(document(), at, value), "v.json")

    assert caught.value.where == f"v.json: {path}"
    assert expected in str(caught.value)


@pytest.mark.parametrize("at", ["verdict", "plan", "metrics", "metrics.0.state", "pairs.matched"])
def test_a_missing_key_is_named(at: str) -> None:
    with pytest.raises(FormatError, match=f"key '{at.rpartition('.')[2]}'"):
        read(without(document(), at))


def test_an_older_verdict_says_no_direction() -> None:
    older = document()
    del older["metrics"][0]["better"]

    assert read(older).metrics[0].better is None


def test_of_several_challengers_the_best_stands_first() -> None:
    one = read(document())
    other = replace(one, challenger="other", verdict="hold")

    found = of_several((other, one), "challenger")

    assert (found.verdict, found.challenger, found.best) == ("promote", "challenger", "challenger")
    assert found.verdicts == (other, one)
    assert of_several((one,), "challenger") == one


def test_a_verdict_names_its_plan_by_its_hash() -> None:
    plan = read_plan(plan_document())

    assert PlanName.of(plan) == PlanName(name="churn", sha256=plan.sha256)


def test_a_verdict_is_one_line_for_people() -> None:
    verdict = replace(read(document()), verdict="roll_back", reason="brier is worse than allowed")

    assert verdict.headline == "roll back challenger: brier is worse than allowed"
