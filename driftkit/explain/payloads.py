"""Requests to an endpoint and its responses: CSV, JSON, JSON Lines, and the labels in them."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import jmespath  # type: ignore[import-untyped]
import numpy as np
import orjson

from driftkit.columns.lists import cell
from driftkit.columns.numbers import number_in
from driftkit.errors import InputError, SettingsError
from driftkit.explain.rows import BOOLEAN, TRUTH

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from driftkit.explain.rows import Rows
    from driftkit.formats.attribution_config import AttributionConfig

CSV, LINES, JSON = "text/csv", "application/jsonlines", "application/json"
CONTENT_TYPES = (CSV, LINES, JSON)
_LARGE = 2.0**53


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """How an endpoint is asked; the fields are Clarify's `predictor` keys, then ours.

    Attributes:
        content_type: of what is sent.
        accept_type: of what is wanted back.
        content_template: of a JSON line with `$features`, or of the whole JSON with `$record` or
            `$records`.
        record_template: of a record in JSON, with `$features` or `$features_kvp`.
        probability: index or JMESPath of the score, or scores, in an answer; None where the
            answer has nothing else.
        label: index or JMESPath of the predicted label, which no explanation asks for.
        target_model: which of a SageMaker endpoint's models is asked.
        custom_attributes: what SageMaker hands to the model's container beside the rows.
        batch: rows in one request.
        concurrent: requests at a time.
        timeout: seconds that a request may take.
        attempts: how often a request is tried.
    """

    content_type: str = CSV
    accept_type: str = CSV
    content_template: str | None = None
    record_template: str | None = None
    probability: int | str | None = None
    label: int | str | None = None
    target_model: str | None = None
    custom_attributes: str | None = None
    batch: int = 500
    concurrent: int = 4
    timeout: float = 60.0
    attempts: int = 4

    def __post_init__(self) -> None:
        for name in ("content_type", "accept_type"):
            if getattr(self, name) not in CONTENT_TYPES:
                raise SettingsError(
                    f"{name} is not one that endpoints of tables have",
                    where=f"predictor.{name}",
                    expected=" | ".join(CONTENT_TYPES),
                    found=repr(getattr(self, name)),
                    todo="Choose one of them",
                )


def request_of(config: AttributionConfig) -> Request:
    """How the configuration's endpoint is asked; a label is a score, where it names no other."""
    asked = config.predictor
    given: dict[str, Any] = {
        "content_type": asked.content_type,
        "accept_type": asked.accept_type or asked.content_type,
        "content_template": asked.content_template,
        "record_template": asked.record_template,
        "probability": asked.label if asked.probability is None else asked.probability,
        "target_model": asked.target_model,
        "custom_attributes": asked.custom_attributes,
    }
    return Request(**{name: value for name, value in given.items() if value is not None})


def encode(rows: Rows, request: Request) -> bytes:
    """The body of a request.

    Raises:
        SettingsError: a template lacks its placeholder.
    """
    if request.content_type == CSV:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(_cells(rows, as_json=False))
        return text.getvalue().encode()
    records = [_record(dict(zip(rows.names, row, strict=True))) for row in _cells(rows)]
    if request.content_type == LINES:
        template = request.content_template or '{"features":$features}'
        _require(template, ("$features", "$features_kvp"), "content_template")
        return "\n".join(_filled(template, *each) for each in records).encode()
    one = request.record_template or "$features"
    _require(one, ("$features", "$features_kvp"), "record_template")
    filled = [_filled(one, *each) for each in records]
    template = request.content_template or '{"instances":$records}'
    _require(template, ("$records", "$record"), "content_template")
    return (
        template.replace("$records", f"[{','.join(filled)}]")
        .replace("$record", ",".join(filled))
        .encode()
    )


def _record(values: dict[str, Any]) -> tuple[str, str]:
    return json.dumps(list(values.values())), json.dumps(values)


def _filled(template: str, features: str, pairs: str) -> str:
    return template.replace("$features_kvp", pairs).replace("$features", features)


def _cells(rows: Rows, *, as_json: bool = True) -> list[list[Any]]:
    """The values as payloads have them: whole numbers without a point, truth values in JSON.

    CSV has truth values as the data do: as text, or else as 1 and 0.
    """
    kinds = {TRUTH, BOOLEAN} if as_json else {TRUTH}
    indices = [index for index, kind in enumerate(rows.kinds) if kind in kinds]
    table = [[plain(value) for value in row] for row in rows.values.tolist()]
    for index in indices:
        truths = rows.column(index)
        if truths.dtype.kind in "bO":
            for row, value in zip(table, truths.tolist(), strict=True):
                known = isinstance(value, bool)
                row[index] = str(value).lower() if known and not as_json else value
    return table


def plain(value: Any) -> Any:
    """Whole numbers without a point, as most models' own payloads have them."""
    # Larger ones are no longer counted one by one, and would be written in hundreds of digits.
    whole = isinstance(value, float) and value.is_integer() and abs(value) < _LARGE
    return int(value) if whole else value


def _require(template: str, placeholders: tuple[str, ...], name: str) -> None:
    if not any(each in template for each in placeholders):
        raise SettingsError(
            "the template has no place for the features",
            where=f"predictor.{name}",
            expected=" or ".join(placeholders),
            found=repr(template),
            todo="Add it",
        )


