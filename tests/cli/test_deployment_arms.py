"""`driftkit deployment weights`, `evaluate` and `simulate`, by the command line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.formats.deployment.test_policies import STATS
from tests.monitors.deployment.bandit_rows import planned, reported, requests

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TABLE = requests()
PLAN = planned(TABLE, segment_by="carrier", endpoint="churn")
REPORT = reported(TABLE, PLAN)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a plan, a report and the requests."""
    PLAN.write(tmp_path / "plan")
    REPORT.write(tmp_path / "report")
    TABLE.to_csv(tmp_path / "in.csv", index=False)
    (tmp_path / "policy.json").write_text('{"old": 0.5, "new": 0.5}')
    return tmp_path


def test_weights_of_a_report(folder: Path, driftkit_command: Callable[..., Any]) -> None:
    ended = driftkit_command(
        *("deployment", "weights", folder / "report", "-b", folder / "plan"),
        *("-o", folder / "out", "--segment-by", "carrier", "--attribution-window", 6),
    )

    found = json.loads((folder / "out/bandit.json").read_text())
    assert ended.code == 0
    assert found["policy"] == "thompson-beta"
    assert [each["segment"] for each in found["weights"]] == [None, "AA", "UA"]
    assert (folder / "out/desired_weights.json").read_text().startswith('{"EndpointName": "churn"')
    assert "Weights written:" in ended.out


def test_weights_of_awss_sample(tmp_path: Path, driftkit_command: Callable[..., Any]) -> None:
    (tmp_path / "stats.json").write_text(json.dumps(STATS))

    ended = driftkit_command(
        *("deployment", "weights", tmp_path / "stats.json", "-o", tmp_path / "out"),
        *("--policy", "ucb1", "--minimum-units", 0),
    )

    weights = json.loads((tmp_path / "out/desired_weights.json").read_text())
    assert ended.code == 0
    assert [each["VariantName"] for each in weights["DesiredWeightsAndCapacities"]] == [
        "Champion",
        "Challenger1",
    ]


def test_policies_of_files(folder: Path, driftkit_command: Callable[..., Any]) -> None:
    (folder / "new.json").write_text('{"new": 1}')

    ended = driftkit_command(
        *("deployment", "evaluate", folder / "in.csv", "-b", folder / "plan", "-o", folder / "out"),
        *("--policy-file", folder / "policy.json", "--policy-file", folder / "new.json"),
        *("--time-column", "at", "--runner", "local"),
    )

    found = json.loads((folder / "out/policy_values.json").read_text())
    assert ended.code == 0
    assert [each["name"] for each in found["policies"]] == [
        str(folder / "policy.json"),
        str(folder / "new.json"),
    ]
    assert "snips" in ended.out


def test_a_plan_is_simulated(folder: Path, driftkit_command: Callable[..., Any]) -> None:
    ended = driftkit_command(
        *("deployment", "simulate", folder / "plan", "-o", folder / "out"),
        *("--rates", "old=0.10,new=0.12", "--runs", 5, "--requests", 2000, "--looks", 4),
    )

    found = json.loads((folder / "out/simulation.json").read_text())
    assert ended.code == 0
    assert found["rates"] == {"old": 0.1, "new": 0.12}
    assert len(found["weights"]) == 4
    assert "roll_back" in ended.out


WEIGHTS = ("weights", "report", "-b", "plan")
EVALUATE = (
    *("evaluate", "in.csv", "-b", "plan", "--policy-file", "policy.json"),
    *("--time-column", "at", "--runner", "local"),
)
SIMULATE = ("simulate", "plan", "--rates", "old=0.1,new=0.1")


def _policy(text: str) -> Callable[[Path], object]:
    return lambda folder: (folder / "policy.json").write_text(text)


def _propensities(value: float) -> Callable[[Path], object]:
    wrong = TABLE.assign(p=np.where(np.arange(len(TABLE)) < 48, value, 0.5))
    return lambda folder: wrong.to_csv(folder / "in.csv", index=False)


def _rewards_of_3(folder: Path) -> None:
    table = TABLE.assign(ok=TABLE["ok"] * 3)
    plan = planned(table, goals="column:ok:0.01:higher")
    plan.write(folder / "plan")
    reported(table, plan).write(folder / "report")


def _other_plan(folder: Path) -> None:
    planned(TABLE).write(folder / "plan")


def _nothing(_: Path) -> None:
    """All is well."""


def _without_weights(folder: Path) -> None:
    planned(TABLE, weights=None).write(folder / "plan")


def _gone(name: str) -> Callable[[Path], object]:
    return lambda folder: (folder / name).unlink()


@pytest.mark.parametrize(
    ("line", "spoil", "message"),
    [
        ((*WEIGHTS, "--floor", "0.5"), _nothing, "2 arms leave nothing to share out"),
        (WEIGHTS, _rewards_of_3, "a reward is not between 0 and 1"),
        (WEIGHTS, _other_plan, "these states were made by another plan"),
        (WEIGHTS[:2], _nothing, "weights of states need the plan that they are by"),
        (WEIGHTS, _gone("report/states.arrow"), "the states cannot be read"),
        (WEIGHTS, _gone("plan/deployment_plan.json"), "deployment_plan.json"),
        ((*WEIGHTS, "--reward", "f1"), _nothing, "the plan has no such reward"),
        ((*WEIGHTS, "--attribution-window", "72"), _nothing, "no rewards have matured yet"),
        ((*WEIGHTS, "--segment-by", "day"), _nothing, "the states have no such segments"),
        (EVALUATE, _policy('{"third": 1}'), "there is no such arm"),
        (EVALUATE, _policy('{"old": 0.9}'), "the probabilities of arms do not sum to 1"),
        (EVALUATE, _policy('{"old": '), "it is not JSON"),
        (EVALUATE, _gone("policy.json"), "a file cannot be read"),
        (EVALUATE, _propensities(0.0), "propensities are 0 or less"),
        (EVALUATE, _propensities(1.5), "propensities are more than 1"),
        (EVALUATE, _without_weights, "propensities are missing"),
        ((*EVALUATE, "--reward-attribute", "won"), _nothing, "won"),
        ((*SIMULATE[:-1], "old=0.1"), _nothing, "rates are missing"),
        ((*SIMULATE[:-1], "old=0.1,new=2"), _nothing, "a number from 0 to 1"),
        ((*SIMULATE, "--requests", "5"), _nothing, "a scenario cannot be simulated"),
        ((*SIMULATE, "--metric", "accuracy"), _nothing, "the plan has no such reward"),
    ],
)
def test_bad_input_ends_in_one_error_and_writes_nothing(
    line: tuple[str, ...],
    spoil: Callable[[Path], object],
    message: str,
    folder: Path,
    driftkit_command: Callable[..., Any],
) -> None:
    spoil(folder)
    given = [folder / each if (folder / each).exists() else each for each in line]
    given = [folder / each if each in {"policy.json", "plan"} else each for each in given]

    ended = driftkit_command("deployment", *given, "-o", folder / "out")

    assert ended.code == 1
    assert ended.err.count("Error:") == 1
    assert message in ended.err
    assert list((folder / "out").glob("*.json")) == []
