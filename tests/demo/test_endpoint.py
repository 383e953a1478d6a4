"""Captured requests lie where SageMaker puts them and hold what was sent."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from baselines.flights.endpoint import ENDPOINT, serve
from baselines.flights.model import PREDICTION, predict
from baselines.flights.payload import csv_lines
from baselines.flights.training import COLUMNS
from driftkit.readers.opening import open_dataset
from driftkit.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pandas as pd
    from sklearn.pipeline import Pipeline

    from driftkit.readers.dataset import Unit

_UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_LAYOUT = re.compile(
    r"flight-delays/AllTraffic/2013/10/\d\d/\d\d/\d\d-\d\d-\d\d\d-" + _UUID + r"\.jsonl"
)


@pytest.fixture(scope="module")
def some(october: pd.DataFrame) -> pd.DataFrame:
    return october.head(3_000)


@pytest.fixture(scope="module")
def captured(some: pd.DataFrame, model: Pipeline, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("captured")
    serve(some, model, folder / ENDPOINT / "AllTraffic")
    return folder


def _records(folder: Path) -> list[tuple[Path, dict[str, Any]]]:
    return [
        (file, json.loads(line))
        for file in sorted(folder.rglob("*.jsonl"))
        for line in file.read_text(encoding="utf-8").splitlines()
    ]


def test_files_are_named_as_sagemaker_names_them(captured: Path) -> None:
    names = [file.relative_to(captured).as_posix() for file in captured.rglob("*.jsonl")]

    assert [name for name in names if not _LAYOUT.fullmatch(name)] == []


def test_a_record_lies_in_the_folder_of_its_hour(captured: Path) -> None:
    for file, record in _records(captured):
        hour = record["eventMetadata"]["inferenceTime"][:13]
        assert "/".join(file.parent.parts[-4:]) == re.sub("[-T]", "/", hour)


def test_every_request_has_its_own_event_id(captured: Path, some: pd.DataFrame) -> None:
    events = {record["eventMetadata"]["eventId"] for _, record in _records(captured)}

    assert len(events) == len(some)


def test_a_record_has_the_keys_that_sagemaker_writes(
    captured: Path, golden: Callable[[str], Path]
) -> None:
    real = golden("captures/dsoaws_captured_data_example.jsonl").read_text(encoding="utf-8")

    (_, mine), *_ = _records(captured)

    assert _keys(mine) == _keys(json.loads(real.splitlines()[0]))


def _keys(value: Any) -> Any:
    return [(key, _keys(value[key])) for key in value] if isinstance(value, dict) else None


def test_driftkit_reads_what_was_sent_and_answered(
    captured: Path, some: pd.DataFrame, model: Pipeline
) -> None:
    sent = some.assign(**{PREDICTION: predict(model, some)})

    dataset = open_dataset([str(captured)], Settings(), COLUMNS)

    read = [row for unit in dataset.units for row in _rows(unit)]
    assert [column.name for column in dataset.columns] == list(COLUMNS)
    assert sorted(read) == sorted(csv_lines(sent, COLUMNS))


def _rows(unit: Unit) -> list[str]:
    return [
        ",".join(value or "" for value in row)
        for chunk in unit.chunks()
        for row in zip(*(chunk.column(i).to_pylist() for i in range(len(COLUMNS))), strict=True)
    ]


def test_a_window_holds_the_hours_from_its_start_up_to_its_end(
    captured: Path, some: pd.DataFrame
) -> None:
    start, end = datetime(2013, 10, 1, 14, tzinfo=UTC), datetime(2013, 10, 2, tzinfo=UTC)

    dataset = open_dataset([str(captured)], Settings.from_keywords(start=start, end=end), COLUMNS)

    asked = some["requested"]
    inside = ((asked >= start) & (asked < end)).sum()
    assert sum(len(_rows(unit)) for unit in dataset.units) == inside > 0


def test_serving_again_writes_the_same_files(
    captured: Path, some: pd.DataFrame, model: Pipeline, tmp_path: Path
) -> None:
    serve(some, model, tmp_path / ENDPOINT / "AllTraffic")

    assert _records(captured / ENDPOINT) != []
    assert [record for _, record in _records(tmp_path)] == [
        record for _, record in _records(captured)
    ]
