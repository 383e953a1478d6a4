"""Reads a long JSON array from a stream, some of its elements at a time.

Where elements end is not looked for by a scanner of its own, which would take as long as the parser:
a likely place is taken, and what stands before it is parsed. A parser that has read a text up to some
place knows whether it is between elements there, whatever follows; so if the text before a comma, put
in brackets, is an array, then that comma stands between two elements of the whole.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson

from driftkit.errors import InputError
from driftkit.readers.json_values import UnreadableError, from_json, made

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import numpy.typing as npt

    from driftkit.readers.json_values import Made

# So much text is parsed at a time.
TEXT_BYTES = 1024 * 1024
# A request to an endpoint is at most 25 MB.
MOST_ELEMENT_BYTES = 128 * 1024 * 1024
_SPACE = rb"[ \t\n\r]*+"
_STRING = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_OPENING = re.compile(
    rb"%(space)b(?:\{%(space)b(%(string)b)%(space)b:%(space)b)?\[%(space)b(?=[{\[])"
    % {b"space": _SPACE, b"string": _STRING},
    re.DOTALL,
)
# The beginning of an element, as far as elements mostly have it in common.
_BEGINNING = re.compile(rb"%b(\{%b(?:%b)?|\[)" % (_SPACE, _SPACE, _STRING), re.DOTALL)
_LIKELY_PLACES = 4
_ESCAPE = re.compile(rb"\\.", re.DOTALL)
_WHITE = b" \t\n\r"
# What Python says of text behind a value.
_MORE = "Extra data"
_NO_TEXT = "text that is not UTF-8"
_QUOTE, _COMMA = ord('"'), ord(",")


class MixedError(Exception):
    """Elements are neither objects nor arrays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What stands before the first element.

    Attributes:
        name: the only key of the object around the array; empty where there is none.
        wrapped: whether there is an object around it.
        size: bytes before the first element.
    """

    name: str
    wrapped: bool
    size: int

    @classmethod
    def from_head(cls, head: bytes) -> Opening | None:
        """The opening of an array whose first element is an object or an array; else None."""
        found = _OPENING.match(head)
        if found is None:
            return None
        try:
            name = json.loads(found[1]) if found[1] else ""
        except ValueError:
            return None
        return cls(name=name, wrapped=bool(found[1]), size=found.end())


class Elements:
    """The elements of an array, some at a time.

    Args:
        path: of the file, for messages.
        head: the beginning of the text.
        opening: with which it begins.
        read: gives the next bytes, none at the end.
    """

    def __init__(self, path: str, head: bytes, opening: Opening, read: Callable[[], bytes]) -> None:
        self._path = path
        self._opening = opening
        self._read = read
        self._held = head
        self._line = 1
        self._drop(opening.size)

    def parsed(self, make: Callable[[Any], Made]) -> Iterator[tuple[Made, int]]:
        """What a function makes of lists of elements, and the bytes of their text.

        Args:
            make: may raise MixedError.

        Raises:
            InputError: the text is not JSON, cut off, has other elements or too long ones, or more
                than the array.
        """
        wanted = TEXT_BYTES
        while self._fill(wanted):
            found = self._parsed_head(make)
            if found is None:
                self._refuse_long()
                wanted = 2 * len(self._held)
                continue
            yield found
            wanted = TEXT_BYTES
        yield self._parsed_end(make)

    def _fill(self, wanted: int) -> bool:
        """Reads until so much is held; whether there was so much."""
        parts, held = [self._held], len(self._held)
        while held < wanted:
            text = self._read()
            if not text:
                break
            parts.append(text)
            held += len(text)
        self._held = b"".join(parts)
        return held >= wanted

    def _drop(self, size: int) -> None:
        self._line += self._held.count(b"\n", 0, size)
        self._held = self._held[size:]

    def _parsed_head(self, make: Callable[[Any], Made]) -> tuple[Made, int] | None:
        """What is made of the elements that end in what is held; None if none does."""
        held = self._held
        for end in _likely_ends(held):
            text = b"[%b]" % held[:end]
            try:
                value = orjson.loads(text)
            except orjson.JSONDecodeError:
                continue
            return self._taken(end, self._checked(lambda: made(value, text, make)))  # noqa: B023  (called at once)
        last = _end_of_last(held)
        return None if last is None else self._taken(last, self._made(held[:last], make))

    def _taken(self, end: int, result: Made) -> tuple[Made, int]:
        self._drop(end + 1)
        return result, end + 1

    def _parsed_end(self, make: Callable[[Any], Made]) -> tuple[Made, int]:
        """What is made of the last elements, after which the array must end."""
        text = self._held.rstrip(_WHITE)
        if self._opening.wrapped and text.endswith(b"}"):
            text = text[:-1].rstrip(_WHITE)
        elif self._opening.wrapped:
            raise self._not_json(b'{"":[' + self._held)
        if not text.endswith(b"]"):
            raise self._not_json(b"[" + self._held)
        return self._made(text[:-1], make), len(text)

    def _made(self, text: bytes, make: Callable[[Any], Made]) -> Made:
        whole = b"[%b]" % text
        if not text.strip(_WHITE):
            # A comma stands before it.
            raise self._not_json(b"[0," + whole[1:])
        return self._checked(lambda: from_json(whole, make), whole)

    def _checked(self, work: Callable[[], Made], text: bytes = b"") -> Made:
        try:
            return work()
        except MixedError as error:
            raise InputError(
                "the array has elements of several kinds",
                where=f"{self._path}, at or after line {self._line:,}",
                expected="objects or arrays, as the first one is",
                found="a number, a text or the like among them",
                todo="Leave them out, or write one object a line",
            ) from error
        except UnreadableError as error:
            raise self._not_json(text) from error

    def _refuse_long(self) -> None:
        if len(self._held) > MOST_ELEMENT_BYTES:
            raise InputError(
                "an element of the array is too long",
                where=f"{self._path}, at or after line {self._line:,}",
                expected=f"objects of at most {MOST_ELEMENT_BYTES:,} bytes",
                found="more",
                todo="Check that the array's elements are the rows",
            )

    def _not_json(self, text: bytes) -> InputError:
        line, reason, rest = fault_of(text)
        where = f"{self._path}:{self._line + line}"
        if self._opening.wrapped and reason == _MORE and rest.startswith(","):
            return InputError(
                "the object has other keys beside its array",
                where=where,
                expected="an array of objects, or an object with it as its only key",
                found="another key",
                todo="Write the array by itself, or one object a line",
            )
        return not_json(where, reason)


def not_json(where: str, found: str) -> InputError:
    """The error of a document that is none."""
    return InputError(
        "the file is not JSON",
        where=where,
        expected="an object or an array of objects",
        found=found,
        todo="Correct it; for one object a line choose --format jsonl",
    )


def fault_of(text: bytes) -> tuple[int, str, str]:
    """How many lines stand before what is wrong with a text, what it is, and what is there."""
    try:
        json.loads(text.decode("utf-8"))
    except json.JSONDecodeError as error:
        return error.lineno - 1, error.msg, error.doc[error.pos : error.pos + 1]
    except UnicodeDecodeError as error:
        return text.count(b"\n", 0, error.start), _NO_TEXT, ""
    except RecursionError:
        return 0, "values nested too deeply", ""
    return 0, _NO_TEXT, ""


def _likely_ends(text: bytes) -> Iterator[int]:
    """Places of commas, from the last one, after which an element begins as the first one does."""
    found = _BEGINNING.match(text)
    beginning, index = found[1] if found else b"{", len(text)
    for _ in range(_LIKELY_PLACES):
        index = text.rfind(beginning, 0, index)
        end = index - 1
        while end > 0 and text[end] in _WHITE:
            end -= 1
        if end <= 0:
            return
        if text[end] == _COMMA:
            yield end


def _end_of_last(text: bytes) -> int | None:
    """Where the comma is between the last element, which may go on, and the one before."""
    if b"\\" in text:
        text = _ESCAPE.sub(b"__", text)
    data = np.frombuffer(text, np.uint8)
    in_text = np.logical_xor.accumulate(data == _QUOTE)
    depth = np.cumsum(_steps(data, in_text), dtype=np.int32)
    indices = np.flatnonzero((data == _COMMA) & (depth == 0) & ~in_text)
    return int(indices[-1]) if len(indices) else None


def _steps(data: npt.NDArray[np.uint8], in_text: npt.NDArray[np.bool_]) -> npt.NDArray[np.int8]:
    # Brackets and braces differ in one bit.
    folded = data | np.uint8(0x20)
    steps = (folded == ord("{")).astype(np.int8)
    steps -= folded == ord("}")
    steps[in_text] = 0
    return np.asarray(steps, np.int8)
