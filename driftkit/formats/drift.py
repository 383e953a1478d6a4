"""drift.json: of each feature whether it differs beyond sampling, and beyond what days differ.

It is driftkit's own file: SageMaker Model Monitor judges no days.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from driftkit.formats.deployment.strict import (
    MEASURED,
    NUMBER,
    NUMBERS_OR_NULL,
    TEXT_OR_NULL,
    TEXTS,
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
# Of wrong alarms among all of a window: a test is significant at a p-value of at most this.
RATE = 0.01
# Of more rows than this nothing is known, where nothing is expected of them.
_MOSTLY = 0.5

Word = Literal["ordinary", "different", "unusual", "moved slowly", "too few rows", "not compared"]
Calibration = Literal["calibrated", "calibrated on few days", "uncalibrated"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How far a feature was on each day, beside what ordinary days are.

    Attributes:
        blocks: the days or hours, the last one of which is judged.
        effects: of each, from the mean day of the reference.
        lower: the least of the reference's days.
        upper: the most of them.
    """

    blocks: tuple[str, ...] = field(metadata=TEXTS)
    effects: tuple[float, ...] = field(metadata=NUMBERS_OR_NULL)
    lower: float = field(metadata=NUMBER)
    upper: float = field(metadata=NUMBER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Test:
    """What a family of tests says of a feature.

    Attributes:
        p_value: corrected for all tests of the feature, not for other features.
        kind: what the strongest test sees, such as shift or nulls.
        effect: how far the window is, in the unit of the kind, such as standard deviations of a shift
            or a difference of shares; None where there is nothing.
        windows: how many windows or days in a row it was found in, added up.
        significant: whether it stands at the false discovery rate over all features.
        largest: the largest effect of this kind among the reference's days.
        course: the effect of this kind day by day, of the features that are surest not ordinary.
    """

    p_value: float = field(metadata=MEASURED)
    kind: str
    effect: float | None = field(default=None, metadata=MEASURED)
    windows: int = 1
    significant: bool = False
    largest: float | None = field(default=None, metadata=MEASURED)
    course: Course | None = field(default=None, metadata=nullable(Course))


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """What changed a feature.

    Attributes:
        kind: of the change, such as units, nulls or shift.
        message: a sentence for people.
        size: in the kind's own terms: the factor of units and spread, the offset of a shift, the grid
            of rounding, a number that is frozen, a default or of another share, hours of a time
            zone, else a share of the rows.
        moved: how far typical values went, in standard deviations.
        rows: share of the rows that are changed.
        fit: share of the difference that the change explains.
        about: units that are known to differ so, or the categories that moved most.
        segment: the only rows in which the feature changed; None where there is no such segment.
        onset: the block of the window with which the change began; None where it began before.
    """

    kind: str
    message: str
    size: float | None = field(default=None, metadata=MEASURED)
    moved: float | None = field(default=None, metadata=MEASURED)
    rows: float = field(default=0.0, metadata=NUMBER)
    fit: float | None = field(default=None, metadata=MEASURED)
    about: tuple[str, ...] = field(default=(), metadata=TEXTS)
    segment: str | None = field(default=None, metadata=TEXT_OR_NULL)
    onset: datetime | None = field(default=None, metadata=moment_at(null=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Features that changed together to all appearance.

    Attributes:
        features: that raise an alarm, the strongest first.
        kind: of the change.
        message: a sentence for people.
        because: why they are taken together; empty of a single one.
        importance: how much of the predictions hangs on the features times how far they went; None
            where it is not known.
        step: the only step upstream whose features changed so; empty where it is not known.
    """

    features: tuple[str, ...] = field(metadata=TEXTS)
    kind: str
    message: str
    because: str = ""
    importance: float | None = field(default=None, metadata=MEASURED)
    step: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact:
    """How far a feature's drift alone is expected to move what a model does.

    The other features are taken to go with it as they do in the baseline.

    Attributes:
        prediction: the move of the mean prediction; None where predictions are no numbers.
        prediction_error: its standard error.
        loss: the move of the mean loss; None without labels in the baseline.
        loss_error: its standard error.
        unknown: share of the rows with values that the baseline does not have: nothing is expected
            of them.
    """

    prediction: float | None = field(default=None, metadata=MEASURED)
    prediction_error: float | None = field(default=None, metadata=MEASURED)
    loss: float | None = field(default=None, metadata=MEASURED)
    loss_error: float | None = field(default=None, metadata=MEASURED)
    unknown: float = field(default=0.0, metadata=NUMBER)

    @property
    def is_known(self) -> bool:
        """Whether something is expected of most rows."""
        return self.unknown <= _MOSTLY


@dataclass(frozen=True, slots=True, kw_only=True)
class Predictions:
    """The predictions beside which an impact is read.

    Attributes:
        column: that has them.
        label: the column of what was true; None where there is none.
        mean: of the baseline; None where they are no numbers.
        move: of the window's mean from it; None where the window has none.
        move_error: its standard error.
        loss: the baseline's mean loss; None without labels.
    """

    column: str
    label: str | None = field(default=None, metadata=TEXT_OR_NULL)
    mean: float | None = field(default=None, metadata=MEASURED)
    move: float | None = field(default=None, metadata=MEASURED)
    move_error: float | None = field(default=None, metadata=MEASURED)
    loss: float | None = field(default=None, metadata=MEASURED)


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
        causes: what changed, those of most rows first; none of features that did not change.
        impact: what it is expected to move; None where the baseline does not know it.
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
    causes: tuple[Cause, ...] = field(default=(), metadata=parts_of(Cause))
    impact: Impact | None = field(default=None, metadata=nullable(Impact))


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """The content of the file.

    Attributes:
        calibration: whether days are known well enough to say that one is unusual.
        explanation: why, in words.
        alarm_on: which of both is an alarm, "unusual" or "different".
        unit: "day", "hour" or "week", the length of a block of the reference; None without one.
        days: blocks of the reference.
        earlier_windows: that were added up with this one.
        features: in the order of the baseline.
        stories: the alarms, those together that have one reason; what matters most first.
        predictions: of the model; None where the baseline does not know them.
    """

    version: str = field(default=VERSION, metadata=version_of(VERSION))
    calibration: Calibration = field(metadata=one_of(Calibration))
    explanation: str
    alarm_on: str
    unit: str | None = field(default=None, metadata=TEXT_OR_NULL)
    days: int = 0
    earlier_windows: int = 0
    features: tuple[Verdict, ...] = field(default=(), metadata=parts_of(Verdict))
    stories: tuple[Story, ...] = field(default=(), metadata=parts_of(Story))
    predictions: Predictions | None = field(default=None, metadata=nullable(Predictions))

    def to_dict(self) -> dict[str, Any]:
        """The content of the file."""
        return to_dict(self)


read = document_reader(Drift, NAME)
read_file = file_reader(read, read_object)
