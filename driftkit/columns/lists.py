"""Parses lists in CSV fields, such as the scores of several labels."""

from __future__ import annotations

import ast
from typing import Any

import orjson


def cell(text: str | None) -> Any:
    """What a field of CSV holds: a list where it is written as JSON or Python write one.

    >>> cell("['a', 'b']"), cell("[0.2, 0.8]"), cell("0.2")
    (['a', 'b'], [0.2, 0.8], '0.2')
    """
    if text is None or "[" not in text or not text.lstrip().startswith("["):
        return text
    for read in (orjson.loads, ast.literal_eval):
        try:
            found = read(text.strip())
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            continue
        return found if isinstance(found, list) else text
    return text
