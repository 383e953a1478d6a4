"""What values of an answer say of its rows: predictions, probabilities, or numbers of either kind."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from driftkit.capture.paths import values_of
from driftkit.columns.numbers import number_in
from driftkit.readers.json_values import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

NO_FORM = "whose answer has no form that is known"
NO_ANSWER = "whose answer is empty"
_LABELS = (
    *("predicted_label", "prediction", "predicted_class", "closest_cluster"),
    *("label", "labels", "class", "classes"),
)
_SCORES = ("probability", "probabilities", "proba", "prob", "score", "scores")
# A label beside its own score, as against a predicted label beside that of the positive one.
_OWN_LABEL, _OWN_SCORE = "label", ("prob", "score")
_TOLERANCE = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What an answer says of each of its rows; None of what it does not say.

    Attributes:
        form: whose answers look so, for people.
        rows: number of rows.
        predictions: labels or values.
        probabilities: lists of one for each label.
        scores: a number for each row, of which nothing in the answer tells whether it is a
            probability of the positive label.
    """

    form: str
    rows: int
    predictions: Sequence[Any] | None = None
    probabilities: Sequence[Any] | None = None
    scores: Sequence[Any] | None = None


def are_probabilities(scores: Iterable[Any]) -> bool:
    """Whether lone numbers of many answers are probabilities of the positive label.

    They are if all are from 0 to 1 and one is between: without it they may be labels.

    >>> are_probabilities([0.5, 1]), are_probabilities([0, 1]), are_probabilities([0.5, 7.5])
    (True, False, False)
    """
    numbers = [number_of(each) for each in scores]
    known = [each for each in numbers if each is not None]
    return all(0.0 <= each <= 1.0 for each in known) and any(0.0 < each < 1.0 for each in known)


def said(values: Sequence[Any], positive: str | None) -> Answers:
    """What a value for each row says: an object, a list, a text or a number.

    Args:
        values: of the rows.
        positive: the label whose probability is asked for.

    Raises:
        UnreadableError: they say nothing that is known.
    """
    if not values:
        raise UnreadableError(NO_ANSWER)
    first = values[0]
    found = Answers(form="", rows=len(values))
    if isinstance(first, dict):
        return _of_objects(values, positive)
    if isinstance(first, list):
        return _of_lists(values, positive)
    if are_numbers(values):
        return replace(found, scores=values)
    return replace(found, predictions=values)


def _of_lists(values: Sequence[Any], positive: str | None) -> Answers:
    if not all(isinstance(each, list) and each for each in values):
        raise UnreadableError(NO_FORM)
    if isinstance(values[0][0], dict):
        # All labels of a row, the likeliest first or not.
        return _ranked([_by_likelihood(each) for each in values], positive)
    if all(len(each) == 1 for each in values):
        return said([each[0] for each in values], positive)
    if not all(are_numbers(each) and add_up_to_1(each) for each in values):
        raise UnreadableError(NO_FORM)
    return Answers(form="", rows=len(values), probabilities=values)


def _of_objects(values: Sequence[Any], positive: str | None) -> Answers:
    if not all(isinstance(each, dict) for each in values):
        raise UnreadableError(NO_FORM)
    own = next((key for key in _OWN_SCORE if key in values[0]), None)
    if own is not None and _OWN_LABEL in values[0]:
        return _ranked([_pairs(each, own) for each in values], positive)
    label = next((key for key in _LABELS if key in values[0]), None)
    score = next((key for key in _SCORES if key in values[0]), None)
    if label is None and score is None:
        raise UnreadableError(NO_FORM)
    labels = None if label is None else [_lone(each.get(label)) for each in values]
    scores = None if score is None else [_lone(each.get(score)) for each in values]
    found = Answers(form="", rows=len(values), predictions=labels)
    if scores is None:
        return found
    if any(isinstance(each, list) for each in scores):
        return replace(found, probabilities=scores)
    return replace(found, scores=scores)


_Pairs = list[tuple[Any, float]]


def _ranked(rows: Sequence[_Pairs], positive: str | None) -> Answers:
    """Labels with probabilities of their own, the likeliest label first."""
    found = Answers(form="", rows=len(rows), predictions=[pairs[0][0] for pairs in rows])
    told = [{str(label): score for label, score in pairs} for pairs in rows]
    # Of the likeliest label alone nothing is known about the positive one.
    if positive is None or any(len(each) < 2 for each in told):
        return found
    return replace(found, scores=[each.get(positive) for each in told])


def _pairs(row: Any, key: str) -> _Pairs:
    labels, scores = (values_of(row.get(name)) for name in (_OWN_LABEL, key))
    if len(labels) != len(scores) or not labels:
        raise UnreadableError(NO_FORM)
    return list(zip(labels, scores, strict=True))


def _by_likelihood(row: Any) -> _Pairs:
    key = next((each for each in _OWN_SCORE if isinstance(row[0], dict) and each in row[0]), None)
    try:
        pairs = [(each[_OWN_LABEL], float(each[key])) for each in row]
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise UnreadableError(NO_FORM) from error
    return sorted(pairs, key=lambda pair: -pair[1])


def _lone(value: Any) -> Any:
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def are_numbers(values: Sequence[Any]) -> bool:
    """Whether all values are numbers, or missing."""
    return all(each is None or number_of(each) is not None for each in values)


def number_of(value: Any) -> float | None:
    """The number that a value is or spells; None of all others."""
    if isinstance(value, str):
        return number_in(value)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    # Larger integers are no doubles.
    return float(value) if is_number and abs(value) <= sys.float_info.max else None


def may_be_probability(value: Any) -> bool:
    """Whether a value is a number from 0 to 1."""
    number = number_of(value)
    return number is not None and 0.0 <= number <= 1.0


def add_up_to_1(values: Sequence[Any]) -> bool:
    """Whether numbers are the probabilities of all labels."""
    numbers = [number_of(each) or 0.0 for each in values]
    return min(numbers) >= 0.0 and abs(sum(numbers) - 1.0) <= _TOLERANCE
