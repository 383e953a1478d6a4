"""All verbs of the deployment monitor in a processing job: the files of a call with the same words."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import driftkit
from tests.monitors.deployment.bandit_rows import planned, reported, requests
from tests.monitors.deployment.test_pipeline import way
from tests.monitors.deployment.test_scaling import POLICY, captured
from tests.sagemaker.box import CAPTURE, CSV

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.sagemaker.box import Box

IN = "/opt/ml/processing/input"
TABLE = requests()
PLAN = planned(TABLE, segment_by="carrier", endpoint="churn")
DEPLOYMENT = driftkit.deployment
ROWS = {"dataset_source": f"{IN}/rows", "dataset_format": CSV, "time_column": "at"}
CAPTURES = {"dataset_source": f"{IN}/captures", "dataset_format": CAPTURE}
CALL: Any = {"runner": "local", "dialect": "aws"}
EQUAL, NEW = {"old": 0.5, "new": 0.5}, {"new": 1}
STAGES = {
    name: json.dumps({each: f"{IN}/{folder}/{each}.csv" for each in way(1)})
    for name, folder in (("stages", "after"), ("baseline_stages", "before"))
}


@pytest.fixture
def inputs(box: Box) -> Path:
    """The folder of the inputs that the verbs need."""
    at = box.at(f"{IN}/x").parent
    for folder in ("rows", "earlier", "policies", "captures", "before", "after"):
        (at / folder).mkdir()
    TABLE.to_csv(at / "rows/rows.csv", index=False)
    PLAN.write(at / "plan")
    half = len(TABLE) // 2
    for hour, part in (("2026-11-02", TABLE[:half]), ("2026-11-03", TABLE[half:])):
        reported(part, PLAN).write(at / "earlier" / hour)
    (at / "policies/equal.json").write_text(json.dumps(EQUAL))
    (at / "policies/new.json").write_text(json.dumps(NEW))
    (at / "scaling.json").write_text(json.dumps(POLICY))
    (at / "weights.json").write_text(
        json.dumps([{"from": "2026-11-02T00:00:00Z", "to": None, "weights": {"old": 1, "new": 3}}])
    )
    captured(at / "captures")
    for folder, moved in (("before", 0.0), ("after", 3.0)):
        for name, data in way(1, prepared=moved).items():
            data.to_csv(at / folder / f"{name}.csv", index=False)
    return at


def of_baseline(at: Path) -> Any:
    return DEPLOYMENT.baseline(
        at / "rows",
        arms={"old": "field:version=old", "new": "field:version=new"},
        goals="rate:ok:0.01:higher",
        guardrails=["column:ok:0.02:higher"],
        weights={"old": 0.7, "new": 0.3},
        strategy="ab",
        minimum_days=0.5,
        horizon_units=4_000,
        segment_by="carrier",
        time_column="at",
        **CALL,
    )


def of_weights(at: Path) -> Any:
    reports = [at / "earlier/2026-11-02", at / "earlier/2026-11-03"]
    return DEPLOYMENT.weights(
        reports, at / "plan", floor=0.1, policy="ucb1", weights_file=str(at / "weights.json")
    )


def of_evaluate(at: Path) -> Any:
    policies = [at / "policies/equal.json", at / "policies/new.json"]
    return DEPLOYMENT.evaluate(at / "rows", policies, at / "plan", time_column="at", **CALL)


def of_scaling(at: Path) -> Any:
    return DEPLOYMENT.scaling(
        at / "captures", at / "scaling.json", sampling_percentage=50, max_rps=0.2, **CALL
    )


def of_traffic(at: Path) -> Any:
    models: Any = {"model_by": "folder", "models": ["champion", "idle"]}
    return DEPLOYMENT.traffic(at / "captures", cold_seconds=60, **models, **CALL)


def of_pipeline(at: Path) -> Any:
    stages, normal = (
        {name: at / folder / f"{name}.csv" for name in way(1)} for folder in ("after", "before")
    )
    return DEPLOYMENT.pipeline(stages, normal, **CALL)


def of_simulate(at: Path) -> Any:
    rates = {"old": 0.1, "new": 0.12}
    return DEPLOYMENT.simulate(at / "plan", rates=rates, runs=3, requests=900, looks=3)


CASES: list[tuple[str, dict[str, str], Callable[[Path], Any]]] = [
    (
        "baseline",
        {
            **ROWS,
            "arms": '{"old": "field:version=old", "new": "field:version=new"}',
            "goals": "rate:ok:0.01:higher",
            "guardrails": '["column:ok:0.02:higher"]',
            "weights": '["old=0.7", "new=0.3"]',
            "strategy": "ab",
            "minimum_days": "0.5",
            "horizon_units": "4000",
            "segment_by": "carrier",
        },
        of_baseline,
    ),
    (
        "weights",
        {
            "deployment_plan": f"{IN}/plan",
            "deployment_states": f"{IN}/earlier",
            "floor": "0.1",
            "policy": "ucb1",
            "weights_file": f"{IN}/weights.json",
        },
        of_weights,
    ),
    (
        "Evaluate",
        {**ROWS, "deployment_plan": f"{IN}/plan", "policy_file": f"{IN}/policies"},
        of_evaluate,
    ),
    (
        "scaling",
        {
            **CAPTURES,
            "policy_file": f"{IN}/scaling.json",
            "sampling_percentage": "50",
            "max_rps": "0.2",
        },
        of_scaling,
    ),
    (
        "traffic",
        {**CAPTURES, "model_by": "folder", "models": "champion,idle", "cold_seconds": "60"},
        of_traffic,
    ),
    ("pipeline", {"dataset_format": CSV, **STAGES}, of_pipeline),
    (
        "simulate",
        {
            "deployment_plan": f"{IN}/plan",
            "rates": "old=0.1,new=0.12",
            "runs": "3",
            "requests": "900",
            "looks": "3",
        },
        of_simulate,
    ),
]


@pytest.mark.parametrize(("verb", "variables", "call"), CASES, ids=[each[0] for each in CASES])
def test_a_job_writes_what_a_call_says(
    box: Box, inputs: Path, verb: str, variables: dict[str, str], call: Callable[[Path], Any]
) -> None:
    code = box.run({"analysis_type": "DEPLOYMENT", "deployment_verb": verb, **variables})

    assert code == 0, box.message
    expected = call(inputs).files
    assert {name: box.json(name) for name in expected} == json.loads(json.dumps(expected))
    assert set(box.outputs) == set(expected)
    assert sorted(box.message.removeprefix("Completed: ").split(", ")) == sorted(expected)


BASELINE, WEIGHTS, SCALING = (CASES[at][1] for at in (0, 1, 3))


@pytest.mark.parametrize(
    ("verb", "variables", "said"),
    [
        ("promote", {}, "the deployment monitor has no such verb"),
        ("scaling", {**SCALING, "policy_file": ""}, "there is no policy"),
        ("scaling", {**SCALING, "policy_file": "/etc/passwd"}, "outside of the job's folders"),
        ("scaling", {**SCALING, "max_rps": "many"}, "max_rps"),
        ("scaling", {**SCALING, "instances": "1.5"}, "instances"),
        ("weights", {**WEIGHTS, "deployment_states": f"{IN}/plan"}, "there are no states"),
        ("weights", {**WEIGHTS, "deployment_states": ""}, "there are no states"),
        ("weights", {**WEIGHTS, "deployment_plan": ""}, "weights of states need the plan"),
        ("weights", {**WEIGHTS, "weights_file": f"{IN}/none.json"}, "no such file or folder"),
        ("baseline", {**BASELINE, "weights": '["old=0.7"'}, "weights: it is not JSON"),
        ("baseline", {**BASELINE, "guardrails": "speed"}, "no metric is called so"),
        ("pipeline", {"dataset_format": CSV, **STAGES, "stages": '{"a": "/x@input"}'}, "stages"),
        ("simulate", {}, "there is no plan to decide by"),
    ],
)
def test_a_job_that_is_told_wrongly_says_so(
    box: Box, inputs: Path, verb: str, variables: dict[str, str], said: str
) -> None:
    assert inputs.exists()

    code = box.run({"analysis_type": "DEPLOYMENT", "deployment_verb": verb, **variables})

    assert code == 255
    assert said in box.message
    assert box.outputs == set()


def test_sides_of_captures_are_stages(box: Box, inputs: Path) -> None:
    sides = {"in": f"{IN}/captures@input", "out": f"{IN}/captures@output"}
    stages = json.dumps(sides)

    code = box.run(
        {
            "analysis_type": "DEPLOYMENT",
            "deployment_verb": "pipeline",
            "dataset_format": CAPTURE,
            "stages": stages,
            "baseline_stages": stages,
        }
    )

    assert code == 0, box.message
    paths = {name: str(inputs / f"captures@{name}put") for name in sides}
    assert (
        box.json("pipeline.json")
        == DEPLOYMENT.pipeline(paths, paths, **CALL).files["pipeline.json"]
    )
