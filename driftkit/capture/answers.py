"""Recognises how an endpoint answers: each row's prediction and probability, without being told where.

The forms are those that documentations of SageMaker's built-in algorithms and of model servers show.
What an answer does not tell, whether a lone number is a probability, `are_probabilities` does.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from driftkit.capture.paths import stripped
from driftkit.capture.payload import CsvTable
from driftkit.columns.lists import cell
from driftkit.columns.numbers import number_in
from driftkit.readers.json_values import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


# Of rows that were asked about; None where that is not known.
RowCount = Callable[[], int | None]
NO_FORM = "whose answer has no form that is known"
NO_ANSWER = "whose answer is empty"
_LABELS = (
    *("predicted_label", "prediction", "predicted_class", "closest_cluster"),
    *("label", "labels", "class", "classes"),
)
_SCORES = ("probability", "probabilities", "proba", "prob", "score", "scores")
# A label beside its own score, as against a predicted label beside that of the positive one.
_OWN_LABEL, _OWN_SCORE = "label", ("prob", "score")
_V2_KEYS = {"name", "data"}
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


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerForm:
    """A form of answers.

    Attributes:
        name: whose answers look so.
        values: the rows' values in a content of the form, None of any other; the function that it
            is given tells how many rows were asked about.
    """

    name: str
    values: Callable[[Any, RowCount], list[Any] | None]


def recognised(content: Any, rows: RowCount = lambda: None, positive: str | None = None) -> Answers:
    """What an answer says of its rows.

    Args:
        content: of the answer: a `CsvTable`, or a JSON value.
        rows: tells how many rows were asked about, None where that is not known; called only
            where the answer does not tell.
        positive: the label whose probability is asked for, where an answer names the labels that
            its probabilities are of.

    Raises:
        UnreadableError: it has no form that is known.

    >>> found = recognised({"predictions": [{"score": 0.9, "predicted_label": 1}]})
    >>> found.predictions, found.scores
    ([1], [0.9])
    """
    for form in FORMS:
        values = form.values(content, rows)
        if values is not None:
            return replace(_said(values, positive), form=form.name)
    raise UnreadableError(NO_FORM)


def are_probabilities(scores: Iterable[Any]) -> bool:
    """Whether lone numbers of many answers are probabilities of the positive label.

    They are if all are from 0 to 1 and one is between: without it they may be labels.

    >>> are_probabilities([0.5, 1]), are_probabilities([0, 1]), are_probabilities([0.5, 7.5])
    (True, False, False)
    """
    numbers = [_number(each) for each in scores]
    known = [each for each in numbers if each is not None]
    return all(0.0 <= each <= 1.0 for each in known) and any(0.0 < each < 1.0 for each in known)


def _as_rows(values: list[Any], rows: int | None) -> list[Any]:
    """Several numbers as a value for each row, or as what is said of the only row."""
    if rows == len(values):
        return values
    if rows in {1, None} and _add_up_to_1(values):
        return [values]
    if rows is None:
        return values
    return [values] if rows == 1 else []


def _said(values: Sequence[Any], positive: str | None) -> Answers:
    """What a value for each row says: an object, a list, a text or a number."""
    if not values:
        raise UnreadableError(NO_ANSWER)
    first = values[0]
    found = Answers(form="", rows=len(values))
    if isinstance(first, dict):
        return _of_objects(values, positive)
    if isinstance(first, list):
        return _of_lists(values, positive)
    if _are_numbers(values):
        return replace(found, scores=values)
    return replace(found, predictions=values)


def _of_lists(values: Sequence[Any], positive: str | None) -> Answers:
    if not all(isinstance(each, list) and each for each in values):
        raise UnreadableError(NO_FORM)
    if isinstance(values[0][0], dict):
        # All labels of a row, the likeliest first or not.
        return _ranked([_by_likelihood(each) for each in values], positive)
    if all(len(each) == 1 for each in values):
        return _said([each[0] for each in values], positive)
    if not all(_are_numbers(each) and _add_up_to_1(each) for each in values):
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
    labels, scores = (_listed(row.get(name)) for name in (_OWN_LABEL, key))
    if len(labels) != len(scores) or not labels:
        raise UnreadableError(NO_FORM)
    return list(zip(labels, scores, strict=True))


def _by_likelihood(row: Any) -> _Pairs:
    key = next((each for each in _OWN_SCORE if isinstance(row[0], dict) and each in row[0]), None)
    try:
        pairs = [(each[_OWN_LABEL], float(each[key])) for each in row]
    except (KeyError, TypeError, ValueError) as error:
        raise UnreadableError(NO_FORM) from error
    return sorted(pairs, key=lambda pair: -pair[1])


def _csv(content: Any, rows: RowCount) -> list[Any] | None:
    """A line for each row, or a field of the only line for each."""
    if not isinstance(content, CsvTable):
        return None
    lines = [[cell(stripped(text)) for text in row] for row in content.rows]
    if len(lines) == 1 and len(lines[0]) > 1 and _are_numbers(lines[0]):
        lines = [_listed(each) for each in _as_rows(lines[0], rows())]
    return [_fields(line) for line in lines]


def _fields(row: list[Any]) -> Any:
    """The fields of a line: a value, probabilities that add up, or a label and its probability.

    Raises:
        UnreadableError: numbers that are none of these.
    """
    if len(row) == 1:
        return row[0]
    if not _are_numbers(row):
        probability = row[1] if isinstance(row[1], list) or _may_be_probability(row[1]) else None
        return {"prediction": row[0], "probability": probability}
    if _add_up_to_1(row):
        return row
    if not (_number(row[0]) or 0.0).is_integer() or not _may_be_probability(row[1]):
        raise UnreadableError(NO_FORM)
    return {"prediction": row[0], "probability": row[1]}


def _v2(content: Any, _: RowCount) -> list[Any] | None:
    outputs = content.get("outputs") if isinstance(content, dict) else None
    if not _are_objects_with(outputs, _V2_KEYS):
        return None
    assert isinstance(outputs, list)  # noqa: S101  (of objects)
    columns = {str(each["name"]): _unflattened(each) for each in outputs}
    if len(columns) == 1:
        return next(iter(columns.values()))
    named = {_meaning(name): column for name, column in columns.items() if _meaning(name)}
    if not named or len({len(column) for column in named.values()}) > 1:
        raise UnreadableError(NO_FORM)
    return [dict(zip(named, row, strict=True)) for row in zip(*named.values(), strict=True)]


def _meaning(name: str) -> str:
    """What an output is by its name; empty where that does not tell."""
    lower = name.lower()
    if any(word in lower for word in ("prob", "score")):
        return "probability"
    return "prediction" if any(word in lower for word in ("label", "class", "pred")) else ""


def _unflattened(output: Any) -> list[Any]:
    """The rows of an output, whose data may stand row after row in one list."""
    data, shape = output["data"], output.get("shape") or []
    if not isinstance(data, list) or not data or isinstance(data[0], list) or len(shape) < 2:
        return _listed(data)
    width = math.prod(shape[1:])
    if width < 1 or len(data) % width:
        raise UnreadableError(NO_FORM)
    return [data[at : at + width] for at in range(0, len(data), width)]


def _learner(content: Any, _: RowCount) -> list[Any] | None:
    found = content.get("predictions") if isinstance(content, dict) else None
    return found if _are_objects_with(found, set()) else None


def _forest(content: Any, _: RowCount) -> list[Any] | None:
    found = content.get("scores") if isinstance(content, dict) else None
    return found if _are_objects_with(found, {"score"}) else None


def _ranking(content: Any, _: RowCount) -> list[Any] | None:
    rows = content if isinstance(content, list) else [content]
    return rows if _are_objects_with(rows, {"label", "prob"}) else None


def _texts(content: Any, _: RowCount) -> list[Any] | None:
    rows = content if isinstance(content, list) else [content]
    inner = rows[0] if rows and isinstance(rows[0], list) else rows
    return rows if _are_objects_with(inner, {"label", "score"}) else None


def _served(content: Any, _: RowCount) -> list[Any] | None:
    """What stands under the one key that model servers use."""
    if not isinstance(content, dict):
        return None
    found = next((content[key] for key in ("predictions", "outputs") if key in content), None)
    if isinstance(found, dict):
        named = {_meaning(key): _listed(column) for key, column in found.items() if _meaning(key)}
        rows = zip(*named.values(), strict=False)
        return [dict(zip(named, row, strict=True)) for row in rows] if named else None
    return None if found is None else _listed(found)


def _objects(content: Any, _: RowCount) -> list[Any] | None:
    rows = content if isinstance(content, list) else [content]
    return rows if _are_objects_with(rows, set()) else None


def _plain(content: Any, rows: RowCount) -> list[Any] | None:
    if isinstance(content, dict) or content is None:
        return None
    values = _listed(content)
    return _as_rows(values, rows()) if len(values) > 1 and _are_numbers(values) else values


# Of several forms that fit, the first counts.
FORMS = (
    AnswerForm(name="CSV, as XGBoost's", values=_csv),
    AnswerForm(name="Triton's or KServe's (v2 protocol)", values=_v2),
    AnswerForm(name="linear learner's", values=_learner),
    AnswerForm(name="random cut forest's", values=_forest),
    AnswerForm(name="BlazingText's", values=_ranking),
    AnswerForm(name="a text classifier's (label and score)", values=_texts),
    AnswerForm(name="TensorFlow Serving's or MLflow's", values=_served),
    AnswerForm(name="objects of a row each", values=_objects),
    AnswerForm(name="a JSON list, as image classification's", values=_plain),
)


def _are_objects_with(values: Any, keys: set[str]) -> bool:
    is_list = isinstance(values, list) and bool(values)
    return is_list and all(isinstance(each, dict) and keys <= each.keys() for each in values)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _lone(value: Any) -> Any:
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _are_numbers(values: Sequence[Any]) -> bool:
    """Whether all values are numbers, or missing."""
    return all(each is None or _number(each) is not None for each in values)


def _number(value: Any) -> float | None:
    if isinstance(value, str):
        return number_in(value)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number else None


def _may_be_probability(value: Any) -> bool:
    number = _number(value)
    return number is not None and 0.0 <= number <= 1.0


def _add_up_to_1(values: Sequence[Any]) -> bool:
    numbers = [_number(each) or 0.0 for each in values]
    return min(numbers) >= 0.0 and abs(math.fsum(numbers) - 1.0) <= _TOLERANCE