def decode(answer: bytes, request: Request, name: str) -> list[Any]:
    """The scores of an answer, a number or a list of numbers for each row.

    Raises:
        InputError: it is not what was asked for, or has no score where one should be.
    """
    path = request.probability
    try:
        if request.accept_type == CSV:
            lines = csv.reader(io.StringIO(answer.decode(), newline=""))
            return [_numbers(value_at([*map(cell, line)], path)) for line in lines if line]
        if request.accept_type == LINES:
            records = [orjson.loads(line) for line in answer.splitlines() if line.strip()]
            return [_known(value_at(record, path), record, request, name) for record in records]
        document = orjson.loads(answer)
        found = _known(values_at(document, path), document, request, name)
    except (ValueError, TypeError, csv.Error) as error:
        raise InputError(
            "the endpoint's answer cannot be read",
            where=name,
            expected=request.accept_type,
            found=repr(answer[:80]),
            todo="Set predictor.accept_type and predictor.probability to what it answers",
        ) from error
    return found if isinstance(found, list) else [found]


def _numbers(found: Any) -> Any:
    """The numbers that fields of CSV spell."""
    if isinstance(found, list):
        return [_numbers(each) for each in found]
    number = number_in(found) if isinstance(found, str) else float(found)
    if number is None:
        raise ValueError(found)
    return number


def _known(found: Any, record: Any, request: Request, name: str) -> Any:
    if found is None:
        path = request.probability
        raise InputError(
            "the endpoint's answer has no score where one should be",
            where=name,
            expected="an answer of scores only"
            if path is None
            else f"predictor.probability: {path}",
            found=", ".join(record) if isinstance(record, dict) else repr(record)[:80],
            todo="Set predictor.probability to the JMESPath of the score",
        )
    return found


def value_at(record: Any, path: int | str | None) -> Any:
    """What is at a place of the answer about a row; all that it has where there is no place.

    >>> value_at({"score": 0.9}, "score"), value_at([1, 0.9], 1), value_at({"score": 0.9}, None)
    (0.9, 0.9, 0.9)
    """
    if isinstance(path, str) and not (isinstance(record, list) and path.isdecimal()):
        return jmespath.search(path, record)
    values = _only(record)
    if path is None:
        return values[0] if isinstance(values, list) and len(values) == 1 else values
    if not isinstance(values, list):
        return values if int(path) == 0 else None
    return values[int(path)] if int(path) < len(values) else None


def values_at(document: Any, path: int | str | None) -> Any:
    """What is at a place of the answer about all rows; an index is one of each row's list.

    >>> values_at([[1, 0.9], [0, 0.2]], 1), values_at({"predictions": [0.9, 0.2]}, None)
    ([0.9, 0.2], [0.9, 0.2])
    """
    values = _only(document)
    numbered = isinstance(path, int) or (isinstance(path, str) and path.isdecimal())
    if numbered and isinstance(values, list) and any(isinstance(each, list) for each in values):
        return [value_at(each, path) for each in values]
    if path is not None:
        return value_at(document, path)
    return [*map(_only, values)] if isinstance(values, list) else values


def _only(record: Any) -> Any:
    """The value of an object that has no other; None of one with several."""
    if not isinstance(record, dict):
        return record
    return next(iter(record.values())) if len(record) == 1 else None


def labels_and_scores(
    answer: bytes, request: Request, rows: int, name: str
) -> list[tuple[Any, Any]]:
    """Label and scores of each row, as they stand in the answer; None where it has none.

    Without a place for either, scores are all that the answer has. Fields of CSV are texts.

    Args:
        answer: to the request.
        request: which says where they are.
        rows: that were asked about.
        name: of the endpoint, for messages.

    Raises:
        InputError: it is not what was asked for.
    """
    try:
        if request.accept_type in {CSV, LINES}:
            return [_pair(each, request, value_at) for each in _records(answer, request)]
        labels, scores = _pair(orjson.loads(answer), request, values_at)
        return list(zip(_aligned(labels, rows), _aligned(scores, rows), strict=True))
    except (ValueError, TypeError) as error:
        raise InputError(
            "the endpoint's answer cannot be read",
            where=name,
            expected=request.accept_type,
            found=repr(answer[:80]),
            todo="Set predictor.accept_type, label and probability to what it answers",
        ) from error


def paired(answered: Any, rows: int, name: str) -> NDArray[np.object_]:
    """Pairs of label and scores as an array, shape (rows, 2).

    Raises:
        InputError: there is not one a row.
    """
    if len(answered) != rows:
        raise InputError(
            "the endpoint answers another number of rows",
            where=name,
            expected=f"{rows}",
            found=f"{len(answered)}",
            todo="Let it answer each row, in their order",
        )
    found = np.empty((rows, 2), dtype=object)
    for at, (label, scores) in enumerate(answered):
        found[at, 0], found[at, 1] = label, scores
    return found


def _pair(
    record: Any, request: Request, find: Callable[[Any, int | str | None], Any]
) -> tuple[Any, Any]:
    label, score = request.label, request.probability
    if label is None:
        return None, find(record, score)
    return find(record, label), None if score is None else find(record, score)


def _records(answer: bytes, request: Request) -> list[Any]:
    if request.accept_type == CSV:
        return [row for row in csv.reader(io.StringIO(answer.decode())) if row]
    return [orjson.loads(line) for line in answer.splitlines() if line.strip()]


def _aligned(found: Any, rows: int) -> list[Any]:
    """A value a row; about a lone row an answer may say a list."""
    if found is None:
        return [None] * rows
    if rows == 1 and not (isinstance(found, list) and len(found) == 1):
        return [found]
    return found if isinstance(found, list) else [found]
