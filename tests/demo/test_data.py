"""The flights' features are what the demo's documentation says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from baselines.flights.data import FEATURES, WEATHER, served_rows, training_rows

if TYPE_CHECKING:
    import pandas as pd


def test_every_flight_of_the_year_is_there_once(table: pd.DataFrame) -> None:
    assert len(table) == 336_776


def test_flights_come_in_the_order_of_their_departure(table: pd.DataFrame) -> None:
    assert table["requested"].is_monotonic_increasing


def test_training_and_serving_share_no_flight_and_miss_none(table: pd.DataFrame) -> None:
    trained, served = training_rows(table), served_rows(table)

    assert len(trained) + len(served) == len(table)
    assert trained["requested"].max() < served["requested"].min()


def test_training_data_lack_nothing_but_seats(table: pd.DataFrame) -> None:
    trained = training_rows(table)[list(FEATURES)]

    assert [name for name in FEATURES if trained[name].isna().any()] == ["seats"]


def test_weather_is_unknown_only_after_its_last_report(table: pd.DataFrame) -> None:
    unknown = table.loc[table[list(WEATHER)].isna().any(axis="columns"), "requested"]

    assert unknown.min().strftime("%Y-%m-%d") == "2013-12-31"
