"""Replays kept counts: which rules would have raised alarms, and which planted faults they find."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from statistics import median
from typing import TYPE_CHECKING, cast

import numpy as np

from driftkit.comparison.causes.numbers import causes_of_numbers
from driftkit.comparison.causes.samples import Numbers
from driftkit.comparison.detection.faults import OF_CATEGORIES, OF_NUMBERS
from driftkit.comparison.detection.planting import multiplied, planted
from driftkit.comparison.distances import CATEGORICAL, NUMERICAL
from driftkit.comparison.quality_intervals import wilson
from driftkit.formats.drift import RATE
from driftkit.formats.replay import Alarm, Found, Replay, Rule
from driftkit.monitors.data_quality.drift.faults import is_of_units, with_units
from driftkit.monitors.data_quality.drift.verdicts import judge, marked
from driftkit.monitors.data_quality.drift.where import ordinary_of
from driftkit.results.verdicts import is_told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from driftkit.comparison.causes.ordinary import Ordinary
    from driftkit.comparison.detection.faults import Fault
    from driftkit.formats.drift import Drift, Test
    from driftkit.monitors.data_quality.drift.replay_settings import ReplaySettings
    from driftkit.native.arrays import Integers
    from driftkit.settings.detection import Detection
    from driftkit.states.cells.counted import CellCounts
    from driftkit.states.cells.grids import Grid

UNUSUAL, DIFFERENT, UNITS = "unusual", "different", "units"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is replayed.

    Attributes:
        known: all blocks, in the order of time.
        reference: how many of the first ones are the reference of the first that is judged.
        asked: which rules are tried, and which faults are planted.
        detection: how the monitor judges.
    """

    known: CellCounts
    reference: int
    asked: ReplaySettings
    detection: Detection

    @cached_property
    def baseline(self) -> CellCounts:
        """The reference of the first window, which all others are compared with too."""
        return self.known.only(list(range(self.reference)))

    @cached_property
    def whole(self) -> CellCounts:
        """The same in one block."""
        return self.baseline.together()

    @cached_property
    def ordinary(self) -> list[Ordinary | None]:
        """How far days of the reference are from all of it, feature by feature."""
        pairs = zip(self.known.grids, self.baseline.counts, strict=True)
        return [ordinary_of(grid, counts) for grid, counts in pairs]

    def in_other_units(self, index: int, now: Numbers) -> bool:
        """Whether all numbers of a window are in another unit than those of the reference."""
        edges, usual = self.known.grids[index].edges, self.ordinary[index]
        before = Numbers.of_cells(edges, self.whole.counts[index][0])
        return is_of_units(causes_of_numbers(before, now, usual), usual)


@dataclass(slots=True)
class _Hits:
    """Where a rule raised alarms, and when it found what was planted."""

    alarms: list[tuple[int, str, str]] = field(default_factory=list)
    first: dict[tuple[str, float], list[int | None]] = field(default_factory=dict)


def replay(plan: Plan, progress: Callable[[int, int], None]) -> Replay:
    """What each rule would have done.

    A planted fault is in all features at once, and found in each as if it were in this one alone:
    at a p-value of the rate divided by the features.

    Args:
        plan: what is replayed.
        progress: called with what is done and all there is to do.
    """
    blocks = len(plan.known.blocks)
    judged = range(plan.reference, blocks)
    starts = _onsets(plan, blocks)
    todo = len(judged) + len(plan.asked.plant) * len(starts) * plan.asked.days
    rules = _rules(plan)
    hits = {rule: _Hits() for rule in rules}
    earlier: list[CellCounts] = []
    for done, at in enumerate(judged):
        window = plan.known.only([at])
        drift, values = _looked_at(plan, _Window(counts=window, values=window), earlier)
        for rule in rules:
            for name, message in _alarms(rule, values):
                hits[rule].alarms.append((at, name, message))
        earlier.append(marked(window, drift))
        progress(done + 1, todo)
    done = len(judged)
    for fault, size in plan.asked.plant.items():
        for start in starts:
            before = earlier[: start - plan.reference]
            for rule, found in _planted(plan, (fault, size), start, before).items():
                hits[rule].first.setdefault((fault, size), []).extend(found)
            done += plan.asked.days
            progress(done, todo)
    return _report(plan, hits, judged)


