"""replay.json: which rules would have raised alarms in the past, and which planted faults they find."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from driftkit.formats.deployment.strict import (
    MEASURED,
    NUMBER_OR_NULL,
    SPAN_OR_NULL,
    document_reader,
    moment_at,
    parts_of,
    version_of,
)
from driftkit.formats.fields import to_dict
from driftkit.formats.files import file_reader
from driftkit.formats.python_json import read_object

if TYPE_CHECKING:
    from datetime import datetime

NAME = "replay.json"
VERSION = "1.0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """How a rule finds a fault that was planted.

    Attributes:
        fault: what was planted, such as shift.
        size: how much of it.
        features: how often it was planted: features times the days at which it began.
        share: of them that the rule found within the days that were tried; None without any.
        first_day: share that it found on the first of them.
        delay: the median of the days until it was found, 1 for the first; None if none was.
    """

    fault: str
    size: float
    features: int
    share: float | None = field(default=None, metadata=MEASURED)
    first_day: float | None = field(default=None, metadata=MEASURED)
    delay: float | None = field(default=None, metadata=MEASURED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What a rule would have done.

    Attributes:
        rule: unusual, different, units, or a method of comparison.
        threshold: from which the method's distance is an alarm; None of the first three.
        windows: in which at least one feature raises an alarm.
        features: alarms of features.
        rate: share of the windows.
        interval: of the rate, 95 % (Wilson), as if windows were independent.
        found: planted faults.
    """

    rule: str
    threshold: float | None = field(default=None, metadata=NUMBER_OR_NULL)
    windows: int
    features: int
    rate: float | None = field(default=None, metadata=MEASURED)
    interval: tuple[float, float] | None = field(default=None, metadata=SPAN_OR_NULL)
    found: tuple[Found, ...] = field(default=(), metadata=parts_of(Found))


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """An alarm that would have been raised.

    Attributes:
        start: the beginning of its window.
        rule: of it.
        threshold: of the rule.
        feature: that is told of.
        message: why, where the rule says it.
    """

    start: datetime = field(metadata=moment_at())
    rule: str
    threshold: float | None = field(default=None, metadata=NUMBER_OR_NULL)
    feature: str
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """The content of the file.

    Attributes:
        unit: "day", "hour" or "week", the length of a window.
        reference: how many windows were the reference of the first one that was judged.
        windows: how many were judged.
        features: how many features have cells.
        days: how many windows a planted fault lasts.
        rules: in the order in which they were asked for.
        alarms: in the order of time.
    """

    version: str = field(default=VERSION, metadata=version_of(VERSION))
    unit: str
    reference: int
    windows: int
    features: int
    days: int
    rules: tuple[Rule, ...] = field(default=(), metadata=parts_of(Rule))
    alarms: tuple[Alarm, ...] = field(default=(), metadata=parts_of(Alarm))

    def to_dict(self) -> dict[str, Any]:
        """The content of the file."""
        return to_dict(self)


read = document_reader(Replay, NAME)
read_file = file_reader(read, read_object)
