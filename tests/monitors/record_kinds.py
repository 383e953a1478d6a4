"""The kinds of merged records that monitors meet, each told once: how it is written, what it says.

Every kind holds the same rows. A kind that not every monitor can read has a part that is broken,
and the reason that whoever reads that part must give.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tests.monitors.record_payloads import as_base64, as_json, csv, json_lines, without

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.monitors.record_payloads import Part

SENT, ANSWERED, TRUTH = "what was sent", "what was answered", "the truth"
TIME = "2024-03-18T15:10:00Z"


class Row(NamedTuple):
    """What one row of a request comes to: two features, the answer, and what was true."""

    x: float
    z: int
    score: float
    label: int


def rows(count: int = 24) -> list[Row]:
    """Rows whose numbers have no two spellings."""
    random = np.random.default_rng(7)
    return [
        Row(
            x=int(random.integers(-999, 1000)) / 8 + 0.0625,
            z=number % 2,
            score=int(random.integers(1, 100)) / 128,
            label=int(random.integers(0, 2)),
        )
        for number in range(count)
    ]


@dataclass(frozen=True, kw_only=True)
class Kind:
    """How a record is written.

    Attributes:
        name: for people.
        sent: what was asked, of the rows of one request.
        answered: what the endpoint answered.
        truth: the ground truth.
        rows: how many a request has.
        joined: of a batch transform job, question and answer in one payload.
        about: what is said of a request of a number besides its id and time.
        time: when it was answered.
        columns: names of x, z and score in data quality.
        features: JMESPath of the features; None for CSV.
        score: JMESPath of the score, or its place in CSV.
        label: JMESPath of the label, where there is more beside it.
        broken: the part that cannot be read; None where all can.
        reason: what must be said of it.
    """

    name: str
    sent: Callable[[list[Row]], Any] = lambda rows: csv([(row.x, row.z) for row in rows])
    answered: Callable[[list[Row]], Any] = lambda rows: csv([(row.score,) for row in rows])
    truth: Callable[[list[Row]], Any] = lambda rows: csv([(row.label,) for row in rows])
    rows: int = 1
    joined: Callable[[list[Row]], Any] | None = None
    about: Callable[[int], Mapping[str, Any]] = lambda _: {}
    time: str | None = TIME
    columns: tuple[str, str, str] = ("_c1", "_c2", "_c0")
    features: str | None = None
    score: str | None = None
    label: str | None = None
    broken: str | None = None
    reason: str | None = None

    def record(self, some: list[Row], number: int) -> dict[str, Any]:
        """The merged record of some rows."""
        sides = {"endpointInput": self.sent(some), "endpointOutput": self.answered(some)}
        if self.joined is not None:
            sides = {"batchTransformOutput": self.joined(some)}
        time = {} if self.time is None else {"inferenceTime": self.time}
        return {
            "eventVersion": "0",
            "groundTruthData": self.truth(some),
            "captureData": sides,
            "eventMetadata": {"eventId": f"id-{number}", **self.about(number), **time},
        }

    def records(self, table: list[Row]) -> list[dict[str, Any]]:
        """The records of all rows."""
        starts = range(0, len(table), self.rows)
        return [self.record(table[at : at + self.rows], at) for at in starts]


JSON_COLUMNS: Any = {
    "columns": ("features.0", "features.1", "score"),
    "features": "instances[*].features",
    "score": "predictions[*].score",
}
LINES_COLUMNS: Any = {**JSON_COLUMNS, "features": "features", "score": "score"}


def _asked(some: list[Row]) -> Any:
    return {"instances": [{"features": [row.x, row.z]} for row in some]}


def _guessed(some: list[Row]) -> Any:
    return {"predictions": [{"score": row.score} for row in some]}


def _csv_x(some: list[Row], **more: Any) -> Part:
    return csv([(row.x, row.z) for row in some], **more)


def _csv_score(some: list[Row], **more: Any) -> Part:
    return csv([(row.score,) for row in some], **more)


def _csv_label(some: list[Row], **more: Any) -> Part:
    return csv([(row.label,) for row in some], **more)


READABLE = [
    Kind(name="CSV"),
    Kind(
        name="CSV with line ends",
        sent=lambda some: _csv_x(some, end="\n"),
        answered=lambda some: _csv_score(some, end="\r\n"),
        truth=lambda some: _csv_label(some, end="\n"),
    ),
    Kind(
        name="CSV with content types and modes",
        sent=lambda some: _csv_x(some, observedContentType="text/csv", mode="INPUT"),
        answered=lambda some: _csv_score(
            some, observedContentType="text/csv; charset=utf-8", mode="OUTPUT"
        ),
    ),
    Kind(
        name="CSV with a content type of null",
        sent=lambda some: _csv_x(some, observedContentType=None),
        answered=lambda some: _csv_score(some, observedContentType=None),
    ),
    Kind(
        name="lower-case encodings",
        sent=lambda some: {**_csv_x(some), "encoding": "csv"},
        answered=lambda some: {**_csv_score(some), "encoding": "Csv"},
        truth=lambda some: {**_csv_label(some), "encoding": "csv"},
    ),
    Kind(
        name="CSV without an encoding",
        sent=lambda some: without(_csv_x(some), "encoding"),
        answered=lambda some: without(_csv_score(some), "encoding"),
        truth=lambda some: without(_csv_label(some), "encoding"),
    ),
    Kind(
        name="an encoding of null",
        sent=lambda some: {**_csv_x(some), "encoding": None},
        answered=lambda some: {**_csv_score(some), "encoding": None},
        truth=lambda some: {**_csv_label(some), "encoding": None},
    ),
    Kind(
        name="BASE64 of CSV",
        sent=lambda some: as_base64(_csv_x(some), "text/csv"),
        answered=lambda some: as_base64(_csv_score(some), "text/csv; charset=utf-8"),
        truth=lambda some: as_base64(_csv_label(some)),
    ),
    Kind(
        name="BASE64 of CSV of an unknown type",
        sent=lambda some: as_base64(_csv_x(some), "application/x-unknown"),
        answered=lambda some: as_base64(_csv_score(some)),
    ),
    Kind(
        name="BASE64 of JSON",
        sent=lambda some: as_base64(as_json(_asked(some)), "application/json"),
        answered=lambda some: as_base64(as_json(_guessed(some)), "application/json"),
        truth=lambda some: as_base64(as_json({"label": some[0].label})),
        **JSON_COLUMNS,
    ),
    Kind(
        name="lower-case BASE64 of JSON of an unknown type",
        sent=lambda some: {**as_base64(as_json(_asked(some))), "encoding": "base64"},
        answered=lambda some: {**as_base64(as_json(_guessed(some))), "encoding": "base64"},
        **JSON_COLUMNS,
    ),
    Kind(
        name="JSON",
        sent=lambda some: as_json(_asked(some)),
        answered=lambda some: as_json(_guessed(some)),
        **JSON_COLUMNS,
    ),
    Kind(
        name="JSON without an encoding",
        sent=lambda some: without(as_json(_asked(some)), "encoding"),
        answered=lambda some: without(as_json(_guessed(some)), "encoding"),
        truth=lambda some: without(as_json({"label": some[0].label}), "encoding"),
        **JSON_COLUMNS,
    ),
    Kind(
        name="JSON that is no text",
        sent=lambda some: {"data": _asked(some), "encoding": "JSON"},
        answered=lambda some: {"data": _guessed(some), "encoding": "JSON"},
        truth=lambda some: {"data": {"label": some[0].label}, "encoding": "JSON"},
        **JSON_COLUMNS,
    ),
    Kind(
        name="JSON of several rows",
        rows=3,
        sent=lambda some: as_json(_asked(some)),
        answered=lambda some: as_json(_guessed(some)),
        truth=lambda some: as_json({"instances": [{"label": row.label} for row in some]}),
        label="instances[*].label",
        **JSON_COLUMNS,
    ),
    Kind(
        name="JSON Lines of several rows",
        rows=3,
        sent=lambda some: json_lines([{"features": [row.x, row.z]} for row in some]),
        answered=lambda some: json_lines([{"score": row.score} for row in some]),
        truth=lambda some: json_lines([{"label": row.label} for row in some]),
        **LINES_COLUMNS,
    ),
    Kind(
        name="one JSON line",
        sent=lambda some: json_lines([{"features": [row.x, row.z]} for row in some]),
        answered=lambda some: json_lines([{"score": row.score} for row in some]),
        **LINES_COLUMNS,
    ),
    Kind(name="CSV of several rows", rows=3),
    Kind(
        name="CSV of several rows, the truth on one line",
        rows=3,
        truth=lambda some: csv([[row.label for row in some]]),
    ),
    Kind(name="truth as a JSON number", truth=lambda some: as_json(some[0].label)),
    Kind(name="truth as a number", truth=lambda some: {"data": some[0].label, "encoding": "CSV"}),
    Kind(name="truth as a number without an encoding", truth=lambda some: {"data": some[0].label}),
    Kind(name="truth as a JSON text", truth=lambda some: as_json(str(some[0].label))),
    Kind(name="truth as a JSON document", truth=lambda some: as_json({"label": some[0].label})),
    Kind(
        name="answer as a number",
        answered=lambda some: {"data": some[0].score, "encoding": "CSV"},
    ),
    Kind(name="truth in quotes", truth=lambda some: csv([(f'"{some[0].label}"',)], end="\n")),
    Kind(name="truth between spaces", truth=lambda some: csv([(f" {some[0].label} ",)])),
    Kind(
        name="batch transform, CSV",
        joined=lambda some: csv([(row.x, row.z, row.score) for row in some]),
        columns=("_c0", "_c1", "_c2"),
    ),
    Kind(
        name="batch transform, JSON",
        joined=lambda some: as_json(
            {"features": [some[0].x, some[0].z], "SageMakerOutput": {"score": some[0].score}}
        ),
        columns=("features.0", "features.1", "SageMakerOutput.score"),
        features="features",
        score="SageMakerOutput.score",
    ),
    Kind(
        name="an inferenceId and attributes",
        about=lambda number: {"inferenceId": f"call-{number}", "customAttributes": ["k=v"]},
    ),
    Kind(name="a time with an offset", time="2024-03-18T17:10:00+02:00"),
    Kind(name="no time", time=None),
]

BROKEN = [
    Kind(
        name="sent in an unknown encoding",
        sent=lambda some: {**_csv_x(some), "encoding": "XML"},
        broken=SENT,
        reason="of unknown encoding 'XML'",
    ),
    Kind(
        name="answered in an unknown encoding",
        answered=lambda some: {**_csv_score(some), "encoding": "XML"},
        broken=ANSWERED,
        reason="of unknown encoding 'XML'",
    ),
    Kind(
        name="truth in an unknown encoding",
        truth=lambda some: {**_csv_label(some), "encoding": "XML"},
        broken=TRUTH,
        reason="of unknown encoding 'XML'",
    ),
    Kind(
        name="answered in no BASE64",
        answered=lambda some: {**_csv_score(some), "encoding": "BASE64"},
        broken=ANSWERED,
        reason="whose BASE64 payload is not text",
    ),
    Kind(
        name="truth in BASE64 of bytes",
        truth=lambda _: {"data": base64.b64encode(b"\xff\xfe").decode(), "encoding": "BASE64"},
        broken=TRUTH,
        reason="whose BASE64 payload is not text",
    ),
    Kind(
        name="sent as JSON that is none",
        sent=lambda _: {"data": "{", "encoding": "JSON"},
        answered=lambda some: as_json(_guessed(some)),
        broken=SENT,
        reason="whose payload is not JSON",
        **JSON_COLUMNS,
    ),
    Kind(
        name="answered as JSON Lines that are none",
        sent=lambda some: as_json(_asked(some)),
        answered=lambda _: {"data": "{}\n{", "encoding": "JSON"},
        broken=ANSWERED,
        reason="whose payload is neither JSON nor JSON Lines",
        **JSON_COLUMNS,
    ),
    Kind(
        name="answered as CSV that is none",
        answered=lambda _: {"data": '"0.5', "encoding": "CSV"},
        broken=ANSWERED,
        reason="whose payload is not CSV",
    ),
    Kind(name="no truth", truth=lambda _: None, broken=TRUTH, reason="without ground truth"),
    Kind(
        name="truth of null",
        truth=lambda _: {"data": None, "encoding": "CSV"},
        broken=TRUTH,
        reason="without data",
    ),
]
