"""Sinks and store of a configuration file: told and kept by a run, refused where they are wrong."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from driftkit.configuration.opening import opened
from driftkit.configuration.receivers import facts_sinks_of, rules_of, sinks_of
from driftkit.errors import SettingsError
from driftkit.store.opening import open_store
from driftkit.store.schema import RUNS
from driftkit.store.store import keep
from tests.configuration.conftest import RIGHT
from tests.monitors.merging import capture, put
from tests.sinks.conftest import Receiver, receiver
from tests.store.facts import facts, subject

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ended

__all__ = ["receiver"]

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
AT_ONCE = 'alerts: {for: "1"}\n'


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "training.csv").write_text("age,city\n31,Bonn\n45,Ulm\n28,Bonn\n60,Ulm\n")
    (tmp_path / "data.csv").write_text("age,city\n31,Bonn\nold,Rome\n,Bonn\n60,Ulm\n")
    return tmp_path


def test_a_run_tells_the_sinks_of_the_file_once(
    here: Path,
    receiver: Receiver,
    written: Callable[..., Path],
    driftkit_command: Callable[..., Ended],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HOOK", f"{receiver.url}/canary-7")
    written(RIGHT + AT_ONCE + 'sinks:\n  - {kind: webhook, url: "${env:HOOK}"}\n')

    first = driftkit_command("run")
    again = driftkit_command("run")

    assert (first.code, again.code) == (0, 0), first.err + again.err
    assert len(receiver.received) == 1
    told = json.loads(receiver.received[0].body)
    assert "churn" in json.dumps(told)
    assert (here / "reports/alerts.jsonl").exists()
    texts = [path.read_bytes() for path in here.rglob("*") if path.is_file()]
    assert not any(b"canary-7" in text for text in texts)


def test_a_store_keeps_alerts_too(
    here: Path,
    receiver: Receiver,
    written: Callable[..., Path],
    driftkit_command: Callable[..., Ended],
) -> None:
    written(
        f"{RIGHT}{AT_ONCE}store: {{path: kept}}\nsinks: [{{kind: webhook, url: '{receiver.url}'}}]\n"
    )

    ended = driftkit_command("run")
    driftkit_command("run")

    assert ended.code == 0, ended.err
    assert "kept in the metrics store" in ended.err
    assert not (here / "reports/alerts.jsonl").exists()
    store = open_store(str(here / "kept"))
    assert {each["state"] for each in store.read("alert_events").to_pylist()} == {"firing"}
    assert {each["status"] for each in store.read("deliveries").to_pylist()} == {"sent"}
    assert len(receiver.received) == 1


def test_what_cannot_be_kept_is_told_all_the_same(
    here: Path,
    receiver: Receiver,
    written: Callable[..., Path],
    driftkit_command: Callable[..., Ended],
) -> None:
    (here / "kept").write_text("no folder")
    alerts = 'alerts: {for: "1", file: alerts.jsonl}\n'
    sinks = f"sinks: [{{kind: webhook, url: '{receiver.url}'}}]\n"
    written(f"{RIGHT}{alerts}store: {{path: kept}}\n{sinks}")

    ended = driftkit_command("run")

    assert ended.code == 1
    assert "the metrics store cannot be written" in ended.err
    assert len(receiver.received) == 1


def test_old_runs_are_removed_as_the_file_says(
    here: Path, written: Callable[..., Path], driftkit_command: Callable[..., Ended]
) -> None:
    file = written(f"{RIGHT}store: {{path: kept, keep: 400d}}\n")
    long_ago = replace(facts(), subject=subject(start=LONG_AGO, end=LONG_AGO))
    keep(open_store(here / "kept"), long_ago)

    ended = driftkit_command("run", file)

    assert ended.code == 0, ended.err
    assert "1 old runs removed" in ended.err
    (run,) = open_store(here / "kept").read(RUNS).to_pylist()
    assert run["window_start"] > LONG_AGO


def test_nobody_is_told_when_that_is_not_wanted(
    receiver: Receiver, written: Callable[..., Path], driftkit_command: Callable[..., Ended]
) -> None:
    written(RIGHT + AT_ONCE + f"sinks:\n  - {{kind: webhook, url: '{receiver.url}'}}\n")

    driftkit_command("run", "--no-notify")

    assert receiver.received == []


def test_a_required_sink_that_fails_is_the_exit_code_unless_something_is_worse(
    receiver: Receiver, written: Callable[..., Path], driftkit_command: Callable[..., Ended]
) -> None:
    receiver.will(400, 400)
    sink = f"sinks:\n  - {{kind: webhook, url: '{receiver.url}', required: true}}\n"
    written(RIGHT + AT_ONCE + sink)

    ended = driftkit_command("run")

    assert ended.code == 5, ended.err
    assert driftkit_command("run", "--fail-on-violations").code == 3


def test_prometheus_has_a_file_for_each_monitor(
    here: Path, written: Callable[..., Path], driftkit_command: Callable[..., Ended]
) -> None:
    written(RIGHT + 'sinks: [{kind: prometheus, file: "{monitor}.prom"}]\n')

    assert driftkit_command("run").code == 0

    assert 'model="churn"' in (here / "data_quality.prom").read_text()


def test_a_run_is_kept_once(
    here: Path, written: Callable[..., Path], driftkit_command: Callable[..., Ended]
) -> None:
    written(RIGHT + "store: {path: metrics}\n")

    driftkit_command("check")
    before = (here / "metrics").exists()
    codes = [driftkit_command("run").code for _ in range(2)]

    runs = open_store("metrics").read(RUNS).to_pylist()
    assert (before, codes) == (False, [0, 0])
    assert [(each["model"], each["monitor"], each["status"]) for each in runs] == [
        ("churn", "data_quality", "violated")
    ]


def test_alerts_and_store_know_a_run_by_the_same_id(
    here: Path,
    receiver: Receiver,
    written: Callable[..., Path],
    driftkit_command: Callable[..., Ended],
) -> None:
    for day in (18, 19):
        rows = [capture(f"{day}-{i}", time=f"2024-03-{day}T15:10:00Z") for i in range(30)]
        if day == 19:
            rows = [{**each, "captureData": OTHER} for each in rows]
        put(here / "captured" / "churn" / "A", f"2024/03/{day}/15", rows)
    text = RIGHT.replace("data: {path: data.csv}", "captures: {path: captured, window: 1d}")
    text = text.replace("training.csv", "captured/churn/A/2024/03/18")
    sinks = f"store: {{path: metrics}}\nsinks: [{{kind: webhook, url: '{receiver.url}'}}]\n"
    written(text.replace("churn}", "churn, variant: A}") + AT_ONCE + sinks)

    ended = driftkit_command("run", "--window", "2024-03-19/2024-03-20", "--notify")

    (run,) = open_store("metrics").read(RUNS).to_pylist()
    events = open_store("metrics").read("alert_events").to_pylist()
    assert ended.code == 0, ended.err
    assert (run["variant"], run["granularity"]) == ("A", "1 day")
    assert {each["run_id"] for each in events} == {run["run_id"]}


OTHER = {
    "endpointInput": {"data": "x,2", "encoding": "CSV", "mode": "INPUT"},
    "endpointOutput": {"data": "0", "encoding": "CSV", "mode": "OUTPUT"},
}


def test_sections_become_sinks_and_rules(written: Callable[..., Path]) -> None:
    path = written(
        RIGHT
        + """\
