"""Reads a JSON file from a path or URL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from driftkit.errors import FormatError
from driftkit.formats import jackson
from driftkit.io.locations import locate

if TYPE_CHECKING:
    from os import PathLike


def read_document(path: str | PathLike[str]) -> dict[str, Any]:
    """The JSON object of a file.

    Raises:
        FormatError: the file is missing, cannot be read, or is not a JSON object.
    """
    try:
        content = locate(path).read_bytes()
    except FileNotFoundError as error:
        raise _unreadable("the file is missing", path, "no such file") from error
    except OSError as error:
        raise _unreadable("the file cannot be read", path, str(error.strerror or error)) from error
    return jackson.loads(content, str(path))


def _unreadable(what: str, path: str | PathLike[str], found: str) -> FormatError:
    return FormatError(
        what,
        where=str(path),
        expected="a readable JSON file",
        found=found,
        todo="Check the path and its permissions",
    )
