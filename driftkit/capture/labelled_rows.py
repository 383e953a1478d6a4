"""Rows of features, label and prediction from JSON and merged captures.

A merged record holds what the endpoint was asked, what it answered and, once known, the truth;
one record may hold many rows. Batch transform joins input and answer into one payload.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from driftkit.capture.decision import Decision, aligned
from driftkit.capture.paths import labels_of, rows_of, searched, stripped, text, values_of
from driftkit.capture.payload import CsvTable
from driftkit.capture.record import Record
from driftkit.columns.chunk import Column
from driftkit.columns.lists import cell
from driftkit.columns.numbers import is_index

if TYPE_CHECKING:
    from driftkit.capture.paths import Row
    from driftkit.capture.payload import CsvRow
    from driftkit.capture.table import RecordTable

_PLAIN = {
    (labelled, scored): Decision(labelled=labelled, scored=scored)
    for labelled in (False, True)
    for scored in (False, True)
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledLayout:
    """Where a row's values are.

    Attributes:
        features: names of the features, in the order of their columns.
        label: name of the label.
        prediction: name of the predicted label; None where there is none.
        features_path: JMESPath of the features in JSON.
        label_path: JMESPath of the label in JSON.
        prediction_path: JMESPath of the predicted label, or its place among the CSV outputs.
        score_path: JMESPath or place of the score, or of the scores of all labels.
        decision: how label and scores of an answer become the prediction; None for a lone score
            as it stands.
    """

    features: tuple[str, ...]
    label: str
    prediction: str | None = None
    features_path: str | None = None
    label_path: str | None = None
    prediction_path: str | None = None
    score_path: str | None = None
    decision: Decision | None = None

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns of a row."""
        names = (*self.features, self.label)
        outcome = () if self.prediction is None else (self.prediction,)
        return tuple(Column(name=name) for name in (*names, *outcome))

    def rows(self, found: Any) -> list[Row]:
        """The rows of a record, or of a JSON document that has features and labels.

        Raises:
            ValueError: it cannot be read; the message is the reason, in a few words.
        """
        if isinstance(found, Record):
            return self._joined(*self._of_record(found))
        values = _required(self._search("features", self.features_path, found), "no features")
        labels = self._search("label", self.label_path, found)
        features = rows_of(values, self.features)
        return self._joined(features, labels, self._predicted(found, len(features)))

    def at_once(self, found: RecordTable) -> None:
        """Nothing: what stands for a label is decided answer by answer."""

    def _joined(self, features: list[Row], labels: Any, predictions: Any) -> list[Row]:
        columns = [values_of(_required(labels, "no label"))]
        if self.prediction is not None:
            columns.append(values_of(_required(predictions, "no prediction")))
        if any(len(column) != len(features) for column in columns):
            raise ValueError("another number of labels or predictions than of rows")
        outcomes = zip(*columns, strict=True)
        return [
            [*row, *map(text, outcome)] for row, outcome in zip(features, outcomes, strict=True)
        ]

    def _of_record(self, record: Record) -> tuple[list[Row], Any, Any]:
        labels = self._labels(record.true())
        request = _required(record.sent, "no captured input").content()
        if isinstance(request, CsvTable):
            features, outputs = self._csv(request.rows, joined=record.joined)
        else:
            found = _required(self._search("features", self.features_path, request), "no features")
            features, outputs = rows_of(found, self.features), None
        if record.answered is not None:
            answers = record.answered.content()
        elif outputs is not None:
            answers = CsvTable(outputs)
        else:
            answers = request if record.joined else None
        return features, labels, self._answered(answers, len(features))

    def _labels(self, truth: Any) -> list[Any]:
        """The labels; the path may be a header's name, of which ground truth knows nothing."""
        is_csv = isinstance(truth, CsvTable)
        found = None if is_csv else self._search("label", self.label_path, truth)
        return labels_of(truth, None) if found is None else values_of(found)

    def _answered(self, answers: Any, rows: int) -> Any:
        if isinstance(answers, CsvTable):
            return self._predicted_csv(answers.rows)
        return self._predicted(answers, rows)

    def _csv(self, rows: list[CsvRow], *, joined: bool) -> tuple[list[Row], list[CsvRow]]:
        width = len(self.features)
        if any(len(row) < width or (len(row) > width and not joined) for row in rows):
            raise ValueError(f"another number of features than {width} headers")
        if not joined:
            return list(rows), [[] for _ in rows]
        return [row[:width] for row in rows], [row[width:] for row in rows]

    def _predicted_csv(self, outputs: list[CsvRow]) -> Any:
        if self.prediction is None:
            return None
        label, score = _index_or_none(self.prediction_path), _index_or_none(self.score_path)
        decision = self._decision()
        if decision.labelled and label is None and score is not None:
            raise ValueError("CSV, in which a label has no name")
        known = (label if decision.labelled else score) or 0
        decided = []
        for row in outputs:
            answer = cell(_required(_at(row, known), "no prediction"))
            if not decision.labelled:
                decided.append(decision.label(None, answer))
            else:
                scores = None if score is None else cell(_at(row, score))
                decided.append(decision.label(answer, scores))
        return decided

    def _predicted(self, document: Any, rows: int) -> Any:
        if self.prediction is None or document is None:
            return None
        decision = self._decision()
        labels = self._search("prediction", self.prediction_path, document)
        # A label that is no list decides, whatever the scores are.
        plain = labels.__class__ is not list and decision.labelled and labels is not None
        scores = None if plain else self._search("probability", self.score_path, document)
        if plain and rows == 1:
            return [decision.label(labels, None)]
        _required(labels if decision.labelled else scores, "no prediction")
        if rows == 1 and scores.__class__ is not list and labels is None:
            return [decision.label(None, scores)]
        pairs = zip(aligned(labels, rows), aligned(scores, rows), strict=True)
        return [decision.label(label, score) for label, score in pairs]

    def _decision(self) -> Decision:
        return (
            self.decision or _PLAIN[self.prediction_path is not None, self.score_path is not None]
        )

    def _search(self, what: str, path: str | None, document: Any) -> Any:
        return None if path is None else searched(document, path, f"{what} attribute")


def _required(value: Any, reason: str) -> Any:
    if value is None:
        raise ValueError(reason)
    return value


def _index_or_none(path: str | None) -> int | None:
    return int(path) if path is not None and is_index(path) else None


def _at(row: CsvRow, index: int | None) -> str | None:
    return stripped(row[index]) if index is not None and index < len(row) else None
