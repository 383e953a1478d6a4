"""Captures and tables are opened as rows of arms, and bad input is told with what to do."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

import driftkit
from driftkit.columns.chunk import Rejections
from driftkit.errors import InputError, SettingsError
from driftkit.monitors.deployment.inputs import ArmData, arms_in
from driftkit.settings import Settings
from tests.capture.captures import record, side, write
from tests.monitors.deployment.opening import BY_MODEL, TABLE, opened, plan, read

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Golden = Callable[[str], Path]

SHADOW = {
    "champion": "folder:demo-endpoint/champion",
    "challenger": "folder:demo-endpoint/challenger-shadow",
}
HOUR = "2026/11/02/10"


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


def test_arms_that_nobody_names_are_the_folders_of_variants(captures: Path) -> None:
    found = arms_in(ArmData(str(captures), Settings()))

    assert {name: str(selector) for name, selector in found.items()} == {
        "challenger-shadow": SHADOW["challenger"],
        "champion": SHADOW["champion"],
    }


def test_one_variant_is_no_second_arm(tmp_path: Path) -> None:
    put(tmp_path, "a", [record("1", "0.5")])

    with pytest.raises(InputError, match="there is no second arm"):
        arms_in(ArmData(str(tmp_path), Settings()))


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
        (side("/9j/4AAQSkZJRgABAQ==", "BASE64"), {}, "the answers have no form that is known"),
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


@pytest.mark.parametrize(("goal", "lacks"), [("brier:0.1", True), ("mae:0.1", False)])
def test_answers_that_do_not_tell_what_a_metric_needs_are_refused(
    tmp_path: Path, goal: str, *, lacks: bool
) -> None:
    for variant in ("a", "b"):
        put(tmp_path, variant, [record("1", "7.5"), record("2", "2.5")])

    if not lacks:
        assert (
            driftkit.deployment.baseline(tmp_path, goals=[goal], champion="a").plan.champion == "a"
        )
        return
    with pytest.raises(InputError) as caught:
        driftkit.deployment.baseline(tmp_path, goals=[goal], champion="a")
    assert caught.value.what == "the answers are not read for a probability"
    assert caught.value.found == "prediction"
    assert caught.value.todo == "Name it with --probability-attribute, or plan without brier"


def test_a_field_that_is_no_path_is_refused(tmp_path: Path) -> None:
    put(tmp_path, "old", [record("1,2", "0.25")])

    with pytest.raises(SettingsError, match="it is not a JMESPath"):
        opened(str(tmp_path), plan({"old": "field:a[=1", "new": "field:a[=2"}))


def test_an_arm_may_have_nothing_in_a_window(tmp_path: Path) -> None:
    put(tmp_path, "old", [record("1", "0.25")])

    found = opened(str(tmp_path), plan({"old": "folder:churn/old", "new": "folder:churn/new"}))

    assert [row["arm"] for row in read(found)[0]] == ["old"]
    assert found.remarks[0].startswith("new=folder:churn/new: none of 1 files")


def test_records_of_large_payloads_are_looked_at(tmp_path: Path) -> None:
    image = {"data": "A" * 100_000, "encoding": "BASE64", "observedContentType": "image/png"}
    for name in ("old", "new"):
        put(tmp_path, name, [record(image, side("[0.25, 0.75]", "JSON"))])

    found = opened(str(tmp_path), plan({"old": "folder:churn/old", "new": "folder:churn/new"}))

    assert [row["probability"] for row in read(found)[0]] == ["[0.25,0.75]"] * 2


def test_captures_by_time(tmp_path: Path) -> None:
    times = ("2026-11-02T10:59:59Z", "2026-11-02T11:00:00Z")
    put(tmp_path, "all", [record("1", "0.25", time) for time in times])
    planned = plan({"old": "before:2026-11-02T11:00", "new": "from:2026-11-02T11:00"})

    rows, _ = read(opened(str(tmp_path), planned))

    assert [row["arm"] for row in rows] == ["old", "new"]


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
