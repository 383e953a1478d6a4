"""Prometheus' side: promtool reads the file, a gateway takes the group, rules fire."""

from __future__ import annotations

import re
import shutil
import subprocess
import urllib.request
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from driftkit.sinks.facts_sinks import facts_sink_of_spec, send_facts
from driftkit.sinks.prometheus import Pushgateway, TextFile, exposition
from tests.sinks.running import running
from tests.sinks.windows import finding, measured, window

if TYPE_CHECKING:
    from driftkit.results.facts import Facts
    from driftkit.sinks.facts_sinks import FactsSink
    from tests.sinks.conftest import Clock, Receiver

PROMTOOL = shutil.which("promtool")
GATEWAY = shutil.which("prometheus-pushgateway")
RULES = Path(__file__).parents[2] / "docs/prometheus"
HOSTILE = 'a "b"\\\n{c="d"} # \ud800\x00 é'
GROUP = "model@base64/YS9i/variant@base64/=/monitor@base64/ZGF0YV9xdWFsaXR5"
needs_promtool = pytest.mark.skipif(PROMTOOL is None, reason="needs promtool")


def facts(model: str = "churn", *, features: tuple[str, ...] = ("age",)) -> Facts:
    metrics = tuple(measured(0.3, feature=each) for each in features)
    found = window(1, *(finding(each) for each in features), metrics=metrics)
    return replace(found, subject=replace(found.subject, model=model))


@needs_promtool
@pytest.mark.parametrize("features", [("age",), (), tuple(f"f{index}" for index in range(3000))])
def test_promtool_finds_nothing_wrong(features: tuple[str, ...]) -> None:
    text = exposition(facts(HOSTILE, features=(HOSTILE, *features)))

    ended = subprocess.run(
        [str(PROMTOOL), "check", "metrics"], input=text.encode(), capture_output=True, check=False
    )

    assert (ended.returncode, ended.stdout + ended.stderr) == (0, b"")


def test_the_file_is_replaced_whole_and_others_may_read_it(tmp_path: Path) -> None:
    sink = facts_sink_of_spec(f"prometheus:{tmp_path}/collected/driftkit.prom max_series=1000")

    assert send_facts(facts(features=("age", "income")), [sink]) == []
    assert send_facts(facts(), [sink]) == []

    text = (tmp_path / "collected/driftkit.prom").read_text()
    common = 'model="churn",variant="",monitor="data_quality",segment=""'
    assert f'driftkit_drift_distance{{{common},feature="age",method=""}} 0.3\n' in text
    assert "income" not in text
    assert [*(tmp_path / "collected").glob("*")] == [tmp_path / "collected/driftkit.prom"]
    assert (tmp_path / "collected/driftkit.prom").stat().st_mode & 0o044 == 0o044


def test_a_file_can_be_of_a_model_and_a_monitor(tmp_path: Path) -> None:
    sink = facts_sink_of_spec(
        f"prometheus:{tmp_path}/driftkit_{{model}}{{variant}}_{{monitor}}.prom"
    )

    assert send_facts(facts("../a/b"), [sink]) == []

    assert [each.name for each in tmp_path.iterdir()] == ["driftkit_.._a_b_data_quality.prom"]


def test_a_group_is_put_by_its_labels(receiver: Receiver, clock: Clock) -> None:
    receiver.will(503, 200)

    said = send_facts(facts("a/b"), [Pushgateway(url=receiver.url)], clock.attempts())

    assert said == []
    assert [(each.method, each.path) for each in receiver.received] == [
        (
            "PUT",
            f"/hook/metrics/job/driftkit/{GROUP}",
        )
    ] * 2
    assert receiver.received[0].headers["content-type"].startswith("text/plain")


def test_what_is_not_sent_is_said_in_a_line_without_secrets(
    receiver: Receiver, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    receiver.will(400)
    monkeypatch.setenv("GATEWAY", f"{receiver.url}?token=canary")
    sinks: list[FactsSink] = [
        TextFile(file=f"{tmp_path}/file/x.prom"),
        Pushgateway(url="${env:GATEWAY}"),
    ]

    said = send_facts(facts(), sinks, clock.attempts())

    assert [each.split(":")[0] for each in said] == [
        f"not sent to prometheus {tmp_path}/file/x.prom",
        "not sent to pushgateway ${env",
    ]
    assert "answered 400" in said[1]
    assert all("\n" not in each and "canary" not in each for each in said)


@pytest.mark.skipif(GATEWAY is None, reason="needs prometheus-pushgateway")
def test_a_gateway_takes_the_group_and_forgets_what_is_gone(free_port: int) -> None:
    with running([str(GATEWAY), f"--web.listen-address=127.0.0.1:{free_port}"], free_port) as url:
        sink = Pushgateway(url=url)
        first = send_facts(facts("a/b", features=("age", HOSTILE)), [sink])
        second = send_facts(facts("a/b", features=("income",)), [sink])
        other = send_facts(facts(HOSTILE), [sink])
        with urllib.request.urlopen(f"{url}/metrics") as answer:  # noqa: S310  (of this machine)
            metrics = answer.read().decode()

    assert first == second == other == []
    told = re.findall(r'driftkit_drift_distance\{feature="(.*?)",.*model="(.*?)",monitor=', metrics)
    assert sorted(feature for feature, model in told if model == "a/b") == ["income"]
    assert len(told) == 2


@needs_promtool
def test_the_rules_are_right_and_fire() -> None:
    for arguments in (("check", "rules", "driftkit.rules.yml"), ("test", "rules", "tests.yml")):
        ended = subprocess.run(
            [str(PROMTOOL), *arguments], cwd=RULES, capture_output=True, text=True, check=False
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr
