"""A processing job's file system and environment, as SageMaker would make them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from driftkit.sagemaker import container

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

CAPTURE = '{"sagemakerCaptureJson":{"captureIndexNames":["endpointInput","endpointOutput"]}}'
MERGED = '{"sagemakerMergeJson":{"captureIndexNames":["endpointOutput"]}}'
CSV = '{"csv": {"header": true, "output_columns_position": "START"}}'
HOUR = "2024/03/18/13"
SCHEDULED = {
    "start_time": "2024-03-18T13:00:00Z",
    "end_time": "2024-03-18T14:00:00Z",
    "metric_time": "2024-03-18T13:00:00Z",
    "publish_cloudwatch_metrics": "Enabled",
    "sagemaker_endpoint_name": "churn",
    "sagemaker_monitoring_schedule_name": "hourly",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """The container's file system.

    Attributes:
        root: the folder that stands for `/`.
    """

    root: Path

    def at(self, path: str) -> Path:
        """Where a path of the container is; its folder is made."""
        place = self.root / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        return place

    def put(self, path: str, content: str | bytes) -> None:
        """Writes a file."""
        self.at(path).write_bytes(content.encode() if isinstance(content, str) else content)

    def put_lines(self, path: str, records: Iterable[Any]) -> None:
        """Writes lines of JSON."""
        self.put(path, "".join(f"{json.dumps(record)}\n" for record in records))

    def run(self, variables: Mapping[str, str]) -> int:
        """Runs the job; gives its exit code."""
        return container.main(variables, self.root)

    def json(self, name: str) -> Any:
        """An output."""
        return json.loads(self.text(f"/opt/ml/processing/output/{name}"))

    def text(self, path: str) -> str:
        """A file's text."""
        return (self.root / path.lstrip("/")).read_text(encoding="utf-8")

    @property
    def message(self) -> str:
        """The ExitMessage."""
        return self.text("/opt/ml/output/message")

    @property
    def outputs(self) -> set[str]:
        """Names of the files in the output folder, hidden ones too."""
        folder = self.root / "opt/ml/processing/output"
        return {path.name for path in folder.rglob("*")} if folder.exists() else set()

    @property
    def metrics(self) -> list[dict[str, Any]]:
        """The metrics' lines."""
        text = self.text("/opt/ml/output/metrics/cloudwatch/cloudwatch_metrics.jsonl")
        return [json.loads(line) for line in text.splitlines()]
