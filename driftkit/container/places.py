"""Where a processing job's files are, below a root that tests can move."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from driftkit.errors import SettingsError

PROCESSING = "/opt/ml/processing"
DATASET = f"{PROCESSING}/input/data"
ANALYSIS_CONFIG = f"{PROCESSING}/input/config/analysis_config.json"
OUTPUT = f"{PROCESSING}/output"
JOB = "/opt/ml/config/processingjobconfig.json"
RESOURCES = "/opt/ml/config/resourceconfig.json"
MESSAGE = "/opt/ml/output/message"
METRICS = "/opt/ml/output/metrics/cloudwatch"
METRICS_FILE = "cloudwatch_metrics.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """The container's file system.

    Attributes:
        root: the folder that stands for `/`.
    """

    root: Path = Path("/")

    def at(self, path: str) -> Path:
        """Where an absolute path of the container is on this machine."""
        return self.root / path.lstrip("/")

    def inside(self, path: str, variable: str) -> Path:
        """The same for a path that the job was given, which must be one of the job's own.

        Args:
            path: absolute, as the container sees it.
            variable: who names it, for messages.

        Raises:
            SettingsError: it leads out of /opt/ml/processing, by itself or by a link.
        """
        found = self.at(path).resolve()
        if path.startswith("/") and found.is_relative_to(self.at(PROCESSING).resolve()):
            return self.at(path)
        raise SettingsError(
            "the path is outside of the job's folders",
            where=variable,
            expected=f"a path below {PROCESSING}",
            found=path,
            todo="Name a local path of one of the job's inputs or outputs",
        )

    def shown(self, text: str) -> str:
        """A text with the container's paths in place of this machine's."""
        return text if self.root == Path("/") else text.replace(str(self.root), "")
