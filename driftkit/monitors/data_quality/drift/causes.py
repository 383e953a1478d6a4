"""Says of each feature that differs what changed, in which rows, since when, with which others."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.causes import cause as mathematics
from driftkit.comparison.causes.categories import causes_of_categories
from driftkit.comparison.causes.numbers import causes_of_numbers
from driftkit.comparison.causes.samples import Categories, Numbers
from driftkit.comparison.causes.stories import Change, stories
from driftkit.formats.drift import Cause, Story
from driftkit.monitors.data_quality.checks.categories import listed_categories
from driftkit.monitors.data_quality.checks.cause_wording import (
    of_cause,
    of_step,
    of_story,
    with_rows,
)
from driftkit.monitors.data_quality.drift.faults import is_of_units, with_units
from driftkit.monitors.data_quality.drift.impacts import weight_of
from driftkit.monitors.data_quality.drift.where import Where
from driftkit.results.verdicts import is_told

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from driftkit.comparison.causes import stories as together
    from driftkit.comparison.causes.ordinary import Ordinary
    from driftkit.formats.drift import Drift, Verdict
    from driftkit.formats.statistics import FeatureStatistics, Statistics
    from driftkit.monitors.data_quality.drift.where import Part
    from driftkit.states.cells.counted import CellCounts
    from driftkit.states.partitions.partition import TableState
    from driftkit.states.states import States

# Features whose causes are looked for: those that differ most surely.
_MOST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """A baseline and a window, as far as they are known.

    Attributes:
        baseline: its statistics.
        window: its statistics.
        baseline_counts: by cell, block by block.
        window_counts: on the same cells.
        baseline_states: with its segments, where there are some.
        window_states: with the same segments.
        importance: feature -> how much of the predictions hangs on it, 0 to 1.
        upstream: feature -> the step that it comes from, where that is known.
    """

    baseline: Statistics
    window: Statistics
    baseline_counts: CellCounts
    window_counts: CellCounts
    baseline_states: States | None = None
    window_states: States | None = None
    importance: Mapping[str, float] = field(default_factory=dict)
    upstream: Mapping[str, str] = field(default_factory=dict)


def with_causes(drift: Drift, sides: Sides) -> Drift:
    """The verdicts with what changed each feature, and the alarms that have one reason together."""
    before = {each.name: each for each in sides.baseline.features}
    now = {each.name: each for each in sides.window.features}
    where = Where.of(
        (sides.baseline_counts, sides.window_counts), (sides.baseline_states, sides.window_states)
    )
    found: dict[str, tuple[Cause, ...]] = {}
    judged: list[Verdict] = []
    changes: list[Change] = []
    for told in _surest(drift):
        name = told.feature
        part = where.segment(name)
        of_part = _in_part(name, part, before.get(name)) if part else ()
        of_times = _zone(told)
        ordinary = where.ordinary(name)
        causes = (
            of_times
            or of_part
            or causes_of(before.get(name), now.get(name), ordinary)
            or where.hashed(name, sides.window_states)
            or _of_many_values(sides, name)
        )
        in_other_units = part is None and is_of_units(causes, ordinary)
        verdict = with_units(told) if in_other_units else told
        judged.append(verdict)
        if causes:
            segment, since = part.name if part else None, where.onset(name)
            found[name] = tuple(_told(each, segment, since) for each in causes)
            if verdict.alarm:
                weight = weight_of(verdict, sides.importance)
                changes += (_change(verdict, each, segment, since, weight) for each in causes)
    found_together = stories(changes, sides.upstream)
    for story in found_together:
        _say_step(story, found)
    known = {each.feature: each for each in judged}
    return replace(
        drift,
        features=tuple(
            replace(known.get(each.feature, each), causes=found.get(each.feature, ()))
            for each in drift.features
        ),
        stories=tuple(_story(each, found) for each in found_together),
    )


def _zone(verdict: Verdict) -> tuple[mathematics.Cause, ...]:
    """What changed the column of times, which has no distribution."""
    if verdict.kind != mathematics.Kind.TIME_ZONE:
        return ()
    return (mathematics.Cause(kind=mathematics.Kind.TIME_ZONE, size=verdict.effect, rows=1.0),)


def causes_of(
    before: FeatureStatistics | None,
    now: FeatureStatistics | None,
    ordinary: Ordinary | None = None,
) -> tuple[mathematics.Cause, ...]:
    """What changed a feature; nothing where the statistics do not say it.

    Args:
        before: of the baseline.
        now: of the window.
        ordinary: how far ordinary windows are from the baseline, where that is known.
    """
    usual, seen = _sample(before), _sample(now)
    if isinstance(usual, Numbers) and isinstance(seen, Categories) and not seen.present:
        # What has no values has no type.
        seen = Numbers.of([()], seen.missing)
    return _causes(usual, seen, ordinary)


def _causes(
    before: Numbers | Categories | None,
    now: Numbers | Categories | None,
    ordinary: Ordinary | None = None,
) -> tuple[mathematics.Cause, ...]:
    match before, now:
        case Numbers(), Numbers():
            return causes_of_numbers(before, now, ordinary)
        case Categories(), Categories():
            return causes_of_categories(before, now)
    return ()


def _of_many_values(sides: Sides, feature: str) -> tuple[mathematics.Cause, ...]:
    """What changed a feature of more values than statistics list, as far as states have them."""
    before, now = sides.baseline_states, sides.window_states
    if before is None or now is None:
        return ()
    usual, seen = (_sample_of_states([each.table], feature) for each in (before, now))
    return _causes(usual, seen) if isinstance(usual, Categories) else ()


def _in_part(
    feature: str, part: Part, whole: FeatureStatistics | None
) -> tuple[mathematics.Cause, ...]:
    """What changed in a segment, or in a variant beside all of the baseline; shares are of the window."""
    known = [table for table, _ in part.tables if table is not None]
    before = _sample_of_states(known, feature) if known else _sample(whole)
    found = _causes(before, _sample_of_states([table for _, table in part.tables], feature))
    return tuple(replace(each, rows=each.rows * part.share) for each in found)


def _sample_of_states(tables: Sequence[TableState], feature: str) -> Numbers | Categories | None:
    columns = [each for table in tables for each in table.columns if each.name == feature]
    missing = sum(each.presence.missing for each in columns)
    if all(each.inferred.is_numeric or not each.presence.present for each in columns):
        sketches = (each.sketch.levels for each in columns)
        levels = zip_longest(*sketches, fillvalue=np.zeros(0))
        return Numbers.of([np.concatenate(level).tolist() for level in levels], missing)
    if any(each.frequencies.overflowed or each.inferred.is_numeric for each in columns):
        return None
    counts = sum((Counter(each.frequencies.counts) for each in columns), Counter[str]())
    return Categories(counts=counts, missing=missing)


def _sample(feature: FeatureStatistics | None) -> Numbers | Categories | None:
    if feature is None:
        return None
    numbers, text = feature.numerical, feature.string
    if numbers is not None:
        known = any(feature.levels) or not numbers.num_present
        return Numbers.of(feature.levels or ((),), numbers.num_missing) if known else None
    if text is None:
        return None
    counts = listed_categories(feature) if text.num_present else {}
    if counts is None:
        return None
    complete = sum(counts.values()) >= text.num_present
    return Categories(counts=counts, missing=text.num_missing, complete=complete)


def _surest(drift: Drift) -> list[Verdict]:
    """The features that changed, alarms first, then by how sure that is."""
    changed = filter(is_told, drift.features)
    return sorted(changed, key=lambda each: (not each.alarm, _p_value(each)))[:_MOST]


def _p_value(verdict: Verdict) -> float:
    tests = (verdict.different, verdict.unusual)
    return min((each.p_value for each in tests if each is not None), default=1.0)


def _told(cause: mathematics.Cause, segment: str | None, since: datetime | None) -> Cause:
    moment = f"{since:%Y-%m-%d %H:%M}" if since else None
    return Cause(
        kind=str(cause.kind),
        message=with_rows(of_cause(cause), segment, moment, cause.fit),
        size=cause.size,
        moved=cause.moved,
        rows=cause.rows,
        fit=cause.fit,
        about=cause.about,
        segment=segment,
        onset=since,
    )


def _change(
    verdict: Verdict,
    cause: mathematics.Cause,
    segment: str | None,
    since: datetime | None,
    known: tuple[float | None, float | None],
) -> Change:
    return Change(
        feature=verdict.feature,
        cause=cause,
        p_value=_p_value(verdict),
        segment=segment or "",
        onset=since.isoformat() if since else "",
        windows=verdict.windows,
        importance=known[0],
        impact=known[1],
    )


def _say_step(story: together.Story, found: dict[str, tuple[Cause, ...]]) -> None:
    """Adds to the causes of a story's features the step that they come from, where one alone changed."""
    for name in story.features if story.step else ():
        found[name] = tuple(
            replace(each, message=of_step(each.message, story.step))
            if each.kind == story.first.cause.kind
            else each
            for each in found[name]
        )


def _story(story: together.Story, causes: Mapping[str, tuple[Cause, ...]]) -> Story:
    kind, first = str(story.first.cause.kind), story.first.feature
    message = next(each.message for each in causes[first] if each.kind == kind)
    return Story(
        features=story.features,
        kind=kind,
        message=of_story(story.features, message, story.because),
        because=story.because,
        importance=story.importance,
        step=story.step,
    )
