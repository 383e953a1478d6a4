"""`driftkit alerts` lists, silences and judges what is kept in a file or in the metrics store."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

import pytest

from driftkit.cli.kept_alerts import InFile, InStore, KeptAlerts
from driftkit.sinks.kept import Kept
from driftkit.store.opening import open_store
from driftkit.store.store import keep
from tests.cli.conftest import driftkit_command  # noqa: F401  (a fixture)
from tests.sinks.windows import BEGIN, finding, of_bits, play, window

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ended

EVENTS = tuple(play(of_bits([True, True, True])))
FIRED = EVENTS[1]


class Asked(NamedTuple):
    """A command about alerts, of which one fires, and where they are kept."""

    alerts: KeptAlerts
    run: Callable[..., Ended]

    def known(self) -> Kept:
        """What is kept now."""
        with self.alerts.opened() as kept:
            return kept


def made(address: Path) -> KeptAlerts:
    if address.suffix == ".jsonl":
        return InFile(file=address)
    if address.suffix == ".duckdb":
        pytest.importorskip("duckdb")
    return InStore(store=open_store(address), model="churn")


@pytest.fixture(params=["a.jsonl", "store", "store.duckdb"])
def asked(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    driftkit_command: Callable[..., Ended],  # noqa: F811
) -> Asked:
    address = tmp_path / request.param
    alerts = made(address)
    with alerts.opened():
        alerts.write(Kept(events=EVENTS), {each.run_id for each in EVENTS})
    return Asked(alerts, lambda verb, *more: driftkit_command("alerts", verb, address, *more))


def test_what_fires_is_listed(asked: Asked) -> None:
    said = asked.run("list")

    assert said.code == 0, said.err
    assert "age baseline_drift_check: still firing" in said.out
    assert "Since 2026-11-01 01:00 UTC, in 3 windows" in said.out


def test_columns_that_changed_together_are_named(asked: Asked) -> None:
    names = ("age", "height", "w", "x", "y", "z", "zz")
    events = tuple(replace(each, together=names) for each in EVENTS)
    asked.alerts.write(Kept(events=events), {each.run_id for each in events})

    said = asked.run("list").out

    assert "age and others baseline_drift_check: still firing" in said
    assert "Changed together: age, height, w" in said


def test_of_nothing_nothing_is_listed(
    tmp_path: Path,
    driftkit_command: Callable[..., Ended],  # noqa: F811
) -> None:
    (tmp_path / "a.jsonl").write_text("")

    assert driftkit_command("alerts", "list", tmp_path / "a.jsonl").out == "No alert fires.\n"


def test_a_silence_is_kept_until_its_end(asked: Asked) -> None:
    said = asked.run("silence", "--model", "churn", "--feature", "a*", "--until", "2999-01-01")

    assert said.out == "silenced: column a* until 2999-01-01 00:00 UTC\n"
    kept = asked.known()
    (silence,) = kept.silences
    assert silence.covers("age", "any", "1", BEGIN)
    assert not silence.covers("city", "any", "1", BEGIN)
    assert "silenced: column a*" in asked.run("list").out
    assert silence.until is not None
    assert kept.trimmed(silence.until + timedelta(seconds=1)).silences == ()


def test_silences_add_up(asked: Asked) -> None:
    for pattern in ("a*", "b*", "a*"):
        assert asked.run("silence", "--model", "churn", "--feature", pattern).code == 0

    assert sorted(each.feature for each in asked.known().silences) == ["a*", "a*", "b*"]


def test_a_silence_is_ended_early_by_its_patterns(asked: Asked) -> None:
    of = ("--model", "churn")
    for pattern in ("a*", "b*"):
        assert asked.run("silence", *of, "--feature", pattern, "--until", "2999-01-01").code == 0

    said = asked.run("unsilence", *of, "--feature", "a*")
    again = asked.run("unsilence", *of, "--feature", "a*")

    assert (said.code, said.out) == (0, "no longer silenced: column a*\n")
    assert (again.code, "there is no such silence" in again.err) == (1, True)
    assert "column b*" in asked.run("list").out
    assert "column a*" not in asked.run("list").out
    now = datetime.now(UTC)
    assert [each.feature for each in asked.known().silences if each.lasts(now)] == ["b*"]


def test_silence_in_a_store_is_of_one_model(
    tmp_path: Path,
    driftkit_command: Callable[..., Ended],  # noqa: F811
) -> None:
    store = open_store(tmp_path)
    store.ensure()
    for_all = driftkit_command("alerts", "silence", tmp_path)
    driftkit_command("alerts", "silence", tmp_path, "--model", "churn")

    assert for_all.code == 1
    assert "--model" in for_all.err
    silent = {}
    for model in ("churn", "other"):
        with InStore(store=store, model=model).opened() as kept:
            silent[model] = len(kept.silences)
    assert silent == {"churn": 1, "other": 0}


@pytest.mark.parametrize("named", EVENTS[1:], ids=lambda each: each.state)
def test_a_judgement_is_of_the_event_that_fired(named: object, asked: Asked) -> None:
    event_id = named.event_id[:8]  # type: ignore[attr-defined]
    said = asked.run("judge", event_id, "false", "--by", "ann", "--note", "a holiday")

    assert said.out == f"{FIRED.event_id[:8]}: false\n"
    (judged,) = [each for each in asked.known().events if each.judged]
    assert judged.event_id == FIRED.event_id
    assert (judged.judged, judged.judged_by, judged.note) == ("false", "ann", "a holiday")
    listed = asked.run("list").out
    assert "baseline_drift_check: 0 of 1 judged alerts were right" in listed


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("judge", "zzz", "true"), "no such event"),
        (("judge", "", "true"), "no such event"),
        (("judge", EVENTS[0].event_id, "true"), "has not fired"),
        (("silence", "--until", "2020-01-01"), "over already"),
        (("silence", "--until", "soon"), "not a time"),
    ],
)
def test_what_cannot_be_is_refused(asked: Asked, arguments: tuple[str, ...], said: str) -> None:
    before = asked.known()

    ended = asked.run(*arguments)

    assert ended.code == 1
    assert said in ended.err
    assert asked.known() == before


@pytest.mark.parametrize("name", ["nothing.jsonl", "nothing", "nothing.duckdb"])
def test_what_is_not_there_is_an_error(
    name: str,
    tmp_path: Path,
    driftkit_command: Callable[..., Ended],  # noqa: F811
) -> None:
    ended = driftkit_command("alerts", "list", tmp_path / name)

    assert ended.code == 1
    assert "no such file of alerts, and no such metrics store" in ended.err
    assert list(tmp_path.iterdir()) == []


def test_what_people_say_stands_on_the_page_of_a_store(
    tmp_path: Path,
    driftkit_command: Callable[..., Ended],  # noqa: F811
) -> None:
    store = open_store(tmp_path / "store")
    for facts in of_bits([True, True, True]):
        keep(store, facts)
    with made(tmp_path / "store").opened():
        made(tmp_path / "store").write(Kept(events=EVENTS), {each.run_id for each in EVENTS})
    driftkit_command("alerts", "judge", tmp_path / "store", FIRED.event_id, "true")

    page = tmp_path / "page.html"
    ended = driftkit_command(
        *("report", "--store", tmp_path / "store", "--model", "churn", "-o", page)
    )

    assert ended.code == 0, ended.err
    assert "baseline_drift_check: 1 of 1 judged alerts were right" in page.read_text()


def test_what_people_say_is_counted_by_the_store(
    tmp_path: Path,
    driftkit_command: Callable[..., Ended],  # noqa: F811
) -> None:
    pytest.importorskip("duckdb")
    from driftkit.store.connection import connect  # noqa: PLC0415
    from tests.house.conftest import ROOT  # noqa: PLC0415

    alerts = made(tmp_path)
    no_rows = play([window(5, status="no_data", rows=0)])
    events = (*EVENTS, *no_rows, *play([window(9, finding("city", "a_check"), run="r")]))
    with alerts.opened():
        alerts.write(Kept(events=events), {each.run_id for each in events})
    for event, verdict in ((FIRED, "true"), (no_rows[0], "false")):
        driftkit_command("alerts", "judge", tmp_path, event.event_id, verdict)

    with connect(tmp_path) as connection:
        query = (ROOT / "docs/queries/alert_precision.sql").read_text()
        found = connection.sql(query).fetchall()

    assert sorted(found) == [("baseline_drift_check", 1.0, 1), ("no_data", 0.0, 1)]
