"""Says of each feature of a window whether it is ordinary, different or unusual."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.detection.memory import MEMORY
from driftkit.formats.drift import Drift, Verdict
from driftkit.monitors.data_quality.drift import wording
from driftkit.monitors.data_quality.drift.courses import surest, with_courses
from driftkit.monitors.data_quality.drift.faults import fault_of
from driftkit.monitors.data_quality.drift.hours import zone_verdict
from driftkit.monitors.data_quality.drift.judging import (
    differences,
    last_days,
    unusual_features,
)
from driftkit.monitors.data_quality.drift.reference import calibrated, reference_of
from driftkit.monitors.data_quality.drift.units import FEW_ROWS
from driftkit.monitors.data_quality.drift.windows import dated_blocks
from driftkit.results.verdicts import is_told

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from driftkit.formats.drift import Test
    from driftkit.monitors.data_quality.drift.judging import Days
    from driftkit.settings.detection import Detection
    from driftkit.states.cells.counted import Block, CellCounts

# From the baseline, in standard deviations and as a share, over so many blocks.
_SLOW_SHIFT, _SLOW_SHARE = 0.1, 0.05
_SLOW_KINDS = {
    "share of a category",
    "frequent value",
    "nulls",
    "shares",
    # So many rows are elsewhere at least.
    "distribution",
    "tails of the distribution",
}


def judge(
    baseline: CellCounts,
    window: CellCounts,
    earlier: Sequence[CellCounts],
    asked: Detection,
    not_compared: Collection[str] = (),
) -> Drift:
    """Judges every feature of a window.

    Args:
        baseline: what is normal: its blocks of time, or all of its rows as one block.
        window: on the baseline's cells; its last block is judged, those before it are earlier ones.
        earlier: windows before it, each with its blocks.
        asked: what is an alarm, and how long the reference is.
        not_compared: names of features that are not judged.
    """
    whole, now = baseline.together(), window.together()
    before = [each for each in earlier if _is_before(each, window)]
    memory = _memory(baseline, before, now)
    days = reference_of(baseline, before, window, asked)
    calibration, explanation = calibrated(days, baseline, window)
    judged = days is not None and calibration != "uncalibrated"
    unusual = _unusual(days if judged else None, baseline, before, window)
    known = days.known().sum(axis=1) if days is not None else np.zeros(len(window.grids), int)
    context = _Context(
        window=window,
        unit=baseline.unit or "day",
        past=[each.blocks[-1] for each in before],
        alarm_on=asked.alarm_on,
        slow=len(before) >= last_days() and judged,
    )
    pairs = zip(differences(whole, memory), unusual, strict=True)
    verdicts = [
        _with_fault(_verdict(context, index, pair, int(known[index])), whole, now, index)
        for index, pair in enumerate(pairs)
    ]
    verdicts += _of_times(context, baseline.blocks if days is None else days.known_blocks())
    return Drift(
        calibration=calibration,
        explanation=explanation,
        alarm_on=asked.alarm_on,
        unit=baseline.unit,
        days=int(days.reference.sum()) if days is not None else 0,
        earlier_windows=len(memory.blocks) - 1,
        features=tuple(
            _not_compared(each.feature) if each.feature in not_compared else each
            for each in verdicts
        ),
    )


def _unusual(
    days: Days | None, baseline: CellCounts, before: Sequence[CellCounts], window: CellCounts
) -> list[Test | None]:
    """Whether the window's last block is none of the reference's, and how far the others were."""
    if days is None:
        return [None] * len(window.grids)
    found = unusual_features(days)
    chosen = surest(found)
    if not chosen:
        return found
    some = window.on(tuple(window.grids[index] for index in chosen))
    counts, dated = dated_blocks(baseline, before, some)
    return with_courses(found, chosen, days, counts.only([index for _, index in dated]))


def _not_compared(feature: str) -> Verdict:
    return Verdict(feature=feature, verdict="not compared", message="is not compared")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Context:
    """What verdicts of all features have in common.

    Attributes:
        window: that is judged.
        unit: of the reference's blocks.
        past: the last block of each earlier window.
        alarm_on: "unusual" or "different".
        slow: whether enough is known to say that something moves slowly.
    """

    window: CellCounts
    unit: str
    past: Sequence[Block]
    alarm_on: str
    slow: bool


def _verdict(
    context: _Context, index: int, tests: tuple[Test | None, Test | None], days: int
) -> Verdict:
    different, unusual = tests
    name = context.window.grids[index].name
    bare = Verdict(
        feature=name, verdict="ordinary", days=days, different=different, unusual=unusual
    )
    if different is None:
        few = f"fewer than {FEW_ROWS} rows"
        return replace(bare, verdict="too few rows", message=few)
    if unusual is not None and unusual.significant:
        since, windows = _since(context, [name in each.unusual for each in context.past])
        message = wording.of_unusual(unusual, days, context.unit, windows)
        return _told(replace(bare, verdict="unusual", alarm=True), unusual, since, windows, message)
    if not different.significant:
        return replace(bare, message=wording.of_ordinary(context.window.grids[index]))
    since, windows = _since(
        context, [name in each.unusual or name in each.different for each in context.past]
    )
    if context.slow and unusual is not None and _is_far(different):
        message = wording.of_slow(different)
        return _told(replace(bare, verdict="moved slowly"), different, since, windows, message)
    message = wording.of_different(different, windows)
    alarm = context.alarm_on == "different"
    return _told(
        replace(bare, verdict="different", alarm=alarm), different, since, windows, message
    )


def _of_times(context: _Context, reference: Sequence[Block]) -> list[Verdict]:
    found = zone_verdict(reference, context.window)
    if found is None:
        return []
    since, windows = _since(context, [found.feature in each.different for each in context.past])
    return [replace(found, since=since, windows=windows)]


def _told(
    verdict: Verdict, test: Test, since: datetime | None, windows: int, message: str
) -> Verdict:
    return replace(
        verdict, kind=test.kind, effect=test.effect, since=since, windows=windows, message=message
    )


def _is_far(test: Test) -> bool:
    effect = abs(test.effect or 0.0)
    if test.kind == "shift":
        return effect >= _SLOW_SHIFT
    return test.kind in _SLOW_KINDS and effect >= _SLOW_SHARE


def _since(context: _Context, past: Sequence[bool]) -> tuple[datetime | None, int]:
    """The first of the windows in a row that were found so, and how many they are."""
    start, windows = context.window.blocks[-1].start, 1
    for block, found in zip(reversed(context.past), reversed(past), strict=True):
        if not found:
            break
        start, windows = block.start or start, windows + 1
    return start, windows


def _with_fault(verdict: Verdict, baseline: CellCounts, window: CellCounts, index: int) -> Verdict:
    """The verdict with a plain fault of the feature that its rows can tell of.

    It is an alarm by itself where nothing is known of days. Where they are known, an ordinary day
    may have it (the first frost lies beyond all that two months had), and the test of days decides.
    """
    found = None if verdict.verdict == "too few rows" else fault_of(baseline, window, index)
    if found is None:
        return verdict
    alarm = verdict.alarm or verdict.unusual is None
    said = wording.of_fault(found.kind, found.share)
    if is_told(verdict):
        again = verdict.verdict == "unusual" and verdict.kind == found.kind
        told = verdict.message if again else f"{verdict.message}; {said}"
        return replace(verdict, fault=found.kind, alarm=alarm, message=told)
    return replace(
        verdict,
        verdict="different",
        fault=found.kind,
        alarm=alarm,
        kind=found.kind,
        effect=found.share,
        since=window.blocks[-1].start,
        windows=1,
        message=said,
    )


def _is_before(earlier: CellCounts, window: CellCounts) -> bool:
    """Whether a window is not the one that is judged, or a later one."""
    first, last = window.blocks[0].start, earlier.blocks[-1].start if earlier.blocks else None
    return bool(earlier.blocks) and (first is None or last is None or last < first)


def _memory(baseline: CellCounts, before: Sequence[CellCounts], now: CellCounts) -> CellCounts:
    """Windows that are added up with this one: those since one was accepted.

    What one shows by itself was told, and would be told again for as long as it is remembered; so
    these features are left out of it.
    """
    accepted = [x.start for x in baseline.blocks if x.standing == "accepted" and x.start]
    kept = [
        each.on(now.grids).together().but(each.blocks[-1].alone)
        for each in before[1 - max(MEMORY) :]
        if not accepted or (each.blocks[-1].start or max(accepted)) > max(accepted)
    ]
    return kept[0].joined([*kept[1:], now]) if kept else now


def marked(window: CellCounts, drift: Drift) -> CellCounts:
    """The window's counts with what was found, for those that look back at it."""
    of_word = {
        word: tuple(each.feature for each in drift.features if each.verdict == word)
        for word in ("different", "moved slowly", "unusual")
    }
    alarmed = any(each.alarm for each in drift.features)
    last = replace(
        window.blocks[-1],
        standing="alarmed" if alarmed else "ordinary",
        different=(*of_word["different"], *of_word["moved slowly"]),
        unusual=of_word["unusual"],
        alone=tuple(each.feature for each in drift.features if _shows_by_itself(each)),
    )
    # The hours of all of its blocks were looked at together.
    of_times = tuple(name for name in last.different if name == window.by)
    first = (replace(each, different=of_times) for each in window.blocks[:-1])
    return replace(window, blocks=(*first, last))


def _shows_by_itself(verdict: Verdict) -> bool:
    tests = (verdict.different, verdict.unusual)
    found = any(each is not None and each.significant and each.windows == 1 for each in tests)
    return verdict.fault is not None or (found and verdict.verdict != "not compared")
