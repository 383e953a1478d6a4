"""Small captures and labels for the tests of merging."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path


def capture(
    event: str,
    *,
    time: str = "2024-03-18T15:10:00Z",
    inference: str | None = None,
    output: str = "0",
) -> dict[str, Any]:
    """A captured record of an endpoint."""
    about = {"eventId": event, "inferenceTime": time}
    if inference is not None:
        about["inferenceId"] = inference
    return {
        "captureData": {
            "endpointInput": {
                "observedContentType": "text/csv",
                "mode": "INPUT",
                "data": "1,2",
                "encoding": "CSV",
            },
            "endpointOutput": {
                "observedContentType": "text/csv; charset=utf-8",
                "mode": "OUTPUT",
                "data": output,
                "encoding": "CSV",
            },
        },
        "eventMetadata": about,
        "eventVersion": "0",
    }


def label(event: str, data: Any = "1", encoding: str = "CSV") -> dict[str, Any]:
    """A record of ground truth."""
    return {
        "groundTruthData": {"data": data, "encoding": encoding},
        "eventMetadata": {"eventId": event},
        "eventVersion": "0",
    }


def put(folder: Path, hour: str, records: list[Any], name: str = "00-00-000-a.jsonl") -> Path:
    """Writes records below `<folder>/<hour>/` and gives the folder."""
    place = folder / hour
    place.mkdir(parents=True, exist_ok=True)
    (place / name).write_text("".join(f"{json.dumps(record)}\n" for record in records))
    return folder


def contents(folder: Path) -> dict[str, list[Any]]:
    """Merged records by file."""
    return {
        str(path.relative_to(folder)): [json.loads(line) for line in path.read_text().splitlines()]
        for path in sorted(folder.rglob("part-*.c000.jsonl"))
    }


def raw(folder: Path) -> dict[str, bytes]:
    """The bytes of all merged files."""
    files = sorted(folder.rglob("part-*.c000.jsonl"))
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}
