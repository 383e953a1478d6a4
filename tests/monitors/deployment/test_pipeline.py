"""The first step of a pipeline that drifts: between tables, and between the sides of captures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

import driftkit
from driftkit.errors import InputError
from driftkit.formats.deployment import pipeline as pipeline_file
from tests.capture.captures import record, write

if TYPE_CHECKING:
    from pathlib import Path

ROWS = 600


def way(
    run: int, *, raw: float = 0.0, prepared: float = 0.0, answered: float = 0.0
) -> dict[str, pd.DataFrame]:
    """What goes in, what two steps make of it; each number moves its stage and all after it."""
    random = np.random.default_rng(run)
    x = random.normal(raw, 1, ROWS)
    z = x / 2 + prepared
    return {
        "raw": pd.DataFrame({"x": x}),
        "prepared": pd.DataFrame({"z": z}),
        "answered": pd.DataFrame({"score": z + random.normal(0, 0.1, ROWS) + answered}),
    }


@pytest.mark.parametrize(
    ("moved", "first", "drifted"),
    [
        ({}, None, []),
        ({"prepared": 3.0}, "raw to prepared", ["prepared", "answered"]),
        ({"answered": 3.0}, "prepared to answered", ["answered"]),
        ({"raw": 5.0}, None, ["raw", "prepared", "answered"]),
    ],
)
def test_the_step_that_moved_is_found(
    moved: dict[str, float], first: str | None, drifted: list[str]
) -> None:
    found = driftkit.deployment.pipeline(way(2, **moved), way(1), runner="local").pipeline

    assert found.first == first
    assert [each.name for each in found.stages if each.drifted] == drifted


def test_rows_that_a_step_loses_are_told(tmp_path: Path) -> None:
    window = way(2)
    window["prepared"] = window["prepared"].iloc[: ROWS * 3 // 4]

    found = driftkit.deployment.pipeline(window, way(1), runner="local")
    found.write(tmp_path)

    assert [each.lost for each in found.pipeline.steps] == [0.25, pytest.approx(-1 / 3)]
    assert pipeline_file.read_file(tmp_path / "pipeline.json") == found.pipeline
    assert found.statistics_table()["stage"].to_list()[:3] == ["raw", "prepared", "answered"]


def captured(folder: Path, data: dict[str, pd.DataFrame]) -> Path:
    """The outer request and answer of each row."""
    records = [
        record(f"{x:.4f}", f"{score:.4f}")
        for x, score in zip(data["raw"]["x"], data["answered"]["score"], strict=True)
    ]
    write(folder / "churn/AllTraffic/2024/03/18/15/a.jsonl", records)
    return folder


def test_sides_of_captures_are_stages(tmp_path: Path) -> None:
    before, after = way(1), way(2, answered=3.0)
    for name, data in (("before", before), ("after", after)):
        captured(tmp_path / name, data)
    stages: dict[str, dict[str, Any]] = {
        name: {
            "in": f"{tmp_path / name}@input",
            "prepared": data["prepared"],
            "out": f"{tmp_path / name}@output",
        }
        for name, data in (("before", before), ("after", after))
    }

    found = driftkit.deployment.pipeline(stages["after"], stages["before"], runner="local")

    assert found.pipeline.first == "prepared to out"
    assert [each.rows for each in found.pipeline.stages] == [ROWS] * 3


def test_folders_of_baselines_are_taken(tmp_path: Path) -> None:
    for name, data in way(1).items():
        driftkit.data_quality.baseline(data, runner="local").write(tmp_path / name)

    found = driftkit.deployment.pipeline(
        way(2, prepared=3.0), {name: str(tmp_path / name) for name in way(1)}, runner="local"
    )

    assert found.pipeline.first == "raw to prepared"


def test_latencies_of_containers_have_shares(tmp_path: Path) -> None:
    (tmp_path / "metrics.csv").write_text(
        "metric,timestamp,variant,statistic,value,count\n"
        "ContainerLatency,2026-11-02T08:00:00Z,prepare,Average,100,3\n"
        "ContainerLatency,2026-11-02T08:01:00Z,prepare,Average,500,1\n"
        "ContainerLatency,2026-11-02T08:00:00Z,predict,Average,600,4\n"
    )

    found = driftkit.deployment.pipeline(
        way(2), way(1), metrics_file=str(tmp_path / "metrics.csv"), runner="local"
    ).pipeline

    assert {each.container: (each.mean, each.share) for each in found.latencies} == {
        "prepare": (200.0, 0.25),
        "predict": (600.0, 0.75),
    }


@pytest.mark.parametrize(
    ("stages", "baseline", "said"),
    [
        (("raw",), ("raw",), "at least two stages"),
        (("raw", "prepared"), ("raw",), "not the same"),
        (("raw", "prepared"), ("raw", "prepared", "answered"), "not the same"),
    ],
)
def test_stages_without_their_like_are_refused(
    stages: tuple[str, ...], baseline: tuple[str, ...], said: str
) -> None:
    window, normal = way(2), way(1)

    with pytest.raises(InputError, match=said):
        driftkit.deployment.pipeline(
            {name: window[name] for name in stages}, {name: normal[name] for name in baseline}
        )
