"""What was not taken is sent by the next run, once, for a day; and all of it is kept in a file."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from driftkit.errors import FormatError, SettingsError
from driftkit.sinks.alerts import TOLD, Rules
from driftkit.sinks.delivering import Delivery, deliver, latest, queue
from driftkit.sinks.kept import Kept, read_kept, write_kept
from driftkit.sinks.posting import Outcome
from driftkit.sinks.reacting import react
from driftkit.sinks.sink import EVERY_WINDOW, Wanted
from tests.sinks.windows import BEGIN, finding, of_bits, play, window

if TYPE_CHECKING:
    from pathlib import Path

    from driftkit.sinks.alerts import Event
    from driftkit.sinks.messages import Message
    from driftkit.sinks.posting import Attempts
    from tests.sinks.conftest import Clock


@dataclass(slots=True)
class Recorder:
    """A sink that answers what it is told, then takes everything."""

    name: str = "recorder"
    answers: list[Any] = field(default_factory=list)
    took: list[Message] = field(default_factory=list)
    wanted: Wanted = field(default_factory=Wanted)
    hears: Any = TOLD
    holds: Any = "window"

    def send(self, message: Message, attempts: Attempts) -> Outcome:
        """Takes it, or answers what it was told."""
        assert attempts.now() >= BEGIN
        self.took.append(message)
        answer = self.answers.pop(0) if self.answers else Outcome(status="sent")
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, Outcome)
        return answer


def run(sink: Any, events: list[Event], before: list[Delivery], clock: Clock) -> list[Delivery]:
    return deliver([sink], events, before, clock.attempts)


@pytest.mark.parametrize(
    "failure",
    [
        Outcome(status="retry", error="down"),
        SettingsError("there is no such variable"),
        RuntimeError("canary"),
    ],
)
def test_what_was_not_taken_is_sent_once_by_the_next_run(failure: Any, clock: Clock) -> None:
    events, sink = play(of_bits([True, True])), Recorder(answers=[failure])
    rows = queue(events, [sink], BEGIN)

    rows += run(sink, events, rows, clock)
    assert [each.status for each in rows] == ["retry", "retry"]
    assert "canary" not in str(rows)
    rows += run(sink, events, rows, clock)
    rows += run(sink, events, rows, clock)

    assert [each.status for each in rows] == ["retry", "retry", "sent"]
    assert [(each.status, each.attempt) for each in latest(rows)] == [("sent", rows[-1].attempt)]
    assert [each.id for each in sink.took] == [sink.took[0].id] * 2


def test_a_run_that_was_killed_before_it_sent_loses_nothing(clock: Clock) -> None:
    events, sink = play(of_bits([True, True])), Recorder()

    rows = run(sink, events, queue(events, [sink], BEGIN), clock)

    assert [each.attempt for each in rows] == [1]


def test_nobody_is_asked_before_the_time_that_was_said(clock: Clock) -> None:
    events = play(of_bits([True, True]))
    sink = Recorder(answers=[Outcome(status="retry", wait=120.0)])
    rows = queue(events, [sink], BEGIN)
    rows += run(sink, events, rows, clock)

    assert run(sink, events, rows, clock) == []
    clock.sleep(121)
    assert [each.status for each in run(sink, events, rows, clock)] == ["sent"]


def test_after_a_day_nobody_tries_any_more(clock: Clock) -> None:
    events, sink = play(of_bits([True, True])), Recorder()
    rows = queue(events, [sink], BEGIN)
    clock.sleep(timedelta(hours=27).total_seconds())

    rows += run(sink, events, rows, clock)
    rows += run(sink, events, rows, clock)

    assert [each.status for each in rows] == ["retry", "dead"]
    assert sink.took == []


def test_a_sink_hears_what_it_asked_for() -> None:
    events = play([*of_bits([True, True, False, False])])

    def heard(sink: Recorder) -> list[str]:
        rows = queue(events, [sink], BEGIN)
        states = {each.event_id: each.state for each in events}
        return [states[each.event_id] for each in rows]

    assert heard(Recorder()) == ["firing", "resolved"]
    assert heard(Recorder(wanted=Wanted(on=("resolved",)))) == ["resolved"]
    assert heard(Recorder(wanted=Wanted(min_severity="critical"))) == []
    assert heard(Recorder(hears=EVERY_WINDOW)) == ["firing", "clearing", "resolved"]


@pytest.mark.parametrize(("holds", "sizes"), [("window", [2]), ("event", [1, 1]), ("all", [2])])
def test_a_message_holds_what_the_receiver_takes(
    holds: str, sizes: list[int], clock: Clock
) -> None:
    events = play([window(each, finding("age"), finding("city")) for each in range(2)])
    sink = Recorder(holds=holds)

    run(sink, events, queue(events, [sink], BEGIN), clock)

    assert [len(each.events) for each in sink.took] == sizes


def test_one_sink_that_fails_leaves_others_alone(clock: Clock) -> None:
    events = play(of_bits([True, True]))
    sinks = [Recorder(name="a", answers=[RuntimeError()]), Recorder(name="b")]

    rows = deliver(sinks, events, queue(events, sinks, BEGIN), clock.attempts)

    assert [(each.sink, each.status) for each in rows] == [("a", "retry"), ("b", "sent")]
    assert deliver([], events, rows, clock.attempts) == []


def test_alerts_are_kept_in_a_file(tmp_path: Path) -> None:
    events = play([*of_bits([True, False, True]), window(3, finding(segment="a=b"))])
    kept = Kept(events=tuple(events), deliveries=tuple(queue(events, [Recorder()], BEGIN)))

    write_kept(tmp_path / "alerts.jsonl", kept)

    assert read_kept(tmp_path / "alerts.jsonl") == kept
    assert read_kept(tmp_path / "nothing.jsonl") == Kept()


@pytest.mark.parametrize(
    "text", ["{", "[]", "{}", '{"kind": "event"}', '{"kind": "delivery", "sink": 1}']
)
def test_a_file_of_something_else_is_refused_by_its_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "alerts.jsonl").write_text(f"{text}\n")

    with pytest.raises(FormatError, match=r"alerts\.jsonl:1"):
        read_kept(tmp_path / "alerts.jsonl")


def test_what_is_old_is_forgotten_but_not_that_an_alert_fires() -> None:
    events = play(of_bits([True] * 40))
    kept = Kept(events=tuple(events), deliveries=tuple(queue(events, [Recorder()], BEGIN)))

    later = kept.trimmed(BEGIN + timedelta(days=40))

    assert [each.state for each in later.events] == ["firing", *["ongoing"] * 10]
    assert later.deliveries == ()
    assert kept.trimmed(BEGIN) == kept
    again = replace(window(1000), findings=(finding(),), status="violated")
    assert [each.state for each in react(again, later.events, Rules())] == ["ongoing"]
