"""Label, prediction, probability and own fields of captured records, whatever form answers have."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from driftkit.capture.answer_values import NO_FORM
from driftkit.capture.answers import recognised
from driftkit.capture.own_fields import content_of, own_at_once, own_fields
from driftkit.capture.paths import LABEL, found_in, labels_of
from driftkit.capture.payload import CsvTable
from driftkit.capture.plain_payloads import field_at, only_field, plain_lines
from driftkit.capture.predictions import PREDICTION, PROBABILITY, UNEVEN, text_of
from driftkit.capture.record import NO_DATA, OUTPUT, TRUTH
from driftkit.readers.json_values import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftkit.capture.answer_values import Answers
    from driftkit.capture.answers import RowCount
    from driftkit.capture.paths import Row
    from driftkit.capture.record import Part, Record
    from driftkit.capture.table import RecordTable

# What holds the rows of a request, in JSON.
_ROW_LISTS = ("instances", "inputs", "data", "dataframe_records")
ANSWER = "answer"
# Columns by name; a value for each row of a record.
Columns = dict[str, "Sequence[Any]"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomePaths:
    """Where an answer says what, by the words of a user; see `PredictionPaths`.

    Attributes:
        prediction: a JMESPath, or a place in CSV; None where there is none.
        probability: likewise.
    """

    prediction: str | None = None
    probability: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(name for name, _ in self._named)

    @property
    def _named(self) -> list[tuple[str, str]]:
        wanted = ((PREDICTION, self.prediction), (PROBABILITY, self.probability))
        return [(name, path) for name, path in wanted if path is not None]

    def columns(self, content: Any, rows: RowCount) -> Columns:
        """What an answer says of its rows.

        Raises:
            UnreadableError: it says nothing there.
        """
        return {name: _rows_of(found_in(content, path), rows) for name, path in self._named}

    def at_once(self, answers: pa.Array) -> dict[str, pa.Array] | None:
        """The same of answers that are a plain line of CSV each; None if one is too short."""
        columns = {name: field_at(answers, path) for name, path in self._named}
        return None if any(column is None for column in columns.values()) else columns


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownForms:
    """What answers say in the forms that are known, as their first ones are understood.

    Attributes:
        names: of the columns that the first answers have.
        scores: what a lone number is, a prediction or a probability.
        positive: the label whose probability is asked for.
        positives_only: whether a list of two probabilities becomes that of the second label,
            since other answers have only that.
    """

    names: tuple[str, ...]
    scores: str = PROBABILITY
    positive: str | None = None
    positives_only: bool = False

    def columns(self, content: Any, rows: RowCount) -> Columns:
        """What an answer says of its rows.

        Raises:
            UnreadableError: it has no form that is known, or nothing that the first ones had.
        """
        found = self.told(recognised(content, rows, self.positive))
        if found.keys().isdisjoint(self.names):
            raise UnreadableError(NO_FORM)
        nothing = [None] * len(next(iter(found.values())))
        return {name: found.get(name, nothing) for name in self.names}

    def told(self, answers: Answers) -> Columns:
        """What the answers say, by the names of columns."""
        found: Columns = {}
        if answers.predictions is not None:
            found[PREDICTION] = answers.predictions
        if answers.probabilities is not None:
            found[PROBABILITY] = [self._probability(each) for each in answers.probabilities]
        if answers.scores is not None:
            found.setdefault(self.scores, answers.scores)
        return found

    def _probability(self, value: Any) -> Any:
        is_pair = self.positives_only and isinstance(value, list) and len(value) == 2
        return value[1] if is_pair else value

    def at_once(self, answers: pa.Array) -> dict[str, pa.Array] | None:
        """The same of answers that are a plain line of CSV each; None unless all are one number."""
        texts = only_field(answers)
        if texts is None or self.scores not in self.names:
            return None
        try:
            texts.cast(pa.float64())
        except pa.ArrowInvalid:
            return None
        nothing = pa.nulls(len(texts), pa.string())
        return {name: texts if name == self.scores else nothing for name in self.names}


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerBytes:
    """Answers that are no text: of two of them it is known whether they are the same.

    Attributes:
        names: of the columns: a prediction that nobody knows, and a digest of the answer.
    """

    names: tuple[str, ...] = (PREDICTION, ANSWER)

    def columns(self, content: Any, rows: RowCount) -> Columns:
        """What an answer says of its rows."""
        return {ANSWER: [content] * (rows() or 1)}

    def at_once(self, answers: pa.Array) -> None:
        """Never anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmValues:
    """What is read of a record's payloads, row by row; pickled and sent to the workers.

    Attributes:
        outcomes: how answers are understood.
        labelled: whether there is ground truth.
        label: where it is in the ground truth; None where there is nothing else.
        fields: own fields of the request, or else of the answer: JMESPaths, or places in CSV.
    """

    outcomes: OutcomePaths | KnownForms | AnswerBytes
    labelled: bool
    label: str | None = None
    fields: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns, those of own fields the last."""
        label = (LABEL,) if self.labelled else ()
        return (*label, *self.outcomes.names, *map(name_of, self.fields))

    def rows(self, record: Record) -> list[Row]:
        """The rows of a record; without a captured answer, nothing is predicted.

        Raises:
            UnreadableError: it cannot be read; the text is the reason.
        """
        labels = true_labels(record, self.label)
        columns: Columns = {}
        answer = record.answer
        if answer is not None and answer.data is not None:
            in_bytes = isinstance(self.outcomes, AnswerBytes)
            content = digest_of(answer) if in_bytes else answer.content()
            columns = self.outcomes.columns(content, lambda: asked_rows(record, labels))
        lengths = {len(column) for column in (labels, *columns.values()) if column is not None}
        if len(lengths) > 1:
            raise UnreadableError(UNEVEN)
        nothing: list[Any] = [None] * (lengths.pop() if lengths else 1)
        if self.labelled:
            columns[LABEL] = nothing if labels is None else labels
        for path, values in own_fields(record, self.fields, len(nothing)).items():
            columns[name_of(path)] = values
        told = [columns.get(name, nothing) for name in self.names]
        return [list(map(text_of, row)) for row in zip(*told, strict=True)]

    def at_once(self, found: RecordTable) -> pa.Table | None:
        """The rows of records whose payloads all are a plain line of CSV; None of any others."""
        if found.joined.true_count:
            return None
        answers = plain_lines(found, OUTPUT)
        columns = None if answers is None else self.outcomes.at_once(answers)
        if columns is None:
            return None
        if self.labelled:
            truth = plain_lines(found, TRUTH)
            if truth is None:
                return None
            columns[LABEL] = (
                only_field(truth) if self.label is None else field_at(truth, self.label)
            )
        own = own_at_once(found, self.fields)
        if own is None:
            return None
        columns |= {name_of(path): each for path, each in own.items()}
        ordered = [columns[name] for name in self.names]
        if any(column is None for column in ordered):
            return None
        return pa.Table.from_arrays(ordered, names=[str(index) for index in range(len(ordered))])


def digest_of(part: Part) -> str:
    """SHA-256 of the bytes of a payload, whichever way they are written.

    Raises:
        UnreadableError: there are none, or they are said to be BASE64, and are not.
    """
    if part.data is None:
        raise UnreadableError(NO_DATA)
    content = part.data.encode()
    if part.encoding == "BASE64":
        try:
            content = base64.b64decode(content, validate=True)
        except ValueError as error:
            raise UnreadableError("whose payload is no BASE64") from error
    return hashlib.sha256(content).hexdigest()


def name_of(path: str) -> str:
    """The name of an own field's column, which no other column has."""
    return f"field:{path}"


def _rows_of(found: Any, rows: RowCount) -> list[Any]:
    """A value for each row; of the only row, a list of probabilities is one."""
    if not isinstance(found, list):
        return [found]
    is_one = len(found) > 1 and not isinstance(found[0], list) and rows() == 1
    return [found] if is_one else found


def true_labels(record: Record, path: str | None) -> list[Any] | None:
    """The labels of a record; None where there is no ground truth.

    Raises:
        UnreadableError: there is some, and no label in it.
    """
    return labels_of(record.true(), path) if record.is_labelled else None


def asked_rows(record: Record, labels: Sequence[Any] | None) -> int | None:
    """How many rows were asked about, by the labels or by the request; None if neither tells."""
    if labels is not None:
        return len(labels)
    content = None if record.joined else content_of(record.sent)
    if isinstance(content, CsvTable):
        return len(content.rows)
    if isinstance(content, dict):
        content = next((content[name] for name in _ROW_LISTS if name in content), None)
    many = isinstance(content, list) and bool(content) and isinstance(content[0], list | dict)
    return len(content) if many and isinstance(content, list) else None
