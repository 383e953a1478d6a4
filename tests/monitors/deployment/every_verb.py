"""Inputs for every verb of the deployment monitor, and what calls in Python make of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from driftkit import deployment
from tests.monitors.deployment.bandit_rows import planned, reported, requests
from tests.monitors.deployment.test_pipeline import way
from tests.monitors.deployment.test_scaling import POLICY, captured

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

STAGES = tuple(way(1))


def lay_out(at: Path) -> None:
    """Writes rows, captures, a plan, states, policies and the stages of a pipeline."""
    for folder in ("rows", "earlier", "policies", "captures", "before", "after"):
        (at / folder).mkdir(parents=True)
    table = requests()
    plan = planned(table, segment_by="carrier", endpoint="churn")
    table.to_csv(at / "rows/rows.csv", index=False)
    plan.write(at / "plan")
    half = len(table) // 2
    for hour, part in (("2026-11-02", table[:half]), ("2026-11-03", table[half:])):
        reported(part, plan).write(at / "earlier" / hour)
    documents: Mapping[str, Any] = {
        "policies/equal.json": {"old": 0.5, "new": 0.5},
        "policies/new.json": {"new": 1},
        "scaling.json": POLICY,
        "weights.json": [
            {"from": "2026-11-02T00:00:00Z", "to": None, "weights": {"old": 1, "new": 3}}
        ],
    }
    for name, document in documents.items():
        (at / name).write_text(json.dumps(document))
    captured(at / "captures")
    for folder, moved in (("before", 0.0), ("after", 3.0)):
        for name, data in way(1, prepared=moved).items():
            data.to_csv(at / folder / f"{name}.csv", index=False)


def _baseline(at: Path, **how: Any) -> Any:
    return deployment.baseline(
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
        **how,
    )


def _monitor(at: Path, **how: Any) -> Any:
    return deployment.monitor(at / "rows", at / "plan", time_column="at", **how)


def _weights(at: Path, **_: Any) -> Any:
    reports = [at / "earlier/2026-11-02", at / "earlier/2026-11-03"]
    return deployment.weights(
        reports, at / "plan", floor=0.1, policy="ucb1", weights_file=str(at / "weights.json")
    )


def _evaluate(at: Path, **how: Any) -> Any:
    policies = [at / "policies/equal.json", at / "policies/new.json"]
    return deployment.evaluate(at / "rows", policies, at / "plan", time_column="at", **how)


def _scaling(at: Path, **how: Any) -> Any:
    return deployment.scaling(
        at / "captures", at / "scaling.json", sampling_percentage=50, max_rps=0.2, **how
    )


def _traffic(at: Path, **how: Any) -> Any:
    models = ["champion", "idle"]
    return deployment.traffic(
        at / "captures", model_by="folder", models=models, cold_seconds=60, **how
    )


def _pipeline(at: Path, **how: Any) -> Any:
    stages, normal = (
        {name: at / folder / f"{name}.csv" for name in STAGES} for folder in ("after", "before")
    )
    return deployment.pipeline(stages, normal, **how)


def _simulate(at: Path, **_: Any) -> Any:
    rates = {"old": 0.1, "new": 0.12}
    return deployment.simulate(at / "plan", rates=rates, runs=3, requests=900, looks=3)


_CALLS: Mapping[str, Callable[..., Any]] = {
    "baseline": _baseline,
    "monitor": _monitor,
    "weights": _weights,
    "evaluate": _evaluate,
    "scaling": _scaling,
    "traffic": _traffic,
    "pipeline": _pipeline,
    "simulate": _simulate,
}


def called(verb: str, at: Path, **how: Any) -> dict[str, Any]:
    """The files of a call, read again.

    Args:
        verb: that is called.
        at: the folder that was laid out.
        **how: settings of those verbs that read rows.
    """
    files: dict[str, Any] = json.loads(json.dumps(_CALLS[verb](at, runner="local", **how).files))
    return files
