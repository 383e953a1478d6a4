"""Captures and tables are opened as rows of arms, and bad input is told with what to do."""

from __future__ import annotations

import json
import pickle
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import driftkit
from driftkit.columns.chunk import Rejections
from driftkit.compute.job import Job
from driftkit.errors import InputError, SettingsError
from driftkit.monitors.deployment.inputs import arms_in
from driftkit.settings import Settings
from tests.capture.captures import record, side, write
from tests.monitors.deployment.opening import opened, plan, read

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Golden = Callable[[str], Path]

SHADOW = {
    "champion": "folder:demo-endpoint/champion",
    "challenger": "folder:demo-endpoint/challenger-shadow",
}
BY_MODEL = {"old": "field:model=1", "new": "field:model=2"}
HOUR = "2026/11/02/10"
TABLE: dict[str, list[Any]] = {
    "model": [1, 2, 2, 3, 1],
    "user": [10, 20, 30, 40, 50],
    "label": [1, 0, 1, 0, 1],
    "score": [0.9, 0.2, 0.6, 0.1, 0.7],
    "latency": [5.0, 7.0, 6.0, 8.0, 9.0],
    "time": ["2026-11-02T10:00:00Z"] * 3 + ["2026-11-02T11:00:00Z"] * 2,
}


@pytest.fixture(scope="module")
def captures(golden: Golden) -> Path:
    return golden("deployment/shadow/captures")


def put(folder: Path, variant: str, records: list[Any], hour: str = HOUR) -> Path:
    write(folder / "churn" / variant / hour / "f.jsonl", records)
    return folder


def named_by_calls(folder: Path, target: Path) -> Path:
    """Ground truth whose eventId is the inferenceId that it is of, as merges expect it."""
    lines = [
        json.loads(line)
        for file in sorted(folder.rglob("*.jsonl"))
        for line in file.read_text().splitlines()
    ]
    events = [{"eventId": each["eventMetadata"]["inferenceId"]} for each in lines]
    named = [each | {"eventMetadata": event} for each, event in zip(lines, events, strict=True)]
    write(target / "2026/11/02/12/labels.jsonl", named)
    return target


def test_a_shadow_test_has_two_folders(captures: Path, golden: Golden) -> None:
    expected = json.loads(golden("deployment/shadow/expected.json").read_text())

    found = opened(str(captures), plan(SHADOW, unit="attribute:user", pair="inferenceId"))
    rows, rejected = read(found)

    counts = Counter(row["arm"] for row in rows)
    assert counts == {
        "champion": expected["champion_records"],
        "challenger": expected["shadow_records"],
    }
    assert rejected.total == 0
    assert found.names == ("arm", "time", "probability", "unit", "pair", "forced")
    ids = Counter(row["pair"] for row in rows if row["arm"] == "champion")
    assert [name for name, count in ids.items() if count > 1] == expected["duplicate_ids"]
    assert any("a lone number for a probability" in remark for remark in found.remarks)
    found.judge(counts.total(), rejected)


def test_labels_come_with_merged_captures(captures: Path, golden: Golden, tmp_path: Path) -> None:
    truths = named_by_calls(golden("deployment/shadow/ground_truth"), tmp_path / "truth")
    driftkit.merge(str(captures), str(truths), tmp_path / "merged")
    expected = json.loads(golden("deployment/shadow/expected.json").read_text())

    rows, _ = read(opened(str(tmp_path / "merged"), plan(SHADOW, pair="inferenceId")))

    halves: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for row in rows:
        assert row["label"] in {"0", "1"}
        halves.setdefault(row["pair"], {}).setdefault(row["arm"], []).append(row)
    pairs = [
        arms
        for arms in halves.values()
        if len(arms) == 2 and all(len(found) == 1 for found in arms.values())
    ]
    assert len(pairs) == expected["pairs_with_label"]
    right = [
        sum(
            (float(arms[name][0]["probability"]) > 0.5) == (arms[name][0]["label"] == "1")
            for arms in pairs
        )
        for name in SHADOW
    ]
    accuracies = [count / len(pairs) for count in right]
    assert accuracies == pytest.approx(expected["accuracy"], abs=1e-12)


@pytest.mark.parametrize("kind", ["captures", "parquet", "csv", "arrow"])
def test_units_go_to_workers_and_may_be_cut(captures: Path, tmp_path: Path, kind: str) -> None:
    is_table = kind != "captures"
    data, planned = (handed_in(kind, tmp_path), plan(BY_MODEL)) if is_table else (captures, None)
    found = opened(data if is_table else str(data), planned or plan(SHADOW))
    whole, _ = read(found)
    cut = Job(fold=len, divisible=True).units(found.dataset, 1)  # type: ignore[type-var,arg-type]

    sent = pickle.loads(pickle.dumps(cut))  # noqa: S301

    again, _ = read(replace(found, dataset=replace(found.dataset, units=sent)))  # type: ignore[type-var]
    assert again == whole
    assert len(cut) > 1 or kind in {"csv", "arrow"}


def test_arms_that_nobody_names_are_the_folders_of_variants(captures: Path) -> None:
    found = arms_in(str(captures), Settings())

    assert {name: str(selector) for name, selector in found.items()} == {
        "challenger-shadow": SHADOW["challenger"],
        "champion": SHADOW["champion"],
    }


