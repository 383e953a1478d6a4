"""Attributions of captured requests are those of the same rows in a table."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from driftkit.monitors.attribution import monitor as attribution
from tests.monitors.attribution.data import CONFIG, NAMES, model_file, rows

if TYPE_CHECKING:
    from pathlib import Path

HOURS = {"2024-03-18T14": slice(0, 30), "2024-03-18T15": slice(30, 50)}


def _csv(row: list[float]) -> dict[str, str]:
    return {"data": ",".join(map(str, row)), "encoding": "CSV"}


def _json(row: list[float]) -> dict[str, str]:
    return {"data": json.dumps({"rows": row}), "encoding": "JSON"}


@pytest.mark.parametrize(("part", "path"), [(_csv, None), (_json, "rows")])
def test_captures_are_explained_as_a_table(tmp_path: Path, part: Any, path: str | None) -> None:
    table, model = rows(50), model_file(tmp_path)
    captured = tmp_path / "captured"
    for hour, chosen in HOURS.items():
        folder = captured / hour.replace("-", "/").replace("T", "/")
        folder.mkdir(parents=True)
        lines = [
            {
                "captureData": {
                    "endpointInput": part(row),
                    "endpointOutput": part([0.25]),
                },
                "eventMetadata": {"eventId": str(at), "inferenceTime": f"{hour}:10:00Z"},
                "eventVersion": "0",
            }
            for at, row in enumerate(table[chosen][NAMES].to_numpy().tolist())
        ]
        (folder / "part.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    config = CONFIG | ({} if path is None else {"features": path})
    window: dict[str, Any] = {"start": "2024-03-18T15:00:00Z", "end": "2024-03-18T16:00:00Z"}

    found = attribution.baseline(captured, model, analysis_config=config, runner="local", **window)

    expected = attribution.baseline(table[30:], model, analysis_config=CONFIG, runner="local")
    ours, theirs = (each.explanations.labels["label0"] for each in (found, expected))
    assert ours.global_shap_values == pytest.approx(theirs.global_shap_values, abs=1e-9)
