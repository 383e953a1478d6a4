"""The settings of a run that counts rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from driftkit.settings import CommonKeywords, Settings, TimeUnit, checks
from driftkit.settings.declaring import Option, part, setting

COUNTING = "How rows are counted"


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeSettings:
    """How rows are read, counted and compared."""

    time_column: str = setting(
        "inferenceTime",
        checks.text,
        "The column with the times of rows; captured requests have one of their own.",
        Option(COUNTING, "COLUMN"),
    )
    time_unit: TimeUnit = setting(
        "hour", checks.one_of(TimeUnit), "Count the rows of each day or hour.", Option(COUNTING)
    )
    slack: float = setting(
        0.2,
        checks.SHARE,
        "How much fewer or more rows there may be than ever in the baseline, as a share.",
        Option(COUNTING, "SHARE"),
    )
    until: datetime | None = setting(
        None,
        checks.moment,
        "When the data ought to end (ISO 8601); without it, nobody asks how fresh they are.",
        Option(COUNTING, "TIME"),
    )
    run: Settings = part(Settings, "read", "window", "compute")


class VolumeKeywords(CommonKeywords, total=False):
    """What users may write for `VolumeSettings`."""

    time_column: str
    time_unit: TimeUnit
    slack: float
    until: datetime | str | None
