"""`make detection`: how often the monitor itself raises an alarm of drift where there is none.

python -m tests.detection.monitored [--starts N] [--windows N] [--planted N] [--seed N] [--table NAME ...]

The other figures are of the tests of drift by themselves. These are of all that
`driftkit.data_quality.monitor` raises an alarm of in drift.json, plain faults included; and of days on
which all values of a feature are in another unit, how many are found, and by which check.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

import driftkit
from tests.detection.tables import TABLES, there

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftkit.comparison.arrays import Integers
    from driftkit.monitors.data_quality.monitor import MonitoringResult
    from tests.detection.tables import Table

_MOST_ON_DAYS, _MOST_OF_SAMPLES = 0.05, 0.02
_REFERENCE, _JUDGED = 60, 30
_BASELINE, _REDRAWN = 20_000, 50
_SIZES = (100, 1_000)
_FACTORS = (10.0, 60.0, 1_000.0, 0.001)


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints a line for each table and size; 1 if a promise is broken, else 0."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--starts", type=int, default=10, help="of 30 windows each")
    parser.add_argument("--windows", type=int, default=200, help="of each size")
    parser.add_argument(
        "--planted", type=int, default=3, help="days in another unit, of each table"
    )
    parser.add_argument("--features", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--table", action="append", choices=tuple(TABLES))
    asked = parser.parse_args(arguments)
    rng = np.random.default_rng(asked.seed)
    kept = [_samples(rows, asked.windows, asked.features, rng) for rows in _SIZES]
    for name in asked.table or TABLES:
        table = there(name)
        if table is not None:
            kept += [_days(table, asked.starts, rng, history=is_kept) for is_kept in (True, False)]
            _in_other_units(table, asked.planted, rng)
    return 0 if all(kept) else 1


def _samples(rows: int, windows: int, features: int, rng: np.random.Generator) -> bool:
    alarms = 0
    for number in range(windows):
        if number % _REDRAWN == 0:
            normal = driftkit.data_quality.baseline(_population(_BASELINE, features, rng))
        window = _population(rows, features, rng)
        result = driftkit.data_quality.monitor(window, normal, alarm_on="different")
        alarms += bool(_alarms(result))
    share = alarms / windows
    _say(
        f"{rows:>9,} rows of {features} features: {share:.1%} of {windows} windows have an alarm of "
        "different or a plain fault"
    )
    return share <= _MOST_OF_SAMPLES


def _population(rows: int, features: int, rng: np.random.Generator) -> pd.DataFrame:
    """Numbers, a third of them with a frequent value, and categories, half of them mostly rare."""
    found = {}
    for index in range(features):
        kind = index % 5
        if kind < 3:
            numbers = rng.normal(size=rows)
            found[f"n{index}"] = np.where(rng.random(rows) < 0.3, 0.0, numbers) if kind else numbers
        elif kind == 3:
            found[f"c{index}"] = rng.choice(list("abcdefgh"), rows)
        else:
            found[f"z{index}"] = np.minimum(rng.zipf(2.0, rows), 500).astype(str)
    frame = pd.DataFrame(found)
    for name in frame.columns[::7]:
        frame.loc[rng.random(rows) < 0.0002, name] = None
    return frame


def _days(table: Table, starts: int, rng: np.random.Generator, *, history: bool) -> bool:
    frame, of_day = _frame(table), table.starts
    alarms, windows = 0, 0
    kinds = Counter[str]()
    for _ in range(starts):
        start = int(rng.integers(0, len(table.dates) - _REFERENCE - _JUDGED + 1))
        end = start + _REFERENCE
        rows = frame.iloc[of_day[start] : of_day[end]]
        normal = driftkit.data_quality.baseline(rows, time_column="when")
        past: list[MonitoringResult] = []
        for day in range(end, end + _JUDGED):
            window = frame.iloc[of_day[day] : of_day[day + 1]]
            result = driftkit.data_quality.monitor(window, normal, history=past)
            past += [result] if history else []
            found = _alarms(result)
            kinds.update(found)
            alarms, windows = alarms + bool(found), windows + 1
    told = ", ".join(f"{name} {count}" for name, count in kinds.most_common(3))
    reference = "trailing" if history else "fixed"
    _say(
        f"{table.name:>12}, {reference} {_REFERENCE}: the monitor is in alarm in "
        f"{alarms / windows:.1%} of {windows} windows [{told}]"
    )
    # Fixed days of another season are ones that a reference of two months cannot know.
    return not history or alarms / windows <= _MOST_ON_DAYS


def _in_other_units(table: Table, days: int, rng: np.random.Generator) -> None:
    """Of days after 60 others, one feature in another unit at a time, how many are found."""
    frame, of_day = _frame(table), table.starts
    found = {factor: Counter[str]() for factor in _FACTORS}
    for _ in range(days):
        end = int(rng.integers(_REFERENCE, len(table.dates)))
        normal = driftkit.data_quality.baseline(
            frame.iloc[of_day[end - _REFERENCE] : of_day[end]], time_column="when"
        )
        window = frame.iloc[of_day[end] : of_day[end + 1]]
        for name in table.numbers:
            for factor, counted in found.items():
                planted = window.assign(**{name: window[name] * factor})
                drift = driftkit.data_quality.monitor(planted, normal).drift
                assert drift is not None
                of = next(each for each in drift.features if each.feature == name)
                # What is nothing but 0 has no unit.
                counted["planted"] += bool(planted[name].abs().max() > 0)
                counted["units"] += of.fault == "units"
                counted["any"] += of.alarm
    for factor, counted in found.items():
        share, alarm = (counted[each] / max(counted["planted"], 1) for each in ("units", "any"))
        _say(
            f"{table.name:>12}, times {factor:g}: {share:.0%} of {counted['planted']} found by units, "
            f"{alarm:.0%} by any alarm"
        )


def _frame(table: Table) -> pd.DataFrame:
    day: Integers = np.repeat(np.arange(len(table.dates)), np.diff(table.starts))
    moments = pd.to_datetime(table.dates[day], unit="D") + pd.Timedelta(hours=12)
    names = {
        name: pd.Series([None if code < 0 else f"c{code}" for code in codes], dtype=object)
        for name, codes in table.categories.items()
    }
    return pd.DataFrame({**table.numbers, **names, "when": moments})


def _alarms(result: MonitoringResult) -> list[str]:
    features = result.drift.features if result.drift is not None else ()
    return [f"{each.feature} {each.fault or each.kind}" for each in features if each.alarm]


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
