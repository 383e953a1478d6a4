"""Captures and ground truth become merged files, in any order and in pieces."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from driftkit.errors import InputError
from driftkit.monitors.merge import merge
from tests.monitors.merging import capture, contents, label, put, raw

HOUR, LATER = "2024/03/18/15", "2024/03/19/02"
ENDPOINT = "churn/AllTraffic"


@pytest.fixture
def captures(tmp_path: Path) -> Path:
    return tmp_path / "captured" / "churn" / "AllTraffic"


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    return tmp_path / "truth"


def test_a_merged_record_has_the_real_layout(tmp_path: Path, captures: Path, labels: Path) -> None:
    put(captures, HOUR, [capture("e1", inference="i1", output="0.7\n")])
    put(labels, LATER, [label("i1")])

    done = merge(captures, labels, tmp_path / "merged")

    ((name, [record]),) = contents(tmp_path / "merged").items()
    assert name.startswith(f"{ENDPOINT}/{HOUR}/part-00000-")
    assert name.endswith(".c000.jsonl")
    assert list(record) == ["eventVersion", "groundTruthData", "captureData", "eventMetadata"]
    assert record["groundTruthData"] == {"data": "1", "encoding": "CSV"}
    output = record["captureData"]["endpointOutput"]
    assert list(output) == ["data", "encoding", "mode", "observedContentType"]
    assert list(record["eventMetadata"]) == ["eventId", "inferenceId", "inferenceTime"]
    assert done.changed_hours == (f"{ENDPOINT}/{HOUR}",)


def test_the_inference_id_goes_before_the_event_id(
    tmp_path: Path, captures: Path, labels: Path
) -> None:
    put(captures, HOUR, [capture("e1", inference="i1"), capture("e2")])
    put(labels, LATER, [label("e1", "wrong"), label("i1", "right"), label("e2", "own")])

    report = merge(captures, labels, tmp_path / "merged").report

    (records,) = contents(tmp_path / "merged").values()
    assert [record["groundTruthData"]["data"] for record in records] == ["right", "own"]
    assert report.labels["orphans"] == 1


def test_the_report_counts_both_sides(tmp_path: Path, captures: Path, labels: Path) -> None:
    put(captures, HOUR, [capture("a"), capture("a"), capture("b"), capture("c")])
    put(labels, LATER, [label("a"), label("a"), label("b", "0"), label("x")])
    put(labels, HOUR, [label("b", "1")])

    report = merge(captures, labels, tmp_path / "merged").report

    assert report.captures == {"records": 4, "matched": 2, "unlabelled": 1, "duplicates": 1}
    assert report.labels == {
        "records": 5,
        "ids": 3,
        "orphans": 1,
        "duplicates": 2,
        "conflicts": 1,
    }
    assert report.delay["median"] == 11
    written = json.loads((tmp_path / "merged" / "_merge" / "merge_report.json").read_text())
    assert written["hours"] == {f"{ENDPOINT}/{HOUR}": 2}
    assert (written["labelled_hours"], written["unlabelled_hours"]) == ({HOUR: 2}, {HOUR: 1})
    assert written["newest_label_hour"] == LATER
    assert report.sentence.startswith("2 of 4 captures matched, 1 unlabelled, 1 orphan labels")


def test_of_conflicting_labels_the_latest_hour_wins(
    tmp_path: Path, captures: Path, labels: Path
) -> None:
    put(captures, HOUR, [capture("a")])
    put(labels, LATER, [label("a", "late")])
    put(labels, "2024/03/18/23", [label("a", "early")], name="zz.jsonl")

    merge(captures, labels, tmp_path / "merged")

    (records,) = contents(tmp_path / "merged").values()
    assert records[0]["groundTruthData"]["data"] == "late"


def test_one_label_serves_every_capture_with_its_inference_id(
    tmp_path: Path, captures: Path, labels: Path
) -> None:
    put(captures, HOUR, [capture(f"e{i}", inference="same") for i in range(3)])
    put(labels, LATER, [label("same")])

    assert merge(captures, labels, tmp_path / "merged").report.captures["matched"] == 3


def test_labels_before_the_prediction_are_counted(
    tmp_path: Path, captures: Path, labels: Path
) -> None:
    put(captures, HOUR, [capture("a")])
    put(labels, "2024/03/18/09", [label("a")])

    delay = merge(captures, labels, tmp_path / "merged").report.delay

    assert (delay["minimum"], delay["before_prediction"]) == (-6, 1)


@pytest.mark.parametrize("as_array", [True, False])
def test_labels_may_stand_in_an_array_on_a_line(
    tmp_path: Path, captures: Path, labels: Path, *, as_array: bool
) -> None:
    put(captures, HOUR, [capture("a"), capture("b")])
    records: list[Any] = [label("a"), label("b", '{"label": 0}', "JSON")]
    put(labels, LATER, [records] if as_array else records)

    merge(captures, labels, tmp_path / "merged")

    (merged,) = contents(tmp_path / "merged").values()
    assert [record["groundTruthData"]["encoding"] for record in merged] == ["CSV", "JSON"]


def test_the_window_chooses_hours_of_captures(tmp_path: Path, captures: Path, labels: Path) -> None:
    put(captures, HOUR, [capture("a")])
    put(captures, LATER, [capture("b")])
    put(labels, LATER, [label("a"), label("b")])

    done = merge(
        captures, labels, tmp_path / "m", start="2024-03-18T15:00:00Z", end="2024-03-18T16:00:00Z"
    )

    assert done.changed_hours == (f"{ENDPOINT}/{HOUR}",)


def test_batch_records_lose_their_id_columns(tmp_path: Path, labels: Path) -> None:
    folder = tmp_path / "batch"
    folder.mkdir()
    (folder / "a.csv.out").write_text('"x, y",0.7, u1,2024-03-18T15:00:00Z\n')
    answer = {"SageMakerOutput": {"p": 0.2}, "age": 3, "SageMakerInferenceId": "u2"}
    answer["SageMakerInferenceTime"] = "2024-03-18T15:00:00Z"
    (folder / "b.jsonl.out").write_text(json.dumps(answer) + "\n")
    put(labels, LATER, [label("u1"), label("u2")])

    merge(folder, labels, tmp_path / "merged")

    records = [each for file in contents(tmp_path / "merged").values() for each in file]
    assert list(records[0]) == ["eventMetadata", "eventVersion", "groundTruthData", "captureData"]
    outputs = [record["captureData"]["batchTransformOutput"] for record in records]
    assert outputs == [
        {"data": '"x, y",0.7', "encoding": "CSV"},
        {"data": '{"SageMakerOutput":{"p":0.2},"age":3}', "encoding": "JSON"},
    ]


def test_a_bare_return_ends_a_batch_record_too(tmp_path: Path, labels: Path) -> None:
    folder = tmp_path / "batch"
    folder.mkdir()
    rows = [f"{number},0.7,u{number},2024-03-18T15:00:00Z" for number in range(3)]
    odd = '"x\ry",0.7,u3,2024-03-18T15:00:00Z\n"x",0.7\ru4,2024-03-18T15:00:00Z\n'
    long = f"{'x' * 200_000},0.7,u5,2024-03-18T15:00:00Z\n"
    (folder / "a.csv.out").write_bytes(("\r".join(rows) + "\n" + odd + long).encode())
    put(labels, LATER, [label(f"u{number}") for number in range(6)])

    done = merge(folder, labels, tmp_path / "merged")

    records = [each for file in contents(tmp_path / "merged").values() for each in file]
    outputs = [record["captureData"]["batchTransformOutput"]["data"] for record in records]
    assert outputs == ["0,0.7", "1,0.7", "2,0.7", '"x\ry",0.7', f"{'x' * 200_000},0.7"]
    assert sum(done.report.rejected["captures"].values()) == 2


def test_no_match_shows_ids_of_either_side(tmp_path: Path, captures: Path, labels: Path) -> None:
    put(captures, HOUR, [capture(f"c{i}") for i in range(5)])
    put(labels, LATER, [label(f"l{i}") for i in range(5)])

    with pytest.raises(InputError, match=r"c0, c1, c2; labels l0, l1, l2"):
        merge(captures, labels, tmp_path / "merged")

    assert not (tmp_path / "merged").exists()


def test_lines_that_cannot_be_read_are_named(tmp_path: Path, captures: Path, labels: Path) -> None:
    put(captures, HOUR, [capture("a")])
    (captures / HOUR / "x.jsonl").write_text('{"captureData": {}\n')
    put(labels, LATER, [label("a"), {"eventMetadata": {"eventId": "b"}}])
    (labels / LATER / "y.jsonl").write_text("oops\n")

    report = merge(captures, labels, tmp_path / "merged").report

    assert report.rejected["captures"] == {"that are not JSON": 1}
    assert report.rejected["labels"] == {"without groundTruthData": 1, "that are not JSON": 1}
    assert any("x.jsonl:1" in example for example in report.examples)


@pytest.mark.parametrize("about", ["text", ["e"], None, {}])
def test_records_without_an_id_are_set_aside(
    tmp_path: Path, captures: Path, labels: Path, about: Any
) -> None:
    put(captures, HOUR, [{**capture("x"), "eventMetadata": about}, capture("a"), capture("b")])
    put(labels, LATER, [label("a", "0"), {**label("x"), "eventMetadata": about}, label("b")])

    report = merge(captures, labels, tmp_path / "merged").report

    (records,) = contents(tmp_path / "merged").values()
    assert [record["groundTruthData"]["data"] for record in records] == ["0", "1"]
    assert report.rejected == {
        "captures": {"without an inferenceId or eventId": 1},
        "labels": {"without an eventId": 1},
    }


@pytest.mark.parametrize("about", [{"eventId": 7}, {"eventId": "x", "inferenceId": 7}])
def test_an_id_may_be_a_number(
    tmp_path: Path, captures: Path, labels: Path, about: dict[str, Any]
) -> None:
    put(captures, HOUR, [{**capture("x"), "eventMetadata": about}])
    put(labels, LATER, [{**label("x"), "eventMetadata": {"eventId": 7}}])

    assert merge(captures, labels, tmp_path / "merged").report.captures["matched"] == 1


def test_captured_data_that_are_no_object_are_set_aside(
    tmp_path: Path, captures: Path, labels: Path
) -> None:
    put(captures, HOUR, [{**capture("x"), "captureData": "text"}, capture("a")])
    put(labels, LATER, [label("a"), label("x")])

    report = merge(captures, labels, tmp_path / "merged").report

    assert report.rejected["captures"] == {"that are no captured data": 1}
    assert report.captures["matched"] == 1


def test_a_manifest_names_the_files_of_a_batch_job(tmp_path: Path, labels: Path) -> None:
    outputs = tmp_path / "outputs"
    outputs.mkdir()
    for name in "ab":
        line = f"0.7,u-{name},2024-03-18T15:00:00Z\n"
        (outputs / f"{name}.csv.out").write_text(line)
    listed = put(tmp_path / "job", HOUR, [])
    manifest = [{"prefix": f"{outputs}/"}, "a.csv.out"]
    (listed / HOUR / "m.json").write_text(json.dumps(manifest))
    put(labels, LATER, [label("u-a"), label("u-b")])

    report = merge(listed, labels, tmp_path / "merged").report

    ((name, [record]),) = contents(tmp_path / "merged").items()
    assert name.startswith(f"{HOUR}/")
    assert record["eventMetadata"] == {"eventId": "u-a"}
    assert record["captureData"] == {"batchTransformOutput": {"data": "0.7", "encoding": "CSV"}}
    assert report.labels["orphans"] == 1


def test_urls_are_read_like_paths(tmp_path: Path, captures: Path, labels: Path) -> None:
    put(captures, HOUR, [capture("a")])
    put(labels, LATER, [label("a")])

    merge(captures, labels, tmp_path / "by-path")
    merge(captures.as_uri(), labels.as_uri(), tmp_path / "by-url")

    assert raw(tmp_path / "by-path") == raw(tmp_path / "by-url")


def test_late_labels_update_only_their_hours(tmp_path: Path, captures: Path, labels: Path) -> None:
    put(captures, HOUR, [capture("a"), capture("b")])
    put(captures, LATER, [capture("c", time="2024-03-19T02:00:00Z")])
    first = put(labels / "first", LATER, [label("a"), label("c")])
    late = put(labels / "late", "2024/03/20/00", [label("b", "0")])
    out = tmp_path / "merged"
    merge(captures, first, out)

    done = merge(captures, late, out, update=True)

    assert done.changed_hours == (f"{ENDPOINT}/{HOUR}",)
    assert done.report.captures["matched"] == 3
    assert merge(captures, late, out, update=True).changed_hours == ()


ids = st.sampled_from("abcdefgh")
a_label = st.tuples(ids, st.sampled_from(["0", "1"]), st.integers(0, 5))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(delivered=st.lists(a_label, min_size=1, max_size=12), data=st.data())
def test_the_order_and_the_pieces_of_delivery_do_not_matter(
    delivered: list[tuple[str, str, int]], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(delivered))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(shuffled)), max_size=3)))
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        captures = root / "captured" / "churn" / "AllTraffic"
        for number, key in enumerate("abcdefgh"):
            hour = f"2024/03/18/{number // 3:02d}"
            put(captures, hour, [capture(key, inference=key)], name=f"{key}.jsonl")

        merge(captures, _delivered(root / "whole", delivered), root / "at-once")
        for number, (start, stop) in enumerate(
            zip([0, *cuts], [*cuts, len(shuffled)], strict=True)
        ):
            piece = shuffled[start:stop]
            if piece:
                labels = _delivered(root / f"piece-{number}", piece)
                merge(captures, labels, root / "in-pieces", update=True)

        assert raw(root / "at-once") == raw(root / "in-pieces")


def _delivered(folder: Path, labels: list[tuple[str, str, int]]) -> Path:
    for number, (key, value, hour) in enumerate(labels):
        put(folder, f"2024/03/19/{hour:02d}", [label(key, value)], name=f"{number}.jsonl")
    return folder
