"""Commands tell of windows that never ran, whether a file or the metrics store keeps what did."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from driftkit.cli.following import Following
from driftkit.cli.kept_alerts import InStore
from driftkit.sinks.kept import Kept, read_kept, write_kept
from driftkit.store.store import keep
from tests.cli.conftest import driftkit_command
from tests.configuration.conftest import RIGHT, written
from tests.sinks.test_delivering import Recorder
from tests.sinks.test_gaps import at, ran
from tests.sinks.windows import BEGIN, HOUR, window

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from driftkit.cli.kept_alerts import KeptAlerts
    from driftkit.results.facts import Facts
    from tests.cli.conftest import Ended
    from tests.sinks.conftest import Clock, Receiver

__all__ = ["driftkit_command", "written"]


def run(alerts: KeptAlerts, facts: Facts, sink: Recorder, clock: Clock) -> None:
    following = Following(alerts=alerts, sinks=[sink], attempts=clock.attempts)
    if isinstance(alerts, InStore):
        keep(alerts.store, facts)
    clock.seconds = (facts.evaluated_at - clock.begin).total_seconds()
    assert following.of_runs([facts], facts.evaluated_at)


def told(sink: Recorder) -> list[str]:
    return [each.state for message in sink.took for each in message.events]


def test_a_later_run_tells_of_it_and_its_own_run_that_it_is_over(
    alerts: KeptAlerts, clock: Clock
) -> None:
    sink = Recorder()
    for hour in (0, 1, 2, 4, 5):
        run(alerts, window(hour), sink, clock)
    before = told(sink)
    run(alerts, window(3, evaluated_at=BEGIN + 9 * HOUR), sink, clock)

    assert (before, told(sink)) == (["no_data"], ["no_data", "resolved"])


def test_nobody_is_told_where_all_ran(alerts: KeptAlerts, clock: Clock) -> None:
    sink = Recorder()

    for hour in (0, 1, 2, 3, 4):
        run(alerts, window(hour), sink, clock)

    assert sink.took == []


def test_a_file_forgets_windows_that_tell_nothing_any_more() -> None:
    kept = Kept(ran=tuple(at(range(24 * 40))))

    left = kept.trimmed(BEGIN).ran

    assert left == tuple(at(range(24 * 25 - 1, 24 * 40)))
    minutes = [ran(BEGIN + each * HOUR / 60, HOUR / 60) for each in range(900)]
    assert Kept(ran=tuple(minutes)).trimmed(BEGIN).ran == tuple(minutes[500:])
    assert Kept(ran=tuple(at(range(0, 4000, 100)))).trimmed(BEGIN).ran == tuple(
        at(range(1000, 4000, 100))
    )


@pytest.mark.parametrize(
    ("delay", "count"), [((), 3), (("--delay", "1h"), 2), (("--delay", "1d"), 0)]
)
def test_the_check_tells_of_it_once(
    delay: tuple[str, ...],
    count: int,
    tmp_path: Path,
    receiver: Receiver,
    driftkit_command: Callable[..., Ended],
) -> None:
    file = tmp_path / "alerts.jsonl"
    begin = datetime.now(UTC) - timedelta(hours=6, minutes=30)
    write_kept(file, Kept(ran=tuple(ran(begin + each * HOUR) for each in range(3))))
    check = ("alerts", "check", file, "--notify", f"webhook:{receiver.url}", *delay)

    first, again = driftkit_command(*check), driftkit_command(*check)

    assert (first.code, again.code) == (0, 0), first.err
    assert len(receiver.received) == (1 if count else 0)
    assert ("Never run of churn data_quality" in first.err) is bool(count)
    if count:
        (alert,) = json.loads(receiver.received[0].body)["data"]["alerts"]
        assert f"none of {count} windows from" in alert["summary"]
        assert alert["state"] == "no_data"


@pytest.mark.parametrize(("cron", "is_told"), [("* * * * *", True), ("0 0 29 2 *", False)])
def test_the_file_says_what_is_expected_and_who_is_told(
    cron: str,
    is_told: bool,  # noqa: FBT001
    tmp_path: Path,
    receiver: Receiver,
    written: Callable[..., Path],
    driftkit_command: Callable[..., Ended],
) -> None:
    captures = f"captures: {{path: {tmp_path}, window: 1h}}"
    file = written(
        RIGHT.replace("data: {path: data.csv}", captures)
        + f"report: {{path: '{tmp_path}/reports'}}\nschedule: {{cron: '{cron}'}}\n"
        + f"sinks: [{{kind: webhook, url: '{receiver.url}'}}]\n"
    )
    begin = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - 5 * HOUR
    (tmp_path / "reports").mkdir()
    # One alone makes no schedule.
    write_kept(tmp_path / "reports" / "alerts.jsonl", Kept(ran=(ran(begin),)))

    ended = driftkit_command("alerts", "check", file)

    assert ended.code == 0, ended.err
    assert ("Never run of churn data_quality" in ended.err) is is_told
    assert len(receiver.received) == int(is_told)


def test_the_file_may_be_of_toml(
    tmp_path: Path, written: Callable[..., Path], driftkit_command: Callable[..., Ended]
) -> None:
    file = written(
        f"""
