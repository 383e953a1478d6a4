"""Folds labels, predictions and probabilities into the state of their quality."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from driftkit.columns.chunk import Rejections
from driftkit.errors import InputError
from driftkit.formats.model_quality.problems import Problem
from driftkit.native.arrays import values_of
from driftkit.states.quality.confusion import Confusion
from driftkit.states.quality.labels import ABOVE, BELOW, MOST_CLASSES, canonical, label_of
from driftkit.states.quality.residuals import Residuals
from driftkit.states.quality.scores import Scores
from driftkit.states.quality.state import QualityRequest, QualityState
from driftkit.states.quality.values import Probabilities, joined, numbers, probabilities

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Flags = NDArray[np.bool_]

NO_LABEL = "without a label"
NO_PREDICTION = "without a prediction"
NOT_A_NUMBER = "with a label or prediction that is not a number"
NOT_A_PROBABILITY = "with a probability that is not a number from 0 to 1"
# Integers that are labels are few, and mostly follow each other: they are codes as they are.
_IN_A_ROW, _EXACT = 256, 2**53
_POSITIVES = frozenset(("1", "true"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """What some rows say; arrays of the same length, null where nothing is said.

    Attributes:
        labels: what was true.
        predictions: what the model said; None where only probabilities were given.
        probabilities: of the positive label, or lists of one for each label.
        rejected: records that could not be read.
    """

    labels: pa.ChunkedArray
    predictions: pa.ChunkedArray | None = None
    probabilities: pa.ChunkedArray | None = None
    rejected: Rejections = field(default_factory=Rejections)


@dataclass(frozen=True, slots=True, kw_only=True)
class Codes:
    """Labels by their numbers.

    Attributes:
        codes: of each row; -1 where there is no label.
        names: of the numbers.
        complete: whether it is known that each row has one.
    """

    codes: NDArray[np.int64]
    names: Sequence[str]
    complete: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Classified:
    """What rows of a classification say, as numbers.

    Attributes:
        told: the probabilities, by the labels that they are of; None where there are none.
        labels: what was true.
        predictions: what each row was predicted as, or is by its probability.
    """

    told: Probabilities | None
    labels: Codes
    predictions: Codes

    @classmethod
    def of(cls, rows: Observed, judging: QualityRequest) -> Classified:
        """The numbers of some rows.

        Raises:
            InputError: there is neither a prediction nor a probability, there are too many
                classes, or lists of probabilities are of wrong length.
            SettingsError: the labels of several probabilities were not given.
        """
        told = _told(rows, judging)
        labels = _codes(rows.labels)
        return cls(told=told, labels=labels, predictions=_predictions(rows, told, judging))

    @property
    def unusable(self) -> dict[str, Flags]:
        """The rows that tell nothing, with a label or without, by reasons that there are."""
        reasons = {}
        if not self.predictions.complete:
            reasons[NO_PREDICTION] = self.predictions.codes < 0
        if self.told is not None and not self.told.all_good:
            reasons[NOT_A_PROBABILITY] = ~self.told.good
        return reasons


def fold(rows: Observed, judging: QualityRequest) -> QualityState:
    """The state of some rows.

    Raises:
        InputError: there are too many classes, or lists of probabilities of wrong length.
    """
    if judging.problem is Problem.REGRESSION:
        state = _regression(rows)
    else:
        state = classification(Classified.of(rows, judging), judging)
    return state + QualityState(rejected=rows.rejected)


def _regression(rows: Observed) -> QualityState:
    told = predicted(rows)
    labels, predictions = numbers(rows.labels), numbers(told)
    good = np.isfinite(labels) & np.isfinite(predictions)
    reasons = {
        NO_LABEL: nulls(rows.labels),
        NO_PREDICTION: nulls(told),
        NOT_A_NUMBER: ~good,
    }
    rejected = rejections_of(reasons)
    residuals = Residuals.from_predictions(labels[good], predictions[good])
    return QualityState(residuals=residuals, rejected=rejected)


def classification(rows: Classified, judging: QualityRequest) -> QualityState:
    """The state of rows of a classification, but for records that could not be read."""
    told, labels, predictions = rows.told, rows.labels, rows.predictions
    reasons = {NO_LABEL: labels.codes < 0, **rows.unusable}
    bad = np.logical_or.reduce(list(reasons.values()))
    good = slice(None) if not bad.any() else ~bad
    scores = Scores()
    if told is not None and judging.problem is Problem.BINARY:
        positive = positives_among(labels.names, judging)[labels.codes[good]]
        scores = Scores.from_probabilities(told.positive[good], positive)
    return QualityState(
        confusion=_confusion(labels, predictions, good),
        scores=scores,
        rejected=rejections_of(reasons),
    )


def _told(rows: Observed, judging: QualityRequest) -> Probabilities | None:
    if rows.probabilities is None:
        return None
    names = tuple(canonical(name) for name in judging.label_names)
    positive = None if judging.positive is None else canonical(judging.positive)
    return probabilities(rows.probabilities, names, positive)


def _codes(values: pa.ChunkedArray) -> Codes:
    """Values as indices of their canonical labels, -1 where there is none."""
    array = joined(values)
    if array.null_count == len(array):
        return Codes(codes=np.broadcast_to(np.int64(-1), len(array)), names=[])
    if pa.types.is_signed_integer(array.type) and not array.null_count:
        numbered = values_of(array)
        least, most = int(numbered.min()), int(numbered.max())
        if most - least < _IN_A_ROW and max(abs(least), abs(most)) < _EXACT:
            # No number of a double's digits is the canonical form of another.
            codes = numbered.astype(np.int64, copy=False)
            names = [*map(str, range(least, most + 1))]
            codes = codes - least if least else codes
            return Codes(codes=codes, names=names, complete=True)
    encoded = array.dictionary_encode()
    if len(encoded.dictionary) > MOST_CLASSES:
        raise InputError(
            "there are too many classes to be labels",
            expected=f"at most {MOST_CLASSES:,} different labels",
            found=f"{len(encoded.dictionary):,}, for example {encoded.dictionary[0]}",
            todo="Choose the problem type Regression, or name another column",
        )
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    texts = [label_of(value) for value in encoded.dictionary.to_pylist()]
    names = list(dict.fromkeys(text for text in texts if text is not None))
    index = np.array([-1 if t is None else names.index(t) for t in texts] + [-1])
    # The identity needs no second look at every row.
    same = np.array_equal(index[:-1], np.arange(len(names)))
    return Codes(codes=codes if same else index[codes], names=names)


def _predictions(rows: Observed, told: Probabilities | None, judging: QualityRequest) -> Codes:
    if rows.predictions is not None:
        return _codes(rows.predictions)
    if told is None:
        raise InputError(
            "there is neither a prediction nor a probability",
            todo="Name --inference-attribute or --probability-attribute",
        )
    if judging.problem is Problem.MULTICLASS:
        return Codes(codes=told.likeliest(), names=told.names, complete=True)
    above = (told.positive > judging.threshold).astype(np.int64)
    return Codes(codes=above, names=(BELOW, ABOVE), complete=True)


def positives_among(names: Sequence[str], judging: QualityRequest) -> Flags:
    """Whether each of some labels is the positive one."""
    wanted = _POSITIVES if judging.positive is None else {canonical(judging.positive)}
    return np.array([name in wanted for name in names], dtype=np.bool_)


def _confusion(labels: Codes, predictions: Codes, good: slice | Flags) -> Confusion:
    width = len(predictions.names)
    size = len(labels.names) * width
    pairs = labels.codes[good] * width + predictions.codes[good]
    counts = np.bincount(pairs, minlength=size)
    return Confusion(
        cells={
            (labels.names[pair // width], predictions.names[pair % width]): int(counts[pair])
            for pair in np.flatnonzero(counts).tolist()
        }
    )


def predicted(rows: Observed) -> pa.ChunkedArray:
    """What a regression says.

    Raises:
        InputError: there is none.
    """
    told = rows.predictions if rows.predictions is not None else rows.probabilities
    if told is None:
        raise InputError("a regression needs predictions", todo="Name the inference attribute")
    return told


def nulls(values: pa.ChunkedArray) -> Flags:
    """Whether each value is missing."""
    flags: Flags = values.is_null(nan_is_null=True).to_numpy()
    return flags


def rejections_of(reasons: dict[str, Flags]) -> Rejections:
    """Each bad row counted once, under the first reason that applies."""
    counts, seen = {}, None
    for reason, flags in reasons.items():
        new = flags if seen is None else flags & ~seen
        seen = flags if seen is None else flags | seen
        if new.any():
            counts[reason] = int(new.sum())
    return Rejections(counts=counts)
