"""Loads and calls a user's preprocessor script."""

from __future__ import annotations

import ast
import inspect
import logging
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from driftkit.capture.script_values import EXPECTED, MeaninglessError, is_of_pandas, row_of
from driftkit.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from driftkit.readers.json_values import JsonRow

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
        """What the preprocessor makes of a record: a dict, some of them, a data frame, or nothing.

        Values become what they mean; see `driftkit.capture.script_values`.

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
            found = _listed(made)
        except (Exception, SystemExit) as error:
            raise self.failed(INVOKING, error, where) from error
        if found is None:
            raise InputError(
                NOT_IMPLEMENTED,
                expected="a dict, a list of dicts, a data frame, or [] to leave the record out",
                found=f"{type(made).__name__} for {where}",
                todo=f"Correct {PREPROCESS} in {self._where(handler)}",
            )
        try:
            return [row_of(row) for row in found]
        except MeaninglessError as error:
            raise InputError(
                "the preprocessor gives a value that means nothing",
                where=self._where(handler),
                expected=EXPECTED,
                found=f"{error}, record {where}",
                todo="Convert it in the script",
            ) from error

    def _where(self, handler: Handler) -> str:
        """The script and the line where a handler gives its rows."""
        code = getattr(inspect.unwrap(handler), "__code__", None)
        if code is None or code.co_filename != self.name:
            return self.name
        return f"{self.name}:{_returning(self.text, code.co_firstlineno)}"

    def postprocess(self) -> None:
        """Calls the postprocessor, which takes no arguments.

        Raises:
            InputError: the script has none, or it fails.
        """
        handler = _handler(self, POSTPROCESS)
        try:
            handler()
        except (Exception, SystemExit) as error:
            raise self.failed(POST_INVOKING, error, None) from error

    def failed(self, what: str, error: BaseException, where: str | None) -> InputError:
        """The error for a script that fails, with the script's own line."""
        lines = [
            frame.lineno
            for frame in traceback.extract_tb(error.__traceback__)
            if frame.filename == self.name
        ]
        line = f"{self.name}:{lines[-1]}" if lines else self.name
        record = f", record {where}" if where else ""
        return InputError(
            what,
            found=f"{type(error).__name__}: {error} at {line}{record}",
            todo="Correct the script",
        )


@lru_cache(maxsize=8)
def _handler(script: Script, name: str) -> Handler:
    space: dict[str, Any] = {"__name__": "driftkit_script", "__file__": script.name}
    try:
        exec(compile(script.text, script.name, "exec"), space)  # noqa: S102  (the user's own)
    except (Exception, SystemExit) as error:
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


def _returning(text: str, first: int) -> int:
    """The line of a function's only return or yield; its first line where it has several."""
    lines = [
        node.lineno
        for function in ast.walk(ast.parse(text))
        if isinstance(function, ast.FunctionDef) and _first_line(function) == first
        for node in ast.walk(function)
        if isinstance(node, ast.Return | ast.Yield) and node.value is not None
    ]
    return lines[0] if len(lines) == 1 else first


def _first_line(function: ast.FunctionDef) -> int:
    return min([function.lineno, *(each.lineno for each in function.decorator_list)])


def _listed(made: Any) -> list[Mapping[str, Any]] | None:
    """The rows; None if it is no such thing."""
    if made is None:
        return []
    if is_of_pandas(made, "DataFrame"):
        return list(made.to_dict(orient="records"))
    listed = made if isinstance(made, list | tuple | Iterator) else [made]
    found = [_rows(each) for each in listed]
    if any(rows is None for rows in found):
        return None
    return [row for rows in found for row in rows or ()]


def _rows(made: Any) -> list[Mapping[str, Any]] | None:
    if hasattr(made, "as_row"):
        return list(made.as_row())
    row = made.to_dict() if is_of_pandas(made, "Series") else made
    return ([row] if row else []) if isinstance(row, Mapping) else None
