"""Values in JSON found by JMESPath, and rows put together from them."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import jmespath  # type: ignore[import-untyped]
from jmespath.exceptions import JMESPathError  # type: ignore[import-untyped]

from driftkit.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Sequence

Row = list[str | None]


@lru_cache(maxsize=64)
def compiled(path: str, key: str) -> Any:
    """A JMESPath ready to be searched for.

    Args:
        path: the expression.
        key: where it was written, for messages.

    Raises:
        SettingsError: it is not one.
    """
    try:
        return jmespath.compile(path)
    except JMESPathError as error:
        raise SettingsError(
            "it is not a JMESPath",
            where=key,
            expected="for example features, or instances[*].features",
            found=repr(path),
            todo="Correct it",
        ) from error


def search(path: str, document: Any, key: str) -> Any:
    """What a document has at a path; None where it has nothing."""
    found: Any = compiled(path, key).search(document)
    return found


def rows_of(found: Any, names: Sequence[str]) -> list[Row]:
    """Rows of features: one row or many, as arrays or as objects.

    >>> rows_of([1, 2.5], ["a", "b"]), rows_of([{"b": True, "a": "x"}], ["a", "b"])
    ([['1', '2.5']], [['x', 'True']])
    """
    many = isinstance(found, list) and found and isinstance(found[0], list | dict)
    return [_row(each, names) for each in (found if many else [found])]


def values_of(found: Any) -> list[Any]:
    """One value or many."""
    return found if isinstance(found, list) else [found]


def text(value: Any) -> str | None:
    """A value as text that typing turns back into what it was.

    >>> [text(value) for value in (1, 1.0, True, "a", None)]
    ['1', '1.0', 'True', 'a', None]
    """
    return None if value is None else str(value)


def _row(found: Any, names: Sequence[str]) -> Row:
    if isinstance(found, dict):
        return [text(found.get(name)) for name in names]
    values = values_of(found)
    if len(values) != len(names):
        raise ValueError(f"{len(values)} features where there are {len(names)} headers")
    return [text(value) for value in values]
