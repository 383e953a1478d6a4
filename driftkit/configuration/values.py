"""Every value of a configuration, and where it is from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from driftkit.configuration.documents import dotted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftkit.configuration.documents import Document
    from driftkit.configuration.model import Configuration
    from driftkit.configuration.yaml_values import Path

DEFAULT = "default"


class Value(NamedTuple):
    """A value of a configuration: its path, itself in JSON, and where it is from."""

    path: str
    text: str
    origin: str


def values_of(configuration: Configuration, document: Document) -> list[Value]:
    """The values that hold, in the order of the sections.

    Args:
        configuration: checked.
        document: that it was made of.
    """
    content = configuration.model_dump(mode="json", by_alias=True)
    return [
        Value(dotted(path), json.dumps(value, ensure_ascii=False), _origin(document, path))
        for path, value in _leaves(content, ())
    ]


def _leaves(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield from _leaves(each, (*path, key))
    elif isinstance(value, list) and any(isinstance(each, Mapping) for each in value):
        for at, each in enumerate(value):
            yield from _leaves(each, (*path, at))
    elif value not in (None, []):
        yield path, value


def _origin(document: Document, path: Path) -> str:
    held: Any = document.values
    for each in path:
        if isinstance(held, Mapping) and each not in held:
            return DEFAULT
        held = held[each]
    return document.where(path)