RuleName = tuple[str, "float | None"]


def _rules(plan: Plan) -> list[RuleName]:
    methods = [(name, each) for name, some in plan.asked.rules.items() for each in some]
    return [(UNUSUAL, None), (DIFFERENT, None), (UNITS, None), *methods]


def _onsets(plan: Plan, blocks: int) -> list[int]:
    last = blocks - plan.asked.days
    if last < plan.reference or not plan.asked.plant:
        return []
    return sorted({*np.linspace(plan.reference, last, plan.asked.onsets).astype(int).tolist()})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Window:
    """A window of the history, perhaps with a fault.

    Attributes:
        counts: of all features.
        values: the same as they were before their numbers were multiplied.
        factor: by which they were.
    """

    counts: CellCounts
    values: CellCounts
    factor: float = 1.0

    def numbers(self, index: int) -> Numbers:
        """Those of a feature, about; also where they are beyond all cells."""
        edges, rows = self.counts.grids[index].edges, self.values.counts[index][0]
        return Numbers.of_cells(edges, rows).changed(self.factor, 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Values:
    """What all rules say of a window.

    Attributes:
        names: of the features.
        tests: rule -> its test of each feature.
        units: of each feature, whether its numbers are in another unit.
        distances: method -> the distance of each feature; None where it has none.
        messages: of each feature, what its verdict says.
    """

    names: Sequence[str]
    tests: Mapping[str, Sequence[Test | None]]
    units: Sequence[bool]
    distances: Mapping[str, Sequence[float | None]]
    messages: Sequence[str]

    def found(self, rule: RuleName, index: int) -> bool:
        """Whether a rule finds a feature, as if it were the only one that moved."""
        name, threshold = rule
        if name == UNITS:
            # Causes are looked for where a test tells of something.
            return self.units[index] and any(self.found((each, None), index) for each in self.tests)
        if threshold is None:
            test = self.tests[name][index]
            return test is not None and test.p_value <= RATE / max(len(self.names), 1)
        value = self.distances[name][index]
        return value is not None and value > threshold


def _looked_at(plan: Plan, window: _Window, earlier: Sequence[CellCounts]) -> tuple[Drift, _Values]:
    drift = judge(plan.baseline, window.counts, earlier, plan.detection)
    # The column of times has no cells, and is told of last.
    grids, cut = plan.known.grids, len(plan.known.grids)
    units = [
        grid.is_numeric and is_told(each) and plan.in_other_units(index, window.numbers(index))
        for index, (grid, each) in enumerate(zip(grids, drift.features[:cut], strict=True))
    ]
    features = [
        with_units(each) if in_others else each
        for each, in_others in zip(drift.features[:cut], units, strict=True)
    ]
    return replace(drift, features=(*features, *drift.features[cut:])), _Values(
        names=[each.feature for each in features],
        tests={
            UNUSUAL: [each.unusual for each in features],
            DIFFERENT: [each.different for each in features],
        },
        units=units,
        distances={
            method: list(_distances(method, window.counts, plan.whole))
            for method in plan.asked.rules
        },
        messages=[each.message for each in features],
    )


def _alarms(rule: RuleName, values: _Values) -> Iterator[tuple[str, str]]:
    name, threshold = rule
    for index, feature in enumerate(values.names):
        if threshold is not None:
            if values.found(rule, index):
                yield feature, ""
            continue
        test = None if name == UNITS else values.tests[name][index]
        if values.units[index] if name == UNITS else test is not None and test.significant:
            yield feature, values.messages[index]


def _planted(
    plan: Plan, fault: tuple[str, float], start: int, earlier: Sequence[CellCounts]
) -> dict[RuleName, list[int | None]]:
    """For each rule and feature the day on which it found the fault, 1 for the first."""
    rng = np.random.default_rng([plan.asked.seed, start])
    asked = [
        index
        for index, grid in enumerate(plan.known.grids)
        if fault[0] in (OF_NUMBERS if grid.is_numeric else OF_CATEGORIES)
    ]
    first: dict[RuleName, list[int | None]] = {rule: [None] * len(asked) for rule in _rules(plan)}
    past = list(earlier)
    for day in range(1, plan.asked.days + 1):
        window = _with_fault(plan.known.only([start + day - 1]), plan.whole, fault, rng)
        _, values = _looked_at(plan, window, past)
        for rule, found in first.items():
            for row, index in enumerate(asked):
                if found[row] is None and values.found(rule, index):
                    found[row] = day
        # As if no other feature had raised an alarm: who was not found joins the reference.
        past.append(window.counts)
    return first


def _with_fault(
    window: CellCounts, whole: CellCounts, fault: tuple[str, float], rng: np.random.Generator
) -> _Window:
    kind, size = cast("Fault", fault[0]), fault[1]
    counts, missing = [], window.missing.copy()
    for index, grid in enumerate(window.grids):
        kinds = OF_NUMBERS if grid.is_numeric else OF_CATEGORIES
        if kind not in kinds:
            counts.append(window.counts[index])
            continue
        rows = window.counts[index][0].astype(np.int64)
        if kind == "factor":
            counts.append(multiplied(rows, grid.edges, size)[None])
            continue
        found, lost = planted(rows, whole.counts[index][0], kind, size, rng)
        counts.append(found[None])
        missing[index, 0] += lost
    changed = replace(window, counts=tuple(counts), missing=missing)
    if kind == "factor":
        return _Window(counts=changed, values=window, factor=size)
    return _Window(counts=changed, values=changed)


def _distances(method: str, window: CellCounts, whole: CellCounts) -> Iterator[float | None]:
    for index, grid in enumerate(window.grids):
        now, before = window.counts[index][0], whole.counts[index][0]
        yield _distance(method, grid, now, before) if now.sum() and before.sum() else None


def _distance(method: str, grid: Grid, now: Integers, before: Integers) -> float | None:
    if grid.is_numeric:
        numbers = NUMERICAL[method].numbers if method in NUMERICAL else None
        if numbers is None:
            return None
        return numbers(*(Numbers.of_cells(grid.edges, x).distribution for x in (now, before)))
    categories = CATEGORICAL[method].categories if method in CATEGORICAL else None
    if categories is None:
        return None
    return categories(
        *({str(i): int(n) for i, n in enumerate(each) if n} for each in (now, before))
    )


def _report(plan: Plan, hits: Mapping[RuleName, _Hits], judged: Sequence[int]) -> Replay:
    rules = [_rule(rule, found, len(judged)) for rule, found in hits.items()]
    told = sorted(
        (at, order, name, message, rule)
        for order, (rule, found) in enumerate(hits.items())
        for at, name, message in found.alarms
    )
    alarms = []
    for at, _, name, message, (rule, threshold) in told:
        start = plan.known.blocks[at].start
        if start is not None:
            alarms.append(
                Alarm(start=start, rule=rule, threshold=threshold, feature=name, message=message)
            )
    return Replay(
        unit=plan.known.unit or "day",
        reference=plan.reference,
        windows=len(judged),
        features=len(plan.known.grids),
        days=plan.asked.days,
        rules=tuple(rules),
        alarms=tuple(alarms),
    )


def _rule(rule: RuleName, hits: _Hits, judged: int) -> Rule:
    windows = len({at for at, _, _ in hits.alarms})
    return Rule(
        rule=rule[0],
        threshold=rule[1],
        windows=windows,
        features=len(hits.alarms),
        rate=windows / judged if judged else None,
        interval=_interval(windows, judged),
        found=tuple(_found(fault, days) for fault, days in hits.first.items()),
    )


def _interval(windows: int, judged: int) -> tuple[float, float] | None:
    found = wilson(windows, judged)
    return (found.low, found.high) if found else None


def _found(fault: tuple[str, float], days: Sequence[int | None]) -> Found:
    known = [each for each in days if each is not None]
    return Found(
        fault=fault[0],
        size=fault[1],
        features=len(days),
        share=len(known) / len(days) if days else None,
        first_day=sum(each == 1 for each in known) / len(days) if days else None,
        delay=float(median(known)) if known else None,
    )
