"""Errors of captured requests without labels, by the inputs in their payloads."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import driftkit
from driftkit.formats.model_quality.loss_calibration import LossCalibration
from tests.monitors.merging import capture, label, put
from tests.monitors.model_quality.test_regression_estimates import OF_WINDOW, QUALITY, rows

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pandas as pd

COLUMNS = ["x", "z", "carrier"]
REQUESTS: dict[str, tuple[str, list[str], Callable[[list[Any]], str]]] = {
    "json": ("JSON", COLUMNS, lambda row: json.dumps(dict(zip(COLUMNS, row, strict=True)))),
    "csv": (
        "CSV",
        ["_c0", "_c1", "_c2"],
        lambda row: ",".join("" if each is None else str(each) for each in row),
    ),
}


def requests(of: pd.DataFrame, form: str, *, labelled: bool = False) -> list[dict[str, Any]]:
    """Captured requests with their inputs, merged with labels where these are asked for."""
    encoding, _, written = REQUESTS[form]
    records = []
    for at, row in enumerate(of.astype({"z": object}).where(of.notna(), None).to_dict("records")):
        record = capture(str(at), output=repr(row["y"]))
        sent = written([row[name] for name in COLUMNS])
        record["captureData"]["endpointInput"] |= {"data": sent, "encoding": encoding}
        if labelled:
            record |= {"groundTruthData": label("", repr(row["label"]))["groundTruthData"]}
        records.append(record)
    return records


@pytest.mark.parametrize("form", REQUESTS)
def test_captured_requests_are_estimated_as_a_table_of_their_inputs(
    tmp_path: Path, form: str
) -> None:
    learnt, window = rows(1, 1_500), rows(2, 400)
    merged = put(tmp_path / "learnt", "2024/03/17/15", requests(learnt, form, labelled=True))
    captured = put(tmp_path / "captures", "2024/03/18/15", requests(window, form))
    names = dict(zip(COLUMNS, REQUESTS[form][1], strict=True))
    table = learnt[[*COLUMNS, "y", "label"]].rename(columns=names)

    normal = driftkit.model_quality.baseline(str(merged), problem_type="Regression")
    found = driftkit.model_quality.estimate(str(captured), normal)

    of_table = driftkit.model_quality.baseline(table, **QUALITY)
    assert isinstance(normal.calibration, LossCalibration)
    assert isinstance(of_table.calibration, LossCalibration)
    assert normal.calibration.model == of_table.calibration.model
    assert set(normal.calibration.asked) == set(names.values())
    unlabelled = window.drop(columns="label").rename(columns=names)
    of_rows = driftkit.model_quality.estimate(unlabelled, of_table, **OF_WINDOW)
    assert found.estimate == of_rows.estimate