def test_one_variant_is_no_second_arm(tmp_path: Path) -> None:
    put(tmp_path, "a", [record("1", "0.5")])

    with pytest.raises(InputError, match="there is no second arm"):
        arms_in(str(tmp_path), Settings())


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
    assert [row["unit"] for row in rows] == ["10", "20", "30", "50"]
    assert [float(row["column:latency"]) for row in rows] == [5.0, 7.0, 6.0, 9.0]
    assert [float(row["probability"]) for row in rows] == [0.9, 0.2, 0.6, 0.7]
    assert [int(row["label"]) for row in rows] == [1, 0, 1, 1]


def handed_in(kind: str, folder: Path) -> Any:
    frame = pd.DataFrame(TABLE)
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
        (plan(BY_MODEL, pair="attribute:call"), "pair"),
    ],
)
def test_a_column_that_is_not_there(planned: Any, where: str) -> None:
    with pytest.raises(InputError, match="there is no column") as caught:
        opened(TABLE, planned)

    assert caught.value.where == where


def test_forced_requests_of_a_table_are_marked() -> None:
    found = opened(TABLE | {"forced": [1, 0, None, 0, 1]}, plan(BY_MODEL))

    assert [row["forced"] for row in read(found)[0]] == [True, False, False, True]


def test_two_arms_may_answer_in_different_forms(tmp_path: Path) -> None:
    learner = [
        side(json.dumps({"predictions": [{"score": score, "predicted_label": 1}]}), "JSON")
        for score in (0.8, 0.3)
    ]
    put(tmp_path, "old", [record("1,2", "0.25"), record("3,4", "0.5\n")])
    put(tmp_path, "new", [record("1,2", each) for each in learner])

    found = opened(str(tmp_path), plan({"old": "folder:churn/old", "new": "folder:churn/new"}))
    rows, _ = read(found)

    assert [(row["arm"], row["probability"]) for row in rows] == [
        ("new", "0.8"),
        ("new", "0.3"),
        ("old", "0.25"),
        ("old", "0.5"),
    ]
    assert "prediction" not in found.names
    first, second = found.remarks
    assert "linear learner" in first
    assert "XGBoost" in second


def test_two_probabilities_become_one_where_the_other_arm_has_one(tmp_path: Path) -> None:
    put(tmp_path, "old", [record("1,2", "0.25")])
    put(tmp_path, "new", [record("1,2", side('{"predictions": [[0.3, 0.7]]}', "JSON"))])

    rows, _ = read(
        opened(str(tmp_path), plan({"old": "folder:churn/old", "new": "folder:churn/new"}))
    )

    assert [row["probability"] for row in rows] == ["0.7", "0.25"]


@pytest.mark.parametrize(
    ("answer", "named", "message"),
    [
        (side('{"message": "x"}', "JSON"), {}, "the answers have no form that is known"),
        (side('{"message": "x"}', "JSON"), {"prediction": "label"}, "attributes are not found"),
        ("0.5", {"probability": "3"}, "attributes are not found"),
    ],
)
def test_answers_that_cannot_be_read(
    tmp_path: Path, answer: Any, named: dict[str, Any], message: str
) -> None:
    put(tmp_path, "old", [record("1,2", "0.25,7,8,1")])
    put(tmp_path, "new", [record("1,2", answer)])

    with pytest.raises(InputError, match=message) as caught:
        opened(str(tmp_path), plan({"old": "folder:churn/old", "new": "folder:churn/new"}), **named)

    assert caught.value.where == "new"


def test_a_field_that_is_no_path_is_refused(tmp_path: Path) -> None:
    put(tmp_path, "old", [record("1,2", "0.25")])

    with pytest.raises(SettingsError, match="it is not a JMESPath"):
        opened(str(tmp_path), plan({"old": "field:a[=1", "new": "field:a[=2"}))


def test_only_the_window_is_read(tmp_path: Path) -> None:
    early, late = "2026-11-02T10:59:00Z", "2026-11-02T11:01:00Z"
    put(tmp_path, "old", [record("1", "0.25", early)])
    put(tmp_path, "old", [record("1", "0.5", late)], "2026/11/02/11")
    put(tmp_path, "new", [record("1", "0.75", late)], "2026/11/02/11")

    rows, _ = read(
        opened(
            str(tmp_path),
            plan({"old": "folder:churn/old", "new": "folder:churn/new"}),
            {"start": "2026-11-02T11:00"},
        )
    )

    assert [row["probability"] for row in rows] == ["0.75", "0.5"]


@pytest.mark.parametrize(
    ("rows", "counts", "message"),
    [
        (15, {"of no arm": 16}, "more than half of the rows are of no arm"),
        (15, {"of several arms": 16}, "the arms' selectors overlap"),
        (15, {"not JSON": 16}, "more than half of the records cannot be read"),
        (0, {}, "not a single row"),
    ],
)
def test_rows_that_tell_nothing_are_refused(
    rows: int, counts: dict[str, int], message: str
) -> None:
    found = opened(TABLE, plan(BY_MODEL))

    with pytest.raises(InputError, match=message):
        found.judge(rows, Rejections(counts=counts))


def test_a_few_rows_of_no_arm_are_only_counted() -> None:
    found = opened(TABLE, plan(BY_MODEL))

    found.judge(15, Rejections(counts={"of no arm": 7, "of several arms": 7}))
