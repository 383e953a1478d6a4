"""Recognises how an endpoint answers: each row's prediction and probability, without being told where.

The forms are those that documentations of SageMaker's built-in algorithms and of model servers show.
What an answer does not tell, whether a lone number is a probability, `are_probabilities` does.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from driftkit.capture.answer_values import (
    NO_FORM,
    Answers,
    add_up_to_1,
    are_numbers,
    may_be_probability,
    number_of,
    said,
)
from driftkit.capture.paths import stripped, values_of
from driftkit.capture.payload import CsvTable
from driftkit.columns.lists import cell
from driftkit.readers.json_values import UnreadableError

# Of rows that were asked about; None where that is not known.
RowCount = Callable[[], int | None]
_V2_KEYS = {"name", "data"}


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
            return replace(said(values, positive), form=form.name)
    raise UnreadableError(NO_FORM)


def _as_rows(values: list[Any], rows: int | None) -> list[Any]:
    """Several numbers as a value for each row, or as what is said of the only row."""
    if rows == len(values):
        return values
    if rows in {1, None} and add_up_to_1(values):
        return [values]
    if rows is None:
        return values
    return [values] if rows == 1 else []


def _csv(content: Any, rows: RowCount) -> list[Any] | None:
    """A line for each row, or a field of the only line for each."""
    if not isinstance(content, CsvTable):
        return None
    lines = [[cell(stripped(text)) for text in row] for row in content.rows]
    if len(lines) == 1 and len(lines[0]) > 1 and are_numbers(lines[0]):
        lines = [values_of(each) for each in _as_rows(lines[0], rows())]
    return [_fields(line) for line in lines]


def _fields(row: list[Any]) -> Any:
    """The fields of a line: a value, probabilities that add up, or a label and its probability.

    Raises:
        UnreadableError: numbers that are none of these.
    """
    if len(row) == 1:
        return row[0]
    if not are_numbers(row):
        probability = row[1] if isinstance(row[1], list) or may_be_probability(row[1]) else None
        return {"prediction": row[0], "probability": probability}
    if add_up_to_1(row):
        return row
    if not (number_of(row[0]) or 0.0).is_integer() or not may_be_probability(row[1]):
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
    data, shape = output["data"], output.get("shape")
    is_shape = isinstance(shape, list) and all(isinstance(each, int) for each in shape)
    is_flat = isinstance(data, list) and data and not isinstance(data[0], list)
    if not is_shape or not is_flat or len(shape) < 2:
        return values_of(data)
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
        named = {_meaning(key): values_of(column) for key, column in found.items() if _meaning(key)}
        rows = zip(*named.values(), strict=False)
        return [dict(zip(named, row, strict=True)) for row in rows] if named else None
    return None if found is None else values_of(found)


def _objects(content: Any, _: RowCount) -> list[Any] | None:
    rows = content if isinstance(content, list) else [content]
    return rows if _are_objects_with(rows, set()) else None


def _plain(content: Any, rows: RowCount) -> list[Any] | None:
    if isinstance(content, dict) or content is None:
        return None
    values = values_of(content)
    return _as_rows(values, rows()) if len(values) > 1 and are_numbers(values) else values


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
