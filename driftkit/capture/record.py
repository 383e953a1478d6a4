"""Decodes captured and merged records: what was sent, answered and true, when, and their ids."""

from __future__ import annotations

from typing import Any, NamedTuple

import orjson

from driftkit.capture.payload import CsvTable, csv_rows, json_document, unpacked
from driftkit.readers.json_values import UnreadableError

INPUT, OUTPUT, TRUTH = "endpointInput", "endpointOutput", "groundTruthData"
# A batch transform job's record has one payload, in which input and output are joined already.
BATCH = "batchTransformOutput"
# Between attributes, where several stand in one text.
ATTRIBUTES_BETWEEN = ";"
NOT_JSON = "not JSON"
NO_CAPTURE = "without captureData"
NO_DATA = "without data"
NO_TRUTH = "without ground truth"


def documents_of(text: bytes) -> list[Any]:
    """The JSON documents of a line: one, or an array of them.

    Raises:
        orjson.JSONDecodeError: it is not JSON.
    """
    found = orjson.loads(text)
    return found if isinstance(found, list) else [found]


class Event(NamedTuple):
    """What a record says of itself: the ids that it is joined by, and when it was answered.

    Attributes:
        event_id: as text; empty where there is none.
        inference_id: likewise, the id that the caller gave.
        time: as text; None where it is not told.
    """

    event_id: str
    inference_id: str
    time: str | None

    @classmethod
    def of(cls, document: Any) -> Event:
        """The event of a captured record, or of a record of ground truth.

        >>> Event.of({"eventMetadata": {"eventId": "e", "inferenceId": 7}})
        Event(event_id='e', inference_id='7', time=None)
        """
        found = document.get("eventMetadata") if isinstance(document, dict) else None
        about = found if isinstance(found, dict) else {}
        time = about.get("inferenceTime")
        event, inference = about.get("eventId"), about.get("inferenceId")
        return cls(str(event or ""), str(inference or ""), None if time is None else str(time))


def attributes_of(document: Any) -> str | None:
    """The attributes that a caller gave a captured record, one text of them; None of none.

    >>> attributes_of({"eventMetadata": {"customAttributes": ["user=7;forced=1", "tier=gold"]}})
    'user=7;forced=1;tier=gold'
    """
    found = written_attributes(document)
    if isinstance(found, str):
        return found
    return ATTRIBUTES_BETWEEN.join(map(str, found)) if isinstance(found, list) and found else None


def written_attributes(document: Any) -> Any:
    """The same as a record has them: a list, a text, or anything; None where there is nothing."""
    about = document.get("eventMetadata") if isinstance(document, dict) else None
    return about.get("customAttributes") if isinstance(about, dict) else None


def sides_of(document: Any) -> dict[str, Any] | None:
    """The sides of a captured record as it is written; None of any other document."""
    sides = document.get("captureData") if isinstance(document, dict) else None
    return sides if isinstance(sides, dict) else None


class Part(NamedTuple):
    """What was sent, what was answered, or what was true.

    Attributes:
        data: the payload as text; None where there is none.
        encoding: as the record tells it; empty where it does not.
        content_type: likewise; None where it does not.
    """

    data: str | None
    encoding: str
    content_type: str | None

    @classmethod
    def of(cls, document: Any) -> Part | None:
        """The part that an object of a record is; None of anything else."""
        if not isinstance(document, dict):
            return None
        data, encoding = document.get("data"), document.get("encoding")
        kind = document.get("observedContentType")
        if not isinstance(encoding, str):
            encoding = ""
        if data is not None and not isinstance(data, str):
            # What is written as JSON itself is that, whatever is said of it; a number may be CSV.
            encoding = "JSON" if isinstance(data, dict | list) else encoding
            data = orjson.dumps(data).decode()
        return cls(data, encoding, kind if isinstance(kind, str) else None)

    def text(self) -> tuple[str, str]:
        """The payload as text, and what it is, "CSV" or "JSON".

        Raises:
            UnreadableError: there is none, or it cannot be decoded; the text is the reason.
        """
        if self.data is None:
            raise UnreadableError(NO_DATA)
        return unpacked(self.data, self.encoding, self.content_type)

    def content(self) -> Any:
        """The payload as a `CsvTable` or a JSON value; of JSON Lines, the list of their values.

        Raises:
            UnreadableError: there is none, or it cannot be decoded; the text is the reason.
        """
        text, kind = self.text()
        return CsvTable(csv_rows(text)) if kind == "CSV" else json_document(text)


class Record(NamedTuple):
    """A captured or merged record; a part that was not captured is None.

    Attributes:
        sent: to the endpoint; of a batch transform job, its input and output in one.
        answered: by the endpoint; of a batch transform job, nothing.
        truth: that was merged to it.
        time: when it was answered, as text; None where it is not told.
        joined: whether a batch transform job wrote it.
    """

    sent: Part | None
    answered: Part | None
    truth: Part | None
    time: str | None
    joined: bool

    @classmethod
    def from_document(cls, document: Any) -> Record | None:
        """The record that a JSON document is; None of any other.

        >>> Record.from_document({"captureData": {"endpointInput": {"data": "1,2"}}}).sent
        Part(data='1,2', encoding='', content_type=None)
        """
        sides = sides_of(document)
        if sides is None:
            return None
        sent, answered = Part.of(sides.get(INPUT)), Part.of(sides.get(OUTPUT))
        batch = None if sent else Part.of(sides.get(BATCH))
        return cls(
            sent=sent or batch,
            answered=answered,
            truth=Part.of(document.get(TRUTH)),
            time=Event.of(document).time,
            joined=bool(batch and not answered),
        )

    @property
    def answer(self) -> Part | None:
        """The part in which the answer is."""
        return self.sent if self.joined else self.answered

    @property
    def is_labelled(self) -> bool:
        """Whether there is ground truth, and data in it."""
        return self.truth is not None and self.truth.data is not None

    def true(self) -> Any:
        """The content of the ground truth.

        Raises:
            UnreadableError: there is none, or it cannot be decoded.
        """
        if self.truth is None:
            raise UnreadableError(NO_TRUTH)
        return self.truth.content()
