"""Writes payloads of records as endpoints, and those who know the truth, do."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

Part = dict[str, Any]


def csv(lines: Sequence[Sequence[Any]], end: str = "", **more: Any) -> Part:
    """A payload of CSV."""
    text = "\n".join(",".join(map(str, line)) for line in lines)
    return {"data": text + end, "encoding": "CSV", **more}


def as_json(document: Any, **more: Any) -> Part:
    """A payload of JSON."""
    return {"data": json.dumps(document), "encoding": "JSON", **more}


def json_lines(documents: Sequence[Any]) -> Part:
    """A payload of JSON Lines."""
    return {"data": "\n".join(map(json.dumps, documents)), "encoding": "JSON"}


def without(part: Part, name: str) -> Part:
    """A part that lacks a field."""
    return {key: value for key, value in part.items() if key != name}


def as_base64(part: Part, content_type: str | None = None) -> Part:
    """The same payload, as endpoints write one whose content type they were not told of."""
    said = {} if content_type is None else {"observedContentType": content_type}
    packed = base64.b64encode(part["data"].encode()).decode()
    return {**part, "data": packed, "encoding": "BASE64", **said}
