"""pipeline.json: where in an inference pipeline data began to differ from what is normal."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from driftkit.formats.deployment.strict import (
    NUMBER,
    NUMBER_OR_NULL,
    TEXT_OR_NULL,
    TEXTS,
    document_reader,
    parts_of,
    version_of,
)
from driftkit.formats.fields import to_dict
from driftkit.formats.files import file_reader
from driftkit.formats.python_json import read_object

NAME = "pipeline.json"
VERSION = "1.0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """The data at a point of the pipeline: what went in, what a step gave, what came out.

    Attributes:
        name: of the point.
        rows: that were seen there.
        drifted: whether any constraint of its baseline is broken.
        features: that broke one, in the order of the violations.
        checks: that found it, each once.
    """

    name: str
    rows: int
    drifted: bool
    features: tuple[str, ...] = field(default=(), metadata=TEXTS)
    checks: tuple[str, ...] = field(default=(), metadata=TEXTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What is between two points.

    Attributes:
        before: the point before it.
        after: the point after it.
        lost: share of the rows before it that are not after it; below 0 where it has made more.
        cause: whether its output drifted while its input did not.
    """

    before: str
    after: str
    lost: float | None = field(default=None, metadata=NUMBER_OR_NULL)
    cause: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerTime:
    """How long a container of the pipeline takes.

    Attributes:
        container: its name.
        mean: of ContainerLatency, in the unit of the export; CloudWatch's is microseconds.
        share: of the sum of the means of all containers.
    """

    container: str
    mean: float = field(metadata=NUMBER)
    share: float | None = field(default=None, metadata=NUMBER_OR_NULL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """The content of the file.

    Attributes:
        version: of the format.
        stages: in the order of the data's way.
        steps: between them, in the same order.
        first: the first step whose output drifted while its input did not; None without any.
        latencies: of the containers; empty where no metrics were given.
        notes: sentences for people.
    """

    version: str = field(default=VERSION, metadata=version_of(VERSION))
    stages: tuple[Stage, ...] = field(metadata=parts_of(Stage))
    steps: tuple[Step, ...] = field(metadata=parts_of(Step))
    first: str | None = field(default=None, metadata=TEXT_OR_NULL)
    latencies: tuple[ContainerTime, ...] = field(default=(), metadata=parts_of(ContainerTime))
    notes: tuple[str, ...] = field(default=(), metadata=TEXTS)

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of the file."""
        return to_dict(self)


read = document_reader(Pipeline, NAME)
read_file = file_reader(read, read_object)
