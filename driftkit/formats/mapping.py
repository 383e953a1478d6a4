"""Reads JSON objects key by key, with the JSON path in every error and unknown keys kept."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from driftkit.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

T = TypeVar("T")

_AS_TEXT = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}
_MOST = 2**63 - 1
_SHOWN_CHARACTERS = 60
_CORRECT = "Correct it, or write the file again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A JSON object that knows where it stands in which file.

    Reading a key marks it as taken; `rest` is what nobody took. An optional key whose value is
    null counts as absent (and stays in the rest, unless a default is written in its place).

    Attributes:
        value: the object.
        file: name of the file, for messages.
        path: JSON path of the object, empty for the whole document.
        label: what a person calls the object, for example a feature's name.
    """

    value: Mapping[str, Any]
    file: str
    path: str = ""
    label: str = ""
    _taken: dict[str, Node | None] = field(default_factory=dict, repr=False, compare=False)

    def has(self, key: str) -> bool:
        """Whether the key is there and not null."""
        return self.value.get(key) is not None

    def maybe(self, read: Callable[[Node, str], T], key: str) -> T | None:
        """What `read` gives for the key; None where it is absent or null."""
        return read(self, key) if self.has(key) else None

    def defaulted(self, read: Callable[[Node, str], T], key: str, default: T) -> T:
        """What `read` gives for the key; the default where it is absent or null."""
        self.leave_to_default(key)
        return read(self, key) if self.has(key) else default

    def leave_to_default(self, key: str) -> None:
        """Leaves a null out of the rest, since a default will be written in its place."""
        if not self.has(key):
            self._taken[key] = None

    def raw(self, key: str) -> Any:
        """The value as it stands.

        Raises:
            FormatError: there is none.
        """
        if key not in self.value:
            raise self.error(
                key, "a key is missing", expected=f"key {key!r}", found=self.shown_keys()
            )
        self._taken[key] = None
        return self.value[key]

    def text(self, key: str) -> str:
        """A string."""
        return self._text(key, self.raw(key))

    def texts(self, key: str) -> tuple[str, ...]:
        """An array of strings."""
        return tuple(self._text(f"{key}[{i}]", item) for i, item in enumerate(self.array(key)))

    def number(self, key: str) -> float:
        """A number, whole ones and the texts "NaN", "Infinity" and "-Infinity" included."""
        return self._number(key, self.raw(key))

    def numbers(self, key: str) -> tuple[Sequence[float], ...]:
        """An array of arrays of numbers, some of which may be doubles already."""
        return tuple(
            level if isinstance(level, array) else self._numbers(f"{key}[{i}]", level)
            for i, level in enumerate(self.array(key))
        )

    def row(self, key: str) -> tuple[float, ...]:
        """An array of numbers."""
        return self._numbers(key, self.raw(key))

    def share(self, key: str) -> float:
        """A number from 0 to 1."""
        number = self.number(key)
        if not 0.0 <= number <= 1.0:
            raise self.wrong(key, "a share from 0.0 to 1.0", self.value[key])
        return number

    def count(self, key: str) -> int:
        """A whole number that is not negative, of 64 bits."""
        value = self.raw(key)
        whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
        if isinstance(value, bool) or not whole or not 0 <= value <= _MOST:
            raise self.wrong(key, "a whole number, 0 or more", value)
        return int(value)

    def switch(self, key: str) -> bool:
        """The texts "Enabled" and "Disabled", or a plain truth value."""
        value = self.raw(key)
        if isinstance(value, bool):
            return value
        if str(value).lower() not in {"enabled", "disabled"}:
            raise self.wrong(key, '"Enabled" or "Disabled"', value)
        return str(value).lower() == "enabled"

    def truth(self, key: str) -> bool:
        """The value true or false."""
        value = self.raw(key)
        if not isinstance(value, bool):
            raise self.wrong(key, "true or false", value)
        return value

    def choice(self, key: str, spellings: Mapping[str, str]) -> str:
        """One of some words; `spellings` leads from each in lower case to the word itself."""
        value = self.raw(key)
        if not isinstance(value, str) or value.lower() not in spellings:
            words = " | ".join(dict.fromkeys(spellings.values()))
            raise self.wrong(key, words, value)
        return spellings[value.lower()]

    def array(self, key: str) -> Sequence[Any]:
        """An array, its items unread."""
        value = self.raw(key)
        if not isinstance(value, list | tuple):
            raise self.wrong(key, "an array", value)
        return value

    def each(self, read: Callable[[Node, str], T], key: str) -> tuple[T, ...]:
        """What `read` gives for each item of an array; messages name the one that is wrong."""
        items = {f"{key}[{i}]": item for i, item in enumerate(self.array(key))}
        listed = Node(value=items, file=self.file, path=self.path)
        return tuple(read(listed, name) for name in items)

    def child(self, key: str) -> Node:
        """An object; what is not read of it stays in this one's rest, under its key."""
        known = self._taken.get(key)
        if known is None:
            known = self._taken[key] = self._node(key, self.raw(key))
        return known

    def part(self, key: str) -> Node:
        """An object that keeps its own rest, which therefore is not in this one's."""
        return self._node(key, self.raw(key))

    def children(self, key: str) -> tuple[Node, ...]:
        """An array of objects."""
        return tuple(self._node(f"{key}[{i}]", item) for i, item in enumerate(self.array(key)))

    def unlabelled(self) -> Node:
        """The object without its label, for files whose names are not those of features."""
        return Node(value=self.value, file=self.file, path=self.path)

    def rest(self) -> dict[str, Any]:
        """The keys that were not read, at their places in the tree."""
        left: dict[str, Any] = {}
        for key, value in self.value.items():
            if key not in self._taken:
                left[key] = value
            elif (child := self._taken[key]) and (kept := child.rest() or not child.value):
                left[key] = kept if isinstance(kept, dict) else {}
        return left

    def wrong(self, key: str, expected: str, value: Any) -> FormatError:
        """The error of a value that is not what it should be."""
        return self.error(
            key, "a value is not what it should be", expected=expected, found=shown(value)
        )

    def error(
        self, key: str, what: str, *, expected: str, found: str, todo: str = _CORRECT
    ) -> FormatError:
        """An error at a key of this object, or at the object itself where the key is empty."""
        return FormatError(what, where=self._where(key), expected=expected, found=found, todo=todo)

    def shown_keys(self) -> str:
        """The keys that are there, for messages."""
        return "keys " + ", ".join(self.value) if self.value else "an empty object"

    def path_of(self, key: str) -> str:
        """JSON path of a key of this object."""
        return f"{self.path}.{key}" if self.path and key else self.path or key

    def _where(self, key: str) -> str:
        path_of = self.path_of(key)
        label = f" (feature {self.label!r})" if self.label else ""
        return f"{self.file}: {path_of}{label}" if path_of else self.file

    def _text(self, key: str, value: Any) -> str:
        if not isinstance(value, str):
            raise self.wrong(key, "text", value)
        return value

    def _number(self, key: str, value: Any) -> float:
        if isinstance(value, float):
            return value
        if isinstance(value, str) and value in _AS_TEXT:
            return _AS_TEXT[value]
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.wrong(key, "a number", value)
        try:
            return float(value)
        except OverflowError as error:
            raise self.wrong(key, "a number of double precision", value) from error

    def _numbers(self, key: str, values: Any) -> tuple[float, ...]:
        if not isinstance(values, list | tuple):
            raise self.wrong(key, "an array of numbers", values)
        # Sketches hold thousands of numbers a column, all of them floats where a program wrote them.
        if set(map(type, values)) <= {float}:
            return tuple(values)
        return tuple(self._number(f"{key}[{i}]", value) for i, value in enumerate(values))

    def _node(self, key: str, value: Any) -> Node:
        if not isinstance(value, dict):
            raise self.wrong(key, "an object", value)
        name = value.get("name")
        label = name if isinstance(name, str) else self.label
        return Node(value=value, file=self.file, path=self.path_of(key), label=label)


def shown(value: Any) -> str:
    """A JSON value in a few words, for messages."""
    if value is None:
        return "null"
    if isinstance(value, dict):
        return "an object" if value else "an empty object"
    if isinstance(value, list | tuple):
        return f"an array of {len(value)}"
    text = str(value) if isinstance(value, bool | int | float) else repr(value)
    text = text.lower() if isinstance(value, bool) else text
    return text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "..."


def merged(known: Mapping[str, Any], extra: Mapping[str, Any]) -> dict[str, Any]:
    """`known` without the keys that are None, then what only `extra` has, at its place in the tree."""
    result = {key: value for key, value in known.items() if value is not None}
    for key, value in extra.items():
        if key not in result:
            result[key] = value
        elif isinstance(value, dict) and isinstance(result[key], dict):
            result[key] = merged(result[key], value)
    return result
