"""CloudWatch's side: names of AWS's monitors, and no request that it would refuse."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from driftkit.results.contract import Metric
from driftkit.sinks.facts_sinks import facts_sink_of_spec, send_facts
from tests.sinks.windows import BEGIN, measured, window

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from driftkit.results.facts import Facts
    from tests.sinks.conftest import Clock

Request = dict[str, Any]


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Request]]:
    """What is put, checked as CloudWatch does and moto does not."""
    moto = pytest.importorskip("moto", reason="needs moto")
    boto3 = pytest.importorskip("boto3", reason="needs boto3")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    made: list[Request] = []
    connect = boto3.client

    def watched(*arguments: Any, **options: Any) -> Any:
        client = connect(*arguments, **options)
        client.meta.events.register(
            "provide-client-params.cloudwatch.PutMetricData",
            lambda params, **_: made.append(params),
        )
        client.meta.events.register(
            "before-send.cloudwatch.PutMetricData",
            lambda request, **_: made[-1].setdefault("bytes", len(request.body)) and None,
        )
        return client

    monkeypatch.setattr(boto3, "client", watched)
    with moto.mock_aws():
        yield made
    for request in made:
        assert refused(request) == []


def refused(request: Request) -> list[object]:
    """What CloudWatch would not take, as its API reference has it."""
    data = request["MetricData"]
    numbers = [value for each in data for value in values(each)]
    texts = [each["MetricName"] for each in data]
    texts += [each["Value"] for datum in data for each in datum["Dimensions"]]
    return [
        *([len(data)] if len(data) > 1000 else []),
        *([request["bytes"]] if request.get("bytes", 0) > 1_000_000 else []),
        *(each for each in numbers if not abs(each) <= 2**360),
        *(text for text in texts if not 0 < len(text) <= 1024 or not text.isascii()),
        *(each["MetricName"] for each in data if len(each["MetricName"]) > 255),
    ]


def values(datum: dict[str, Any]) -> Sequence[float]:
    return [datum["Value"]] if "Value" in datum else [*datum["StatisticValues"].values()]


def sent(facts: Facts, spec: str, clock: Clock) -> list[str]:
    return send_facts(facts, [facts_sink_of_spec(spec)], clock.attempts())


def profile(feature: str, **numbers: float) -> list[Metric]:
    return [
        Metric(group="profile", name=name, feature=feature, value=value)
        for name, value in numbers.items()
    ]


def test_data_quality_has_the_names_of_model_monitor(requests: list[Request], clock: Clock) -> None:
    numbers = {"num_present": 3, "num_missing": 1, "sum": 60.0, "min": 10.0, "max": 30.0}
    facts = window(0, metrics=(*profile("age", **numbers), measured(0.3)))

    assert sent(facts, "cloudwatch: schedule=hourly", clock) == []

    (request,) = requests
    assert request["Namespace"] == "aws/sagemaker/Endpoints/data-metrics"
    assert {each["MetricName"]: values(each) for each in request["MetricData"]} == {
        "feature_data_age": [3.0, 60.0, 10.0, 30.0],
        "feature_non_null_age": [4.0, 3.0, 0.0, 1.0],
        "feature_baseline_drift_age": [0.3],
    }
    first = request["MetricData"][0]
    assert first["Timestamp"] == BEGIN
    assert first["Dimensions"] == [
        {"Name": "Endpoint", "Value": "churn"},
        {"Name": "MonitoringSchedule", "Value": "hourly"},
    ]


def test_all_rows_are_told_not_segments(requests: list[Request], clock: Clock) -> None:
    metrics = (
        Metric(group="quality", name="auc", value=0.9),
        Metric(group="quality", name="auc", value=0.8, segment="country=DE"),
        Metric(group="quality", name="f1", value=math.nan),
        Metric(group="quality", name="f2", value=None),
    )
    facts = window(0, metrics=metrics, monitor="model_quality")
    of_variant = replace(facts, subject=replace(facts.subject, variant="b"))

    assert sent(of_variant, "cloudwatch:own/models endpoint=e region=us-east-1", clock) == []

    (request,) = requests
    assert request["Namespace"] == "own/models"
    (datum,) = request["MetricData"]
    assert (datum["MetricName"], datum["Value"]) == ("auc", 0.9)
    assert datum["Dimensions"] == [
        {"Name": "Endpoint", "Value": "e"},
        {"Name": "Variant", "Value": "b"},
    ]


def test_infinity_and_any_name_are_taken(requests: list[Request], clock: Clock) -> None:
    dimensions = {"stage": "post_training", "target": "y", "target_value": "", "facet": "größe\n"}
    metrics = tuple(
        Metric(
            group="bias",
            name=name,
            value=value,
            dimensions={**dimensions, "facet_value": "\ud800" + "x" * 2000},
        )
        for name, value in (("TE", math.inf), ("DI", -math.inf), ("ä" * 200, 0.5))
    )

    assert sent(window(0, metrics=metrics, monitor="bias"), "cloudwatch:", clock) == []

    assert [each["Value"] for each in requests[0]["MetricData"]] == [2.0**360, -(2.0**360), 0.5]


@pytest.mark.parametrize(
    ("length", "requests_made"), [(5, [1000, 1000, 501]), (250, None)], ids=["short", "long"]
)
def test_many_columns_are_put_in_several_requests(
    requests: list[Request], clock: Clock, length: int, requests_made: list[int] | None
) -> None:
    named = (f"{index:05}".rjust(length, "ä") for index in range(2501))
    facts = window(0, metrics=tuple(measured(0.3, feature=each) for each in named))

    assert sent(facts, "cloudwatch:", clock) == []

    counts = [len(each["MetricData"]) for each in requests]
    assert sum(counts) == 2501
    assert len({each["MetricName"] for made in requests for each in made["MetricData"]}) == 2501
    assert requests_made in (None, counts)


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        (window(0, metrics=(measured(0.3),)), "older than two weeks"),
        (window(15 * 24, monitor="deployment"), "no metrics of the monitor deployment"),
    ],
)
def test_what_cloudwatch_has_no_room_for_is_said(
    requests: list[Request], clock: Clock, facts: Facts, said: str
) -> None:
    clock.sleep(timedelta(days=15).total_seconds())

    (line,) = sent(facts, "cloudwatch:", clock)

    assert said in line
    assert requests == []


def test_a_refusal_is_said(requests: list[Request], clock: Clock) -> None:
    (line,) = sent(window(0, metrics=(measured(0.3),)), "cloudwatch: region=no_region!", clock)

    assert requests == []
    assert line.startswith("not sent to cloudwatch: ")
    assert "does not take the metrics" in line
