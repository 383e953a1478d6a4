"""Merged captures and labelled JSON to rows of label, prediction and probability."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from driftkit.columns.chunk import Column
from driftkit.readers.json_values import UnreadableError
from driftkit.records.parts import LABEL, content_of, found_in, labels_of, listed, truth_of

if TYPE_CHECKING:
    from driftkit.records.located import Row

PREDICTION, PROBABILITY = "prediction", "probability"
NO_OUTPUT = "without a captured answer"
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
            labels = labels_of(truth, self.label)
        else:
            answer = record
            labels = listed(found_in(record, self.label or LABEL))
        wanted = [path for path in (self.prediction, self.probability) if path is not None]
        columns = [labels, *(_aligned(found_in(answer, path), len(labels)) for path in wanted)]
        return [list(map(_text, row)) for row in zip(*columns, strict=True)]


def _merged(record: Mapping[str, Any]) -> tuple[Any, Any]:
    truth = truth_of(record)
    captured = record.get("captureData")
    parts = captured if isinstance(captured, Mapping) else {}
    answer = parts.get("endpointOutput") or parts.get("batchTransformOutput")
    if not isinstance(answer, Mapping):
        raise UnreadableError(NO_OUTPUT)
    return truth, content_of(answer)


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


def _text(value: Any) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, Sequence):
        return orjson.dumps(value).decode()
    return str(value)
