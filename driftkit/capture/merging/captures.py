"""Lines of captured data: which record each is, and what it becomes once its truth is known."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from driftkit.capture.payload import csv_rows
from driftkit.readers.json_values import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NO_ID = "without an inferenceId or eventId"
NOT_JSON = "that are not JSON"
NOT_CAPTURED = "that are no captured data"
BATCH_ID, BATCH_TIME, BATCH_OUTPUT = (
    "SageMakerInferenceId",
    "SageMakerInferenceTime",
    "SageMakerOutput",
)
_PART_KEYS = ("data", "encoding", "mode", "observedContentType")


class Capture(NamedTuple):
    """A captured record.

    Attributes:
        key: by which it is joined: its inferenceId if it has one, else its eventId.
        event: its eventId, which no other record has.
        time: of the inference, as text.
        content: the parsed record of an endpoint; of a batch job, its data and their encoding.
        batch: whether a batch transform job wrote it.
    """

    key: str
    event: str
    time: str
    content: Any
    batch: bool


def captures_of(line: bytes) -> list[Capture]:
    """The captured records of a line: JSON of an endpoint or a batch job, or CSV of a batch job.

    Raises:
        UnreadableError: it is none; the text is the reason.
    """
    if line.lstrip()[:1] not in {b"{", b"["}:
        return [_of_csv(line.decode("utf-8", errors="replace").strip("\r\n"))]
    try:
        found = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise UnreadableError(NOT_JSON) from error
    return [_of_json(record) for record in (found if isinstance(found, list) else [found])]


def _of_json(record: Any) -> Capture:
    if not isinstance(record, dict):
        raise UnreadableError(NOT_CAPTURED)
    if "captureData" not in record:
        return _of_batch(record)
    about, parts = record.get("eventMetadata"), record["captureData"]
    if not isinstance(about, dict) or not isinstance(parts, dict):
        raise UnreadableError(NO_ID if isinstance(parts, dict) else NOT_CAPTURED)
    event, inference, time = (
        str(about.get(name) or "") for name in ("eventId", "inferenceId", "inferenceTime")
    )
    if not (inference or event):
        raise UnreadableError(NO_ID)
    return Capture(inference or event, event, time, record, batch=False)


def _of_batch(record: dict[str, Any]) -> Capture:
    inner = record.get(BATCH_OUTPUT)
    places = [record, *([inner] if isinstance(inner, dict) else [])]
    found = [place for place in places if BATCH_ID in place]
    if not found:
        raise UnreadableError(NOT_CAPTURED)
    key, time = str(found[0][BATCH_ID]), str(found[0].get(BATCH_TIME) or "")
    for place in found:
        place.pop(BATCH_ID, None)
        place.pop(BATCH_TIME, None)
    data = orjson.dumps(record).decode()
    return Capture(key, key, time, {"data": data, "encoding": "JSON"}, batch=True)


def _of_csv(text: str) -> Capture:
    rows = _rows(text)
    if len(rows) != 1 or len(rows[0]) < 3:
        raise UnreadableError(NOT_CAPTURED)
    key, time = ((field or "").strip() for field in rows[0][-2:])
    if not key or "T" not in time:
        raise UnreadableError(NO_ID)
    # The fields before keep their own spelling, quotes included.
    data = text.rsplit(",", 2)[0]
    return Capture(key, key, time, {"data": data, "encoding": "CSV"}, batch=True)


def _rows(text: str) -> Sequence[Sequence[str | None]]:
    try:
        return list(csv.reader(io.StringIO(text, newline="")))
    except csv.Error:  # a field is longer than Python's parser takes
        return csv_rows(text)


def merged_line(capture: Capture, data: Any, encoding: str) -> bytes:
    """The merged record, in the order of keys of the real merge jobs."""
    truth = {"data": data, "encoding": encoding}
    if capture.batch:
        return orjson.dumps(
            {
                "eventMetadata": {"eventId": capture.event},
                "eventVersion": "0",
                "groundTruthData": truth,
                "captureData": {"batchTransformOutput": capture.content},
            }
        )
    record = capture.content
    return orjson.dumps(
        {
            "eventVersion": record.get("eventVersion", "0"),
            "groundTruthData": truth,
            "captureData": {
                name: _ordered(part, _PART_KEYS)
                for name, part in sorted(record["captureData"].items())
            },
            "eventMetadata": _ordered(record["eventMetadata"], _ABOUT_KEYS),
        }
    )


_ABOUT_KEYS = ("eventId", "inferenceId", "customAttributes", "inferenceTime")


def _ordered(part: Any, keys: tuple[str, ...]) -> Any:
    """The known keys in their order, then all others."""
    if not isinstance(part, dict):
        return part
    ordered: Mapping[str, Any] = {key: part[key] for key in keys if key in part}
    return ordered if len(ordered) == len(part) else {**ordered, **part}
