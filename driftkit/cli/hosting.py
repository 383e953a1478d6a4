"""`driftkit deployment scaling`, `traffic` and `pipeline`: what hosting does with requests and data."""

from __future__ import annotations

from typing import Annotated, Any

import typer

import driftkit
from driftkit.cli import options as o
from driftkit.cli.arms import UNUSED
from driftkit.cli.generating import verb
from driftkit.cli.monitors import hold
from driftkit.monitors.deployment.said import Named, word
from driftkit.monitors.deployment.scaling_settings import ScalingSettings
from driftkit.monitors.deployment.traffic_settings import TrafficSettings
from driftkit.report import terminal
from driftkit.settings import Partition, Settings
from driftkit.settings.declaring import declared
from driftkit.settings.derived import Deriving
from driftkit.settings.detection import Detection, Outcomes

# A variant is chosen here: requests have no arms.
_UNUSED = UNUSED - {"variant"}
# A window's segments, times and columns are those of its baseline, and stages are compared by
# distances, not judged by days.
_OF_BASELINES = frozenset(
    {*declared(Partition), *declared(Deriving), *declared(Detection), *declared(Outcomes)}
)

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
Stages = Annotated[
    list[str],
    typer.Option(
        "--stage",
        metavar="NAME=PATH",
        help="A point of the pipeline, in the order of the data's way, and the data there; of "
        "captures, PATH@input or PATH@output is one side.",
        show_default=False,
    ),
]
BaselineStages = Annotated[
    list[str],
    typer.Option(
        "--baseline-stage",
        metavar="NAME=PATH",
        help="What is normal at a point: a folder of `data-quality baseline`, or data.",
        show_default=False,
    ),
]
Latencies = Annotated[
    str | None,
    typer.Option(
        "--metrics-file",
        metavar="FILE",
        help="CloudWatch's metrics by minute with ContainerLatency; variant names the container.",
        show_default=False,
    ),
]


IdColumn = Annotated[
    str | None,
    typer.Option(
        "--id-column",
        metavar="COLUMN",
        help="The column of tables with the id of the request, by which steps are joined; without it "
        "inferenceId, which captures have.",
        show_default=False,
    ),
]


@verb(ScalingSettings, without=_UNUSED)
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


@verb(TrafficSettings, without=_UNUSED)
def traffic(
    inputs: o.Inputs, output: o.Output, wait: o.Wait = 0.0, *, settings: dict[str, Any]
) -> None:
    """Tell how requests spread over the models of an endpoint: traffic.json."""
    hold(output, wait)
    with terminal.progress_bar("Counting requests") as progress:
        found = driftkit.deployment.traffic(inputs, progress=progress, **settings)
    terminal.show_baseline(found, found.write(output), "Traffic")


@verb(Settings, without=_UNUSED | _OF_BASELINES)
def pipeline(
    output: o.Output,
    stage: Stages,
    baseline_stage: BaselineStages,
    id_column: IdColumn = None,
    metrics_file: Latencies = None,
    wait: o.Wait = 0.0,
    *,
    settings: dict[str, Any],
) -> None:
    """Find the first step of an inference pipeline whose output drifts: pipeline.json."""
    hold(output, wait)
    stages, normal = _named("stage", stage), _named("baseline_stage", baseline_stage)
    with terminal.progress_bar("Looking at each stage") as progress:
        found = driftkit.deployment.pipeline(
            stages,
            normal,
            id_column=id_column,
            metrics_file=metrics_file,
            progress=progress,
            **settings,
        )
    terminal.show_baseline(found, found.write(output), "Pipeline")


def _named(option: str, given: list[str]) -> dict[str, str]:
    return dict(
        Named(parse=word, expected="NAME=PATH, for example input=captured@input")(option, given)
    )
