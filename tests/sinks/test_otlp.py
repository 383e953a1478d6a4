"""OTLP's requests, decoded as a collector does it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from driftkit.sinks.facts_sinks import facts_sink_of_spec, send_facts
from driftkit.sinks.unsent import NAME, send_with_unsent
from tests.sinks.windows import finding, measured, window

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sinks.conftest import Clock, Received, Receiver

pytest.importorskip("opentelemetry.exporter.otlp.proto.http", reason="needs OpenTelemetry's SDK")
FACTS = window(1, finding(), metrics=(measured(0.3),))


def decoded(received: Received) -> Any:
    from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (  # noqa: PLC0415
        ExportMetricsServiceRequest,
    )

    return ExportMetricsServiceRequest.FromString(received.body)


def points(request: Any) -> dict[str, list[tuple[dict[str, str], float]]]:
    """Attributes and values by name."""
    (resource,) = request.resource_metrics
    (scope,) = resource.scope_metrics
    return {
        metric.name: [
            (
                {each.key: each.value.string_value for each in point.attributes},
                point.as_double or point.as_int,
            )
            for point in metric.gauge.data_points
        ]
        for metric in scope.metrics
    }


@pytest.mark.parametrize("path", ["", "/v1/metrics"])
def test_gauges_arrive_with_their_attributes(receiver: Receiver, path: str) -> None:
    base = receiver.url.removesuffix("/hook")

    said = send_facts(FACTS, [facts_sink_of_spec(f"otlp:{base}{path}")])

    assert said == []
    (received,) = receiver.received
    request = decoded(received)
    about = {
        each.key: each.value.string_value
        for each in request.resource_metrics[0].resource.attributes
    }
    common = {
        "driftkit.model": "churn",
        "driftkit.variant": "",
        "driftkit.monitor": "data_quality",
        "driftkit.segment": "",
    }
    assert received.path == "/v1/metrics"
    assert about["service.name"] == "driftkit"
    assert points(request)["driftkit.drift.distance"] == [
        ({**common, "driftkit.feature": "age", "driftkit.method": ""}, 0.3)
    ]
    assert len(points(request)["driftkit.status"]) == 4


def test_gauges_have_the_time_of_their_run(receiver: Receiver) -> None:
    send_facts(FACTS, [facts_sink_of_spec(f"otlp:{receiver.url}")])

    (resource,) = decoded(receiver.received[0]).resource_metrics
    times = {
        point.time_unix_nano
        for metric in resource.scope_metrics[0].metrics
        for point in metric.gauge.data_points
    }
    assert times == {int(FACTS.evaluated_at.timestamp()) * 10**9}


def test_a_collector_that_was_away_gets_them_with_the_next_run(
    receiver: Receiver, free_port: int, clock: Clock, tmp_path: Path
) -> None:
    away, there = (
        [facts_sink_of_spec(f"otlp:{url}")]
        for url in (f"http://127.0.0.1:{free_port}", receiver.url)
    )
    (said,) = send_with_unsent([FACTS], away, tmp_path / NAME, clock.attempts)
    kept = (tmp_path / NAME).read_text()
    (tmp_path / NAME).write_text(kept.replace(away[0].name, there[0].name))
    clock.seconds = 7200.0

    assert send_with_unsent([], there, tmp_path / NAME, clock.attempts) == []

    assert said.endswith("the next run tries again")
    assert len(receiver.received) == 1
    assert not (tmp_path / NAME).exists()


def test_the_sdk_may_be_switched_off(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_SDK_DISABLED", "true")

    (said,) = send_facts(FACTS, [facts_sink_of_spec(f"otlp:{receiver.url}")])

    assert "OTEL_SDK_DISABLED" in said
    assert receiver.received == []


def test_the_address_may_be_in_the_environment(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url.removesuffix("/hook"))
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "api-key=abc")

    assert send_facts(FACTS, [facts_sink_of_spec("otlp:")]) == []

    assert receiver.received[0].headers["api-key"] == "abc"


def test_two_thousand_series_arrive(receiver: Receiver) -> None:
    facts = window(1, metrics=tuple(measured(0.3, feature=f"f{index}") for index in range(1500)))

    assert send_facts(facts, [facts_sink_of_spec(f"otlp:{receiver.url}")]) == []

    found = points(decoded(receiver.received[0]))
    assert sum(map(len, found.values())) == 2000


@pytest.mark.parametrize(
    ("answer", "reason"), [(400, "127.0.0.1 answered 400"), (302, "127.0.0.1 answered 302")]
)
def test_what_is_not_taken_is_said(
    receiver: Receiver, capfd: pytest.CaptureFixture[str], answer: int, reason: str
) -> None:
    receiver.will(answer, Location="http://127.0.0.1:1/")

    said = send_facts(FACTS, [facts_sink_of_spec(f"otlp:{receiver.url}")])

    assert len(said) == 1
    assert said[0].endswith(reason)
    assert capfd.readouterr().err == ""


def test_nobody_there_is_said(free_port: int) -> None:
    said = send_facts(FACTS, [facts_sink_of_spec(f"otlp:http://127.0.0.1:{free_port}")])

    assert said[0].endswith("127.0.0.1 cannot be reached")
