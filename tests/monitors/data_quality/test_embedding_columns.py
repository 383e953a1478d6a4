"""Vectors are monitored by their dimensions, norm and projections, and by how far they moved."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import pandas as pd
import pyarrow as pa
import pytest

import driftkit
from driftkit.errors import InputError
from driftkit.readers.vectors import MEASURES, PROJECTIONS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import numpy.typing as npt

    from driftkit.monitors.data_quality.results import Baseline

    Matrix = npt.NDArray[np.float64]

pytestmark = pytest.mark.usefixtures("no_session")

MADE = [f"e.{each}" for each in MEASURES]
DIRECTIONS = {f"e.{each}" for each in PROJECTIONS}
ASKED: dict[str, Any] = {"embedding_columns": "e", "runner": "local"}
TOPICS = np.random.default_rng(9).normal(size=(5, 32))
TURN = np.linalg.qr(np.random.default_rng(8).normal(size=(32, 32)))[0]


def vectors(seed: int = 0, rows: int = 600, shares: tuple[float, ...] = (0.2,) * 5) -> Matrix:
    """Vectors around some topics."""
    random = np.random.default_rng(seed)
    topics = random.choice(len(shares), rows, p=shares)
    return np.asarray(TOPICS[topics] + 0.6 * random.normal(size=(rows, 32)), np.float64)


def table(of: Matrix | list[Any]) -> pd.DataFrame:
    return pd.DataFrame({"stars": np.arange(len(of)) % 5, "e": list(of)})


def moved(result: Any) -> Any:
    (metric,) = [each for each in result.distances if each.feature == "e"]
    return metric


def violated(result: Any) -> set[str]:
    return {each.feature_name for each in result.violations}


def made_of(result: Any) -> list[Any]:
    return [each for each in result.statistics.features if each.name in MADE]


@pytest.fixture(scope="module")
def normal() -> Baseline:
    return driftkit.data_quality.baseline(table(vectors()), **ASKED)


def test_the_vectors_themselves_are_set_aside(normal: Baseline) -> None:
    assert normal.statistics is not None
    assert [each.name for each in normal.statistics.features] == ["stars", *MADE]
    assert normal.run is not None
    assert normal.run.set_aside == {"e": "columns that are made of it are monitored instead"}


def test_other_vectors_of_the_same_kind_are_no_fault(normal: Baseline) -> None:
    found = driftkit.data_quality.monitor(table(vectors(seed=1)), normal, runner="local")

    assert violated(found) == set()
    assert abs(moved(found).value) < 0.01
    assert moved(found).beyond_noise is False


def of_another_model(x: Matrix) -> Matrix:
    return np.asarray(x @ TURN, np.float64)


def of_another_scale(x: Matrix) -> Matrix:
    return 1.5 * x


def cut_off(x: Matrix) -> Matrix:
    return x[:, :16]


@pytest.mark.parametrize(
    ("fault", "features", "is_beyond"),
    [
        (of_another_model, DIRECTIONS, True),
        (of_another_scale, {"e.norm"}, False),
        (cut_off, {"e.dimensions", "e.norm", *DIRECTIONS}, True),
    ],
)
def test_faults_of_vectors_are_found_where_they_are(
    normal: Baseline,
    fault: Callable[[Matrix], Matrix],
    features: set[str],
    is_beyond: bool,  # noqa: FBT001
) -> None:
    found = driftkit.data_quality.monitor(table(fault(vectors(seed=1))), normal, runner="local")

    assert violated(found) <= features
    assert bool(violated(found) & DIRECTIONS) == bool(features & DIRECTIONS)
    assert violated(found) >= features - DIRECTIONS
    assert moved(found).beyond_noise is is_beyond


@pytest.mark.parametrize("shares", [(0.4, 0.15, 0.15, 0.15, 0.15), (0.0, 0.25, 0.25, 0.25, 0.25)])
def test_shares_of_topics_that_change_are_beyond_the_noise(
    normal: Baseline, shares: tuple[float, ...]
) -> None:
    window = table(vectors(seed=1, shares=shares))

    found = driftkit.data_quality.monitor(window, normal, runner="local")

    assert moved(found).beyond_noise is True
    assert any("column e: its vectors have moved" in line for line in found.notes())
    assert found.drift is not None
    verdicts = {each.feature: each.verdict for each in found.drift.features}
    assert "different" in {verdicts[name] for name in DIRECTIONS}


@pytest.mark.parametrize("kind", ["parquet", "jsonl", "csv", "arrow", "mapping", "float32"])
def test_all_that_holds_vectors_gives_the_same(normal: Baseline, kind: str, tmp_path: Path) -> None:
    rows, data = table(vectors()), table(vectors())
    given: Any = str(tmp_path / f"in.{kind}")
    if kind == "parquet":
        data.to_parquet(given)
    elif kind == "jsonl":
        lines = [orjson.dumps({"e": e.tolist(), "stars": s}) for s, e in rows.to_numpy()]
        (tmp_path / "in.jsonl").write_bytes(b"\n".join(lines))
    elif kind == "csv":
        rows.assign(e=[json.dumps(each.tolist()) for each in rows["e"]]).to_csv(given, index=False)
    elif kind == "mapping":
        given = {"stars": rows["stars"], "e": list(rows["e"])}
    else:
        value = pa.float32() if kind == "float32" else pa.float64()
        given = pa.table({"stars": rows["stars"], "e": pa.array(rows["e"], pa.list_(value))})

    found = driftkit.data_quality.baseline(given, **ASKED)

    if kind == "float32":
        means = [each.numerical.mean for each in made_of(found) if each.numerical]
        expected = [each.numerical.mean for each in made_of(normal) if each.numerical]
        assert means == pytest.approx(expected, rel=1e-5, abs=1e-6)
    else:
        assert made_of(found) == made_of(normal)


def test_parts_of_the_rows_add_up_to_all_of_them(normal: Baseline) -> None:
    parts = [table(vectors()).iloc[:7], table(vectors()).iloc[7:]]
    states = [driftkit.data_quality.baseline(each, **ASKED).states for each in parts]

    together = driftkit.data_quality.baseline(driftkit.data_quality.combine(*states))

    assert together.states is not None
    assert normal.states is not None
    columns = (together.states.table.columns, normal.states.table.columns)
    for mine, theirs in zip(*columns, strict=True):
        for of in ("presence", "types", "extremes", "sketch", "distinct", "frequencies"):
            assert getattr(mine, of) == getattr(theirs, of)


def test_a_window_is_measured_from_its_states_and_from_the_files(
    normal: Baseline, tmp_path: Path
) -> None:
    normal.write(tmp_path / "baseline")
    window = table(of_another_model(vectors(seed=1)))

    by_rows = driftkit.data_quality.monitor(window, tmp_path / "baseline", runner="local")
    by_states = driftkit.data_quality.monitor(by_rows.states, tmp_path / "baseline")
    by_files = driftkit.data_quality.compare(by_rows.statistics, tmp_path / "baseline")

    assert moved(by_rows) == moved(by_states) == moved(by_files)


def test_vectors_that_cannot_be_measured_are_counted_and_said(normal: Baseline) -> None:
    rows: list[Any] = vectors(seed=1).tolist()
    rows[:4] = [None, [], [0.0] * 32, [float("nan"), *rows[3][1:]]]
    rows[4] = [None, *rows[4][1:]]

    found = driftkit.data_quality.monitor(table(rows), normal, runner="local")

    by_name = {each.name: each for each in found.statistics.features}
    assert by_name["e.dimensions"].string is not None
    assert by_name["e.dimensions"].string.num_missing == 1
    assert by_name["e.norm"].numerical is not None
    assert by_name["e.norm"].numerical.num_missing == 4
    assert by_name["e.projection_1"].numerical is not None
    assert by_name["e.projection_1"].numerical.num_missing == 5
    assert any("column e: 4 of 599 vectors" in line for line in found.notes())
    assert {"e.dimensions", "e.norm", "e.projection_1"} <= violated(found)


def test_vectors_of_another_length_are_an_unknown_category(normal: Baseline) -> None:
    rows: list[Any] = vectors(seed=1).tolist()
    rows[0] = rows[0][:31]

    found = driftkit.data_quality.monitor(table(rows), normal, runner="local")

    assert violated(found) == {"e.dimensions"}


@pytest.mark.parametrize(
    ("data", "found"),
    [
        ({"stars": [1, 2], "e": [1.5, 2.5]}, "values of type double"),
        ({"stars": [1, 2], "e": [["a"], ["b"]]}, "values of type list<item: string>"),
        ({"stars": [1, 2], "f": [[1.0], [2.0]]}, "columns stars"),
    ],
)
def test_a_baseline_needs_vectors(data: dict[str, Any], found: str) -> None:
    with pytest.raises(InputError, match="no vectors in column 'e'") as caught:
        driftkit.data_quality.baseline(data, **ASKED)
    assert caught.value.found is not None
    assert caught.value.found.startswith(found)


def test_a_window_without_vectors_lacks_the_columns(normal: Baseline) -> None:
    window = table(vectors()).assign(e="text")

    found = driftkit.data_quality.monitor(window.drop(columns="e"), normal, runner="local")

    assert [each.name for each in found.statistics.features] == ["stars"]
    assert {each.constraint_check_type for each in found.violations} == {"missing_column_check"}
