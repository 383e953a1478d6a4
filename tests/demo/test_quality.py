"""The demo's ground truth belongs to its captures, and its findings say what got worse."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import driftkit
from baselines.flights.data import served_rows
from baselines.flights.endpoint import serve
from baselines.flights.quality import LABEL, findings, write_truth

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    from sklearn.pipeline import Pipeline


def test_every_label_belongs_to_a_captured_request(
    tmp_path: Path, table: pd.DataFrame, model: Pipeline
) -> None:
    served = served_rows(table)
    day = served[served["requested"].dt.strftime("%Y-%m-%d") == "2013-07-04"]
    serve(day, model, tmp_path / "captured" / "flight-delays" / "AllTraffic")
    write_truth(tmp_path / "truth")

    report = driftkit.merge(
        tmp_path / "captured", tmp_path / "truth" / "first", tmp_path / "merged"
    ).report

    assert report.captures["matched"] == len(day)
    assert report.captures["unlabelled"] == 0
    assert (report.delay["minimum"], report.delay["maximum"]) == (24, 24)
    merged = sorted((tmp_path / "merged").rglob("part-*.jsonl"))
    records = [json.loads(line) for path in merged for line in path.read_text().splitlines()]
    late = sum(int(record["groundTruthData"]["data"]) for record in records)
    assert late == day[LABEL].sum()


def test_december_comes_last(tmp_path: Path, table: pd.DataFrame) -> None:
    first, late = write_truth(tmp_path)

    served = served_rows(table)
    assert first + late == len(served)
    assert not (tmp_path / "late" / "2013" / "11").exists()


def test_findings_name_what_is_beyond_noise() -> None:
    normal = {"label": [1, 0] * 500, "p": [0.9, 0.1] * 450 + [0.1, 0.9] * 50}
    window = {"label": [1, 0] * 500, "p": [0.9, 0.1] * 350 + [0.1, 0.9] * 150}
    asked: dict[str, Any] = {"probability_attribute": "p", "problem_type": "binary"}
    baseline = driftkit.model_quality.baseline(normal, **asked)

    auc, interval, worse = findings(driftkit.model_quality.monitor(window, baseline, **asked))

    assert auc.startswith("0.7")
    assert interval.startswith("0.6")
    assert worse.startswith("recall, precision")
