"""Writes a verdict for those who watch it: CloudWatch's alarms and Prometheus."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from driftkit.io.locations import Location
    from driftkit.monitors.deployment.results import DeploymentReport

CloudWatch = Annotated[
    str | None,
    typer.Option(
        "--cloudwatch",
        metavar="FILE",
        help="Write the metric deployment_roll_back too, as CloudWatch takes it, a line of JSON.",
        show_default=False,
        envvar="DRIFTKIT_CLOUDWATCH",
    ),
]
Prometheus = Annotated[
    str | None,
    typer.Option(
        "--prometheus",
        metavar="FILE",
        help="Write the gauge driftkit_deployment_verdict too, for a textfile collector.",
        show_default=False,
        envvar="DRIFTKIT_PROMETHEUS",
    ),
]


def write_beside(
    report: DeploymentReport, cloudwatch: str | None, prometheus: str | None
) -> list[Location]:
    """Writes the files that are asked for, each in one step, and gives their paths.

    Raises:
        OutputError: a folder cannot be written.
    """
    # Only where they are asked for: the help needs none of this.
    from datetime import UTC, datetime

    from driftkit.formats.deployment.prometheus import expositions
    from driftkit.io.locations import locate
    from driftkit.io.writing import write_outputs
    from driftkit.sagemaker.metrics import of_deployment

    contents: dict[str, str | bytes] = {}
    if cloudwatch is not None:
        lines = of_deployment(report, datetime.now(UTC))
        contents[cloudwatch] = b"".join(line.to_json() for line in lines)
    if prometheus is not None:
        endpoint = (report.plan and report.plan.endpoint) or ""
        contents[prometheus] = expositions(
            (
                each.verdict,
                {
                    "endpoint": endpoint,
                    "plan": each.plan.name,
                    "challenger": each.challenger,
                },
            )
            for each in report.verdicts
        )
    written: list[Location] = []
    for file, content in contents.items():
        location = locate(file)
        written += write_outputs(location.parent, {location.name: content})
    return written
