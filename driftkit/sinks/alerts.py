"""What an alert is: its events over the windows, and the rules by which it fires and resolves."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Literal

from driftkit.errors import SettingsError
from driftkit.settings import Severity  # noqa: TC001  (kept events are checked by it)

State = Literal[
    "pending", "firing", "ongoing", "renotified", "clearing", "resolved", "silenced", "no_data"
]
# States in which a window has the violation, and those in which people have been told of it.
VIOLATED: frozenset[State] = frozenset(
    {"pending", "firing", "ongoing", "renotified", "silenced", "no_data"}
)
TOLD: frozenset[State] = frozenset({"firing", "renotified", "resolved", "no_data"})
# By which an alert begins.
BEGUN: frozenset[State] = frozenset({"firing", "no_data"})
# States of an alert that goes on.
ACTIVE: frozenset[State] = frozenset({"firing", "ongoing", "renotified", "no_data"})

INPUT_CHANGED = "input_changed"
NO_DATA = "no_data"
NO_RUN = "no_run"
# Checks of windows in place of numbers.
OF_WINDOWS = frozenset({NO_DATA, NO_RUN})
_FOR = re.compile(r"\s*(\d+)\s*of\s*(\d+)\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What became of an alert in a window: a row of the table alert_events.

    Attributes:
        event_id: the same for the same alert, state and run.
        fingerprint: of the alert: 16 hexadecimal digits.
        state: pending: violated, not in enough windows yet; firing: from now on; ongoing: still,
            and nobody is told; renotified: still, and told again; clearing: not violated, for not
            enough windows yet; resolved; silenced: would fire, but is not to; no_data: the window
            had no rows, or windows never ran.
        at: when the run was evaluated.
        run_id: of the run that brought it about.
        model: that is monitored.
        variant: of its endpoint; empty where there is but one.
        monitor: whose violation it is.
        slice_key: name of the segment's column; None for all rows.
        slice_value: the segment.
        feature_name: the column it is about; None for all columns together.
        constraint_check_type: the check that failed.
        first_seen: when the violation was first seen.
        windows: in how many windows it was seen since.
        severity: warning, error or critical.
        notified_sinks: names of the sinks that took it.
        judged: whether people found it true or false.
        judged_by: who did.
        note: for people: why it is so.
        window_start: beginning of the window; None where rows have no times.
        window_end: its end.
        metric_name: that is violated; None for checks of no single number.
        dimensions: as the finding's, as JSON.
        expected: what the baseline demands.
        observed: what the window has instead.
        cause: a sentence that helps to find out why.
        report_uri: where the page is.
        together: the columns that changed alike and are told by this alert, a hundred at most; none
            where it tells of its own alone.
    """

    event_id: str
    fingerprint: str
    state: State
    at: datetime
    run_id: str
    model: str
    variant: str
    monitor: str
    slice_key: str | None = None
    slice_value: str | None = None
    feature_name: str | None = None
    constraint_check_type: str
    first_seen: datetime
    windows: int
    severity: Severity = "warning"
    notified_sinks: tuple[str, ...] = ()
    judged: str | None = None
    judged_by: str | None = None
    note: str | None = None
    window_start: datetime | None = None
    window_end: datetime | None = None
    metric_name: str | None = None
    dimensions: str = "{}"
    expected: str = ""
    observed: str = ""
    cause: str = ""
    report_uri: str | None = None
    together: tuple[str, ...] = ()

    @property
    def window(self) -> str:
        """What tells its window from others: its times, or the run where rows have no times."""
        return window_key(self.window_start, self.window_end, self.run_id)

    @property
    def moment(self) -> datetime:
        """By which windows are in order."""
        return self.window_end or self.at


def window_key(start: datetime | None, end: datetime | None, run_id: str) -> str:
    """What tells a window from others."""
    return f"{start and start.isoformat()}/{end.isoformat()}" if end else run_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """Alerts that are not to fire; patterns are the shell's: * and ?.

    Attributes:
        feature: pattern of names of columns.
        check: pattern of constraint_check_types.
        fingerprint: pattern of fingerprints.
        until: when it ends; None for never.
    """

    feature: str = "*"
    check: str = "*"
    fingerprint: str = "*"
    until: datetime | None = None

    def lasts(self, at: datetime) -> bool:
        """Whether it has not ended at a time."""
        return self.until is None or at < self.until

    def covers(self, feature: str | None, check: str, fingerprint: str, at: datetime) -> bool:
        """Whether it is of an alert, and has not ended at a time."""
        return self.lasts(at) and all(
            fnmatchcase(text, pattern)
            for text, pattern in (
                (feature or "", self.feature),
                (check, self.check),
                (fingerprint, self.fingerprint),
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """When alerts fire and resolve.

    Attributes:
        needed: windows that have the violation before it fires ...
        among: ... of so many last ones.
        clear_after: windows in a row without it before it is resolved.
        clear_below: how near to its threshold a number may stay and still count as gone: a share
            of the way from the baseline's value (0 where there is none) to the threshold.
        cooldown: how long an alert that was resolved does not fire again.
        remind_after: how long until people are told again of an alert that goes on, twice as
            long each time; None for never.
        storm: share of the columns above which one alert says that the input changed as a whole.
        storm_least: and how many columns that must be.
        critical: patterns of checks that fire in the first window.
        silences: what is not to fire.
    """

    needed: int = 2
    among: int = 3
    clear_after: int = 2
    clear_below: float = 0.8
    cooldown: timedelta = timedelta(hours=24)
    remind_after: timedelta | None = None
    storm: float = 0.3
    storm_least: int = 5
    critical: tuple[str, ...] = ()
    silences: tuple[Silence, ...] = ()

    def silenced(self, feature: str | None, check: str, fingerprint: str, at: datetime) -> bool:
        """Whether an alert is not to fire at a time."""
        return any(each.covers(feature, check, fingerprint, at) for each in self.silences)

    def __post_init__(self) -> None:
        for name, right, expected in (
            ("for", 1 <= self.needed <= self.among, "1 of 1, 2 of 3 or the like"),
            ("clear_after", self.clear_after >= 1, "1 or more windows"),
            ("clear_below", 0 < self.clear_below <= 1, "a share above 0, at most 1"),
            ("storm", 0 < self.storm <= 1, "a share above 0, at most 1"),
            ("storm_least", self.storm_least >= 1, "1 or more columns"),
        ):
            if not right:
                found = (self.needed, self.among) if name == "for" else getattr(self, name)
                raise SettingsError(
                    "this is no rule of alerts", where=name, expected=expected, found=str(found)
                )


def windows_of(text: str) -> tuple[int, int]:
    """How many windows of how many.

    >>> windows_of("2 of 3"), windows_of("1")
    ((2, 3), (1, 1))

    Raises:
        SettingsError: it says something else.
    """
    found = _FOR.fullmatch(f"{text} of {text}" if text.strip().isdigit() else text)
    if found is None:
        raise SettingsError(
            "this says not after how many windows an alert fires",
            expected="for example 2 of 3",
            found=repr(text),
        )
    return int(found[1]), int(found[2])
