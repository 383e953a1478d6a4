"""The deployment monitor in a processing job: plan, captures and earlier states in, verdict out."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import driftkit
from driftkit.formats.deployment.request_bodies import (
    NAMESPACE,
    guardrail_alarm,
    guardrail_dimensions,
)
from driftkit.sagemaker import metrics
from tests.capture.captures import record, side
from tests.monitors.deployment.test_inputs import named_by_calls
from tests.sagemaker.box import CAPTURE, MERGED

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.sagemaker.box import Box

SOURCE = "/opt/ml/processing/input/endpoint"
PLAN = "/opt/ml/processing/baseline"
EARLIER = "/opt/ml/processing/earlier"
HOURS = ("2026/11/02/10", "2026/11/02/11")
JOB = {
    "analysis_type": "DEPLOYMENT",
    "dataset_source": SOURCE,
    "dataset_format": CAPTURE,
    "deployment_plan": PLAN,
    "probability_attribute": "0",
    "publish_cloudwatch_metrics": "Enabled",
}


def captured(hour: str, right: float, rows: int = 800) -> list[dict[str, Any]]:
    """Merged records of an hour, of which some share is answered rightly."""
    random = np.random.default_rng([rows, int(1000 * right), int(hour[-2:])])
    labels = random.integers(0, 2, rows)
    good = random.random(rows) < right
    answers = np.where(good, labels, 1 - labels) * 0.8 + 0.1
    time = f"{hour[:10].replace('/', '-')}T{hour[-2:]}:30:00Z"
    return [
        {
            **record("1,2", f"{answer:.1f}", time),
            "groundTruthData": side(str(label)),
        }
        for answer, label in zip(answers.tolist(), labels.tolist(), strict=True)
    ]


def planned(box: Box, right: float) -> None:
    """The plan of a canary, and two hours of both variants."""
    for hour in HOURS:
        box.put_lines(f"{SOURCE}/churn/champion/{hour}/a.jsonl", captured(hour, 0.9))
        box.put_lines(f"{SOURCE}/churn/challenger/{hour}/a.jsonl", captured(hour, right))
    plan = driftkit.deployment.baseline(
        box.at(SOURCE),
        goals="accuracy:0.02",
        champion="champion",
        weights={"champion": 1, "challenger": 1},
        minimum_days=0,
        horizon_units=4_000,
        probability_attribute="0",
        runner="local",
    )
    plan.write(box.at(f"{PLAN}/x").parent)


@pytest.mark.parametrize(("right", "said"), [(0.7, "roll_back"), (0.9, "hold")])
def test_a_job_writes_the_verdict_and_the_metric_of_alarms(
    box: Box, right: float, said: str
) -> None:
    planned(box, right)

    code = box.run({**JOB, "metric_time": "2026-11-02T12:00:00Z"})

    assert code == 0, box.message
    assert box.json("verdict.json")["verdict"] == said
    assert box.message.startswith("Completed: ")
    assert "states.arrow" in box.outputs
    assert box.metrics == [
        {
            "MetricName": "deployment_roll_back",
            "Timestamp": "2026-11-02T12:00:00Z",
            "Dimensions": guardrail_alarm("a", guardrail_dimensions("churn", "churn"))[
                "Dimensions"
            ],
            "Value": float(said == "roll_back"),
        }
    ]


def test_states_of_earlier_hours_are_added(box: Box) -> None:
    planned(box, 0.9)
    at_once = {**JOB, "publish_cloudwatch_metrics": "Disabled"}
    box.at(f"{EARLIER}/x")
    one_by_one = {**at_once, "deployment_states": EARLIER}
    windows = (("10", "11"), ("11", "12"))

    for start, end in windows:
        window = {
            "start_time": f"2026-11-02T{start}:00:00Z",
            "end_time": f"2026-11-02T{end}:00:00Z",
        }
        assert box.run({**one_by_one, **window}) == 0, box.message
        states = box.at("/opt/ml/processing/output/states.arrow").read_bytes()
        box.put(f"{EARLIER}/states.arrow", states)

    found = box.json("verdict.json")
    assert box.run(at_once) == 0
    whole = box.json("verdict.json")
    assert found["units"] == whole["units"] == {"champion": 1600, "challenger": 1600}
    assert found["metrics"] == whole["metrics"]


def test_the_recorded_shadow_is_decided_in_the_container(
    box: Box, golden: Callable[[str], Path], tmp_path: Path
) -> None:
    captures = golden("deployment/shadow/captures")
    truths = named_by_calls(golden("deployment/shadow/ground_truth"), tmp_path / "truth")
    driftkit.merge(captures, truths, box.at(f"{SOURCE}/x").parent, runner="local")
    variants = {
        "SourceModelVariantName": "champion",
        "ShadowModelVariants": [
            {"ShadowModelVariantName": "challenger-shadow", "SamplingPercentage": 80}
        ],
    }
    experiment = {"Name": "first", "EndpointName": "demo-endpoint", "ShadowModeConfig": variants}
    (tmp_path / "experiment.json").write_text(json.dumps(experiment))
    driftkit.deployment.baseline(
        box.at(SOURCE),
        strategy="shadow",
        weights_file=str(tmp_path / "experiment.json"),
        goals="accuracy:0.02",
        minimum_days=0,
        horizon_units=3_000,
        runner="local",
    ).write(box.at(f"{PLAN}/x").parent)

    code = box.run({**JOB, "probability_attribute": "", "dataset_format": MERGED})

    found, expected = (
        box.json("verdict.json"),
        json.loads(golden("deployment/shadow/expected.json").read_text()),
    )
    assert code == 0, box.message
    assert found["metrics"][0]["champion"] == pytest.approx(expected["accuracy"][0])
    assert found["actions"]["stop_inference_experiment"]["Name"] == "first"
    assert found["pairs"]["ambiguous_ids"] == 1


def test_a_job_without_a_plan_says_so(box: Box) -> None:
    box.put_lines(f"{SOURCE}/churn/champion/{HOURS[0]}/a.jsonl", captured(HOURS[0], 0.9, 5))

    code = box.run({name: value for name, value in JOB.items() if name != "deployment_plan"})

    assert code == 255
    assert "there is no plan to decide by" in box.message
    assert box.outputs == set()


def test_the_line_is_where_the_alarm_looks(box: Box, tmp_path: Path) -> None:
    planned(box, 0.7)
    report = driftkit.deployment.monitor(
        box.at(SOURCE), tmp_path / PLAN.lstrip("/"), probability_attribute="0", runner="local"
    )

    (line,) = metrics.of_deployment(report, datetime(2026, 11, 2, tzinfo=UTC))

    alarm = guardrail_alarm("roll-back", guardrail_dimensions("churn", "churn"))
    assert (line.namespace, line.name) == (alarm["Namespace"], alarm["MetricName"])
    assert line.datum()["Dimensions"] == alarm["Dimensions"]
    assert line.value is not None
    assert line.value >= alarm["Threshold"]
    assert line.namespace == NAMESPACE
    assert json.loads(line.to_json())["Value"] == 1.0
