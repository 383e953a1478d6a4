"""Merged captures and labelled JSON to rows of label, prediction and probability."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from driftkit.columns.chunk import Column
from driftkit.records.located import search
from driftkit.records.payload import UnreadableError, unpacked

if TYPE_CHECKING:
    from driftkit.records.located import Row

LABEL, PREDICTION, PROBABILITY = "label", "prediction", "probability"
NO_TRUTH = "without ground truth"
NO_OUTPUT = "without a captured answer"
NOT_FOUND = "in which an attribute is not found"
UNEVEN = "with another number of labels than of predictions"


@dataclass(frozen=True, slots=True, kw_only=True)
class Paths:
    """Where a record says what: a JMESPath in JSON, a column's place in CSV; None where nothing.

    Attributes:
        label: in the ground truth, or in the record where there is none apart.
        prediction: in the endpoint's answer.
        probability: likewise.
    """

    label: str | None = None
    prediction: str | None = None
    probability: str | None = None

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns of a row."""
        return tuple(Column(name=name) for name in self.names)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns, the label's first."""
        wanted = ((PREDICTION, self.prediction), (PROBABILITY, self.probability))
        return (LABEL, *(name for name, path in wanted if path is not None))

    def rows(self, record: Any) -> list[Row]:
        """The rows of a record.

        Raises:
            UnreadableError: it cannot be judged; the text is the reason.
        """
        if isinstance(record, Mapping) and ("captureData" in record or "groundTruthData" in record):
            truth, answer = _merged(record)
            labels = _labels(truth, self.label)
        else:
            answer = record
            labels = _listed(_found(record, self.label or LABEL))
        wanted = [path for path in (self.prediction, self.probability) if path is not None]
        columns = [labels, *(_aligned(_found(answer, path), len(labels)) for path in wanted)]
        return [list(map(_text, row)) for row in zip(*columns, strict=True)]


def _merged(record: Mapping[str, Any]) -> tuple[Any, Any]:
    truth = record.get("groundTruthData")
    captured = record.get("captureData")
    if not isinstance(truth, Mapping):
        raise UnreadableError(NO_TRUTH)
    parts = captured if isinstance(captured, Mapping) else {}
    answer = parts.get("endpointOutput") or parts.get("batchTransformOutput")
    if not isinstance(answer, Mapping):
        raise UnreadableError(NO_OUTPUT)
    return _content(truth), _content(answer)


def _content(part: Mapping[str, Any]) -> Any:
    """A payload: `_Table` of CSV, or a JSON value."""
    data, encoding = part.get("data"), str(part.get("encoding") or "CSV").upper()
    if data is None:
        raise UnreadableError("whose payload is missing")
    if not isinstance(data, str):
        return data
    text, kind = unpacked(data, encoding, str(part.get("observedContentType") or ""))
    if kind == "CSV":
        return _Table(rows=[row for row in csv.reader(text.splitlines()) if row])
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        pass
    try:
        return [orjson.loads(line) for line in text.splitlines() if line.strip()]
    except orjson.JSONDecodeError as error:
        raise UnreadableError("whose payload is neither JSON nor JSON Lines") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    rows: list[list[str]]

    def column(self, path: str) -> list[str]:
        """The column of a place, "2" or "_c2"; the first where the path is a name."""
        text = path.removeprefix("_c")
        place = int(text) if text.isdigit() else 0
        if any(place >= len(row) for row in self.rows):
            raise UnreadableError(NOT_FOUND)
        return [row[place].strip() for row in self.rows]


def _labels(truth: Any, path: str | None) -> list[Any]:
    if isinstance(truth, _Table):
        # Several labels of one record stand on lines, or on one.
        if len(truth.rows) == 1 and path is None:
            return [each.strip() for each in truth.rows[0]]
        return truth.column(path or "0")
    if path is not None and not isinstance(truth, str | int | float):
        return _listed(_found(truth, path))
    return _listed(_only(truth))


def _only(truth: Any) -> Any:
    """The label of ground truth that has nothing else."""
    inner = truth
    while isinstance(inner, Mapping) and (LABEL in inner or len(inner) == 1):
        inner = inner[LABEL] if LABEL in inner else next(iter(inner.values()))
    if isinstance(inner, list):
        return [_only(each) for each in inner]
    if isinstance(inner, Mapping):
        raise UnreadableError(NOT_FOUND)
    return inner


def _found(answer: Any, path: str) -> Any:
    if isinstance(answer, _Table):
        return answer.column(path)
    if path.isdigit():
        found = _at(answer, int(path))
    elif isinstance(answer, list) and not path.startswith("["):
        found = [search(path, each, "attribute") for each in answer]
    else:
        found = search(path.removeprefix("$."), answer, "attribute")
    if found is None or (isinstance(found, list) and not found):
        raise UnreadableError(NOT_FOUND)
    return found


def _at(answer: Any, place: int) -> Any:
    """The value at a place of an array, or of each array in an array; a lone value is at 0."""
    inner = answer
    if isinstance(inner, Mapping) and len(inner) == 1:
        inner = next(iter(inner.values()))
    if not isinstance(inner, list):
        return inner if place == 0 else None
    if inner and isinstance(inner[0], list):
        return [each[place] if place < len(each) else None for each in inner]
    return inner[place] if place < len(inner) else None


def _aligned(found: Any, rows: int) -> list[Any]:
    """A value for each row; one row may have a list of probabilities to itself."""
    if not isinstance(found, list) or (
        rows == 1 and len(found) > 1 and not isinstance(found[0], list)
    ):
        values = [found]
    else:
        values = found
    if len(values) != rows:
        raise UnreadableError(UNEVEN)
    return values


def _listed(found: Any) -> list[Any]:
    return found if isinstance(found, list) else [found]


def _text(value: Any) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, Sequence):
        return orjson.dumps(value).decode()
    return str(value)
