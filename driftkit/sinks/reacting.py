"""The state machine of alerts: what a run found and the events so far give the new events."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from driftkit.results.slices import slice_of
from driftkit.settings import SEVERITIES
from driftkit.sinks.alerts import (
    ACTIVE,
    BEGUN,
    NO_DATA,
    NO_RUN,
    OF_WINDOWS,
    TOLD,
    VIOLATED,
    Event,
    window_key,
)
from driftkit.sinks.observing import by_key, clearly_within, observe, storms

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from driftkit.results.facts import Facts
    from driftkit.sinks.alerts import Rules, State
    from driftkit.sinks.gaps import Ran
    from driftkit.sinks.observing import Going, Observed

_ID_DIGITS = 32


@dataclass(slots=True, kw_only=True)
class _Track:
    """What the events so far say of an alert.

    Attributes:
        seen: window -> the moment by which windows are in order, and whether it was violated.
        last: the last event.
        active: whether people think that it goes on.
        fired_in: the window in which it fired last.
        told: the last event that people were told of.
        reminders: since it fired.
    """

    seen: dict[str, tuple[datetime, bool]] = field(default_factory=dict)
    last: Event | None = None
    active: bool = False
    fired_in: str = ""
    told: Event | None = None
    reminders: int = 0

    def add(self, event: Event) -> None:
        if event.state == "resolved":
            # What was before it counts no more.
            self.seen.clear()
        self.seen[event.window] = (event.moment, event.state in VIOLATED)
        self.last = event
        if event.state in TOLD:
            self.told = event
        if event.state in BEGUN:
            self.fired_in, self.reminders = event.window, 0
        self.reminders += event.state == "renotified"
        if event.state in ACTIVE or event.state == "resolved":
            self.active = event.state in ACTIVE

    def until(self, moment: datetime) -> list[bool]:
        """Which of the windows up to a moment were violated, in their order."""
        ordered = sorted(self.seen.values(), key=lambda each: each[0])
        return [violated for when, violated in ordered if when <= moment]

    def may_fire(self, moment: datetime, among: int) -> bool:
        """Whether it was seen of late, and nobody silenced it."""
        quiet = self.last is None or self.last.state == "silenced"
        return not quiet and any(self.until(moment)[-among:])

    def with_window(self, window: str, moment: datetime, *, violated: bool) -> _Track:
        """The same as if a window had been found so."""
        return replace(self, seen={**self.seen, window: (moment, violated)})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Window:
    """The window that is looked at."""

    facts: Facts
    rules: Rules
    missing: Sequence[Ran] = ()

    @property
    def key(self) -> str:
        of = self.facts.subject
        return window_key(of.start, of.end, self.facts.run_id)

    @property
    def moment(self) -> datetime:
        return self.facts.subject.end or self.facts.evaluated_at


def react(
    facts: Facts, past: Iterable[Event], rules: Rules, missing: Sequence[Ran] = ()
) -> list[Event]:
    """The events that a run brings about, in the order of their fingerprints.

    A run that was reacted to brings about nothing when it is made again; one that supersedes
    another of the same window does where it comes to another verdict.

    Args:
        facts: what the run found.
        past: all events so far, in the order in which they came about; those of other models
            and monitors are left alone.
        rules: when alerts fire and resolve.
        missing: the windows that were expected by then and never run, in their order.
    """
    of = facts.subject
    own = [
        each
        for each in past
        if (each.model, each.variant, each.monitor) == (of.model, of.variant, facts.monitor)
    ]
    if any(each.run_id == facts.run_id for each in own):
        return []
    tracks = _tracks(own)
    window = _Window(facts=facts, rules=rules, missing=missing)
    observed = observe(facts, rules, missing, _going(window, tracks.values()))
    gone = _gone(facts, tracks, observed, rules)
    found = (
        _violated(window, tracks[name], observed[name])
        if name in observed
        else _clean(window, tracks[name], gone=gone[name])
        for name in sorted({*observed, *gone})
    )
    return [each for each in found if each is not None]


def _going(window: _Window, tracks: Iterable[_Track]) -> Going:
    """The last events of the alerts that people know of, and of those that may fire yet."""
    active, pending = [], []
    for each in tracks:
        if each.last is not None and each.active:
            active.append(each.last)
        elif each.last is not None and each.may_fire(window.moment, window.rules.among):
            pending.append(each.last)
    return active, pending


def active(past: Iterable[Event]) -> list[Event]:
    """The last event of each alert that goes on."""
    return [each.last for each in _tracks(past).values() if each.active and each.last is not None]


def _tracks(events: Iterable[Event]) -> defaultdict[str, _Track]:
    """What events say of each alert, by its fingerprint; of others, nothing yet."""
    tracks: defaultdict[str, _Track] = defaultdict(_Track)
    for each in events:
        tracks[each.fingerprint].add(each)
    return tracks


def _gone(
    facts: Facts,
    tracks: Mapping[str, _Track],
    observed: Mapping[str, Observed],
    rules: Rules,
) -> dict[str, bool]:
    """Known alerts that the window has not, and whether they are clearly gone.

    Of what was not measured, nothing is known: it is as it was.
    """
    skipped = {(each.check, each.feature) for each in facts.skipped}
    metrics = by_key(facts.metrics)
    found = {}
    for name, track in tracks.items():
        last = track.last
        if name in observed or last is None:
            continue
        check, feature = last.constraint_check_type, last.feature_name
        if check not in OF_WINDOWS and (
            facts.status in {"no_data", "not_measured"}
            or {(check, feature), (check, None)} & skipped
            or (storms(observed) and feature is not None)
        ):
            continue
        found[name] = clearly_within(last, metrics, rules.clear_below)
    return found


def _violated(window: _Window, track: _Track, observed: Observed) -> Event | None:
    """An alert in a window that has the violation."""
    facts, rules = window.facts, window.rules
    before = track.seen.get(window.key)
    if before is not None and before[1]:
        # The run supersedes another, with the same verdict.
        return None
    now = track.with_window(window.key, window.moment, violated=True)
    new = not track.active and not any(now.until(window.moment)[-rules.among : -1])
    first = facts.evaluated_at if new or track.last is None else track.last.first_seen
    times = 1 if new or track.last is None else track.last.windows + 1
    before_it = track.last.severity if track.active and track.last else "warning"
    # An alert that goes on does not become less serious: receivers know it by its severity.
    severity = max(before_it, observed.severity, key=SEVERITIES.index)
    news = (
        "more serious than before" if severity != before_it else _next_gap(window, track, observed)
    )
    state, note = _state(window, now, observed, news)
    segment = slice_of(observed.segment)
    return _event(
        facts,
        observed.fingerprint,
        state,
        slice_key=segment[0],
        slice_value=segment[1],
        feature_name=observed.feature,
        constraint_check_type=observed.check,
        first_seen=first,
        windows=times,
        severity=severity,
        note=note,
        metric_name=observed.metric,
        dimensions=observed.dimensions,
        expected=observed.expected,
        observed=observed.observed,
        cause=observed.cause,
        together=observed.together,
    )


def _next_gap(window: _Window, track: _Track, observed: Observed) -> str | None:
    """Says that windows are missing again after one that was run; None where that is no news yet."""
    told, at = track.told, window.facts.evaluated_at
    if observed.check != NO_RUN or told is None or at - told.at < window.rules.cooldown:
        return None
    ends = {each.start: each.end for each in window.missing}
    known = told.moment
    while told.window_start in ends and known in ends:
        known = ends[known]
    return "more windows are missing" if any(start >= known for start in ends) else None


def _state(
    window: _Window, track: _Track, observed: Observed, news: str | None
) -> tuple[State, str | None]:
    """The state of an alert in a window with the violation, and why.

    Args:
        window: the window.
        track: the alert, with it.
        observed: the violation.
        news: why people are told again of an alert that goes on.
    """
    rules, at = window.rules, window.facts.evaluated_at
    quiet = rules.silenced(observed.feature, observed.check, observed.fingerprint, at)
    since = None if track.told is None else at - track.told.at
    if track.active:
        if news and not quiet:
            return "renotified", news
        due = rules.remind_after and rules.remind_after * 2**track.reminders
        told = due is not None and since is not None and since >= due and not quiet
        return ("renotified" if told else "ongoing"), None
    critical = observed.severity == "critical"
    hits = sum(track.until(window.moment)[-rules.among :])
    if hits < rules.needed and not critical:
        return "pending", f"in {hits} of {rules.among} windows, fires at {rules.needed}"
    if quiet:
        return "silenced", None
    if since is not None and since < rules.cooldown and not critical:
        return "pending", f"resolved less than {rules.cooldown} ago"
    return ("no_data" if observed.check in OF_WINDOWS else "firing"), None


def _clean(window: _Window, track: _Track, *, gone: bool) -> Event | None:
    """An alert in a window that has not the violation."""
    last, rules = track.last, window.rules
    before = track.seen.get(window.key)
    if last is not None and last.constraint_check_type == NO_RUN:
        # Which window was run last does not matter.
        note = "they were run, or are not waited for any more"
        return _again(window, last, "resolved", note) if track.active else None
    if last is None or (before is not None and not before[1]):
        return None
    now = track.with_window(window.key, window.moment, violated=False)
    if not track.active:
        # What was pending is forgotten once none of the windows that count has it.
        known = any(now.until(window.moment)[-rules.among :])
        return _again(window, last, "clearing") if known else None
    if before is not None and track.fired_in == window.key:
        return _again(window, last, "resolved", note="the window was measured again")
    if not gone:
        return _again(window, last, "ongoing", note="not clearly within its threshold yet")
    enough = 1 if last.constraint_check_type == NO_DATA else rules.clear_after
    recent = [each for _, each in sorted(now.seen.values(), key=lambda each: each[0])][-enough:]
    cleared = len(recent) == enough and not any(recent)
    return _again(window, last, "resolved" if cleared else "clearing")


def _again(window: _Window, last: Event, state: State, note: str | None = None) -> Event:
    """The next event of a known alert, in a window without the violation."""
    kept = (
        "slice_key",
        "slice_value",
        "feature_name",
        "constraint_check_type",
        "first_seen",
        "windows",
        "severity",
        "metric_name",
        "dimensions",
        "expected",
        "observed",
        "cause",
        "together",
    )
    known = {name: getattr(last, name) for name in kept}
    return _event(window.facts, last.fingerprint, state, note=note, **known)


def _event(facts: Facts, fingerprint: str, state: State, **known: Any) -> Event:
    text = f"{fingerprint} {state} {facts.run_id}"
    of = facts.subject
    return Event(
        event_id=hashlib.sha256(text.encode()).hexdigest()[:_ID_DIGITS],
        fingerprint=fingerprint,
        state=state,
        at=facts.evaluated_at,
        run_id=facts.run_id,
        model=of.model,
        variant=of.variant,
        monitor=facts.monitor,
        window_start=of.start,
        window_end=of.end,
        report_uri=facts.report_uri,
        **known,
    )