version = 1
model.name = "churn"
inputs.captures = {{path = "{tmp_path}", window = "1h"}}
inputs.training.path = "training.csv"
monitors.data_quality.baseline = "baseline"
report.path = "{tmp_path}/reports"
schedule.cron = "* * * * *"
""",
        "driftkit.toml",
    )
    (tmp_path / "reports").mkdir()
    begin = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - 5 * HOUR
    write_kept(tmp_path / "reports" / "alerts.jsonl", Kept(ran=(ran(begin),)))

    ended = driftkit_command("alerts", "check", file)

    assert ended.code == 0, ended.err
    assert "Never run of churn data_quality" in ended.err


@pytest.mark.parametrize(
    ("arguments", "said"), [(("--delay", "soon"), "no duration"), (("--notify", "slak:x"), "sink")]
)
def test_a_check_that_cannot_be_is_refused(
    arguments: tuple[str, str],
    said: str,
    tmp_path: Path,
    driftkit_command: Callable[..., Ended],
) -> None:
    (tmp_path / "alerts.jsonl").write_text("")

    ended = driftkit_command("alerts", "check", tmp_path / "alerts.jsonl", *arguments)

    assert ended.code == 1
    assert said in ended.err


def test_a_required_receiver_that_is_down_fails_the_check(
    tmp_path: Path, receiver: Receiver, driftkit_command: Callable[..., Ended]
) -> None:
    begin = datetime.now(UTC) - timedelta(hours=6)
    write_kept(tmp_path / "a.jsonl", Kept(ran=tuple(ran(begin + n * HOUR) for n in range(3))))
    receiver.will(400)

    check = ("alerts", "check", tmp_path / "a.jsonl", "--notify", f"webhook:{receiver.url}")
    ended = driftkit_command(*check, "--notify-required")

    assert ended.code == 5


def test_a_run_that_fails_tells_of_windows_before_it(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    receiver: Receiver,
    written: Callable[..., Path],
    driftkit_command: Callable[..., Ended],
) -> None:
    monkeypatch.chdir(tmp_path)
    text = RIGHT.replace("data: {path: data.csv}", "captures: {path: captured, window: 1d}")
    written(text + f"sinks: [{{kind: webhook, url: '{receiver.url}'}}]\n")
    (tmp_path / "captured").mkdir()
    days = [ran(datetime(2024, 3, day, tzinfo=UTC), timedelta(days=1)) for day in (17, 18, 19)]
    file = tmp_path / "reports" / "alerts.jsonl"
    file.parent.mkdir()
    write_kept(file, Kept(ran=tuple(days)))

    ended = driftkit_command("run", "--window", "2024-03-21/2024-03-22", "--notify")

    assert ended.code == 1
    (event,) = read_kept(file).events
    assert (event.state, event.window_start) == ("no_data", datetime(2024, 3, 20, tzinfo=UTC))
    assert len(receiver.received) == 1
