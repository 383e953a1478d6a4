"""Settings of the verdicts of drift, and of whether drift matters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypedDict

from driftkit.errors import SettingsError
from driftkit.settings import checks
from driftkit.settings.declaring import Option, setting
from driftkit.settings.panels import JUDGING, KEEPING

AlarmOn = Literal["unusual", "different"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """When drift is an alarm, in the dialect textbook."""

    alarm_on: AlarmOn = setting(
        "unusual",
        checks.one_of(AlarmOn),
        "What is an alarm beside plain faults: a feature that is unusual among the days of the "
        "reference, or one that is different from the baseline beyond sampling.",
        Option(JUDGING),
    )
    reference_days: int = setting(
        60,
        checks.Whole(least=30, most=1000),
        "By how many of the last days without an alarm a window is judged, or of the last weeks, of hours "
        "24 times as many; by all of them where they are of a year or more.",
        Option(JUDGING, "N"),
    )
    calendar: str | None = setting(
        None,
        checks.text,
        "CSV of known causes of change, such as holidays: days in the first column, numbers or true "
        "and false in the others; what they explain is no alarm.",
        Option(JUDGING, "FILE"),
    )
    importance: str | None = setting(
        None,
        checks.text,
        "The analysis.json of a baseline of attributions, or its folder: alarms of features on which "
        "the model's predictions hang come first.",
        Option(JUDGING, "PATH"),
    )
    sources: Mapping[str, Sequence[str]] = setting(
        {},
        checks.groups,
        "A step upstream and the columns that come from it, for example billing=fee,tax_*, once for "
        "each step: where columns of one step alone changed, it is named.",
        Option(JUDGING, "STEP=COLUMN[,COLUMN]", name="--source"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    """The columns by which a data-quality baseline knows what drift does to a model."""

    prediction_column: str | None = setting(
        None,
        checks.text,
        "The column with the model's predictions: of drift it is told how far it is expected to move "
        "their mean. The baseline's rows are read twice.",
        Option(KEEPING, "COLUMN"),
    )
    label_column: str | None = setting(
        None,
        checks.text,
        "The column with what was true: the same is told of the mean squared error, or of the share of "
        "wrong classes; with --prediction-column.",
        Option(KEEPING, "COLUMN"),
    )

    def __post_init__(self) -> None:
        if self.label_column and not self.prediction_column:
            raise SettingsError(
                "there is a label_column, and no prediction_column",
                where="prediction_column, label_column",
                expected="both, or predictions alone",
                found=f"label_column {self.label_column}",
                todo="Name the column of predictions with --prediction-column, or leave the other out",
            )


class OutcomesKeywords(TypedDict, total=False):
    """What users may write for `Outcomes`."""

    prediction_column: str | None
    label_column: str | None


class DetectionKeywords(TypedDict, total=False):
    """What users may write for `Detection`."""

    alarm_on: AlarmOn
    reference_days: int
    calendar: str | None
    importance: str | None
    sources: Mapping[str, Sequence[str]] | Sequence[str] | None
