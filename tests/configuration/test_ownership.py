"""Who looks after a model and how serious its violations are: from the file to pages, alerts and stores."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

import driftkit
from driftkit.configuration.opening import opened
from driftkit.errors import SettingsError
from driftkit.store.opening import open_store
from tests.configuration.conftest import RIGHT
from tests.configuration.test_receivers import here
from tests.sinks.conftest import Receiver, receiver

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ended

__all__ = ["here", "receiver"]

OWNED = RIGHT.replace(
    "{name: churn}",
    "{name: churn, owner: '@risk <b>', runbook: 'https://wiki.example/churn?a=1&b=2', tags: {tier: gold}}",
)
SEVERITY = "    severity: {completeness_check: critical, '*_type_check': error}\n"
GRADED = OWNED.replace(
    "data_quality: {baseline: baseline}\n", "data_quality:\n    baseline: baseline\n"
)


class Links(HTMLParser):
    """The addresses that a page leads to."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str | None] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.found.add(dict(attrs).get("href"))


def test_owner_and_severity_reach_page_alerts_and_store(
    here: Path,
    receiver: Receiver,
    written: Callable[..., Path],
    driftkit_command: Callable[..., Ended],
) -> None:
    told = f"store: {{path: kept}}\nsinks: [{{kind: webhook, url: '{receiver.url}'}}]\n"
    written(GRADED + SEVERITY + told)

    ended = driftkit_command("run")

    assert ended.code == 0, ended.err
    page = (here / "reports/data_quality/snapshot/report.html").read_text()
    links = Links()
    links.feed(page)
    assert "https://wiki.example/churn?a=1&b=2" in links.found
    assert "@risk &lt;b&gt;" in page
    assert "tier=gold" in page
    assert "completeness_check (critical)" in page
    # What is critical fires in the first window, and nothing else does.
    said = json.loads(receiver.received[0].body)["data"]
    assert {(each["check"], each["severity"]) for each in said["alerts"]} == {
        ("completeness_check", "critical")
    }
    assert (said["owner"], said["runbook"]) == ("@risk <b>", "https://wiki.example/churn?a=1&b=2")
    (run,) = open_store(str(here / "kept")).read("runs").to_pylist()
    assert json.loads(run["tags"]) == {
        "owner": "@risk <b>",
        "runbook": "https://wiki.example/churn?a=1&b=2",
        "tier": "gold",
    }


def test_severity_changes_no_file_of_the_monitor(
    here: Path, driftkit_command: Callable[..., Ended]
) -> None:
    driftkit_command("data-quality", "baseline", "training.csv", "-o", "base", "--dialect", "aws")
    line = ("data-quality", "monitor", "data.csv", "-b", "base", "--dialect", "aws", "-o")

    driftkit_command(*line, "plain")
    graded = driftkit_command(
        *(*line, "graded", "--severity", "data_type_check=critical", "--quiet", "--json"),
        *("--junit", "found.xml", "--sarif", "found.sarif"),
    )

    for name in ("constraint_violations.json", "statistics.json", "constraints.json"):
        assert (here / "graded" / name).read_bytes() == (here / "plain" / name).read_bytes()
    violations = json.loads(graded.out)["results"][0]["violations"]
    assert violations[0]["check"] == "data_type_check"
    assert {each["check"]: each["level"] for each in violations}["data_type_check"] == "critical"
    assert 'message="critical: ' in (here / "found.xml").read_text()
    found = json.loads((here / "found.sarif").read_text())["runs"][0]["results"]
    assert {each["ruleId"]: each["properties"]["severity"] for each in found}[
        "data_type_check"
    ] == "critical"


@pytest.mark.parametrize(
    ("severity", "said"),
    [
        ({"completness_check": "critical"}, "no such checks.*completeness_check"),
        ({"completeness_check": "fatal"}, "warning | error | critical"),
        ("completeness_check", "pairs"),
    ],
)
def test_strange_severities_are_refused(here: Path, severity: object, said: str) -> None:
    normal = driftkit.data_quality.baseline("training.csv")

    with pytest.raises(SettingsError, match=said):
        driftkit.data_quality.monitor("data.csv", normal, severity=severity)  # type: ignore[arg-type]

    assert here.is_dir()


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ("runbook: javascript:alert(1)", "model.runbook: this is no page of the web"),
        ('runbook: "https://a.example/\\u202e"', "model.runbook: this is no page of the web"),
        ("runbook: https://me:secret-7@wiki.example/", "this looks like a secret"),
        ('owner: "a\\nb"', "model.owner: "),
        ("tags: {tier: [gold]}", "model.tags.tier: "),
        ("tag: {tier: gold}", "did you mean 'tags'?"),
    ],
)
def test_hostile_owners_are_refused(model: str, said: str, written: Callable[..., Path]) -> None:
    path = written(RIGHT.replace("{name: churn}", f"{{name: churn, {model}}}"))

    with pytest.raises(SettingsError) as refusal:
        opened(path, environment={})

    assert said in str(refusal.value)
    assert "secret-7" not in str(refusal.value)
