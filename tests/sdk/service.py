"""What SageMaker does with a job's request: folders, variables, a run, outputs back in S3."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.sagemaker.box import Box

HOUR_ARN = "arn:aws:sagemaker:us-east-1:123456789012:processing-job/hour"


@dataclass(slots=True, kw_only=True)
class Service:
    """A client of SageMaker that keeps the requests it gets.

    Attributes:
        requests: each operation's name with its arguments, in order.
        hour: the request of the job that a schedule started.
    """

    requests: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    hour: dict[str, Any] | None = None

    def create_processing_job(self, **request: Any) -> None:
        """Keeps a job's request."""
        self.requests.append(("processing_job", request))

    def create_data_quality_job_definition(self, **request: Any) -> None:
        """Keeps a monitor's definition."""
        self.requests.append(("DataQuality", request))

    def create_model_bias_job_definition(self, **request: Any) -> None:
        """Keeps a monitor's definition."""
        self.requests.append(("ModelBias", request))

    def create_model_explainability_job_definition(self, **request: Any) -> None:
        """Keeps a monitor's definition."""
        self.requests.append(("ModelExplainability", request))

    def create_monitoring_schedule(self, **request: Any) -> None:
        """Keeps a schedule."""
        self.requests.append(("schedule", request))

    def list_monitoring_executions(self, **_: Any) -> dict[str, Any]:
        """One of the hour that was run, as far as the SDK looks."""
        return {"MonitoringExecutionSummaries": [{"ProcessingJobArn": HOUR_ARN}]}

    def describe_processing_job(self, **_: Any) -> dict[str, Any]:
        """The hour that was run."""
        assert self.hour is not None
        return {**self.hour, "ProcessingJobStatus": "Completed"}

    def of(self, operation: str) -> dict[str, Any]:
        """The only request of an operation."""
        (request,) = (told for name, told in self.requests if name == operation)
        return request


def run_job(request: Mapping[str, Any], box: Box, storage: Any) -> int:
    """Runs a processing job's request as SageMaker does; gives the exit code."""
    for given in request["ProcessingInputs"]:
        fetch(storage, given["S3Input"]["S3Uri"], given["S3Input"]["LocalPath"], box)
    box.put("/opt/ml/config/processingjobconfig.json", json.dumps(request, default=str))
    code = box.run(request.get("Environment") or {})
    for wanted in request["ProcessingOutputConfig"]["Outputs"]:
        keep(storage, wanted["S3Output"]["LocalPath"], wanted["S3Output"]["S3Uri"], box)
    return code


def fetch(storage: Any, uri: str, folder: str, box: Box) -> None:
    """Copies an object, or all below a prefix, into a folder of the container."""
    where = urlsplit(uri)
    prefix = where.path.lstrip("/")
    found = storage.list_objects_v2(Bucket=where.netloc, Prefix=prefix)["Contents"]
    for key in (each["Key"] for each in found):
        name = PurePosixPath(key).name if key == prefix else key.removeprefix(prefix).lstrip("/")
        content = storage.get_object(Bucket=where.netloc, Key=key)["Body"].read()
        box.put(f"{folder}/{name}", content)


def keep(storage: Any, folder: str, uri: str, box: Box) -> None:
    """Copies a folder of the container to S3."""
    where, root = urlsplit(uri), box.root / folder.lstrip("/")
    for file in (path for path in root.rglob("*") if path.is_file()):
        key = f"{where.path.strip('/')}/{file.relative_to(root).as_posix()}"
        storage.put_object(Bucket=where.netloc, Key=key, Body=file.read_bytes())


_WHOLE = {
    "S3DataType": "S3Prefix",
    "S3InputMode": "File",
    "S3DataDistributionType": "FullyReplicated",
    "S3CompressionType": "None",
}
ATTRIBUTES = {
    "FeaturesAttribute": "features_attribute",
    "InferenceAttribute": "inference_attribute",
    "ProbabilityAttribute": "probability_attribute",
    "ProbabilityThresholdAttribute": "probability_threshold_attribute",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Captured:
    """What a schedule's hour is run on.

    Attributes:
        uri: where the endpoint captures, or where captures are merged with labels.
        baseline: URI of the baseline job's output, for definitions that name the job only.
        window: start, end, metric time and format.
    """

    uri: str
    baseline: str
    window: Mapping[str, str]


def hour_of(kind: str, definition: Mapping[str, Any], captured: Captured) -> Any:
    """The processing job that a schedule starts for an hour.

    Args:
        kind: DataQuality, ModelBias or ModelExplainability.
        definition: the request of the monitor's definition.
        captured: the hour.
    """
    endpoint = definition[f"{kind}JobInput"]["EndpointInput"]
    source = endpoint["LocalPath"]
    inputs = {captured.uri: f"{source}/{endpoint['EndpointName']}"}
    specification = definition[f"{kind}AppSpecification"]
    if "ConfigUri" in specification:
        inputs[specification["ConfigUri"]] = "/opt/ml/processing/input/config"
    kept = _baseline_files(kind, definition, captured.baseline)
    variables = {}
    for variable, uri in kept.items():
        folder = f"/opt/ml/processing/baseline/{variable}"
        inputs[uri] = folder
        variables[variable] = f"{folder}/{PurePosixPath(uri).name}"
    outputs = definition[f"{kind}JobOutputConfig"]["MonitoringOutputs"]
    told = {name: str(endpoint[key]) for key, name in ATTRIBUTES.items() if key in endpoint}
    return {
        "ProcessingInputs": [
            {"InputName": f"input_{at}", "S3Input": {"S3Uri": uri, "LocalPath": path, **_WHOLE}}
            for at, (uri, path) in enumerate(inputs.items())
        ],
        "ProcessingOutputConfig": {"Outputs": [{"OutputName": "result", **outputs[0]}]},
        "Environment": {
            **specification.get("Environment", {}),
            **variables,
            **told,
            **captured.window,
            "dataset_source": source,
            "output_path": outputs[0]["S3Output"]["LocalPath"],
        },
    }


def _baseline_files(kind: str, definition: Mapping[str, Any], job: str) -> dict[str, str]:
    """Variable -> URI of what is normal."""
    config = definition[f"{kind}BaselineConfig"]
    if "BaseliningJobName" in config:
        return {"baseline_constraints": f"{job}/analysis.json"}
    return {
        f"baseline_{name.lower()}": config[f"{name}Resource"]["S3Uri"]
        for name in ("Statistics", "Constraints")
        if f"{name}Resource" in config
    }
