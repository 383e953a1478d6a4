"""Documents with one value replaced by another, or without it, as a hand leaves them."""

from __future__ import annotations

import contextlib
import copy
import json
import math
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from driftkit.errors import DriftkitError

if TYPE_CHECKING:
    from collections.abc import Iterator

DEEP: Any = 1
for _ in range(150):
    DEEP = [DEEP]

ODD: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2, 1.5, -0.5, 1e308, 10**30, 10**400, math.nan, math.inf,
    "", "x", "0", "1", "NaN", "1_0", "a.b[*", "\ud800", [], {}, [None], [[]], [0, "x"], {"x": 1},
    [{"x": 1}], DEEP,
)  # fmt: skip
GONE = object()
Path = tuple[str | int, ...]


def paths(document: Any, start: Path = ()) -> list[Path]:
    """The places of all values in a document."""
    if isinstance(document, dict):
        items: Any = document.items()
    elif isinstance(document, list):
        items = enumerate(document)
    else:
        return [start]
    found = [start] if start else []
    return found + [each for key, inner in items for each in paths(inner, (*start, key))]


@st.composite
def damaged(draw: st.DrawFn, document: dict[str, Any]) -> dict[str, Any]:
    """The document with one or two values that are something else, or gone."""
    result = copy.deepcopy(document)
    for _ in range(draw(st.integers(1, 2))):
        places = paths(result)
        if not places:
            return result
        put(result, draw(st.sampled_from(places)), draw(st.sampled_from((*ODD, GONE))))
    return result


def put(document: Any, path: Path, value: Any) -> None:
    """Replaces what is at a path."""
    *way, last = path
    inner = document
    for step in way:
        inner = inner[step]
    if value is GONE:
        del inner[last]
    else:
        inner[last] = copy.deepcopy(value)


def text_of(document: Any) -> str:
    """The document as a file has it, with NaN and infinities as Python writes them."""
    return json.dumps(document)


@contextlib.contextmanager
def ours() -> Iterator[None]:
    """Lets errors of ours pass; their message can be shown."""
    try:
        yield
    except DriftkitError as error:
        str(error).encode()
