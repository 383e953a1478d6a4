"""`make detection`: alarms of real tables on ordinary days, and what is found of planted changes.

python -m tests.detection.real [--starts N] [--seed N] [--table NAME ...] [--flights-of-2001 PATH]
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
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
from tests.detection.tables import TABLES, flights_of_2001, there

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.detection.tables import Table

# No table may be in alarm in more of its ordinary windows.
_MOST = 0.05
_YEAR = 365


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints a line for each table and kind of reference; 1 if a promise is broken, else 0."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--starts", type=int, default=34, help="of 30 windows each")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--table", action="append", choices=tuple(TABLES))
    parser.add_argument("--flights-of-2001", type=Path, help="flights-3m.parquet of vega-datasets")
    asked = parser.parse_args(arguments)
    tables = [table for name in asked.table or TABLES if (table := there(name)) is not None]
    if asked.flights_of_2001 is not None:
        tables.append(flights_of_2001(asked.flights_of_2001))
    kept = [_told(table, asked.starts, asked.seed) for table in tables]
    return 0 if all(kept) else 1


def _told(table: Table, starts: int, seed: int) -> bool:
    modes: dict[str, Callable[[Table, np.random.Generator], Alarms]] = {
        "trailing 60": trailing_days,
        "fixed 60": fixed_days,
        "random 60": random_days,
    }
    if len(table.dates) > 2 * _YEAR:
        modes["fixed 365"] = lambda table, rng: fixed_days(table, rng, _YEAR)
    rng = np.random.default_rng(seed)
    kept = [_ordinary(table, name, mode, starts, rng) for name, mode in modes.items()]
    found = power(table, max(1, starts // 2), seed)
    _say(
        f"{table.name:>12}, +0.5 deviations in 8 days at the same rate of alarms: "
        f"{found.own:.0%} found (first day {found.first:.0%}), NannyML {found.peer:.0%}"
    )
    return all(kept)


def _ordinary(
    table: Table,
    name: str,
    mode: Callable[[Table, np.random.Generator], Alarms],
    starts: int,
    rng: np.random.Generator,
) -> bool:
    seen = [mode(table, rng) for _ in range(starts)]
    windows, alarms = sum(each.windows for each in seen), sum(each.alarms for each in seen)
    low, high = interval(seen, rng)
    rules = sum((each.peers for each in seen), Counter[str]())
    others = ", ".join(f"{rule} {count / windows:.0%}" for rule, count in rules.items())
    kinds = sum((each.kinds for each in seen), Counter[tuple[str, str]]()).most_common(2)
    told = ", ".join(f"{feature} {kind} {count}" for (feature, kind), count in kinds)
    _say(
        f"{table.name:>12}, {name}: {alarms / windows:.1%} ({low:.1%} to {high:.1%}) of {windows:,}"
        f" windows alarm [{told}]; {others}"
    )
    return alarms / windows <= _MOST


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
