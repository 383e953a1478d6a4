"""Writes captured records as endpoints do."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def side(data: str, encoding: str = "CSV", content_type: str | None = None) -> dict[str, str]:
    """One side of a record."""
    told = content_type or {"CSV": "text/csv", "JSON": "application/json"}.get(
        encoding, "text/html"
    )
    return {"observedContentType": told, "mode": "INPUT", "data": data, "encoding": encoding}


def base64_side(text: str, content_type: str = "application/x-unknown") -> dict[str, str]:
    """One side of a record whose content type the endpoint was not told of."""
    return side(base64.b64encode(text.encode()).decode(), "BASE64", content_type)


def record(
    sent: str | dict[str, str] | None,
    answered: str | dict[str, str] | None,
    time: str = "2024-03-18T15:14:45Z",
) -> dict[str, Any]:
    """A captured record; text stands for CSV."""
    sides = {"endpointInput": sent, "endpointOutput": answered}
    capture = {
        name: side(each) if isinstance(each, str) else each
        for name, each in sides.items()
        if each is not None
    }
    metadata = {"eventId": "5dd1c7d4-5b8f-4b9b-a7b7-0b6a7e0d8d2c", "inferenceTime": time}
    return {"captureData": capture, "eventMetadata": metadata, "eventVersion": "0"}


def write(path: Path, records: Iterable[dict[str, Any] | str]) -> Path:
    """Records as lines without spaces, text as it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [
        each if isinstance(each, str) else json.dumps(each, separators=(",", ":"))
        for each in records
    ]
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")
    return path
