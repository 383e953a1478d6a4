"""The metrics' lines have the names, dimensions and namespaces of the AWS containers."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from driftkit.cli import app
from driftkit.errors import EngineError
from driftkit.formats.analysis import Analysis, FacetMetrics, Metric, StageMetrics
from driftkit.formats.explanations import Explanations, LabelExplanation
from driftkit.monitors.attribution.monitor import AttributionBaseline
from driftkit.monitors.bias.monitor import BiasBaseline
from driftkit.sagemaker import cloudwatch
from driftkit.sagemaker.monitor_jobs import Done
from driftkit.sinks import cloudwatch as put_metrics
from driftkit.sinks.cloudwatch_metrics import (
    FACET_DIMENSIONS,
    Context,
    of_bias,
    of_explanations,
)
from tests.capture.captures import record
from tests.sagemaker.box import CAPTURE, CSV, HOUR, SCHEDULED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.sagemaker.box import Box

MOMENT = datetime(2024, 3, 18, 13, tzinfo=UTC)
ENDPOINT = Context(time=MOMENT, endpoint="churn", schedule="hourly")
BATCH = Context(time=MOMENT, endpoint=None, schedule="daily")
SOURCE = "/opt/ml/processing/input/endpoint"
KEPT = "/opt/ml/processing/baseline"
BASELINE = "/opt/ml/processing/input/baseline_dataset_input"


def _monitored(box: Box, constraints: dict[str, Any] | None = None) -> dict[str, Any]:
    """The lines by name of `_hour`."""
    assert box.run(_hour(box, constraints)) == 0, box.message
    return {line["MetricName"]: line for line in box.metrics}


def _hour(box: Box, constraints: dict[str, Any] | None = None) -> dict[str, str]:
    """A job on x = 1, 2, 3, against a baseline of 1, 2, 9."""
    rows = "0.5,1\n0.5,2\n0.5,9\n" * 20
    box.put(f"{BASELINE}/a.csv", f"y,x\n{rows}")
    box.run({"dataset_source": BASELINE, "dataset_format": CSV})
    told = {}
    for name in ("statistics", "constraints"):
        told[f"baseline_{name}"] = f"{KEPT}/{name}.json"
        document = box.json(f"{name}.json")
        if name == "constraints":
            document["monitoring_config"] |= constraints or {}
        box.put(f"{KEPT}/{name}.json", json.dumps(document))
    records = [record(x, "0.5\n") for x in ("1", "2", "3")] * 20
    box.put_lines(f"{SOURCE}/e/v/{HOUR}/a.jsonl", records)
    return {**SCHEDULED, **told, "dataset_source": SOURCE, "dataset_format": CAPTURE}


def test_data_quality(box: Box) -> None:
    lines = _monitored(box)

    assert set(lines) == {
        f"{kind}_{name}"
        for kind in ("feature_data", "feature_non_null", "feature_baseline_drift")
        for name in ("x", "y")
    }
    assert lines["feature_data_y"] == {
        "MetricName": "feature_data_y",
        "Timestamp": "2024-03-18T13:00:00Z",
        "Dimensions": [
            {"Name": "Endpoint", "Value": "churn"},
            {"Name": "MonitoringSchedule", "Value": "hourly"},
        ],
        "StatisticValues": {"SampleCount": 60.0, "Sum": 30.0, "Minimum": 0.5, "Maximum": 0.5},
    }
    assert lines["feature_non_null_x"]["StatisticValues"] == {
        "SampleCount": 60.0,
        "Sum": 60.0,
        "Minimum": 1.0,
        "Maximum": 1.0,
    }
    assert lines["feature_baseline_drift_y"]["Value"] == 0.0
    # A third of the values moved; 1.8 * sqrt((3 + 3) / (3 * 3)), on distinct values, is more.
    assert lines["feature_baseline_drift_x"]["Value"] == 0.0


def test_nothing_is_emitted_where_the_constraints_say_so(box: Box) -> None:
    with pytest.raises(FileNotFoundError):
        _monitored(box, {"emit_metrics": "Disabled"})


def test_no_metrics_are_written_unless_asked_for(box: Box) -> None:
    box.put_lines(f"{SOURCE}/e/v/{HOUR}/a.jsonl", [record("1", "0.5\n")])
    told = {**SCHEDULED, "dataset_source": SOURCE, "dataset_format": CAPTURE}

    assert box.run({**told, "publish_cloudwatch_metrics": "Disabled"}) == 0
    assert not (box.root / "opt/ml/output/metrics").exists()


@pytest.mark.parametrize(
    ("context", "monitor", "namespace"),
    [
        (ENDPOINT, "data", "aws/sagemaker/Endpoints/data-metrics"),
        (ENDPOINT, "bias", "aws/sagemaker/Endpoints/bias-metrics"),
        (BATCH, "model", "aws/sagemaker/ModelMonitoring/model-metrics"),
    ],
)
def test_namespaces(context: Context, monitor: str, namespace: str) -> None:
    assert context.namespace(monitor) == namespace


def _biased() -> BiasBaseline:
    values = {"TE": math.inf, "DCR": -math.inf, "DPPL": 0.25, "CDDPL": None, "DI": math.nan}
    found = tuple(Metric(name=n, description=n, value=v) for n, v in values.items())
    facets = {"Sex": (FacetMetrics(value_or_threshold="0", metrics=found),)}
    stage = StageMetrics(label="Target", label_value_or_threshold="1", facets=facets)
    return BiasBaseline(analysis=Analysis(post_training=stage))


def test_bias_and_its_infinities() -> None:
    lines = {line.name: line for line in of_bias(_biased().metrics(), BATCH)}

    assert {name: line.value for name, line in lines.items()} == {
        "bias_metric_TE": 2.348543e108,
        "bias_metric_DCR": -2.348543e108,
        "bias_metric_DPPL": 0.25,
    }
    assert lines["bias_metric_TE"].dimensions == {
        "MonitoringSchedule": "daily",
        "BiasStage": "Post-Training",
        "Label": "Target",
        "LabelValue": "1",
        "Facet": "Sex",
        "FacetValue": "0",
    }


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A client of CloudWatch in this process, which every client of boto3 leads to."""
    moto = pytest.importorskip("moto", reason="needs moto")
    boto3 = pytest.importorskip("boto3", reason="needs boto3")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    with moto.mock_aws():
        yield boto3.client("cloudwatch")


