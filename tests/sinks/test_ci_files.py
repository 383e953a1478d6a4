"""JUnit XML, SARIF and GitHub's annotations say what was found, and are well formed whatever it is."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest

from driftkit.results.contract import Skipped
from driftkit.sinks import github
from driftkit.sinks.junit import junit
from driftkit.sinks.sarif import sarif
from tests.sinks.test_sinks import HOSTILE
from tests.sinks.windows import finding, measured, window

if TYPE_CHECKING:
    from pathlib import Path

FACTS = window(
    0,
    finding(),
    finding(None, "missing_column_check", expected="", observed="", severity=0.7),
    metrics=(measured(0.4), measured(0.05, "city")),
    skipped=(Skipped(check="data_type_check", feature="zip", reason="no rows"),),
)
VIOLATIONS = """{
  "violations" : [ {
    "feature_name" : "city",
    "description" : "age"
  }, {
    "feature_name" : "age"
  } ]
}"""


def test_junit_counts_what_failed_held_and_was_skipped() -> None:
    suite = ET.fromstring(junit([FACTS])).find("testsuite")  # noqa: S314

    assert suite is not None
    assert {name: suite.get(name) for name in ("name", "tests", "failures", "skipped")} == {
        "name": "churn.data_quality",
        "tests": "4",
        "failures": "2",
        "skipped": "1",
    }
    assert [each.get("name") for each in suite] == [
        "baseline_drift_check[age]",
        "missing_column_check",
        "distance[city]",
        "data_type_check[zip]",
    ]
    failure = suite[0][0]
    assert (failure.get("message"), failure.text) == (
        "expected at most 0.1, found 0.4",
        "It moved.",
    )


def test_junit_is_read_by_another_program(tmp_path: Path) -> None:
    reader = pytest.importorskip("junitparser")
    (tmp_path / "junit.xml").write_text(junit([FACTS, replace(FACTS, monitor="bias")]))

    suites = list(reader.JUnitXml.fromfile(str(tmp_path / "junit.xml")))

    assert [(each.name, each.tests, each.failures, each.skipped) for each in suites] == [
        ("churn.data_quality", 4, 2, 1),
        ("churn.bias", 4, 2, 1),
    ]


def test_sarif_points_to_the_line_of_the_column() -> None:
    made = json.loads(sarif([FACTS], ("out/constraint_violations.json", VIOLATIONS)))

    results = made["runs"][0]["results"]
    assert [each["ruleId"] for each in results] == ["baseline_drift_check", "missing_column_check"]
    assert [each["level"] for each in results] == ["warning", "error"]
    place = results[0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "out/constraint_violations.json"
    assert place["region"]["startLine"] == 6
    assert len(results[0]["partialFingerprints"]["driftkit/v1"]) == 16
    rules = made["runs"][0]["tool"]["driver"]["rules"]
    assert all(rules[each["ruleIndex"]]["id"] == each["ruleId"] for each in results)


def test_sarif_is_what_the_standard_says() -> None:
    models = pytest.importorskip("pydantic_sarif.model")

    for facts in (FACTS, window(0), window(0, *(finding(each) for each in HOSTILE))):
        models.StaticAnalysisResultsFormatSarifVersion210JsonSchema.model_validate_json(
            sarif([facts])
        )


def test_the_fingerprint_is_the_same_in_the_next_window() -> None:
    def prints(facts: Any) -> list[str]:
        results = json.loads(sarif([facts]))["runs"][0]["results"]
        return [each["partialFingerprints"]["driftkit/v1"] for each in results]

    assert prints(FACTS) == prints(window(7, *FACTS.findings))


def test_github_is_told_of_the_worst() -> None:
    found = window(0, *(finding(f"c{number}", severity=number / 20) for number in range(20)))

    lines = github.annotated([found])

    assert len(lines) == 10
    assert lines[0] == (
        "::error title=c19%3A baseline_drift_check::expected at most 0.1, found 0.4. It moved."
    )


def test_github_has_a_table() -> None:
    text = github.summary([FACTS])

    assert "### driftkit: churn data\\_quality: VIOLATED" in text
    assert "| age | baseline\\_drift\\_check | at most 0.1 | 0.4 | It moved. |" in text
    assert "1 checks were not made" in text
    many = window(0, *(finding(f"c{number}") for number in range(30)))
    assert "and 10 more" in github.summary([many])


@pytest.mark.parametrize("text", HOSTILE)
def test_what_columns_are_called_is_text_everywhere(text: str) -> None:
    hostile = finding(text, text, expected=text, observed=text, cause=text, segment=text)
    facts = window(0, hostile, skipped=(Skipped(check=text, reason=text, feature=text),))

    ET.fromstring(junit([facts]))  # noqa: S314
    json.loads(sarif([facts]))
    assert all("\n" not in each for each in github.annotated([facts]))
    summary = github.summary([facts])
    assert "<script" not in summary
    assert "](" not in summary
    for made in (junit([facts]), sarif([facts]), summary):
        made.encode()
