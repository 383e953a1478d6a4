"""looks.json: the difference of each metric at each look of a deployment, from which charts are drawn."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from driftkit.formats.deployment.metrics import Better
from driftkit.formats.deployment.strict import (
    MEASURED,
    document_reader,
    moment_at,
    one_of,
    parts_of,
    version_of,
)
from driftkit.formats.fields import to_dict
from driftkit.formats.files import file_reader
from driftkit.formats.python_json import read_object

if TYPE_CHECKING:
    from datetime import datetime

NAME = "looks.json"
VERSION = "1.0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A metric at the end of a block. Numbers are None where not measurable.

    Attributes:
        at: the end of the block.
        difference: challenger minus champion, of all rows up to then.
        low: lower bound of the difference.
        high: its upper bound.
    """

    at: datetime = field(metadata=moment_at())
    difference: float | None = field(default=None, metadata=MEASURED)
    low: float | None = field(default=None, metadata=MEASURED)
    high: float | None = field(default=None, metadata=MEASURED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """The looks at one metric of a challenger.

    Attributes:
        arm: the challenger.
        metric: its name.
        better: the direction in which it is better.
        margin: by how much the challenger may be worse; None where it does not decide.
        decided: the look that decided; None while none has.
        looks: in the order of time.
    """

    arm: str
    metric: str
    better: Better = field(metadata=one_of(Better))
    margin: float | None = field(default=None, metadata=MEASURED)
    decided: datetime | None = field(default=None, metadata=moment_at(null=True))
    looks: tuple[Look, ...] = field(metadata=parts_of(Look))


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """The content of the file.

    Attributes:
        courses: of each challenger and metric; none where rows have no times.
    """

    version: str = field(default=VERSION, metadata=version_of(VERSION))
    courses: tuple[Course, ...] = field(default=(), metadata=parts_of(Course))

    def to_dict(self) -> dict[str, Any]:
        """The content of the file."""
        return to_dict(self)


read = document_reader(Looks, NAME)
read_file = file_reader(read, read_object)
