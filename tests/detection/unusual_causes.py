"""`make detection`: whether the kind of a planted change is named on days that are judged by days.

python -m tests.detection.unusual_causes [--days N] [--seed N] [--table NAME]
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

import driftkit
from driftkit.comparison.causes.cause import Kind
from tests.detection.planted import FLIGHTS, OTHERS, Window

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from driftkit.formats.drift import Verdict
    from tests.detection.planted import Table

_REFERENCE, _ENOUGH = 60, 60
_CLOCK = ["year", "month", "day", "hour"]
# When the rows of a table are of.
_TIMES: dict[str, Callable[[pd.DataFrame], pd.Series[pd.Timestamp]]] = {
    "flights": lambda rows: pd.to_datetime(rows[_CLOCK]),
    "green taxi": lambda rows: rows["lpep_pickup_datetime"],
    "weather": lambda rows: pd.to_datetime(rows[_CLOCK]),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints, of each table, how many changes raise an alarm, and of how many the kind is right."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=6, help="that are planted, of each table")
    parser.add_argument("--seed", type=int, default=4)
    parser.add_argument("--table", default="")
    asked = parser.parse_args(arguments)
    for table in (FLIGHTS, *OTHERS):
        if table.name in _TIMES and asked.table in table.name:
            tried(table, asked.days, np.random.default_rng(asked.seed))
    return 0


def tried(table: Table, days: int, rng: np.random.Generator) -> None:
    """Plants each kind into each feature of some days, after sixty that are as they were."""
    rows = table.read().reset_index(drop=True)
    times = _TIMES[table.name](rows)
    dates = times.dt.floor("D")
    every = dates.value_counts().sort_index()
    known = every.index[every >= _ENOUGH]
    counts: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    for at in rng.choice(np.arange(_REFERENCE, len(known)), days, replace=False).tolist():
        reference = (dates >= known[at - _REFERENCE]) & (dates < known[at])
        before = _frame(Window.of(rows[reference], table), times[reference])
        baseline = driftkit.data_quality.baseline(before, time_column="t")
        today = rows[dates == known[at]]
        for kind in Kind:
            for feature in table.planted(kind) if kind is not Kind.TIME_ZONE else ():
                window = Window.of(today, table)
                window.plant(kind, feature, rng)
                verdict = _verdict(_frame(window, times[today.index]), baseline, feature)
                # Something of the day's own may have more rows.
                said = [each.kind for each in verdict.causes]
                counts["planted"] += 1
                counts["alarms"] += verdict.alarm
                counts["right"] += verdict.alarm and kind in said
                counts["unclear"] += (
                    verdict.alarm and kind not in said and set(said) <= {Kind.MIXTURE}
                )
                if verdict.alarm and kind not in said:
                    wrong[f"{kind} of {feature}: {', '.join(said)}"] += 1
    sys.stdout.write(
        f"{table.name}, {every.median():.0f} rows a day: {counts['planted']} changes, "
        f"{counts['alarms'] / counts['planted']:.0%} alarms, of which the kind is named in "
        f"{counts['right'] / max(counts['alarms'], 1):.1%} and nothing particular is claimed of "
        f"{counts['unclear'] / max(counts['alarms'], 1):.1%}\n    {dict(wrong.most_common(8))}\n"
    )


def _frame(window: Window, times: pd.Series[pd.Timestamp]) -> pd.DataFrame:
    numbers = {name: each for name, each in window.columns.items() if each.dtype == np.float64}
    texts = {
        name: np.where(pd.isna(each), None, each.astype(str))
        for name, each in window.columns.items()
        if name not in numbers
    }
    return pd.DataFrame({**numbers, **texts, "t": times.to_numpy()})


def _verdict(rows: pd.DataFrame, baseline: driftkit.data_quality.Baseline, feature: str) -> Verdict:
    drift = driftkit.data_quality.monitor(rows, baseline).drift
    assert drift is not None
    return next(each for each in drift.features if each.feature == feature)


if __name__ == "__main__":
    sys.exit(main())
