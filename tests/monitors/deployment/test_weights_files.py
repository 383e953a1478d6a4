"""Weights from descriptions of endpoints, from experiments and from histories of weights."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

import driftkit
from driftkit.errors import FormatError, SettingsError
from driftkit.formats.deployment.request_bodies import desired_weights
from tests.capture.captures import record, write

if TYPE_CHECKING:
    from pathlib import Path

    from driftkit.monitors.deployment.results import DeploymentPlan

ARMS = {"champion": "field:version=old", "challenger": "field:version=new"}
ENDPOINT: dict[str, Any] = {
    "EndpointName": "churn",
    "ProductionVariants": [
        {"VariantName": "champion", "CurrentWeight": 9.0},
        {"VariantName": "challenger", "CurrentWeight": 1.0},
    ],
}
EXPERIMENT: dict[str, Any] = {
    "Name": "churn-shadow",
    "EndpointMetadata": {"EndpointName": "churn"},
    "ShadowModeConfig": {
        "SourceModelVariantName": "champion",
        "ShadowModelVariants": [{"ShadowModelVariantName": "challenger", "SamplingPercentage": 40}],
    },
}
HISTORY: list[dict[str, Any]] = [
    {
        "from": "2026-11-02T00:00:00Z",
        "to": "2026-11-02T05:00:00Z",
        "weights": {"champion": 9, "challenger": 1},
    },
    {
        "from": "2026-11-02T05:00:00Z",
        "to": None,
        "weights": {"champion": 1, "challenger": 1},
    },
]


def table(rows: int = 2_000) -> pd.DataFrame:
    """Ten hours of requests, of which 9 of 10 are right."""
    random = np.random.default_rng(5)
    label = random.integers(0, 2, rows)
    return pd.DataFrame(
        {
            "version": np.where(random.random(rows) < 0.1, "new", "old"),
            "time": pd.date_range("2026-11-02", periods=rows, freq=f"{36_000 // rows}s"),
            "label": label,
            "prediction": np.where(random.random(rows) < 0.9, label, 1 - label),
        }
    )


def planned(folder: Path, document: object, **settings: Any) -> DeploymentPlan:
    """The plan of the table and a file."""
    (folder / "weights.json").write_text(json.dumps(document))
    asked: dict[str, Any] = {"arms": ARMS, "goals": "accuracy:0.02", "runner": "local"}
    return driftkit.deployment.baseline(
        table(), weights_file=str(folder / "weights.json"), **asked | settings
    )


def test_an_endpoint_tells_weights_and_its_name(tmp_path: Path) -> None:
    plan = planned(tmp_path, ENDPOINT).plan

    assert plan.weights == {"champion": 0.9, "challenger": 0.1}
    assert (plan.endpoint, plan.champion) == ("churn", "champion")


def test_weights_that_were_sent_tell_the_same(tmp_path: Path) -> None:
    sent = desired_weights("churn", {"champion": 9.0, "challenger": 1.0})

    plan = planned(tmp_path, sent).plan

    assert plan == planned(tmp_path, ENDPOINT).plan


def test_a_variant_without_requests_is_ignored_unless_it_is_an_arm(tmp_path: Path) -> None:
    champion, challenger = ENDPOINT["ProductionVariants"]
    idle = {"VariantName": "idle", "CurrentWeight": 0.0}

    plan = planned(tmp_path, {**ENDPOINT, "ProductionVariants": [champion, challenger, idle]}).plan

    assert plan.weights == {"champion": 0.9, "challenger": 0.1}
    stopped = {**ENDPOINT, "ProductionVariants": [champion, {**challenger, "CurrentWeight": 0.0}]}
    with pytest.raises(
        FormatError, match=r"weights\.challenger.*not above 0.*with which it starts"
    ):
        planned(tmp_path, stopped)


def test_folders_tell_the_arms_of_variants(tmp_path: Path) -> None:
    for variant in ("champion", "challenger"):
        folder = tmp_path / "captures/churn" / variant / "2026/11/02/10"
        write(folder / "00-00-000-x.jsonl", [record("1,2", "0.5", "2026-11-02T10:00:00Z")] * 3)
    (tmp_path / "weights.json").write_text(json.dumps(ENDPOINT))

    plan = driftkit.deployment.baseline(
        tmp_path / "captures",
        arms={"old": "folder:churn/champion", "new": "folder:churn/challenger"},
        goals="prediction_mean:0.1:lower",
        weights_file=str(tmp_path / "weights.json"),
    ).plan

    assert plan.weights == {"old": 0.9, "new": 0.1}


def test_an_experiment_tells_the_shadow(tmp_path: Path) -> None:
    plan = planned(tmp_path, EXPERIMENT, strategy="shadow").plan

    assert (plan.name, plan.endpoint, plan.weights) == ("churn-shadow", "churn", {"champion": 1.0})
    assert plan.pairing is not None
    assert plan.pairing.sampling_percentage == 40


def test_a_history_tells_when_weights_changed(tmp_path: Path) -> None:
    found = planned(tmp_path, HISTORY)

    changes = found.plan.weights_history
    assert changes is not None
    assert [each.start for each in changes] == [
        datetime(2026, 11, 2, hour, tzinfo=UTC) for hour in (0, 5)
    ]
    assert found.plan.weights == {"champion": 1, "challenger": 1}


def test_what_was_said_comes_before_the_file(tmp_path: Path) -> None:
    plan = planned(tmp_path, ENDPOINT, endpoint="other", plan_name="p").plan

    assert (plan.endpoint, plan.name) == ("other", "p")


@pytest.mark.parametrize(("wait", "said"), [(600, True), (3600 * 24 * 300, False)])
def test_a_wait_that_is_too_short_is_noted(tmp_path: Path, wait: int, *, said: bool) -> None:
    routing = {"Type": "CANARY", "WaitIntervalInSeconds": wait}
    deployment = {"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": routing}}

    notes = planned(tmp_path, {**ENDPOINT, "LastDeploymentConfig": deployment}).notes()

    assert any("names no alarm" in note for note in notes)
    assert any(f"waits {wait:,} s" in note for note in notes) is said


def test_sampling_and_baking_are_noted(tmp_path: Path) -> None:
    champion, challenger = ENDPOINT["ProductionVariants"]
    baking = {**challenger, "VariantStatus": [{"Status": "Baking"}]}
    capture = {"EnableCapture": True, "CurrentSamplingPercentage": 20}
    described = {
        **ENDPOINT,
        "ProductionVariants": [champion, baking],
        "DataCaptureConfig": capture,
    }

    notes = "\n".join(planned(tmp_path, described).notes())

    assert "20 % of the requests are captured" in notes
    assert "baking" in notes


@pytest.mark.parametrize(
    ("document", "settings", "said"),
    [
        (ENDPOINT, {"weights": {"champion": 1, "challenger": 1}}, "said twice"),
        (EXPERIMENT, {}, "is a shadow"),
        (HISTORY[::-1], {}, "overlaps|sorted"),
        ([{**HISTORY[0], "weights": {"champion": 1, "third": 1}}], {}, "third"),
        ([{"from": "soon", "to": None, "weights": {}}], {}, r"weights_history\[0\]\.from"),
        ({"EndpointName": "churn"}, {}, "no description of an endpoint"),
    ],
)
def test_what_cannot_be_told_is_refused(
    tmp_path: Path, document: object, settings: dict[str, Any], said: str
) -> None:
    with pytest.raises((FormatError, SettingsError), match=said):
        planned(tmp_path, document, **settings)


def test_a_file_that_is_missing_is_refused() -> None:
    with pytest.raises(FormatError, match="missing"):
        driftkit.deployment.baseline(
            table(), arms=ARMS, goals="accuracy:0.02", weights_file="nowhere.json"
        )


@pytest.mark.parametrize("length", [1, 63, 245, 246, 400])
def test_the_alarm_of_an_endpoint_has_a_name_that_cloudwatch_takes(
    tmp_path: Path, length: int
) -> None:
    endpoint = "e" * length

    found = planned(tmp_path, ENDPOINT, endpoint=endpoint)
    found.write(tmp_path)

    alarm = json.loads((tmp_path / "guardrail_alarm.json").read_text())
    assert alarm["AlarmName"] == f"{endpoint[:245]}-roll-back"
    assert alarm["Dimensions"][0] == {"Name": "Endpoint", "Value": endpoint}
