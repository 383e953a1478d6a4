"""A user's preprocessor, in the shape that Model Monitor documents."""

from __future__ import annotations

import inspect
import logging
import traceback
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from driftkit.errors import InputError
from driftkit.records.payload import JsonRow, flat

if TYPE_CHECKING:
    from collections.abc import Callable

    Handler = Callable[..., Any]

PREPROCESS, POSTPROCESS = "preprocess_handler", "postprocess_handler"
NOT_IMPLEMENTED = (
    "Exception performing analysis: Preprocess Handler not implemented correctly in customer script"
)
INVOKING = "Exception while invoking preprocessor script"
POST_INVOKING = "Exception while invoking postprocessor script"
_LOGGER = logging.getLogger("driftkit.script")


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """A user's script; it can be pickled, and is compiled where it runs.

    Attributes:
        name: of its file, for messages.
        text: of the file.
    """

    name: str
    text: str

    def rows(self, record: Any, where: str) -> list[JsonRow]:
        """What the preprocessor makes of a record: a dict, a list of them, or nothing.

        Args:
            record: a captured record, or a line of text.
            where: file and line of the record, for messages.

        Raises:
            InputError: the script has no handler, fails, or gives something else; the message
                has the record and the line of the script.
        """
        handler = _handler(self, PREPROCESS)
        try:
            made = handler(record, _LOGGER) if _takes_logger(handler) else handler(record)
        except Exception as error:
            raise self.failed(INVOKING, error, where) from error
        found = _listed(made)
        if found is None:
            raise InputError(
                NOT_IMPLEMENTED,
                expected="a dict, a list of dicts, or [] to leave the record out",
                found=f"{type(made).__name__} for {where}",
                todo=f"Correct {PREPROCESS} in {self.name}",
            )
        return [flat(row) for row in found]

    def postprocess(self) -> None:
        """Calls the postprocessor, which takes no arguments.

        Raises:
            InputError: the script has none, or it fails.
        """
        handler = _handler(self, POSTPROCESS)
        try:
            handler()
        except Exception as error:
            raise self.failed(POST_INVOKING, error, None) from error

    def failed(self, what: str, error: BaseException, where: str | None) -> InputError:
        """The error for a script that fails, with the script's own line."""
        lines = [
            frame.lineno
            for frame in traceback.extract_tb(error.__traceback__)
            if frame.filename == self.name
        ]
        place = f"{self.name}:{lines[-1]}" if lines else self.name
        record = f", record {where}" if where else ""
        return InputError(
            what,
            found=f"{type(error).__name__}: {error} at {place}{record}",
            todo="Correct the script",
        )


@lru_cache(maxsize=8)
def _handler(script: Script, name: str) -> Handler:
    space: dict[str, Any] = {"__name__": "driftkit_script", "__file__": script.name}
    try:
        exec(compile(script.text, script.name, "exec"), space)  # noqa: S102  (the user's own)
    except Exception as error:
        what = INVOKING if name == PREPROCESS else POST_INVOKING
        raise script.failed(what, error, None) from error
    handler: Any = space.get(name)
    if callable(handler):
        return handler  # type: ignore[no-any-return]
    what = NOT_IMPLEMENTED if name == PREPROCESS else POST_INVOKING
    raise InputError(
        what, expected=f"a function {name} in {script.name}", todo="Add it to the script"
    )


@lru_cache(maxsize=8)
def _takes_logger(handler: Handler) -> bool:
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    parameters = inspect.signature(handler).parameters.values()
    if any(each.kind is inspect.Parameter.VAR_POSITIONAL for each in parameters):
        return True
    return sum(each.kind in kinds for each in parameters) > 1


def _listed(made: Any) -> list[dict[str, Any]] | None:
    """The rows; None if it is no such thing."""
    as_row = getattr(made, "as_row", None)
    if as_row is not None:
        return list(as_row())
    if made is None:
        return []
    listed = [made] if isinstance(made, dict) else made
    if not isinstance(listed, list) or not all(isinstance(row, dict) for row in listed):
        return None
    return [row for row in listed if row]
