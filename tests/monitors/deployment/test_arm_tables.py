"""Tables of any kind are opened as rows of arms, and units of them go to workers."""

from __future__ import annotations

import pickle
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from driftkit.compute.job import Job
from driftkit.errors import InputError
from tests.capture.captures import record, write
from tests.monitors.deployment.opening import BY_MODEL, TABLE, opened, plan, read

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("kind", ["captures", "parquet", "csv", "arrow"])
def test_units_go_to_workers_and_may_be_cut(tmp_path: Path, kind: str) -> None:
    found = opened(
        handed_in(kind, tmp_path),
        plan({"old": "path:old", "new": "path:new"} if kind == "captures" else BY_MODEL),
    )
    whole, _ = read(found)
    cut = Job(fold=len, divisible=True).units(found.dataset, 1)  # type: ignore[type-var,arg-type]

    sent = pickle.loads(pickle.dumps(cut))  # noqa: S301

    again, _ = read(replace(found, dataset=replace(found.dataset, units=sent)))  # type: ignore[type-var]
    assert again == whole
    assert len(cut) > 1 or kind in {"csv", "arrow"}


@pytest.mark.parametrize(
    "kind", ["mapping", "pandas", "arrow", "dictionary", "csv", "parquet", "jsonl"]
)
def test_tables_of_any_kind(tmp_path: Path, kind: str) -> None:
    planned = plan(BY_MODEL, columns=("latency",), unit="field:user")

    found = opened(handed_in(kind, tmp_path), planned, probability="score")
    rows, rejected = read(found)

    assert found.names == ("arm", "time", "label", "probability", "unit", "column:latency")
    assert rejected.counts == {"of no arm": 1}
    assert [row["arm"] for row in rows] == ["old", "new", "new", "old"]
    assert [str(row["unit"]) for row in rows] == ["10", "20", "30", "50"]
    assert [float(row["column:latency"]) for row in rows] == [5.0, 7.0, 6.0, 9.0]
    assert [float(row["probability"]) for row in rows] == [0.9, 0.2, 0.6, 0.7]
    assert [int(row["label"]) for row in rows] == [1, 0, 1, 1]


def handed_in(kind: str, folder: Path) -> Any:
    frame = pd.DataFrame(TABLE)
    if kind == "captures":
        for name in ("old", "new"):
            write(folder / name / "f.jsonl", [record("1", "0.25"), record("2", "0.5")])
        return str(folder)
    if kind in {"mapping", "pandas"}:
        return TABLE if kind == "mapping" else frame
    if kind == "csv":
        frame.to_csv(folder / "t.csv", index=False)
    elif kind == "jsonl":
        frame.to_json(folder / "t.jsonl", orient="records", lines=True)
    elif kind == "parquet":
        pq.write_table(pa.table(TABLE), folder / "t.parquet", row_group_size=2)
    else:
        table = pa.table(TABLE)
        return (
            table
            if kind == "arrow"
            else table.set_column(0, "model", table["model"].dictionary_encode())
        )
    return str(folder)


def test_tables_of_an_arm_in_a_folder_of_its_own(tmp_path: Path) -> None:
    for name, scores in (("old", [0.5, 0.25]), ("new", [0.75])):
        (tmp_path / name).mkdir()
        pq.write_table(pa.table({"probability": scores}), tmp_path / name / "t.parquet")

    rows, _ = read(opened(str(tmp_path), plan({"old": "path:old", "new": f"path:{tmp_path}/new"})))

    assert rows == [
        {"arm": "new", "probability": 0.75},
        {"arm": "old", "probability": 0.5},
        {"arm": "old", "probability": 0.25},
    ]


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_arms_of_times(tmp_path: Path, kind: str) -> None:
    planned = plan({"old": "before:2026-11-02T11:00", "new": "from:2026-11-02T11:00"})

    rows, _ = read(opened(handed_in(kind, tmp_path), planned, probability="score"))

    assert [row["arm"] for row in rows] == ["old"] * 3 + ["new"] * 2


def test_times_need_a_column() -> None:
    planned = plan({"old": "before:2026-11-02T11:00", "new": "from:2026-11-02T11:00"})

    with pytest.raises(InputError, match="no column is known to have times"):
        opened({"probability": [0.5]}, planned)


@pytest.mark.parametrize(
    ("planned", "where"),
    [
        (plan({"old": "field:version=1", "new": "field:version=2"}), "arms"),
        (plan(BY_MODEL, columns=("cost",)), "cost"),
        (plan(BY_MODEL, unit="attribute:session"), "unit"),
        (plan(BY_MODEL, pair="attribute:call"), "pair_by"),
    ],
)
def test_a_column_that_is_not_there(planned: Any, where: str) -> None:
    with pytest.raises(InputError, match="there is no column") as caught:
        opened(TABLE, planned)

    assert caught.value.where == where


def test_forced_requests_of_a_table_are_marked() -> None:
    found = opened(TABLE | {"forced": [1, 0, None, 0, 1]}, plan(BY_MODEL))

    assert [row["forced"] for row in read(found)[0]] == [True, False, False, True]
