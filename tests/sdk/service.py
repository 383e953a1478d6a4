"""What SageMaker does with a job's request: folders, variables, a run, outputs back in S3."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.container.box import Box


@dataclass(slots=True, kw_only=True)
class Service:
    """A client of SageMaker that keeps the requests it gets.

    Attributes:
        requests: each operation's name with its arguments, in order.
    """

    requests: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def create_processing_job(self, **request: Any) -> None:
        """Keeps a job's request."""
        self.requests.append(("processing_job", request))

    def create_data_quality_job_definition(self, **request: Any) -> None:
        """Keeps a monitor's definition."""
        self.requests.append(("data_quality", request))

    def create_monitoring_schedule(self, **request: Any) -> None:
        """Keeps a schedule."""
        self.requests.append(("schedule", request))

    def of(self, operation: str) -> dict[str, Any]:
        """The only request of an operation."""
        (request,) = (told for name, told in self.requests if name == operation)
        return request


def run_job(request: Mapping[str, Any], box: Box, storage: Any) -> int:
    """Runs a processing job's request as SageMaker does; gives the exit code."""
    for given in request["ProcessingInputs"]:
        fetch(storage, given["S3Input"]["S3Uri"], given["S3Input"]["LocalPath"], box)
    box.put("/opt/ml/config/processingjobconfig.json", json.dumps(request))
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


def hour_of(definition: Mapping[str, Any], captured: str, window: Mapping[str, str]) -> Any:
    """The processing job that a data-quality schedule starts for an hour.

    Args:
        definition: the request of the monitor's definition.
        captured: the URI where the endpoint captures.
        window: start, end and metric time.
    """
    endpoint = definition["DataQualityJobInput"]["EndpointInput"]
    folder = f"{endpoint['LocalPath']}/{endpoint['EndpointName']}"
    given, variables = [(captured, folder)], {}
    for kind, place in (("Statistics", "stats"), ("Constraints", "constraints")):
        uri = definition["DataQualityBaselineConfig"][f"{kind}Resource"]["S3Uri"]
        path = f"/opt/ml/processing/baseline/{place}"
        given.append((uri, path))
        variables[f"baseline_{kind.lower()}"] = f"{path}/{PurePosixPath(uri).name}"
    outputs = definition["DataQualityJobOutputConfig"]["MonitoringOutputs"]
    own = definition["DataQualityAppSpecification"].get("Environment", {})
    return {
        "ProcessingInputs": [{"S3Input": {"S3Uri": u, "LocalPath": p}} for u, p in given],
        "ProcessingOutputConfig": {"Outputs": outputs},
        "Environment": {
            **own,
            **variables,
            **window,
            "dataset_source": endpoint["LocalPath"],
            "output_path": outputs[0]["S3Output"]["LocalPath"],
        },
    }
