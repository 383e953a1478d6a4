"""Rows of label, prediction and probability from JSON and merged captures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson
import pyarrow as pa

from driftkit.capture.own_fields import own_at_once, own_fields
from driftkit.capture.paths import LABEL, found_in, labels_of, searched, values_of
from driftkit.capture.plain_payloads import field_at, only_field, plain_lines
from driftkit.capture.record import INPUT, OUTPUT, TRUTH, Record
from driftkit.columns.chunk import Column
from driftkit.readers.json_values import UnreadableError

if TYPE_CHECKING:
    from driftkit.capture.paths import Row
    from driftkit.capture.table import RecordTable

PREDICTION, PROBABILITY = "prediction", "probability"
NO_OUTPUT = "without a captured answer"
UNEVEN = "with another number of labels than of predictions"


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictionPaths:
    """Where a record says what: a JMESPath in JSON, a column's place in CSV; None where nothing.

    Attributes:
        label: in the ground truth, or in the record where there is none apart.
        prediction: in the endpoint's answer.
        probability: likewise.
        unlabelled: whether records may lack their ground truth; their label is missing then.
        lists: whether a list of numbers is the probabilities of one row, where no labels tell it.
        fields: of the request, or else of the answer, by which rows are told apart.
    """

    label: str | None = None
    prediction: str | None = None
    probability: str | None = None
    unlabelled: bool = False
    lists: bool = False
    fields: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns of a row."""
        return tuple(Column(name=name) for name in self.names)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns, the label's first and those of fields last."""
        wanted = ((PREDICTION, self.prediction), (PROBABILITY, self.probability))
        return (LABEL, *(name for name, path in wanted if path is not None), *self.fields)

    @property
    def _answered(self) -> list[str]:
        return [path for path in (self.prediction, self.probability) if path is not None]

    def rows(self, found: Any) -> list[Row]:
        """The rows of a record, or of a JSON document that has labels and predictions.

        Raises:
            UnreadableError: it cannot be judged; the text is the reason.
        """
        if isinstance(found, Record):
            lacking = self.unlabelled and not found.is_labelled
            labels = None if lacking else labels_of(found.true(), self.label)
            if found.answer is None:
                raise UnreadableError(NO_OUTPUT)
            answer = found.answer.content()
        else:
            answer = found
            label = searched(found, self.label or LABEL) if self.unlabelled else None
            lacking = self.unlabelled and label is None
            labels = None if lacking else values_of(found_in(found, self.label or LABEL))
        answers = [found_in(answer, path) for path in self._answered]
        if labels is None:
            labels = [None] * self._rows_in(answers[0])
        rows = len(labels)
        fields = own_fields(found, self.fields, rows)
        columns = [*(_aligned(each, rows) for each in answers), *fields.values()]
        return [list(map(text_of, row)) for row in zip(labels, *columns, strict=True)]

    def at_once(self, found: RecordTable) -> pa.Table | None:
        """The rows of records whose payloads all are a plain line of CSV; None of any others."""
        joined = found.joined.true_count
        answer = plain_lines(found, INPUT if joined else OUTPUT)
        if answer is None or joined not in {0, found.count}:
            return None
        label = self._labels_at_once(found)
        fields = own_at_once(found, self.fields)
        if fields is None:
            return None
        answers = (field_at(answer, path) for path in self._answered)
        columns = [label, *answers, *fields.values()]
        if any(column is None for column in columns):
            return None
        return pa.Table.from_arrays(columns, names=[str(index) for index in range(len(columns))])

    def _rows_in(self, answer: Any) -> int:
        """How many rows an answer is of, where no labels tell it."""
        if not isinstance(answer, list):
            return 1
        of_one = self.lists and bool(answer) and isinstance(answer[0], int | float)
        return 1 if of_one else len(answer)

    def _labels_at_once(self, found: RecordTable) -> pa.Array | None:
        """The labels; None if they must be read one by one."""
        none = found.part(TRUTH, "data").null_count == found.count
        if self.unlabelled and none:
            return pa.nulls(found.count, pa.string())
        truth = plain_lines(found, TRUTH)
        if truth is None:
            return None
        return only_field(truth) if self.label is None else field_at(truth, self.label)


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


def text_of(value: Any) -> str | None:
    """A value of an answer as text, a list as JSON; None where there is none.

    >>> [text_of(value) for value in (0.5, "", [0.2, 0.8])]
    ['0.5', None, '[0.2,0.8]']
    """
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, Sequence):
        return orjson.dumps(value).decode()
    return str(value)
