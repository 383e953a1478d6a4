"""The record object that preprocessor scripts receive."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from driftkit.capture.payload import CsvRow, csv_rows, parsed_json, unpacked

if TYPE_CHECKING:
    from driftkit.readers.json_values import JsonRow

_SIDES = {
    "endpoint_output": "endpointOutput",
    "endpoint_input": "endpointInput",
    "batch_transform_output": "batchTransformOutput",
}
DIGITS = 20


@dataclass(frozen=True, slots=True)
class Payload:
    """One side of a record.

    Attributes:
        document: the object of the captured line.
    """

    document: dict[str, Any]

    @property
    def data(self) -> Any:
        """What was sent or answered."""
        return self.document.get("data")

    @property
    def encoding(self) -> Any:
        """CSV, JSON or BASE64."""
        return self.document.get("encoding")

    @property
    def observedContentType(self) -> Any:  # noqa: N802  (the documents' name)
        """The content type of the request or the answer."""
        return self.document.get("observedContentType")

    @property
    def observed_content_type(self) -> Any:
        """The same in Python's spelling."""
        return self.observedContentType

    @property
    def mode(self) -> Any:
        """INPUT or OUTPUT."""
        return self.document.get("mode")

    def as_dict(self) -> dict[str, Any]:
        """The object."""
        return dict(self.document)


@dataclass(frozen=True, slots=True)
class Metadata:
    """When and as what a record was captured.

    Attributes:
        document: the object of the captured line.
    """

    document: dict[str, Any]

    @property
    def event_id(self) -> Any:
        """The record's id."""
        return self.document.get("eventId")

    @property
    def event_time(self) -> Any:
        """When it was captured, as text."""
        return self.document.get("inferenceTime")

    @property
    def inference_id(self) -> Any:
        """The id that the caller gave."""
        return self.document.get("inferenceId")

    @property
    def custom_attribute(self) -> Any:
        """The attributes that the caller gave."""
        return self.document.get("customAttributes")

    def as_dict(self) -> dict[str, Any]:
        """The object."""
        return dict(self.document)


@dataclass(frozen=True, slots=True)
class EventData:
    """The sides of a record under the names of the first samples, `event_data.endpointInput`.

    Attributes:
        document: the object of the captured line.
    """

    document: dict[str, Any]

    def __getattr__(self, name: str) -> Payload:
        if name not in _SIDES.values():
            raise AttributeError(name)
        return Payload(self.document.get(name) or {})


@dataclass(frozen=True, slots=True)
class InferenceRecord:
    """A captured record.

    Attributes:
        event_dict: the whole object of the captured line.
    """

    event_dict: dict[str, Any]

    @property
    def event_data(self) -> EventData:
        """The sides under their old names."""
        return EventData(self.event_dict.get("captureData") or {})

    @property
    def event_metadata(self) -> Metadata:
        """Id and time."""
        return Metadata(self.event_dict.get("eventMetadata") or {})

    @property
    def event_version(self) -> Any:
        """The version of the record's format."""
        return self.event_dict.get("eventVersion")

    @property
    def endpoint_input(self) -> Payload:
        """What was sent."""
        return self.event_data.endpointInput

    @property
    def endpoint_output(self) -> Payload:
        """What was answered."""
        return self.event_data.endpointOutput

    @property
    def batch_transform_output(self) -> Payload:
        """A batch transform job's row."""
        return self.event_data.batchTransformOutput

    @property
    def ground_truth(self) -> Payload:
        """The label of a merged record."""
        return Payload(self.event_dict.get("groundTruthData") or {})

    def as_dict(self) -> dict[str, Any]:
        """The whole object."""
        return dict(self.event_dict)

    def as_row(self) -> list[dict[str, Any]]:
        """The record's own columns, for handlers that give it back: answered ones first.

        Raises:
            UnreadableError: a payload is not what its encoding says.
        """
        fields: list[tuple[str | None, Any]] = []
        for name in _SIDES:
            payload: Payload = getattr(self, name)
            if payload.data is not None:
                fields += _fields(payload)
        numbered = all(name is None for name, _ in fields)
        return [
            {
                str(index).zfill(DIGITS) if numbered or name is None else name: value
                for index, (name, value) in enumerate(fields)
            }
        ]

    def __str__(self) -> str:
        return json.dumps(self.event_dict)


def _fields(payload: Payload) -> list[tuple[str | None, Any]]:
    """Names and values of the first row of a payload; CSV has no names."""
    text, kind = unpacked(str(payload.data), payload.encoding, payload.observedContentType)
    rows: list[CsvRow] | list[JsonRow] = csv_rows(text) if kind == "CSV" else parsed_json(text)
    first = rows[0] if rows else []
    if isinstance(first, dict):
        return list(first.items())
    return [(None, value) for value in first]
