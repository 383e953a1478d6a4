"""Model quality in this process: scores that do not fit into memory wait on disk."""

from __future__ import annotations

import gc
import tempfile
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import driftkit
from driftkit.compute.scores import local
from driftkit.readers import parquet

if TYPE_CHECKING:
    from pathlib import Path

ROWS, FILES = 2_000, 5


def written(folder: Path, decimals: int) -> str:
    draws = np.random.default_rng(decimals)
    for number in range(FILES):
        scores = draws.random(ROWS).round(decimals)
        labels = (draws.random(ROWS) < scores).astype(int)
        pq.write_table(pa.table({"label": labels, "p": scores}), folder / f"{number}.parquet")
    return str(folder)


def plain(statistics: Any) -> Any:
    curves = {name: [list(axis) for axis in points] for name, points in statistics.curves.items()}
    return replace(statistics, curves=curves, evaluation_time=None)


@pytest.mark.parametrize("decimals", [2, 16], ids=["few scores", "all scores different"])
@pytest.mark.parametrize("dialect", ["aws", "textbook"])
def test_on_disk_or_not_is_the_same_to_the_bit(
    tmp_path: Path, decimals: int, dialect: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, scratch = tmp_path / "data", tmp_path / "scratch"
    data.mkdir()
    scratch.mkdir()
    folder = written(data, decimals)
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    monkeypatch.setattr(parquet, "UNIT_BYTES", 1)  # each file is a unit
    asked: dict[str, Any] = {
        "problem_type": "binary",
        "probability_attribute": "p",
        "dialect": dialect,
        "runner": "local",
    }
    held = driftkit.model_quality.baseline(folder, **asked)
    used: list[int] = []

    def look(_done: int, _count: int, _rows: int) -> None:
        used.append(len(list(scratch.rglob("*-keys.npy"))))

    monkeypatch.setattr(local, "HELD_KEYS", 1.5 * min(ROWS, 2 * 10**decimals))
    spilled = driftkit.model_quality.baseline(folder, progress=look, **asked)

    assert max(used) == FILES - 1
    assert plain(spilled.statistics) == plain(held.statistics)
    assert spilled.intervals == held.intervals
    del held, spilled
    gc.collect()
    assert not list(scratch.iterdir())
