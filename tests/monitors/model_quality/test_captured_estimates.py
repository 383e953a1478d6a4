"""Quality of captured requests without labels: segments in payloads, and labels that have come."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import driftkit
from tests.monitors.merging import capture, label, put
from tests.monitors.model_quality.test_estimates import OF_WINDOW, QUALITY, rows, values

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pandas as pd


def test_captured_requests_without_labels_are_estimated(tmp_path: Path) -> None:
    reference = rows(11, 4_000)
    normal = driftkit.model_quality.baseline(reference, **QUALITY)
    window = rows(12, 200)
    for hour in (15, 16):
        some = window.iloc[(hour - 15) * 100 : (hour - 14) * 100]
        records = [
            capture(f"{hour}-{at}", time=f"2024-03-18T{hour}:10:00Z", output=repr(float(score)))
            for at, score in enumerate(some["score"])
        ]
        put(tmp_path / "captures", f"2024/03/18/{hour}", records)

    found = driftkit.model_quality.estimate(
        str(tmp_path / "captures"), normal, time_column="inferenceTime", time_unit="hour"
    )

    of_rows = driftkit.model_quality.estimate(window[["score"]], normal, **OF_WINDOW)
    assert found.estimate.window == of_rows.estimate.window
    assert [each.name for each in found.estimate.blocks] == ["2024-03-18T15", "2024-03-18T16"]


REQUESTS: dict[str, Callable[[str], tuple[Any, str, str | None]]] = {
    "json": lambda carrier: ({"carrier": carrier, "age": 3}, "JSON", None),
    "rows of json": lambda carrier: ({"instances": [{"carrier": carrier}]}, "JSON", None),
    "csv": lambda carrier: (f"3,{carrier}", "CSV", None),
    "attribute": lambda carrier: ("3,4", "CSV", f"tier=1;carrier={carrier}"),
}


@pytest.mark.parametrize(
    ("form", "name"),
    [
        ("json", "carrier"),
        ("rows of json", "instances[0].carrier"),
        ("csv", "_c1"),
        ("attribute", "carrier"),
    ],
)
@pytest.mark.parametrize("merged", [True, False], ids=["merged", "captured"])
def test_captured_requests_are_told_apart_by_segments(
    tmp_path: Path, form: str, name: str, *, merged: bool
) -> None:
    learnt, window = rows(17, 1_200), rows(18, 300)
    reference: Any = learnt.rename(columns={"carrier": name})
    if merged:
        records = requests(learnt, form, labelled=True)
        reference = str(put(tmp_path / "learnt", "2024/03/17/15", records))
    settings = {**QUALITY, "probability_attribute": "0"} if merged else QUALITY
    normal = driftkit.model_quality.baseline(reference, segment_by=name, **settings)
    folder = put(tmp_path / "captures", "2024/03/18/15", requests(window, form))

    found = driftkit.model_quality.estimate(str(folder), normal)

    of_table = driftkit.model_quality.baseline(
        learnt.rename(columns={"carrier": name}), segment_by=name, **QUALITY
    )
    of_rows = driftkit.model_quality.estimate(
        window.rename(columns={"carrier": name}).drop(columns="label"), of_table, **OF_WINDOW
    )
    assert [each.name for each in found.estimate.segments] == [f"{name}=AA", f"{name}=UA"]
    assert found.estimate == of_rows.estimate
    assert found.skipped == ()


def requests(of: pd.DataFrame, form: str, *, labelled: bool = False) -> list[dict[str, Any]]:
    """Captured requests whose carrier stands in the payload, or is what their caller said."""
    records = []
    for at, row in enumerate(of.to_dict("records")):
        record = capture(str(at), output=repr(row["score"]))
        data, encoding, given = REQUESTS[form](row["carrier"])
        content = data if encoding == "CSV" else json.dumps(data)
        record["captureData"]["endpointInput"] |= {"data": content, "encoding": encoding}
        if given:
            record["eventMetadata"]["customAttributes"] = [given]
        if labelled:
            record |= {"groundTruthData": label("", str(row["label"]))["groundTruthData"]}
        records.append(record)
    return records


def test_captures_that_lack_the_segments_field_are_estimated_as_a_whole(tmp_path: Path) -> None:
    normal = driftkit.model_quality.baseline(rows(19, 2_000), segment_by="carrier", **QUALITY)
    folder = put(tmp_path, "2024/03/18/15", [capture("a", output="0.8")])

    found = driftkit.model_quality.estimate(str(folder), normal)

    assert [str(each) for each in found.skipped] == ["segments: the window has no column carrier"]


def test_labels_of_some_requests_are_compared_with_the_estimate_of_all(tmp_path: Path) -> None:
    reference, window = rows(20, 4_000), rows(21, 400)
    normal = driftkit.model_quality.baseline(reference, segment_by="carrier", **QUALITY)
    put(tmp_path / "captures", "2024/03/18/15", requests(window, "json"))
    some = window.iloc[:150]
    merged = put(tmp_path / "merged", "2024/03/18/15", requests(some, "json", labelled=True))

    found = driftkit.model_quality.estimate(
        str(tmp_path / "captures"), normal, labelled=str(merged)
    )

    window.loc[window.index >= 150, "label"] = None
    of_rows = driftkit.model_quality.estimate(window, normal, **OF_WINDOW)
    assert found.estimate == of_rows.estimate
    assert found.estimate.window.labelled == 150
    later = driftkit.model_quality.estimate(
        str(tmp_path / "captures"), normal, labelled=str(merged), start="2024-03-18T15:00:00Z"
    )
    assert later.estimate == found.estimate


def test_labels_of_other_hours_are_said_to_be_none(tmp_path: Path) -> None:
    normal = driftkit.model_quality.baseline(rows(20, 2_000), **QUALITY)
    captures = put(tmp_path / "captures", "2024/03/18/15", [capture("a", output="0.8")])
    merged = put(tmp_path / "merged", "2024/03/17/15", [capture("b", output="0.8")])

    found = driftkit.model_quality.estimate(
        str(captures), normal, labelled=str(merged), start="2024-03-18T00:00:00Z"
    )

    assert [str(each) for each in found.skipped] == ["labels: none of the window has come"]
    assert found.estimate.window.labelled == 0


def test_merged_captures_are_estimated_with_the_labels_that_have_come(tmp_path: Path) -> None:
    normal = driftkit.model_quality.baseline(rows(13, 4_000), **QUALITY)
    records = [capture(str(at), output="0.8") for at in range(6)]
    for at in (0, 2):
        records[at] |= {"groundTruthData": label(str(at), str(at // 2))["groundTruthData"]}
    merged = put(tmp_path / "merged", "2024/03/18/15", records)

    found = driftkit.model_quality.estimate(str(merged), normal)

    assert (found.estimate.window.rows, found.estimate.window.labelled) == (6, 2)
    assert values(found, "accuracy")["realized"] == 0.5
