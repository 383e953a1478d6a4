"""`driftkit container`: what the image runs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

Root = Annotated[
    Path,
    typer.Option(
        help="The folder that stands for /, below which opt/ml/processing is.",
        envvar="DRIFTKIT_CONTAINER_ROOT",
    ),
]
Publish = Annotated[
    bool,
    typer.Option(
        "--publish-cloudwatch",
        help="Put the metrics into CloudWatch too, where no SageMaker does so (needs boto3).",
        envvar="DRIFTKIT_PUBLISH_CLOUDWATCH",
    ),
]


def container(root: Root = Path("/"), publish_cloudwatch: Publish = False) -> None:
    """Run the SageMaker processing job that the environment describes."""
    # The other commands need none of this.
    from driftkit.sagemaker import cloudwatch
    from driftkit.sagemaker.container import main

    publish = cloudwatch.publish if publish_cloudwatch else None
    raise typer.Exit(main(os.environ, root, publish))
