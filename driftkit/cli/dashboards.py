"""`driftkit grafana`: a dashboard to import."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from driftkit.report import terminal


class Source(StrEnum):
    """Where Grafana finds the numbers."""

    prometheus = "prometheus"
    postgres = "postgres"


From = Annotated[
    Source,
    typer.Option(
        "--datasource",
        help="prometheus: gauges that monitors sent; postgres: the metrics store.",
    ),
]
File = Annotated[
    str,
    typer.Option("--output", "-o", metavar="FILE", help="The dashboard, as Grafana imports it."),
]


def grafana(datasource: From = Source.prometheus, output: File = "driftkit-grafana.json") -> None:
    """Write a dashboard for Grafana: status, distances, quality and violations over time."""
    # Only where it is asked for: the help makes no dashboard.
    import json

    from driftkit.io.locations import locate
    from driftkit.io.writing import write_outputs
    from driftkit.sinks.dashboards import DASHBOARDS

    location = locate(output)
    text = json.dumps(DASHBOARDS[datasource.value].to_json(), indent=2) + "\n"
    terminal.show_files(write_outputs(location.parent, {location.name: text}))
