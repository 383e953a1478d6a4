"""How often ordinary days of real tables raise an alarm: of driftkit and of other tools' rules."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.detection.calibration import unusual
from driftkit.comparison.detection.cells import Cells
from driftkit.comparison.detection.day_scores import categorical_scores, numeric_scores
from driftkit.comparison.detection.expectation import POOLS
from driftkit.comparison.detection.false_discoveries import benjamini_hochberg
from driftkit.monitors.data_quality.drift.units import UNITS
from tests.detection import peers
from tests.detection.counting import counted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftkit.comparison.arrays import Integers, Truths
    from driftkit.comparison.detection.evidence import Strongest
    from tests.detection.counting import Counted
    from tests.detection.tables import Table

RATE = 0.01
DAYS = 60
TESTED = 30


@dataclass(slots=True)
class Alarms:
    """Windows that were judged from one starting day, and those with an alarm.

    Attributes:
        windows: how many were judged.
        alarms: in how many any feature was unusual.
        peers: the same by rule of other tools.
        kinds: what was unusual, by feature and kind.
    """

    windows: int = 0
    alarms: int = 0
    peers: Counter[str] = field(default_factory=Counter)
    kinds: Counter[tuple[str, str]] = field(default_factory=Counter)


def judged(
    days: Counted, chosen: Integers, kept: Truths, pools: Mapping[int, float] = POOLS
) -> list[Strongest]:
    """The last of some days, numbers and then categories.

    Args:
        days: all of them.
        chosen: indices of those that are looked at; the last one is judged.
        kept: which of the chosen are the reference, of all features or of each.
        pools: how many of the last days are pooled.
    """
    dates = days.dates[chosen]
    calendar = replace(UNITS[days.unit].calendar(dates), pools=pools)
    found = []
    every = np.broadcast_to(kept, (len(days.names), len(chosen)))
    for cells in filter(None, (days.numbers, days.categories)):
        some = Cells.of(cells.counts[:, chosen], cells.missing[:, chosen])
        first = 0 if cells is days.numbers else len(days.names) - len(some.missing)
        reference = every[first : first + len(some.missing)]
        scores = (
            numeric_scores(some, reference, days.atoms, far=days.far)
            if cells is days.numbers
            else categorical_scores(some, reference)
        )
        found.append(unusual(scores, dates, reference, calendar=calendar))
    return found


def compared(days: Counted, kept: Integers, last: int) -> list[peers.Peers]:
    """What other tools say of a day, numbers and then categories.

    Args:
        days: all of them.
        kept: indices of the reference.
        last: index of the day.
    """
    found = [peers.of_numbers(days.numbers.counts[:, last], days.numbers.counts[:, kept])]
    if days.categories is not None:
        counts = days.categories.counts
        found.append(peers.of_categories(counts[:, last], counts[:, kept]))
    return found


def random_days(table: Table, rng: np.random.Generator) -> Alarms:
    """Half of 120 days, drawn, are the reference of the other half."""
    count = min(2 * DAYS, len(table.dates))
    start = int(rng.integers(0, len(table.dates) - count + 1))
    block = slice(start, start + count)
    days, order, seen = counted(table, block, block), rng.permutation(count), Alarms()
    kept = np.sort(order[: count // 2])
    for last in np.sort(order[count // 2 :])[:TESTED].tolist():
        _look(seen, days, np.append(kept, last), kept, {1: 1.0})
        _count(seen, compared(days, kept, last))
    return seen


def fixed_days(
    table: Table,
    rng: np.random.Generator,
    length: int = DAYS,
    tested: int = TESTED,
    step: int = 1,
) -> Alarms:
    """Days in a row are the reference of those that follow, all or some of them."""
    start = int(rng.integers(0, len(table.dates) - length - tested + 1))
    base, block = slice(start, start + length), slice(start, start + length + tested)
    days, kept, seen = counted(table, base, block), np.arange(length), Alarms()
    for last in range(length, length + tested, step):
        _look(seen, days, np.arange(last + 1), kept, POOLS)
        if step == 1:
            _count(seen, compared(days, kept, last))
    return seen


def trailing_days(
    table: Table,
    rng: np.random.Generator,
    length: int = DAYS,
    tested: int = TESTED,
    most: int = DAYS,
) -> Alarms:
    """The last days without an alarm, so many at most, are the reference of the next one.

    Days after the first ones join when they are no longer judged together with it.
    """
    start = int(rng.integers(0, len(table.dates) - length - tested + 1))
    base, block = slice(start, start + length), slice(start, start + length + tested)
    days, ordinary, seen = counted(table, base, block), list(range(length)), Alarms()
    for last in range(length, length + tested):
        kept = np.array([day for day in ordinary if joined(days.unit, day, last, length)][-most:])
        if not _look(seen, days, np.arange(kept[0], last + 1), kept, POOLS):
            ordinary.append(last)
    return seen


def joined(unit: str, day: int, last: int, length: int) -> bool:
    """Whether a day is of the reference, or after it and not judged together with the last one."""
    return UNITS[unit].joins_at_once or day < length or last - day >= max(POOLS)


def _look(
    seen: Alarms, days: Counted, chosen: Integers, kept: Integers, pools: Mapping[int, float]
) -> bool:
    """Judges a day, notes it, and says whether any feature was unusual."""
    found = judged(days, chosen, np.isin(chosen, kept), pools)
    hits = benjamini_hochberg(np.concatenate([each.p for each in found]), RATE)
    kinds = [kind for each in found for kind in each.kind]
    seen.windows += 1
    seen.alarms += bool(hits.any())
    seen.kinds.update((days.names[index], kinds[index]) for index in np.flatnonzero(hits).tolist())
    return bool(hits.any())


def _count(seen: Alarms, found: list[peers.Peers]) -> None:
    seen.peers.update(name for name, alarm in peers.alarms(found).items() if alarm)


def interval(starts: list[Alarms], rng: np.random.Generator) -> tuple[float, float]:
    """95 % of the share of windows with an alarm, by drawing starting days again.

    Windows of the same starting day are not independent; starting days are nearly so.
    """
    windows, alarms = (
        np.array([getattr(each, name) for each in starts]) for name in ("windows", "alarms")
    )
    drawn = rng.integers(0, len(starts), (2_000, len(starts)))
    shares = alarms[drawn].sum(axis=1) / windows[drawn].sum(axis=1)
    low, high = np.quantile(shares, [0.025, 0.975]).tolist()
    return low, high
