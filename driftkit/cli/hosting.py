"""`driftkit deployment scaling` and `traffic`: what an endpoint's hosting does with its requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

import driftkit
from driftkit.cli import options as o
from driftkit.cli.generating import verb
from driftkit.cli.monitors import hold
from driftkit.monitors.deployment.scaling_settings import ScalingSettings
from driftkit.monitors.deployment.traffic_settings import TrafficSettings
from driftkit.report import terminal

if TYPE_CHECKING:
    from collections.abc import Iterable

PolicyFile = Annotated[
    str,
    typer.Option(
        "--policy-file",
        metavar="FILE",
        help="Bounds and scaling policies, as describe-scalable-targets and "
        "describe-scaling-policies write them.",
        show_default=False,
        envvar="DRIFTKIT_POLICY_FILE",
    ),
]


def add_to(app: typer.Typer, unused: Iterable[str]) -> None:
    """Adds the commands.

    Args:
        app: of the monitor.
        unused: names of settings that mean nothing to it.
    """
    without = {*unused} - {"variant"}

    @app.command("scaling")
    @verb(ScalingSettings, without=without)
    def scaling(
        inputs: o.Inputs,
        output: o.Output,
        policy_file: PolicyFile,
        wait: o.Wait = 0.0,
        *,
        settings: dict[str, Any],
    ) -> None:
        """Replay scaling policies on the requests that there were: scaling_replay.json."""
        hold(output, wait)
        with terminal.progress_bar("Counting requests") as progress:
            found = driftkit.deployment.scaling(inputs, policy_file, progress=progress, **settings)
        terminal.show_baseline(found, found.write(output), "Replay")

    @app.command("traffic")
    @verb(TrafficSettings, without=without)
    def traffic(
        inputs: o.Inputs, output: o.Output, wait: o.Wait = 0.0, *, settings: dict[str, Any]
    ) -> None:
        """Tell how requests spread over the models of an endpoint: traffic.json."""
        hold(output, wait)
        with terminal.progress_bar("Counting requests") as progress:
            found = driftkit.deployment.traffic(inputs, progress=progress, **settings)
        terminal.show_baseline(found, found.write(output), "Traffic")
