"""The shape of a JSON payload: all of its text but the values, and what the values are called."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from driftkit.readers.json_values import UnreadableError
from driftkit.records.payload import parsed_json

if TYPE_CHECKING:
    from driftkit.readers.json_values import JsonRow

# A string before a colon is a key. Nothing that a quantifier with + took is tried again shorter.
_STRING = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_VALUE = re.compile(rf"{_STRING}\s*:|({_STRING}|-?[0-9][0-9.eE+-]*|true|false|null)", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonShape:
    """What payloads of one row have in common.

    Attributes:
        row: the fields of the payload that it is the shape of, in the order of its text.
        text: what stands before, between and after the values.
        stops: where in the text each value is cut out, and its end.
    """

    row: JsonRow
    text: bytes
    stops: tuple[int, ...]


def shape_of(payload: str) -> JsonShape | None:
    """The shape of a payload; None if it has not exactly one row, or a field twice.

    >>> shape_of('{"a": 1, "b": ["x"]}')
    JsonShape(row={'a': '1', 'b.0': 'x'}, text=b'{"a": , "b": []}', stops=(6, 14, 16))
    """
    try:
        rows = parsed_json(payload)
    except UnreadableError:
        return None
    places = [found.span(1) for found in _VALUE.finditer(payload) if found[1]]
    if len(rows) != 1 or len(rows[0]) != len(places):
        return None
    starts = [0, *(stop for _, stop in places)]
    stops = [*(start for start, _ in places), len(payload)]
    between = [payload[i:j].encode() for i, j in zip(starts, stops, strict=True)]
    return JsonShape(
        row=rows[0], text=b"".join(between), stops=tuple(accumulate(map(len, between)))
    )