alerts: {for: 2 of 4, clear_after: 3, cooldown: 1d, storm: 0.5, critical: ["missing*"]}
sinks:
  - {kind: slack, webhook: "${env:SLACK}", on: [firing], min_severity: critical}
  - {kind: pagerduty, routing_key: "${file:/run/secrets/pd}", required: true}
  - {kind: pushgateway, url: "http://gateway:9091", max_series: 50}
  - {kind: emf}
  - {kind: openlineage, file: "{monitor}.json"}
"""
    )

    of = opened(path, environment={}).configuration

    rules = rules_of(of.alerts)
    assert (rules.needed, rules.among, rules.clear_after, rules.critical) == (
        2,
        4,
        3,
        ("missing*",),
    )
    slack, pagerduty = sinks_of(of.sinks)
    assert (slack.name, slack.wanted.on, slack.wanted.min_severity) == (
        "slack ${env:SLACK}",
        ("firing",),
        "critical",
    )
    assert pagerduty.wanted.required
    gateway, *others = facts_sinks_of(of.sinks)
    assert gateway.name.startswith("pushgateway gateway")
    assert [each.name for each in others] == ["emf", "openlineage {monitor}.json"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            'sinks:\n  - {kind: slack, webhok: "${env:A}"}\n',
            ":9:19: sinks[0].webhok: unknown; did you mean 'webhook'?",
        ),
        ("sinks:\n  - {kind: slack}\n", ":9:5: sinks[0].webhook: missing"),
        ("sinks:\n  - {kind: slak}\n", "there is no such sink (expected: alertmanager"),
        ("sinks:\n  - {url: a}\n", "there is no such sink"),
        ("sinks: [{kind: webhook, url: here}]\n", "no address"),
        ("sinks: [{kind: webhook, url: 'http://a', on: [fireing]}]\n", "cannot be asked for this"),
        ("sinks: [{kind: pushgateway, url: 'http://a', max_series: many}]\n", "a whole number"),
        ('sinks: [{kind: slack, webhook: "${env:A}", required: yes}]\n', "true or false"),
        ('alerts: {for: "many"}\n', ":8:1: alerts: this says not after how many windows"),
        ("alerts: {for: 4 of 3}\n", "alerts: for: this is no rule of alerts"),
        ("alerts: {coldown: 1d}\n", ":8:10: alerts.coldown: unknown; did you mean 'cooldown'?"),
        ("alerts: {needed: 1}\n", "alerts.needed: unknown"),
        ("store: {kind: delta}\n", "store.path: missing"),
        (
            "  bias: {analysis_config: a.json}\nsinks: [{kind: prometheus, file: a.prom}]\n",
            "monitors would write over each other's file",
        ),
    ],
)
def test_what_is_wrong_is_named(text: str, said: str, written: Callable[..., Path]) -> None:
    path = written(RIGHT + text)

    with pytest.raises(SettingsError) as refusal:
        opened(path, environment={})

    assert said in str(refusal.value)


def test_check_finds_a_store_that_cannot_be(
    written: Callable[..., Path], driftkit_command: Callable[..., Ended]
) -> None:
    written(RIGHT + 'store: {path: "${env:NO_STORE_IS_HERE}"}\n')

    ended = driftkit_command("check")

    assert ended.code == 1
    assert "there is no such variable" in ended.err