def _sums(client: Any, namespace: str, line: dict[str, Any]) -> list[float]:
    """The sum of what CloudWatch knows of a line's metric in its hour."""
    found = client.get_metric_statistics(
        Namespace=namespace,
        MetricName=line["MetricName"],
        Dimensions=line["Dimensions"],
        StartTime=MOMENT,
        EndTime=MOMENT + timedelta(hours=1),
        Period=3600,
        Statistics=["Sum"],
    )
    return [point["Sum"] for point in found["Datapoints"]]


@pytest.mark.parametrize(
    ("context", "namespace"),
    [
        (ENDPOINT, "aws/sagemaker/Endpoints/bias-metrics"),
        (BATCH, "aws/sagemaker/ModelMonitoring/bias-metrics"),
    ],
)
def test_bias_is_published(published: Any, context: Context, namespace: str) -> None:
    lines = of_bias(_biased().metrics(), context)

    cloudwatch.publish(Done(metrics=lines))

    there = published.list_metrics()["Metrics"]
    assert {each["Namespace"] for each in there} == {namespace}
    assert {each["MetricName"] for each in there} == {line.name for line in lines}
    assert {each["Name"] for each in there[0]["Dimensions"]} == {
        *context.dimensions,
        *FACET_DIMENSIONS,
    }
    sums = {line.name: _sums(published, namespace, line.datum()) for line in lines}
    assert sums["bias_metric_TE"] == [2.0**360]
    assert sums["bias_metric_DCR"] == [-(2.0**360)]


def test_names_that_cloudwatch_would_refuse_are_published(published: Any) -> None:
    names = ("feature_data_größe", "feature_data_" + "x" * 300)
    lines = tuple(ENDPOINT.line("data", name, math.inf, Label="ä\n") for name in names)

    cloudwatch.publish(Done(metrics=lines))

    there = published.list_metrics()["Metrics"]
    told = sorted(each["MetricName"] for each in there)
    assert told[0] == "feature_data_gr\\xf6\\xdfe"
    assert told[1][:248] == names[1][:248]
    assert len(told[1]) == 255
    assert {each["Value"] for each in there[0]["Dimensions"]} >= {"\\xe4"}


def test_explanations_and_their_infinities() -> None:
    values = {"a": 0.5, "b": math.inf, "c": math.nan}
    labels = {"up": LabelExplanation(global_shap_values=values, expected_value=0.25)}

    explained = AttributionBaseline(explanations=Explanations(labels=labels))
    lines = of_explanations(explained.metrics(), BATCH)

    assert {line.name: line.value for line in lines} == {
        "feature_a": 0.5,
        "feature_b": 2.348543e108,
        "ExpectedValue": 0.25,
    }
    assert {line.namespace for line in lines} == {
        "aws/sagemaker/ModelMonitoring/explainability-metrics"
    }
    assert [line.dimensions["ValueType"] for line in lines] == [
        "GlobalShapValues",
        "GlobalShapValues",
        "ExpectedValue",
    ]


def test_what_is_published_is_what_the_file_says(
    box: Box, published: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command with its option, on a job of data quality."""
    for name, value in _hour(box).items():
        monkeypatch.setenv(name, value)

    ended = CliRunner().invoke(app, ["container", "--root", str(box.root), "--publish-cloudwatch"])

    assert ended.exit_code == 0, box.message
    space = "aws/sagemaker/Endpoints/data-metrics"
    there = published.list_metrics(Namespace=space)["Metrics"]
    assert {each["MetricName"] for each in there} == {line["MetricName"] for line in box.metrics}
    for line in box.metrics:
        total = line["Value"] if "Value" in line else line["StatisticValues"]["Sum"]
        assert _sums(published, space, line) == [total], line["MetricName"]


def test_more_metrics_than_a_request_takes(published: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(put_metrics, "AT_ONCE", 2)
    lines = of_bias(_biased().metrics(), ENDPOINT)

    cloudwatch.publish(Done(metrics=lines))

    assert len(published.list_metrics()["Metrics"]) == len(lines) == 3


def test_cloudwatch_refuses(published: Any) -> None:
    """Which the platform's own publishing never tells: the metric's name is too long."""
    lines = of_bias(_biased().metrics(), ENDPOINT)
    long = replace(lines[0], name="x" * 256)

    with pytest.raises(EngineError, match="CloudWatch does not take the metrics"):
        cloudwatch.publish(Done(metrics=(replace(long, namespace=""),)))

    assert published.list_metrics()["Metrics"] == []
