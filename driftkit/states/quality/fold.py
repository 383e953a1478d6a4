"""Folds labels, predictions and probabilities into the state of their quality."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from driftkit.columns.chunk import Rejections
from driftkit.errors import InputError
from driftkit.formats.model_quality.problems import Problem
from driftkit.states.quality.confusion import Confusion
from driftkit.states.quality.labels import ABOVE, BELOW, MOST_CLASSES, canonical, label_of
from driftkit.states.quality.residuals import Residuals
from driftkit.states.quality.scores import Scores
from driftkit.states.quality.state import QualityRequest, QualityState
from driftkit.states.quality.values import Probabilities, joined, numbers, probabilities

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

    Flags = NDArray[np.bool_]

NO_LABEL = "without a label"
NO_PREDICTION = "without a prediction"
NOT_A_NUMBER = "with a label or prediction that is not a number"
NOT_A_PROBABILITY = "with a probability that is not a number from 0 to 1"
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


def fold(rows: Observed, judging: QualityRequest) -> QualityState:
    """The state of some rows.

    Raises:
        InputError: there are too many classes, or lists of probabilities of wrong length.
    """
    if judging.problem is Problem.REGRESSION:
        state = _regression(rows)
    else:
        state = _classification(rows, judging)
    return state + QualityState(rejected=rows.rejected)


def _regression(rows: Observed) -> QualityState:
    predicted = rows.predictions if rows.predictions is not None else rows.probabilities
    if predicted is None:
        raise InputError("a regression needs predictions", todo="Name the inference attribute")
    labels, predictions = numbers(rows.labels), numbers(predicted)
    good = np.isfinite(labels) & np.isfinite(predictions)
    reasons = {
        NO_LABEL: _nulls(rows.labels),
        NO_PREDICTION: _nulls(predicted),
        NOT_A_NUMBER: ~good,
    }
    rejected = rejections_of(reasons)
    residuals = Residuals.from_predictions(labels[good], predictions[good])
    return QualityState(residuals=residuals, rejected=rejected)


def _classification(rows: Observed, judging: QualityRequest) -> QualityState:
    told = told_of(rows, judging)
    labels = codes_of(rows.labels)
    predictions = predictions_of(rows, told, judging)
    reasons = {NO_LABEL: labels.codes < 0, NO_PREDICTION: predictions.codes < 0}
    if told is not None:
        reasons[NOT_A_PROBABILITY] = ~told.good
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


def told_of(rows: Observed, judging: QualityRequest) -> Probabilities | None:
    """The probabilities of rows that have some, by the labels that they are of."""
    if rows.probabilities is None:
        return None
    names = tuple(canonical(name) for name in judging.label_names)
    positive = None if judging.positive is None else canonical(judging.positive)
    return probabilities(rows.probabilities, names, positive)


@dataclass(frozen=True, slots=True, kw_only=True)
class Codes:
    """Labels by their numbers.

    Attributes:
        codes: of each row; -1 where there is no label.
        names: of the numbers.
    """

    codes: NDArray[np.int64]
    names: Sequence[str]


def codes_of(values: pa.ChunkedArray) -> Codes:
    """Values as indices of their canonical labels, -1 where there is none."""
    encoded = joined(values).dictionary_encode()
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


def predictions_of(rows: Observed, told: Probabilities | None, judging: QualityRequest) -> Codes:
    """What each row was predicted as, or is by its probability.

    Raises:
        InputError: there is neither.
        SettingsError: the labels of several probabilities were not given.
    """
    if rows.predictions is not None:
        return codes_of(rows.predictions)
    if told is None:
        raise InputError(
            "there is neither a prediction nor a probability",
            todo="Name --inference-attribute or --probability-attribute",
        )
    if judging.problem is Problem.MULTICLASS:
        return Codes(codes=told.likeliest(), names=told.names)
    above = (told.positive > judging.threshold).astype(np.int64)
    return Codes(codes=above, names=(BELOW, ABOVE))


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


def _nulls(values: pa.ChunkedArray) -> Flags:
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
