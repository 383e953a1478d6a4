"""Publishes a job's metrics to CloudWatch, outside SageMaker."""

from __future__ import annotations

from importlib import import_module
from itertools import groupby
from typing import TYPE_CHECKING, Any

from driftkit.errors import EngineError, SettingsError

if TYPE_CHECKING:
    from driftkit.sagemaker.monitor_jobs import Done

# PutMetricData takes at most so many at a time.
AT_ONCE = 1000


def publish(done: Done) -> None:
    """Puts every metric of a job, into its namespace.

    Raises:
        SettingsError: boto3 is not installed.
        EngineError: CloudWatch refuses them.
    """
    client = _client()
    for namespace, lines in groupby(done.metrics, lambda line: line.namespace):
        data = [{**line.datum(), "Timestamp": line.time} for line in lines]
        for first in range(0, len(data), AT_ONCE):
            _put(client, namespace, data[first : first + AT_ONCE])


def _client() -> Any:
    try:
        return import_module("boto3").client("cloudwatch")
    except ModuleNotFoundError as error:
        raise SettingsError(
            "CloudWatch needs boto3, which is not installed",
            where="--publish-cloudwatch",
            todo="Install driftkit-spark[aws]",
        ) from error


def _put(client: Any, namespace: str, data: list[dict[str, Any]]) -> None:
    failures = import_module("botocore.exceptions")
    try:
        client.put_metric_data(Namespace=namespace, MetricData=data)
    except (failures.BotoCoreError, failures.ClientError) as error:
        raise EngineError(
            "CloudWatch does not take the metrics",
            where=namespace,
            found=str(error).splitlines()[0],
            todo="Check the role's permission cloudwatch:PutMetricData and the region",
        ) from error
