"""The rows of one model of a multi-model endpoint are judged as if there were no others."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import driftkit
from driftkit.errors import InputError, SettingsError
from tests.monitors.merging import capture, label, put

if TYPE_CHECKING:
    from pathlib import Path

    from driftkit.monitors.model_quality.results import ModelBaseline

HOURS = 4


def rows(right: dict[str, float], run: int = 1, many: int = 1_200) -> pd.DataFrame:
    """Labelled predictions of models that are right so often."""
    random = np.random.default_rng(run)
    model = random.choice([*right], many)
    truth = random.integers(0, 2, many)
    good = random.random(many) < pd.Series(model).map(right)
    return pd.DataFrame(
        {"model": model, "label": truth, "prediction": np.where(good, truth, 1 - truth)}
    )


def merged(folder: Path, data: pd.DataFrame) -> Path:
    """The same rows as merged captures, whose callers say the model."""
    sent: dict[str, list[Any]] = {}
    truths: dict[str, list[Any]] = {}
    for number, (name, truth, answer) in enumerate(data.itertuples(index=False)):
        hour, time = number % HOURS, f"2026-11-02T{number % HOURS:02d}:10:00Z"
        about = capture(f"e{number}", time=time, output=str(answer))
        about["eventMetadata"]["customAttributes"] = [f"model={name}"]
        about["captureData"]["endpointInput"]["data"] = f"{name},1"
        sent.setdefault(f"2026/11/02/{hour:02d}", []).append(about)
        truths.setdefault(f"2026/11/02/{hour:02d}", []).append(label(f"e{number}", str(truth)))
    for hour_folder, records in sent.items():
        put(folder / "captured/churn/all", hour_folder, records)
        put(folder / "truth", hour_folder, truths[hour_folder])
    return driftkit.merge(folder / "captured", folder / "truth", folder / "merged").folder


def judged(data: Any, **settings: Any) -> ModelBaseline:
    return driftkit.model_quality.baseline(
        data, **{"problem_type": "BinaryClassification", "runner": "local", **settings}
    )


def confusion(found: ModelBaseline) -> Any:
    assert found.statistics is not None
    return found.statistics.to_dict()["binary_classification_metrics"]["confusion_matrix"]


@pytest.mark.parametrize("kind", ["frame", "arrow", "mapping", "csv", "json", "captures"])
def test_other_models_are_left_out(tmp_path: Path, kind: str) -> None:
    data = rows({"a": 0.9, "b": 0.6}, many=120 if kind == "captures" else 1_200)
    alone = data[data["model"] == "b"]
    handed_in: Any = {"frame": data, "arrow": pa.table(data), "mapping": data.to_dict("list")}.get(
        kind
    )
    named = {"inference_attribute": "prediction"}
    if kind == "csv":
        data.to_csv(tmp_path / "rows.csv", index=False)
        handed_in = str(tmp_path / "rows.csv")
    elif kind == "json":
        data.to_json(tmp_path / "rows.jsonl", orient="records", lines=True)
        handed_in = str(tmp_path / "rows.jsonl")
    elif kind == "captures":
        handed_in, named = str(merged(tmp_path, data)), {}

    found = judged(handed_in, model="b", **named)

    expected = judged(alone, inference_attribute="prediction")
    assert confusion(found) == confusion(expected)
    assert found.run is not None
    assert found.run.rows == len(alone)


@pytest.mark.parametrize("source", ["attribute:model", "field:0", "model"])
def test_captures_say_their_model_in_several_ways(tmp_path: Path, source: str) -> None:
    data = rows({"a": 0.9, "b": 0.6}, many=60)

    found = judged(str(merged(tmp_path, data)), model="a", model_by=source)

    assert found.run is not None
    assert found.run.rows == int((data["model"] == "a").sum())


def test_numbers_may_be_models() -> None:
    data = rows({"a": 0.9, "b": 0.6})
    data["version"] = data["model"].map({"a": 1.0, "b": 2.0})

    found = judged(data, model="2", model_by="version", inference_attribute="prediction")

    assert found.run is not None
    assert found.run.rows == int((data["model"] == "b").sum())


def test_each_model_has_its_own_baseline() -> None:
    before, after = rows({"a": 0.95, "b": 0.7}), rows({"a": 0.7, "b": 0.7}, run=2)

    falls = {
        name: driftkit.model_quality.monitor(
            after,
            judged(before, model=name, inference_attribute="prediction"),
            model=name,
            inference_attribute="prediction",
            violations_beyond_noise=True,
            runner="local",
        ).violations
        for name in ("a", "b")
    }

    assert "accuracy" in {each.metric_name for each in falls["a"]}
    assert not falls["b"]


def test_a_model_without_rows_is_refused() -> None:
    with pytest.raises(InputError, match="model c: there is not a single row"):
        judged(rows({"a": 0.9}), model="c", inference_attribute="prediction")


def test_a_column_of_models_that_is_not_there_is_refused() -> None:
    with pytest.raises(InputError, match="there is no column 'version'"):
        judged(rows({"a": 0.9}), model="a", model_by="version", inference_attribute="prediction")


def test_a_field_that_is_no_path_is_refused(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text(json.dumps({"label": 1, "prediction": 1, "model": "a"}))

    with pytest.raises(SettingsError, match="it is not a JMESPath"):
        judged(
            str(tmp_path / "rows.jsonl"),
            model="a",
            model_by="field:[[",
            inference_attribute="prediction",
        )


def test_kept_states_have_the_rows_that_were_read() -> None:
    data = rows({"a": 0.9, "b": 0.6})
    asked: dict[str, Any] = {
        "inference_attribute": "prediction",
        "problem_type": "BinaryClassification",
    }
    kept = driftkit.model_quality.states(data, model="a", runner="local", **asked)

    assert confusion(judged(kept)) == confusion(judged(data, model="a", **asked))
    with pytest.raises(SettingsError, match="kept states do not tell of which model"):
        judged(kept, model="a")
