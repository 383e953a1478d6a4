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
    nullable,
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
class StepIds:
    """The ids of requests before and after a step.

    An id that stands more than once before or after is ambiguous: its rows are counted apart.

    Attributes:
        joined: ids that are before and after it.
        lost: ids that are before it only.
        appeared: ids that are after it only.
        repeated: ids that are ambiguous.
        repeated_before: rows of these before it.
        repeated_after: rows of these after it.
        without_id_before: rows before it that have no id.
        without_id_after: rows after it that have none.
        examples: some of the ambiguous ids.
    """

    joined: int
    lost: int
    appeared: int
    repeated: int = 0
    repeated_before: int = 0
    repeated_after: int = 0
    without_id_before: int = 0
    without_id_after: int = 0
    examples: tuple[str, ...] = field(default=(), metadata=TEXTS)

    @property
    def are_known(self) -> bool:
        """Whether there are ids before the step, and after it."""
        before, after = self.lost + self.repeated_before, self.appeared + self.repeated_after
        return bool(self.joined or (before and after))

    @property
    def lost_share(self) -> float | None:
        """Of the ids before the step that are not ambiguous; None without any.

        >>> StepIds(joined=90, lost=10, appeared=2).lost_share
        0.1
        """
        entered = self.joined + self.lost
        return self.lost / entered if entered else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What is between two points.

    Attributes:
        before: the point before it.
        after: the point after it.
        lost: share of the ids before it that are not after it; where ids are not known, by the numbers
            of rows, and then below 0 where it has made more.
        cause: whether its output drifted while its input did not.
        ids: what became of them; None where they are not known.
    """

    before: str
    after: str
    lost: float | None = field(default=None, metadata=NUMBER_OR_NULL)
    cause: bool
    ids: StepIds | None = field(default=None, metadata=nullable(StepIds))


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
