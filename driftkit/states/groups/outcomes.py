"""The positive labels and predictions of a bias report."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from driftkit.errors import InputError, SettingsError
from driftkit.states.groups.columns import Key, Rest, Scalar
from driftkit.states.groups.types import (
    Scale,
    TypedColumn,
    in_interval,
    interval_of,
    matching,
    typed,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftkit.dialects import Dialect
    from driftkit.states.groups.counts import GroupCounts


@dataclass(frozen=True, kw_only=True)
class Outcomes:
    """Reads labels and predictions from counts.

    Attributes:
        counts: of all rows.
        positives: the positive labels, or their threshold.
        rules: of the dialect.
    """

    counts: GroupCounts
    positives: tuple[Scalar, ...]
    rules: Dialect

    @cached_property
    def label(self) -> TypedColumn:
        """The label's column."""
        return typed(self.counts.columns[self.counts.plan.label], self.positives, self.rules)

    @cached_property
    def prediction(self) -> TypedColumn:
        """The prediction's column, once there is one."""
        index = self.counts.plan.prediction
        if index is None:
            raise SettingsError(
                "predicted_label_column has to be provided for Post training metrics",
                where="predicted_label",
                todo="Name the column, or ask for pre_training_bias alone",
            )
        return typed(self.counts.columns[index], self.positives, self.rules)

    @cached_property
    def label_text(self) -> str:
        """Which labels are positive, as in the report."""
        return self._split(self.label)[1]

    @cached_property
    def positive_labels(self) -> set[Key]:
        """The label's keys that are positive."""
        return self._split(self.label)[0]

    @cached_property
    def positive_predictions(self) -> set[Key]:
        """The prediction's keys that are positive.

        Raises:
            InputError: labels and predictions are of different types, or none is positive.
        """
        label, prediction = self.label, self.prediction
        if label.scale is not prediction.scale:
            raise InputError(
                "Predicted Label Column series datatype is not the same as Label Column series",
                where=f"columns {label.name!r} and {prediction.name!r}",
                expected=f"{label.scale.lower()} ({label.dtype})",
                found=f"{prediction.scale.lower()} ({prediction.dtype})",
                todo="Write labels and predictions alike",
            )
        positive = (
            matching(prediction)
            if prediction.scale is Scale.CATEGORICAL
            else self._predicted_interval()
        )
        if not positive and (self.rules.acceptance_is_required or self._misspelt()):
            raise InputError(
                "No Label values are present in the predicted Label Column,"
                "Positive Predicted Index Series contains all False values",
                where=f"column {prediction.name!r}",
                expected=f"some predictions like {', '.join(map(str, self.positives))}",
                found=", ".join(map(_shown, prediction.seen()[:5])) or "no rows",
                todo="Check label_values_or_threshold and the predictions",
            )
        return positive

    def _misspelt(self) -> bool:
        """Whether predictions are written as no label is."""
        known, predicted = self.label.seen(), self.prediction.seen()
        return any(isinstance(key, str) and key not in known for key in predicted)

    def _predicted_interval(self) -> set[Key]:
        label, prediction = self.label, self.prediction
        cut = self.rules.cut_predictions and label.dtype == "int64"
        maxima = [
            each for each in (label.facts.maximum, prediction.facts.maximum) if each is not None
        ]
        highest = max((int(each) if cut else each for each in maxima), default=None)
        return in_interval(prediction, interval_of(label, highest), cut=cut)

    def _split(self, column: TypedColumn) -> tuple[set[Key], str]:
        if column.scale is Scale.CATEGORICAL:
            return matching(column), ",".join(map(str, column.given))
        interval = interval_of(column)
        return in_interval(column, interval, cut=False), "" if interval is None else str(interval)

    def unlabelled(self, *, predicted: bool) -> int:
        """Rows that are set aside because label or prediction is missing."""
        table = self.counts.tables[0]
        width = len(self.counts.plan.facets[0])
        return sum(n for cell, n in table.items() if not self.counted(cell[width:], predicted))

    def counted(self, outcome: Sequence[Key], predicted: bool) -> bool:  # noqa: FBT001
        """Whether rows with these label and prediction are counted."""
        if self.rules.missing_label_is_negative:
            return True
        return outcome[0] is not None and not (predicted and outcome[1] is None)

    def confusion(self) -> dict[str, dict[str, float]] | None:
        """Rows by label and predicted label; None for scales and for labels too many to list."""
        label, prediction = self.label, self.prediction
        if label.scale is Scale.CONTINUOUS or label.facts.collapsed or prediction.facts.collapsed:
            return None
        seen = set(label.seen())
        if not self.rules.confusion_of_labels_only:
            seen |= {_like(key, [*seen]) for key in prediction.seen()}
        labels = sorted((key for key in seen if key is not None), key=sort_key)
        matrix = {str(row): {str(column): 0.0 for column in labels} for row in labels}
        width = len(self.counts.plan.facets[0])
        for cell, count in self.counts.tables[0].items():
            row, column = label.typed(cell[width]), _like(prediction.typed(cell[width + 1]), labels)
            if row is not None and str(column) in matrix:
                matrix[str(row)][str(column)] += count
        return matrix


def sort_key(key: Key) -> tuple[bool, float, str]:
    """Orders numbers before texts."""
    if isinstance(key, bool | int | float):
        return (False, float(key), "")
    return (True, 0.0, str(key))


def _like(key: Key, labels: Sequence[Key]) -> Key:
    """A prediction written as the label that it equals."""
    return next((label for label in labels if label == key), key)


def _shown(key: Key) -> str:
    return "other values" if isinstance(key, Rest) else str(key)
