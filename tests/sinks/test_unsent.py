"""Numbers that a receiver did not take are sent again by the next runs, at their own time."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from driftkit.results.contract import Metric, Skipped
from driftkit.results.facts import Ownership
from driftkit.sinks import posting
from driftkit.sinks.facts_sinks import facts_sink_of_spec
from driftkit.sinks.openlineage import OpenLineage, event
from driftkit.sinks.remote_write import write_request
from driftkit.sinks.unsent import NAME, read_unsent, send_with_unsent
from tests.sinks.conftest import HALF_CLOSED, SLOW
from tests.sinks.windows import HOUR, finding, measured, window

if TYPE_CHECKING:
    from pathlib import Path

    from driftkit.results.facts import Facts
    from tests.sinks.conftest import Clock, Receiver


def hour(index: int, **more: Any) -> Facts:
    metrics = (
        replace(measured(0.3), dimensions={"method": "Robust"}, interval=(0.2, math.inf)),
        Metric(group="bias", name="DI", value=-math.inf, feature="größe"),
        Metric(group="quality", name="auc", value=None, reason="no labels"),
    )
    skipped = (Skipped(check="drift", reason="too few rows"),)
    made = window(index, finding(), metrics=metrics, skipped=skipped, **more)
    ownership = Ownership(owner="risk", tags={"tier": "1"})
    return replace(made, subject=replace(made.subject, ownership=ownership))


def sends(facts: Facts, spec: str, folder: Path, clock: Clock) -> list[str]:
    """Sends when the window is over."""
    clock.seconds = max(clock.seconds, (facts.evaluated_at - clock.begin).total_seconds())
    return send_with_unsent([facts], [facts_sink_of_spec(spec)], folder / NAME, clock.attempts)


def test_what_was_not_taken_is_sent_before_what_is_new(
    receiver: Receiver, clock: Clock, tmp_path: Path
) -> None:
    spec = f"openlineage:{receiver.url}"
    receiver.will(*[503] * 15)

    first = sends(hour(0), spec, tmp_path, clock)
    second = sends(hour(1), spec, tmp_path, clock)
    kept = read_unsent(tmp_path / NAME)
    receiver.received.clear()
    third = sends(hour(2), spec, tmp_path, clock)

    assert [each.split(": ", 1)[1] for each in (*first, *second)] == [
        "127.0.0.1 answered 503 (Service Unavailable); the next run tries again"
    ] * 2
    assert [each.facts for each in kept] == [hour(0), hour(1)]
    assert third == []
    assert [json.loads(each.body) for each in receiver.received] == [
        event(hour(index)) for index in range(3)
    ]
    assert not (tmp_path / NAME).exists()


def test_samples_keep_their_time(receiver: Receiver, clock: Clock, tmp_path: Path) -> None:
    import pyarrow as pa  # noqa: PLC0415

    spec = f"remote_write:{receiver.url}"
    receiver.will(*[500] * 5)

    sends(hour(0), spec, tmp_path, clock)
    sends(hour(1), spec, tmp_path, clock)

    bodies = [each.body for each in receiver.received[-2:]]
    for index, body in enumerate(bodies):
        written = write_request(hour(index))
        assert pa.Codec("snappy").decompress(body, len(written), asbytes=True) == written


def test_a_day_later_it_is_given_up(receiver: Receiver, clock: Clock, tmp_path: Path) -> None:
    spec = f"remote_write:{receiver.url}"
    receiver.will(*[500] * 5)

    sends(hour(0), spec, tmp_path, clock)
    (line,) = sends(hour(25), spec, tmp_path, clock)

    assert "within 24 hours: churn data_quality" in line
    assert len(receiver.received) == 6
    assert not (tmp_path / NAME).exists()


@pytest.mark.parametrize(
    ("spec", "answer"),
    [("pushgateway", 503), ("remote_write", 400), ("openlineage", 401)],
    ids=["gauge of now", "refused", "not allowed"],
)
def test_what_would_be_of_no_use_later_is_not_kept(
    spec: str, answer: int, receiver: Receiver, clock: Clock, tmp_path: Path
) -> None:
    receiver.will(*[answer] * 5)

    (line,) = sends(hour(0), f"{spec}:{receiver.url}", tmp_path, clock)

    assert "tries again" not in line
    assert not (tmp_path / NAME).exists()


def test_a_run_made_again_takes_the_place_of_what_waits(
    receiver: Receiver, clock: Clock, tmp_path: Path
) -> None:
    receiver.will(*[503] * 10)

    for _ in range(2):
        sends(hour(0), f"openlineage:{receiver.url}", tmp_path, clock)

    assert len(read_unsent(tmp_path / NAME)) == 1


def test_what_others_left_stays(receiver: Receiver, clock: Clock, tmp_path: Path) -> None:
    receiver.will(*[503] * 5)
    sends(hour(0), f"openlineage:{receiver.url}", tmp_path, clock)
    with (tmp_path / NAME).open("a") as file:
        file.write('{"sink": "of a later version"}\n')

    assert sends(hour(1), f"remote_write:{receiver.url}", tmp_path, clock) == []

    (left,) = read_unsent(tmp_path / NAME)
    assert left.facts == hour(0)


def test_one_run_that_is_never_taken_does_not_keep_others_back(
    receiver: Receiver, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = f"openlineage:{receiver.url}"
    send = OpenLineage.send

    def fails_of_the_first(sink: Any, facts: Facts, attempts: Any) -> Any:
        if facts.run_id == "run-0":
            raise ValueError("canary")
        return send(sink, facts, attempts)

    monkeypatch.setattr(OpenLineage, "send", fails_of_the_first)
    (line,) = sends(hour(0), spec, tmp_path, clock)

    assert sends(hour(1), spec, tmp_path, clock) == []

    assert re.search(r"ValueError; the next run tries again$", line)
    assert len(receiver.received) == 1
    assert len(read_unsent(tmp_path / NAME)) == 1


def test_passwords_are_not_kept(receiver: Receiver, clock: Clock, tmp_path: Path) -> None:
    receiver.will(*[503] * 5)
    facts = hour(0, inputs=("s3://key:canary@bucket/data",))

    sends(facts, f"openlineage:{receiver.url}", tmp_path, clock)

    assert "bucket/data" in (tmp_path / NAME).read_text()
    assert "canary" not in (tmp_path / NAME).read_text()


@pytest.mark.parametrize("answer", [HALF_CLOSED, SLOW, 429, 500], ids=str)
@pytest.mark.parametrize("kind", ["remote_write", "openlineage"])
def test_a_receiver_that_was_ill_gets_it_once(
    kind: str,
    answer: int,
    receiver: Receiver,
    clock: Clock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(posting, "ANSWER_SECONDS", 0.5)
    receiver.will(*[answer] * 5, Retry_After="2")
    facts = hour(0)
    clock.seconds = HOUR.total_seconds()

    said = sends(facts, f"{kind}:{receiver.url}", tmp_path, clock)
    took = clock.seconds - HOUR.total_seconds()
    tried = len(receiver.received)
    again = [sends(hour(index), f"{kind}:{receiver.url}", tmp_path, clock) for index in (1, 2)]

    assert len(said) == 1
    assert took < 60
    assert again == [[], []]
    assert len(receiver.received) == tried + 3


def test_a_file_that_cannot_be_read_stops_nothing(
    receiver: Receiver, clock: Clock, tmp_path: Path
) -> None:
    (tmp_path / NAME).mkdir()

    (line,) = sends(hour(0), f"openlineage:{receiver.url}", tmp_path, clock)

    assert "not read" in line
    assert len(receiver.received) == 1


def test_where_nothing_can_be_kept_that_is_said(
    receiver: Receiver, clock: Clock, tmp_path: Path
) -> None:
    receiver.will(*[503] * 5)
    (tmp_path / "file").touch()

    lines = sends(hour(0), f"openlineage:{receiver.url}", tmp_path / "file", clock)

    assert len(lines) == 2
    assert "will not be sent again" in lines[1]
    assert clock.seconds < timedelta(minutes=1).total_seconds() + HOUR.total_seconds()
