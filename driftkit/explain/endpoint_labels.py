"""Extracts labels and scores from an endpoint's response by Clarify's JMESPaths."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson

from driftkit.errors import InputError
from driftkit.explain.json_paths import value_at, values_at
from driftkit.explain.payloads import CSV, LINES

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from driftkit.explain.payloads import Request


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
