"""Reads the captured records and the labels that a merge joins, and writes merged records."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson
import pyarrow as pa

from driftkit.capture.payload import csv_rows
from driftkit.capture.record import BATCH, TRUTH, Event, Part, documents_of, sides_of
from driftkit.capture.window import TimeRange
from driftkit.readers.json_values import UnreadableError
from driftkit.readers.lines import text_arrays

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from driftkit.capture.truth_join.units import CaptureUnit
    from driftkit.readers.lines import Block, Tally

LABELS = pa.schema([(name, pa.string()) for name in ("key", "hour", "data", "encoding")])
NO_ID = "without an inferenceId or eventId"
NO_LABEL_ID = "without an eventId"
NO_DATA = "without groundTruthData"
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
    return [_of_json(record) for record in _documents(line)]


def _documents(line: bytes) -> list[Any]:
    try:
        return documents_of(line)
    except orjson.JSONDecodeError as error:
        raise UnreadableError(NOT_JSON) from error


def _of_json(document: Any) -> Capture:
    if sides_of(document) is None:
        return _of_batch(document)
    event, inference, time = Event.of(document)
    if not (inference or event):
        raise UnreadableError(NO_ID)
    return Capture(inference or event, event, time or "", document, batch=False)


def _of_batch(record: Any) -> Capture:
    if not isinstance(record, dict) or "captureData" in record:
        raise UnreadableError(NOT_CAPTURED)
    inner = record.get(BATCH_OUTPUT)
    objects = [record, *([inner] if isinstance(inner, dict) else [])]
    found = [each for each in objects if BATCH_ID in each]
    if not found:
        raise UnreadableError(NOT_CAPTURED)
    key, time = str(found[0][BATCH_ID]), str(found[0].get(BATCH_TIME) or "")
    for each in found:
        each.pop(BATCH_ID, None)
        each.pop(BATCH_TIME, None)
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
                "captureData": {BATCH: capture.content},
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


class Label(NamedTuple):
    """The truth of a record.

    Attributes:
        key: the record's id.
        hour: of the file's folder, as yyyy/mm/dd/hh; empty where it has none.
        data: as JSON text.
        encoding: of the data.
    """

    key: str
    hour: str
    data: str
    encoding: str


def labels_of(line: bytes, hour: str) -> tuple[list[Label], list[str]]:
    """The labels of a line, and why others cannot be used.

    Args:
        line: one record, or an array of them.
        hour: of the file's folder; empty where it has none.

    Raises:
        UnreadableError: the line is not JSON.
    """
    labels, reasons = [], []
    for record in _documents(line):
        try:
            labels.append(_label(record, hour))
        except UnreadableError as error:
            reasons.append(str(error))
    return labels, reasons


def _label(record: Any, hour: str) -> Label:
    truth = record.get(TRUTH) if isinstance(record, dict) else None
    if not isinstance(truth, dict) or truth.get("data") is None:
        raise UnreadableError(NO_DATA)
    event = Event.of(record)
    key = event.event_id or event.inference_id
    if not key:
        raise UnreadableError(NO_LABEL_ID)
    return Label(key, hour, orjson.dumps(truth["data"]).decode(), _encoding(truth))


def _encoding(truth: dict[str, Any]) -> str:
    """What a label says of itself, or else what readers take it for."""
    said = truth.get("encoding")
    if said or not isinstance(truth["data"], str):
        return str(said or "CSV")
    part = Part.of(truth)
    return part.text()[1] if part else "CSV"


def captures_in(block: Block, unit: CaptureUnit, rejected: Tally) -> Iterator[Capture]:
    """The captured records of a block; of a unit without an hour, those in the window."""
    window = TimeRange() if unit.hour else TimeRange(start=unit.start, end=unit.end)
    for line, text in _lines(block):
        try:
            yield from (each for each in captures_of(text) if window.holds(each.time))
        except UnreadableError as error:
            rejected.append(block.rejection(line, str(error)))


def labels_in(block: Block, hour: str, rejected: Tally) -> pa.Table:
    """The labels of a block."""
    rows: list[Label] = []
    for line, text in _lines(block):
        try:
            found, reasons = labels_of(text, hour)
        except UnreadableError as error:
            found, reasons = [], [str(error)]
        rows += found
        for reason in reasons:
            rejected.append(block.rejection(line, reason))
    return pa.Table.from_arrays(text_arrays(rows, len(LABELS)), schema=LABELS)


def _lines(block: Block) -> Iterator[tuple[int, bytes]]:
    """Numbered lines, also those that a bare carriage return ends, as old Macs write them."""
    for number, text in block.lines():
        parts = _apart(text) if b"\r" in text.rstrip(b"\r") else [text]
        yield from ((number, part) for part in parts if part.strip())


def _apart(text: bytes) -> list[bytes]:
    if text.lstrip()[:1] in {b"{", b"["}:
        # Between the parts of a record it is a space.
        return [text] if _is_json(text) else text.split(b"\r")
    parts: list[bytes] = []
    for part in text.split(b"\r"):
        # Within quotes it is a part of the field.
        if parts and parts[-1].count(b'"') % 2:
            parts[-1] += b"\r" + part
        else:
            parts.append(part)
    return parts


def _is_json(text: bytes) -> bool:
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    return True
