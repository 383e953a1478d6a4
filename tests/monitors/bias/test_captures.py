"""Bias of merged captures is that of the same rows in a table, whatever part of a record holds them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from driftkit.errors import InputError, SettingsError
from driftkit.monitors.bias import monitor as bias
from tests.monitors.bias.tables import configuration, flights_table

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

FEATURES = ["carrier", "origin", "distance"]
BEGIN = datetime(2024, 3, 18, 14, 30, tzinfo=UTC)


def _part(data: str, encoding: str) -> dict[str, str]:
    return {"data": data, "encoding": encoding}


def _csv(row: pd.Series) -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    """A row of CSV, a score for an answer."""
    asked = ",".join(str(row[name]) for name in FEATURES)
    score = 0.9 if row["predicted"] else 0.5
    return _part(asked, "CSV"), _part(f"{score}\n", "CSV"), _part(str(row["late"]), "CSV")


def _json(row: pd.Series) -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    """A document each, the label by its name."""
    asked = json.dumps({"rows": [{"of": [row[name] for name in FEATURES]}]}, default=int)
    answer = json.dumps({"guesses": [{"label": int(row["predicted"])}]})
    truth = json.dumps({"truth": int(row["late"])})
    return _part(asked, "JSON"), _part(answer, "JSON"), _part(truth, "JSON")


def _write(folder: Path, table: pd.DataFrame, parts: Any) -> None:
    """A record a minute from `BEGIN` on, in the folders of their hours."""
    for number, (_, row) in enumerate(table.iterrows()):
        moment = BEGIN + timedelta(minutes=number)
        asked, answer, truth = parts(row)
        record = {
            "captureData": {"endpointInput": asked, "endpointOutput": answer},
            "groundTruthData": truth,
            "eventMetadata": {"eventId": str(number), "inferenceTime": f"{moment:%FT%TZ}"},
        }
        place = folder / f"{moment:%Y/%m/%d/%H}"
        place.mkdir(parents=True, exist_ok=True)
        with (place / "part-00000.jsonl").open("a") as file:
            file.write(json.dumps(record) + "\n")


# The flip test takes no texts.
TABLE_CONFIG = configuration(excluded_columns=["origin"])
CONFIG = TABLE_CONFIG | {"headers": [*FEATURES, "late"], "predicted_label": None}
KINDS = pytest.mark.parametrize(
    ("parts", "config", "settings"),
    [
        (_csv, CONFIG, {"probability_threshold": 0.6}),
        (_csv, CONFIG | {"probability_threshold": 0.5}, {}),
        (
            _json,
            CONFIG | {"label": "truth"},
            {"features_attribute": "rows[*].of", "inference_attribute": "guesses[*].label"},
        ),
    ],
)


@KINDS
def test_captures_are_the_rows_of_a_table(
    tmp_path: Path, parts: Any, config: dict[str, Any], settings: dict[str, Any]
) -> None:
    table = flights_table(300)
    _write(tmp_path, table, parts)

    result = bias.baseline(tmp_path, analysis_config=config, runner="local", **settings)

    expected = bias.baseline(table, analysis_config=TABLE_CONFIG, runner="local")
    assert result.run is not None
    assert result.run.rows == 300
    assert _numbers(result) == _numbers(expected)


def _numbers(result: bias.BiasBaseline) -> list[Any]:
    return result.metrics_table()[["stage", "facet", "value", "metric", "current"]].to_dict(
        "records"
    )


def test_a_window_begins_and_ends_at_the_minute(tmp_path: Path) -> None:
    table = flights_table(300)
    _write(tmp_path, table, _csv)
    window: dict[str, Any] = {"start": "2024-03-18T15:10:00Z", "end": "2024-03-18T18:50:00Z"}

    result = bias.baseline(tmp_path, analysis_config=CONFIG, runner="local", **window)

    expected = bias.baseline(table[40:260], analysis_config=TABLE_CONFIG, runner="local")
    assert _numbers(result) == _numbers(expected)


@pytest.mark.parametrize("hours", [("10:00", "11:00"), ("14:00", "14:20")])
def test_an_empty_window_of_captures_is_an_error(tmp_path: Path, hours: tuple[str, str]) -> None:
    _write(tmp_path, flights_table(50), _csv)
    normal = bias.baseline(tmp_path, analysis_config=CONFIG, runner="local")
    start, end = (f"2024-03-18T{hour}:00Z" for hour in hours)

    with pytest.raises(InputError) as caught:
        bias.monitor(tmp_path, normal, analysis_config=CONFIG, runner="local", start=start, end=end)

    assert "window" in str(caught.value)


def test_captures_without_headers_are_an_error(tmp_path: Path) -> None:
    _write(tmp_path, flights_table(50), _csv)

    with pytest.raises(SettingsError, match="JSON needs headers"):
        bias.baseline(tmp_path, analysis_config=CONFIG | {"headers": []}, runner="local")
