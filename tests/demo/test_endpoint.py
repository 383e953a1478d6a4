"""Captured requests lie where SageMaker puts them and hold what was sent."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from baselines.flights.endpoint import ENDPOINT, serve

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    from sklearn.pipeline import Pipeline

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


def test_serving_again_writes_the_same_files(
    captured: Path, some: pd.DataFrame, model: Pipeline, tmp_path: Path
) -> None:
    serve(some, model, tmp_path / ENDPOINT / "AllTraffic")

    assert _records(captured / ENDPOINT) != []
    assert [record for _, record in _records(tmp_path)] == [
        record for _, record in _records(captured)
    ]
