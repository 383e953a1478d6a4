"""Reads JSON files from paths and URLs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from driftkit.errors import FormatError
from driftkit.formats import jackson
from driftkit.io.locations import locate

if TYPE_CHECKING:
    from collections.abc import Callable
    from os import PathLike

_Content = TypeVar("_Content")


def read_document(path: str | PathLike[str]) -> dict[str, Any]:
    """The JSON object of a file.

    Raises:
        FormatError: the file is missing, cannot be read, or is not a JSON object.
    """
    return jackson.loads(content_of(path), str(path))


def content_of(path: str | PathLike[str]) -> bytes:
    """The bytes of a file of JSON.

    Raises:
        FormatError: the file is missing or cannot be read.
    """
    try:
        return locate(path).read_bytes()
    except FileNotFoundError as error:
        raise _unreadable("the file is missing", path, "no such file") from error
    except OSError as error:
        raise _unreadable("the file cannot be read", path, str(error.strerror or error)) from error


def file_reader(
    read: Callable[[dict[str, Any], str], _Content],
    parse: Callable[[str | PathLike[str]], dict[str, Any]] = read_document,
) -> Callable[[str | PathLike[str]], _Content]:
    """What reads a file, of what reads its content.

    Args:
        read: takes the JSON object, and the file's name for messages.
        parse: gives the JSON object of a path or URL.

    Returns:
        A function of the path. It raises FormatError where the file is missing, is another one, or
        has a key that is missing or wrong.
    """
    return lambda path: read(parse(path), str(path))


def _unreadable(what: str, path: str | PathLike[str], found: str) -> FormatError:
    return FormatError(
        what,
        where=str(path),
        expected="a readable JSON file",
        found=found,
        todo="Check the path and its permissions",
    )
