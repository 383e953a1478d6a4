"""Publishes a job's metrics to CloudWatch, outside SageMaker."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from driftkit.sinks.cloudwatch import accepted, client, put

if TYPE_CHECKING:
    from driftkit.sagemaker.monitor_jobs import Done


def publish(done: Done) -> None:
    """Puts every metric of a job, into its namespace.

    Raises:
        SettingsError: boto3 is not installed.
        EngineError: CloudWatch refuses them.
    """
    cloudwatch = client("--publish-cloudwatch")
    for namespace, lines in groupby(done.metrics, lambda line: line.namespace):
        data = ({**accepted(line.datum()), "Timestamp": line.time} for line in lines)
        put(cloudwatch, namespace, data)
