"""drift.json: of each feature whether it differs beyond sampling, and beyond what days differ.

It is driftkit's own file: SageMaker Model Monitor judges no days.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from driftkit.formats.deployment.strict import (
    MEASURED,
    TEXT_OR_NULL,
    document_reader,
    moment_at,
    nullable,
    one_of,
    parts_of,
    version_of,
)
from driftkit.formats.fields import to_dict
from driftkit.formats.files import file_reader
from driftkit.formats.python_json import read_object

if TYPE_CHECKING:
    from datetime import datetime

NAME = "drift.json"
VERSION = "1.0"

Word = Literal["ordinary", "different", "unusual", "moved slowly", "too few rows", "not compared"]
Calibration = Literal["calibrated", "calibrated on few days", "uncalibrated"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Test:
    """What a family of tests says of a feature.

    Attributes:
        p_value: corrected for all tests of the feature, not for other features.
        kind: what the strongest test sees, such as shift or nulls.
        effect: how far the window is, in the unit of the kind: standard deviations of a shift, a
            difference of shares otherwise; None where there is nothing.
        windows: how many windows or days in a row it was found in, added up.
        significant: whether it stands at the false discovery rate over all features.
        largest: the largest effect of this kind among the reference's days.
    """

    p_value: float = field(metadata=MEASURED)
    kind: str
    effect: float | None = field(default=None, metadata=MEASURED)
    windows: int = 1
    significant: bool = False
    largest: float | None = field(default=None, metadata=MEASURED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What is said of a feature.

    Attributes:
        feature: its name.
        verdict: the word.
        alarm: whether somebody should look.
        fault: a plain fault that needs no calibration, such as values beyond the range.
        kind: what moved: that of the test on which the verdict stands; empty where nothing did.
        effect: how far, in the unit of the kind.
        since: the beginning of the first window in a row with this verdict or a stronger one;
            None where it is not known.
        windows: how many windows in a row that is.
        message: a sentence for people.
        days: blocks of the reference with enough rows of the feature.
        different: the tests against the baseline; None where they were not made.
        unusual: the tests against the reference's days; None where they were not made.
    """

    feature: str
    verdict: Word = field(metadata=one_of(Word))
    alarm: bool = False
    fault: str | None = field(default=None, metadata=TEXT_OR_NULL)
    kind: str = ""
    effect: float | None = field(default=None, metadata=MEASURED)
    since: datetime | None = field(default=None, metadata=moment_at(null=True))
    windows: int = 0
    message: str = ""
    days: int = 0
    different: Test | None = field(default=None, metadata=nullable(Test))
    unusual: Test | None = field(default=None, metadata=nullable(Test))


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """The content of the file.

    Attributes:
        calibration: whether days are known well enough to say that one is unusual.
        explanation: why, in words.
        alarm_on: which of both is an alarm, "unusual" or "different".
        unit: "day" or "hour", the length of a block of the reference; None without one.
        days: blocks of the reference.
        earlier_windows: that were added up with this one.
        features: in the order of the baseline.
    """

    version: str = field(default=VERSION, metadata=version_of(VERSION))
    calibration: Calibration = field(metadata=one_of(Calibration))
    explanation: str
    alarm_on: str
    unit: str | None = field(default=None, metadata=TEXT_OR_NULL)
    days: int = 0
    earlier_windows: int = 0
    features: tuple[Verdict, ...] = field(default=(), metadata=parts_of(Verdict))

    def to_dict(self) -> dict[str, Any]:
        """The content of the file."""
        return to_dict(self)


read = document_reader(Drift, NAME)
read_file = file_reader(read, read_object)
