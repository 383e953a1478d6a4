"""`driftkit deployment weights`, `evaluate` and `simulate`: which arm should have which requests."""

from __future__ import annotations

from typing import Annotated, Any

import typer

import driftkit
from driftkit.cli import options as o
from driftkit.cli.generating import verb
from driftkit.cli.monitors import hold
from driftkit.monitors.deployment.bandit_settings import WeightsSettings
from driftkit.monitors.deployment.evaluation_settings import EvaluationSettings
from driftkit.monitors.deployment.simulation_settings import SimulationSettings
from driftkit.report import terminal

# Arms are told apart by the plan, and one engine sums them up.
UNUSED = frozenset({"output_columns_position", "engine", "variant", "together"})

Kept = Annotated[
    list[str],
    typer.Argument(
        metavar="REPORT...",
        help="What monitor wrote: folders, or states.arrow; or the answer of /stats of AWS's A/B "
        "testing sample (.json).",
        show_default=False,
    ),
]
PlanOfStates = Annotated[
    str | None,
    typer.Option(
        "--baseline",
        "-b",
        metavar="DIR",
        help="Folder with deployment_plan.json, or the file; none for AWS's sample.",
        show_default=False,
    ),
]
PlanArgument = Annotated[
    str,
    typer.Argument(
        metavar="PLAN",
        help="Folder with deployment_plan.json, or the file.",
        show_default=False,
    ),
]
Policies = Annotated[
    list[str],
    typer.Option(
        "--policy-file",
        metavar="FILE",
        help="The probability of each arm, or those of each segment, as JSON. May be given several "
        "times.",
        show_default=False,
    ),
]


@verb(WeightsSettings)
def weights(
    inputs: Kept,
    output: o.Output,
    baseline: PlanOfStates = None,
    wait: o.Wait = 0.0,
    *,
    settings: dict[str, Any],
) -> None:
    """Say which share of the requests each arm should have: desired_weights.json, bandit.json."""
    hold(output, wait)
    found = driftkit.deployment.weights(inputs, baseline, **settings)
    terminal.show_baseline(found, found.write(output), "Weights")


@verb(EvaluationSettings, without=UNUSED)
def evaluate(
    inputs: o.Inputs,
    output: o.Output,
    policy: Policies,
    baseline: o.PlanFolder,
    wait: o.Wait = 0.0,
    *,
    settings: dict[str, Any],
) -> None:
    """Say what policies would have earned, without trying them: policy_values.json."""
    hold(output, wait)
    with terminal.progress_bar("Reading the requests") as progress:
        found = driftkit.deployment.evaluate(
            inputs, policy, baseline, progress=progress, **settings
        )
    terminal.show_baseline(found, found.write(output), "Policy values")


@verb(SimulationSettings)
def simulate(
    plan: PlanArgument,
    output: o.Output,
    wait: o.Wait = 0.0,
    *,
    settings: dict[str, Any],
) -> None:
    """Say how often the plan would promote, hold and roll back, and when: simulation.json."""
    hold(output, wait)
    with terminal.progress_bar("Simulating") as progress:
        found = driftkit.deployment.simulate(plan, progress=progress, **settings)
    terminal.show_baseline(found, found.write(output), "Simulation")
