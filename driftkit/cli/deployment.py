"""`driftkit deployment`: baseline, monitor, and those of `arms` and `hosting`."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import typer

import driftkit
from driftkit.cli import arms, hosting
from driftkit.cli import options as o
from driftkit.cli.beside import CloudWatch, Prometheus, write_beside
from driftkit.cli.measured import Measured
from driftkit.cli.monitors import (
    ABOUT_DEPLOYMENT,
    VIOLATIONS_FOUND,
    Monitor,
    hold,
    learns,
    publish,
    tell,
    telling_of,
)
from driftkit.cli.telling import NOT_TOLD, OPTIONS
from driftkit.monitors.deployment.plan_settings import PlanSettings
from driftkit.monitors.deployment.settings import DeploymentSettings
from driftkit.report import terminal
from driftkit.settings.declaring import declared

HELD = 4


class ExitCode(StrEnum):
    """What the exit code of a run that ended well says."""

    done = "done"
    verdict = "verdict"


ExitCodes = Annotated[
    ExitCode,
    typer.Option(
        "--exit-code",
        help="done: 0 whatever the verdict; verdict: 0 promote, 3 roll back, 4 hold.",
        envvar="DRIFTKIT_EXIT_CODE",
    ),
]
FailOnRollBack = Annotated[
    bool,
    typer.Option(
        "--fail-on-roll-back",
        help="Exit with code 3 when the verdict is roll_back.",
        envvar="DRIFTKIT_FAIL_ON_ROLL_BACK",
    ),
]

MONITOR = Monitor(
    name="deployment",
    about=ABOUT_DEPLOYMENT,
    settings=DeploymentSettings,
    unused=arms.UNUSED,
)
_OF_DECISIONS = {
    "metrics_table",
    "accept_immature",
    "attributions",
    "accept_observational",
    "roll_back_on",
    "judge",
    "canary_config",
}
learns(
    MONITOR,
    "Freeze what is compared, by which metrics and margins: deployment_plan.json.",
    "Reading the champion's rows",
    without=_OF_DECISIONS,
)


@MONITOR.command(own=OPTIONS, without=declared(PlanSettings))
def monitor(
    inputs: o.Inputs,
    output: o.Output,
    baseline: o.PlanFolder,
    exit_code: ExitCodes = ExitCode.done,
    fail_on_roll_back: FailOnRollBack = False,
    cloudwatch: CloudWatch = None,
    prometheus: Prometheus = None,
    page: o.Page = True,
    wait: o.Wait = 0.0,
    *,
    settings: dict[str, Any],
    **given: Any,
) -> None:
    """Say whether a challenger may take the traffic: verdict.json; kept states are added."""
    telling = telling_of(MONITOR.name, output, given, settings)
    hold(output, wait)
    with terminal.progress_bar("Comparing the arms") as progress:
        report = driftkit.deployment.monitor(inputs, baseline, progress=progress, **settings)
    files = (*publish(report, output, page=page), *write_beside(report, cloudwatch, prometheus))
    for each in report.verdicts:
        terminal.tell(each.headline)
    terminal.show_report(report, files)
    told = tell(telling, [Measured(report=report, files=files, settings=settings)])
    code = 0
    if exit_code is ExitCode.verdict or fail_on_roll_back:
        codes = {"promote": 0, "roll_back": VIOLATIONS_FOUND}
        held = HELD if exit_code is ExitCode.verdict else 0
        code = codes.get(report.verdict.verdict, held)
    raise typer.Exit(code or (0 if told else NOT_TOLD))


for each in (
    *(arms.weights, arms.evaluate, arms.simulate),
    *(hosting.scaling, hosting.traffic, hosting.pipeline),
):
    MONITOR.app.command(each.__name__)(each)
