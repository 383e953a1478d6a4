"""Lines of ground truth: which record each label is of."""

from __future__ import annotations

from typing import Any

import orjson

from driftkit.capture.payload import unpacked
from driftkit.readers.json_values import UnreadableError

NO_ID = "without an eventId"
NO_DATA = "without groundTruthData"
NOT_JSON = "that are not JSON"

Truth = tuple[str, str, str]
"""The hour of its folder as yyyy/mm/dd/hh, its data as JSON text, its encoding."""


def truths_of(line: bytes, hour: str) -> tuple[list[tuple[str, Truth]], list[str]]:
    """The labels of a line by id, and why others cannot be used.

    Args:
        line: one record, or an array of them.
        hour: of the file's folder; empty where it has none.

    Raises:
        UnreadableError: the line is not JSON.
    """
    try:
        found = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise UnreadableError(NOT_JSON) from error
    labels, reasons = [], []
    for record in found if isinstance(found, list) else [found]:
        try:
            labels.append(_truth(record, hour))
        except UnreadableError as error:
            reasons.append(str(error))
    return labels, reasons


def _truth(record: Any, hour: str) -> tuple[str, Truth]:
    truth = record.get("groundTruthData") if isinstance(record, dict) else None
    if not isinstance(truth, dict) or truth.get("data") is None:
        raise UnreadableError(NO_DATA)
    about = record.get("eventMetadata")
    key = (about.get("eventId") or about.get("inferenceId")) if isinstance(about, dict) else None
    if not key:
        raise UnreadableError(NO_ID)
    return str(key), (hour, orjson.dumps(truth["data"]).decode(), _encoding(truth))


def _encoding(truth: dict[str, Any]) -> str:
    """What a label says of itself, or else what readers take it for."""
    said = truth.get("encoding")
    if said:
        return str(said)
    if not isinstance(truth["data"], str):
        return "CSV"
    kind = truth.get("observedContentType")
    return unpacked(truth["data"], None, kind if isinstance(kind, str) else None)[1]
