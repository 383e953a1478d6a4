"""The models of a multi-model endpoint: each against its own baseline, by what callers say."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

import driftkit
from tests.capture.captures import record, side, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

RANDOM = np.random.default_rng(8)
CENTRES = {"a": 0.0, "b": 50.0}


def values(shifted: str | None, rows: int = 300) -> list[tuple[str, float]]:
    """A model and a feature for each request; of a shifted model, the feature is elsewhere."""
    models = RANDOM.choice(list(CENTRES), rows)
    return [
        (model, float(RANDOM.normal(CENTRES[model] + 8.0 * (model == shifted))))
        for model in models.tolist()
    ]


def as_csv(value: float) -> dict[str, Any]:
    return record(f"{value:.3f}", "0.5")


def as_json(value: float) -> dict[str, Any]:
    return record(side(json.dumps({"x": value}), "JSON"), side('{"y": 0.5}', "JSON"))


def captured(
    folder: Path, rows: list[tuple[str, float]], make: Callable[[float], dict[str, Any]]
) -> Path:
    """Writes requests as captures whose callers named the model."""
    records = []
    for model, value in rows:
        made = make(value)
        made["eventMetadata"]["customAttributes"] = [f"model={model}"]
        records.append(made)
    # A record that cannot be read must count once, however many models there are.
    write(folder / "churn/AllTraffic/2024/03/18/15/a.jsonl", [*records, "no JSON"])
    return folder


@pytest.mark.parametrize("make", [as_csv, as_json])
def test_only_the_model_that_drifted_is_found(
    tmp_path: Path, make: Callable[[float], dict[str, Any]]
) -> None:
    before = captured(tmp_path / "before", values(None), make)
    after = captured(tmp_path / "after", values("b"), make)
    baseline = driftkit.data_quality.baseline(before, segment_by="model", runner="local")

    result = driftkit.data_quality.monitor(after, baseline, runner="local")

    drifted = {
        each.key
        for each in result.segments
        for violation in each.violations
        if violation.constraint_check_type == "baseline_drift_check"
    }
    assert {each.key: each.rows for each in result.segments}.keys() == {("a",), ("b",)}
    assert sum(each.rows for each in result.segments) == 300
    assert drifted == {("b",)}
    assert result.run is not None
    assert result.run.rejected.total == 1


def test_a_table_is_the_baseline_of_captures(tmp_path: Path) -> None:
    rows = values(None)
    # The model stands in the middle, as training data may have it.
    table = pd.DataFrame(
        {"y": 0.5, "model": [model for model, _ in rows], "x": [value for _, value in rows]}
    )
    baseline = driftkit.data_quality.baseline(table, segment_by="model", runner="local")
    window = captured(tmp_path, values("a"), as_csv)

    result = driftkit.data_quality.monitor(window, baseline, runner="local")

    assert [each.name for each in result.statistics.features] == ["y", "x", "model"]
    assert {each.key for each in result.segments if each.violations} == {("a",)}


def test_attributes_stay_where_they_are_without_segments(tmp_path: Path) -> None:
    window = captured(tmp_path, values(None, 20), as_json)

    found = driftkit.data_quality.baseline(window, runner="local")

    assert found.statistics is not None
    assert [each.name for each in found.statistics.features] == ["y", "x"]


def test_a_field_of_the_payload_goes_before_an_attribute(tmp_path: Path) -> None:
    records = [
        record(side('{"model": "mine"}', "JSON"), side('{"y": 1}', "JSON")) for _ in range(9)
    ]
    for each in records:
        each["eventMetadata"]["customAttributes"] = ["model=theirs"]
    write(tmp_path / "churn/AllTraffic/2024/03/18/15/a.jsonl", records)

    found = driftkit.data_quality.baseline(tmp_path, segment_by="model", runner="local")

    assert found.states is not None
    segments = found.states.segments()
    assert segments is not None
    assert set(segments.parts) == {("mine",)}
