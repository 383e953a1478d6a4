"""The weights from which a bandit's step is made: those of a file, or the plan's."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

import driftkit
from driftkit import FormatError
from tests.monitors.deployment.bandit_rows import WEIGHTS, planned, reported, requests

if TYPE_CHECKING:
    from pathlib import Path

TABLE = requests()
PLAN = planned(TABLE, endpoint="churn")
REPORT = reported(TABLE, PLAN)


def test_weights_so_far_are_those_of_the_endpoint(tmp_path: Path) -> None:
    file = tmp_path / "endpoint.json"
    variants = [{"VariantName": name, "CurrentWeight": w} for name, w in (("new", 3), ("old", 1))]
    file.write_text(json.dumps({"EndpointName": "churn", "ProductionVariants": variants}))

    found = driftkit.deployment.weights(REPORT, weights_file=str(file))

    assert [arm.before for arm in found.bandit.weights[0].arms] == [0.25, 0.75]


@pytest.mark.parametrize(
    "document",
    [
        {
            "EndpointName": "churn",
            "ProductionVariants": [
                {"VariantName": "old", "CurrentWeight": 2.0},
                {"VariantName": "new", "CurrentWeight": 0.0},
                {"VariantName": "idle", "CurrentWeight": 0.0},
            ],
        },
        [
            {"from": "2026-11-01T00:00:00Z", "to": "2026-11-02T00:00:00Z", "weights": WEIGHTS},
            {"from": "2026-11-02T00:00:00Z", "to": None, "weights": {"old": 1}},
        ],
    ],
    ids=["endpoint", "history"],
)
def test_an_arm_without_requests_starts_from_no_share(tmp_path: Path, document: object) -> None:
    file = tmp_path / "weights.json"
    file.write_text(json.dumps(document))

    found = driftkit.deployment.weights(REPORT, weights_file=str(file))

    assert [arm.before for arm in found.bandit.weights[0].arms] == [1.0, 0.0]
    assert found.weights == {"old": 0.8, "new": 0.2}
    few = reported(TABLE.groupby("version").head(99), PLAN)
    waiting = driftkit.deployment.weights(few, weights_file=str(file))
    assert waiting.weights == {"old": 0.95, "new": 0.05}


@pytest.mark.parametrize(
    ("moved", "routing"), [(0.7, "request"), (0.7, "sticky"), (0.3, "request")]
)
def test_weights_of_the_plan_are_doubted_where_requests_came_at_others(
    moved: float, routing: str
) -> None:
    random = np.random.default_rng(3)
    late = np.where(random.random(len(TABLE)) < moved, "new", "old")
    half = len(TABLE) // 2
    first = np.arange(len(TABLE)) < half
    table = TABLE.assign(version=np.where(first, TABLE["version"], late), user=TABLE.index % 700)
    unit = {"unit": "field:user"} if routing == "sticky" else {}
    plan = planned(table, routing=routing, **unit)

    notes = driftkit.deployment.weights(reported(table, plan), plan).notes()

    doubts = [each for each in notes if "the latest requests came at other shares" in each]
    assert bool(doubts) == (moved == 0.7 and routing == "request")
    if doubts:
        share = np.mean(late[half:] == "new")
        assert "the plan's, old 70.00%, new 30.00%, but" in doubts[0]
        assert f"new {share:.2%}: the step" in doubts[0]
    assert sum("--weights-file" in each for each in notes) == 1


def test_step_by_step_from_the_weights_that_were_sent(tmp_path: Path) -> None:
    first = driftkit.deployment.weights(REPORT)
    first.write(tmp_path)

    second = driftkit.deployment.weights(
        REPORT, weights_file=str(tmp_path / "desired_weights.json")
    )

    assert list(first.weights.values()) == [0.5, 0.5]
    assert list(second.weights.values()) == [0.3, 0.7]
    assert any("--weights-file" in note for note in first.notes())
    assert not any("--weights-file" in note for note in second.notes())


def test_another_endpoint_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "endpoint.json"
    variants = [{"VariantName": name, "CurrentWeight": 1} for name in ("old", "third")]
    file.write_text(json.dumps({"EndpointName": "churn", "ProductionVariants": variants}))

    with pytest.raises(FormatError, match="the endpoint has other variants"):
        driftkit.deployment.weights(REPORT, weights_file=str(file))
