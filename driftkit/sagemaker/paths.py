"""The file paths of a processing job."""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from driftkit.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator

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
class ContainerPaths:
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
            SettingsError: it leads out of /opt/ml/processing, by itself or by a link, or a link in
                it leads out of it.
        """
        found = _target(self.at(path))
        if path.startswith("/") and _is_below(found, self.at(PROCESSING).resolve()):
            self._refuse_links(self.at(path), variable)
            return self.at(path)
        raise SettingsError(
            "the path is outside of the job's folders",
            where=variable,
            expected=f"a path below {PROCESSING}",
            found=path,
            todo="Name a local path of one of the job's inputs or outputs",
        )

    def _refuse_links(self, folder: Path, variable: str) -> None:
        if not folder.is_dir():
            return
        whole = folder.resolve()
        for link in _links(folder):
            target = _target(link)
            if not _is_below(target, whole):
                raise SettingsError(
                    "a link leads out of the job's input",
                    where=f"{variable}, {self.shown(str(link))}",
                    expected=f"links to what is in {self.shown(str(folder))}",
                    found="a link in a circle" if target is None else self.shown(str(target)),
                    todo="Put the file itself there",
                )

    def shown(self, text: str) -> str:
        """A text with the container's paths in place of this machine's."""
        return text if self.root == Path("/") else text.replace(str(self.root), "")


def _links(folder: Path) -> Iterator[Path]:
    """All links in a folder and those below it; what they lead to is not looked through."""
    for above, folders, files in os.walk(folder):
        yield from (path for name in (*folders, *files) if (path := Path(above, name)).is_symlink())


def _target(path: Path) -> Path | None:
    """What a path leads to; None for links in a circle."""
    try:
        path.stat()
    except OSError as error:
        # Of circles, Path.resolve says nothing since Python 3.13.
        if error.errno == errno.ELOOP:
            return None
    return path.resolve()


def _is_below(target: Path | None, folder: Path) -> bool:
    return target is not None and target.is_relative_to(folder)
