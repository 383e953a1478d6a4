"""What is sent to an endpoint and what comes back: CSV, JSON, JSON Lines."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import jmespath  # type: ignore[import-untyped]
import orjson

from driftkit.errors import InputError, SettingsError

if TYPE_CHECKING:
    from driftkit.explain.rows import Rows

CSV, LINES, JSON = "text/csv", "application/jsonlines", "application/json"
CONTENT_TYPES = (CSV, LINES, JSON)


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


def encode(rows: Rows, request: Request) -> bytes:
    """The body of a request.

    Raises:
        SettingsError: a template lacks its placeholder.
    """
    table = rows.values.tolist()
    if request.content_type == CSV:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(map(_plain_row, table))
        return text.getvalue().encode()
    records = [_record(dict(zip(rows.names, map(_plain, row), strict=True))) for row in table]
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


def _plain(value: Any) -> Any:
    """Whole numbers without a point, as most models' own payloads have them."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _plain_row(row: list[Any]) -> list[Any]:
    return [_plain(value) for value in row]


def _require(template: str, places: tuple[str, ...], name: str) -> None:
    if not any(place in template for place in places):
        raise SettingsError(
            "the template has no place for the features",
            where=f"predictor.{name}",
            expected=" or ".join(places),
            found=repr(template),
            todo="Add it",
        )


def decode(answer: bytes, request: Request, name: str) -> list[Any]:
    """The scores of an answer, a number or a list of numbers for each row.

    Raises:
        InputError: it is not what was asked for, or has no score where one should be.
    """
    try:
        if request.accept_type == CSV:
            lines = csv.reader(io.StringIO(answer.decode(), newline=""))
            return [_picked([float(cell) for cell in line], request) for line in lines if line]
        if request.accept_type == LINES:
            records = [orjson.loads(line) for line in answer.splitlines() if line.strip()]
            return [_located(record, request, name) for record in records]
        found = _located(orjson.loads(answer), request, name)
    except (ValueError, IndexError, csv.Error) as error:
        raise InputError(
            "the endpoint's answer cannot be read",
            where=name,
            expected=request.accept_type,
            found=repr(answer[:80]),
            todo="Set predictor.accept_type and predictor.probability to what it answers",
        ) from error
    return found if isinstance(found, list) else [found]


def _picked(values: list[float], request: Request) -> Any:
    if isinstance(request.probability, int):
        return values[request.probability]
    return values[0] if len(values) == 1 else values


def _located(record: Any, request: Request, name: str) -> Any:
    path = request.probability
    if isinstance(path, str):
        found = jmespath.search(path, record)
    elif isinstance(record, dict):
        found = next(iter(record.values())) if len(record) == 1 and path is None else None
    else:
        found = record if path is None else record[path]
    if found is None:
        raise InputError(
            "the endpoint's answer has no score where one should be",
            where=name,
            expected=f"predictor.probability: {path}" if path else "an answer of scores only",
            found=", ".join(record) if isinstance(record, dict) else repr(record)[:80],
            todo="Set predictor.probability to the JMESPath of the score",
        )
    return found
