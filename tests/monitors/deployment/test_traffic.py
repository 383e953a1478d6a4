"""How requests spread over models, by every place where a model's name may stand."""

from __future__ import annotations

import json
from collections import OrderedDict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

import driftkit
from driftkit.errors import InputError
from driftkit.formats.deployment import traffic as traffic_file
from tests.capture.captures import record, side, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

START = datetime(2026, 11, 2, 8, tzinfo=UTC)
# 300 requests in two hours; `c` is asked for in the first minutes only.
MODELS = [str(each) for each in np.random.default_rng(4).choice(["a", "b"], 300, p=[0.7, 0.3])]
MODELS[3:6] = ["c"] * 3
TIMES = [START + timedelta(seconds=24 * index) for index in range(len(MODELS))]


def with_attribute(folder: Path) -> dict[str, Any]:
    def one(time: str, model: str) -> dict[str, Any]:
        found = record("1,2", "0.5", time)
        found["eventMetadata"]["customAttributes"] = [f"user=7;model={model}"]
        return found

    return captured(folder, one)


def with_field(folder: Path) -> dict[str, Any]:
    def one(time: str, model: str) -> dict[str, Any]:
        return record(side(json.dumps({"model": model, "x": 1}), "JSON"), "0.5", time)

    return captured(folder, one)


def with_folders(folder: Path) -> dict[str, Any]:
    captured(folder, lambda time, _: record("1", "0.5", time), by_folder=True)
    return {"data": folder, "model_by": "folder"}


def captured(
    folder: Path, one: Callable[[str, str], dict[str, Any]], *, by_folder: bool = False
) -> dict[str, Any]:
    """Writes the requests as captures."""
    files: dict[str, list[dict[str, Any]]] = {}
    for time, model in zip(TIMES, MODELS, strict=True):
        variant = model if by_folder else "AllTraffic"
        hour = f"{variant}/{time:%Y/%m/%d/%H}"
        files.setdefault(hour, []).append(one(f"{time:%Y-%m-%dT%H:%M:%SZ}", model))
    for hour, records in files.items():
        write(folder / "churn" / hour / "00-00-000-x.jsonl", records)
    return {"data": folder}


def with_column(_: Path) -> dict[str, Any]:
    frame = pd.DataFrame({"at": TIMES, "target": pd.Categorical(MODELS)})
    return {"data": frame, "model_by": "target", "time_column": "at"}


@pytest.mark.parametrize("made", [with_attribute, with_field, with_folders, with_column])
def test_models_are_told_wherever_their_names_are(
    tmp_path: Path, made: Callable[[Path], dict[str, Any]]
) -> None:
    found = driftkit.deployment.traffic(**made(tmp_path), runner="local").traffic

    assert {each.model: each.requests for each in found.models} == {
        name: MODELS.count(name) for name in "abc"
    }
    assert [each.model for each in found.models] == ["a", "b", "c"]
    assert [each.model for each in found.models if each.cold] == ["c"]
    assert found.requests == len(MODELS)


def test_caches_hit_as_a_cache_would(tmp_path: Path) -> None:
    found = driftkit.deployment.traffic(**with_attribute(tmp_path), runner="local").traffic

    assert {each.models: each.share for each in found.hit_rates} == {
        size: pytest.approx(_replayed(size)) for size in (1, 2, 3)
    }


def _replayed(size: int) -> float:
    """The share of requests that a cache has, played one by one."""
    cache: OrderedDict[str, None] = OrderedDict()
    hits = 0
    for model in MODELS:
        hits += model in cache
        cache[model] = None
        cache.move_to_end(model)
        if len(cache) > size:
            cache.popitem(last=False)
    return hits / len(MODELS)


@pytest.mark.parametrize(("answer", "told"), [("0.5", [0, 0, 1]), (None, [None] * 3)])
def test_requests_without_an_answer_are_counted(
    tmp_path: Path, answer: str | None, told: list[int | None]
) -> None:
    times = [f"{time:%Y-%m-%dT%H:%M:%SZ}" for time in TIMES]
    captured(
        tmp_path,
        lambda time, _: record("1", None if time == times[3] else answer, time),
        by_folder=True,
    )

    found = driftkit.deployment.traffic(tmp_path, model_by="folder", runner="local")

    assert [each.unanswered for each in found.traffic.models] == told


def test_models_without_a_request_are_cold_and_count() -> None:
    frame = pd.DataFrame({"time": TIMES, "model": "a"})

    found = driftkit.deployment.traffic(frame, models="a,idle", runner="local").traffic

    idle = found.models[1]
    assert (idle.model, idle.requests, idle.last_request, idle.cold) == ("idle", 0, None, True)
    assert found.gini == 0.5


def test_the_file_is_read_again(tmp_path: Path) -> None:
    found = driftkit.deployment.traffic(**with_attribute(tmp_path / "in"), sampling_percentage=10)
    found.write(tmp_path / "out")

    assert traffic_file.read_file(tmp_path / "out/traffic.json") == found.traffic
    assert any("10 % of the requests were captured" in note for note in found.notes())
    assert "share" in found.statistics_table()["metric"].to_list()


def test_requests_without_a_model_are_refused(tmp_path: Path) -> None:
    captured(tmp_path, lambda time, _: record("1,2", "0.5", time))

    with pytest.raises(InputError, match="without a model"):
        driftkit.deployment.traffic(tmp_path, model_by="attribute:model", runner="local")


def loading(folder: Path, metrics: dict[str, list[tuple[float, int]]]) -> str:
    """A table of averages and samples of each minute."""
    rows = [
        ("metric,timestamp,variant,statistic,value,count"),
        *(
            f"{name},2026-11-02T08:{minute:02}:00Z,AllTraffic,Average,{mean},{samples}"
            for name, series in metrics.items()
            for minute, (mean, samples) in enumerate(series)
        ),
    ]
    (folder / "metrics.csv").write_text("\n".join(rows))
    return str(folder / "metrics.csv")


def test_loads_are_pooled_by_their_samples(tmp_path: Path) -> None:
    metrics = {"ModelCacheHit": [(1.0, 30), (0.5, 10)], "ModelLoadingWaitTime": [(2e6, 5)]}

    found = driftkit.deployment.traffic(
        pd.DataFrame({"time": TIMES, "model": MODELS}), metrics_file=loading(tmp_path, metrics)
    ).traffic

    assert [(each.name, each.mean, each.samples) for each in found.loading] == [
        ("ModelCacheHit", 0.875, 40),
        ("ModelLoadingWaitTime", 2e6, 5),
    ]


def test_metrics_of_something_else_are_refused(tmp_path: Path) -> None:
    file = loading(tmp_path, {"Invocations": [(1.0, 30)]})

    with pytest.raises(InputError, match="no metrics of loading models"):
        driftkit.deployment.traffic(
            pd.DataFrame({"time": TIMES, "model": MODELS}), metrics_file=file
        )


@pytest.mark.spark
def test_spark_counts_the_same(tmp_path: Path) -> None:
    data = with_attribute(tmp_path)
    here, there = (
        driftkit.deployment.traffic(**data, runner=runner).traffic for runner in ("local", "spark")
    )

    assert here == there
