"""The errors that stop a run, each with what, where, expected, found and what to do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

# What a terminal would obey or turn around instead of showing it, and what no terminal can show:
# control characters but line ends and tabs, marks of direction, halves of characters.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
# What stands before a host, as in s3://key:secret@bucket.
_PASSWORD = re.compile(r"(://[^\s/:@]*:)[^\s/]*@")


def visible(text: str) -> str:
    r"""The text as terminals and logs may show it.

    Control characters are written out, and passwords in URLs blacked out.

    >>> visible("a\x1b[2Jb\u202ec")
    'a\\x1b[2Jb\\u202ec'
    >>> visible("s3://key:secret@bucket/a.csv")
    's3://key:***@bucket/a.csv'
    """
    return _UNSEEN.sub(_written_out, _PASSWORD.sub(r"\1***@", text))


def _written_out(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


class DriftkitError(Exception):
    """A run cannot go on; the message says why and what to do, and is fit to be shown.

    Args:
        what: what went wrong, one clause without a full stop.
        where: file, line, JSON path or column.
        expected: what would have been right.
        found: what was there instead.
        todo: what the user can do, as an imperative.
    """

    def __init__(
        self,
        what: str,
        *,
        where: str | None = None,
        expected: str | None = None,
        found: str | None = None,
        todo: str | None = None,
    ) -> None:
        self.what = what
        self.where = where
        self.expected = expected
        self.found = found
        self.todo = todo
        super().__init__(visible(self._message()))

    def _message(self) -> str:
        head = f"{self.where}: {self.what}" if self.where else self.what
        details = [
            f"{label}: {text}"
            for label, text in (("expected", self.expected), ("found", self.found))
            if text
        ]
        body = f"{head} ({'; '.join(details)})." if details else f"{head}."
        if not self.todo:
            return body
        return f"{body} {self.todo}" if self.todo.endswith("?") else f"{body} {self.todo}."

    def __reduce__(self) -> tuple[Any, ...]:
        # Spark workers pickle their exceptions; the default would lose the keywords.
        details = {name: getattr(self, name) for name in ("where", "expected", "found", "todo")}
        return _rebuild, (type(self), self.what, details)


class InputError(DriftkitError):
    """Input data cannot be read as asked."""


class FormatError(DriftkitError):
    """A statistics, constraints or violations file is not what it should be."""


class SettingsError(DriftkitError):
    """Settings contradict one another or name what is not there."""


class OutputError(DriftkitError):
    """Results cannot be written."""


class EngineError(DriftkitError):
    """Spark, Deequ or a worker failed."""


def all_in_one(errors: Sequence[SettingsError]) -> SettingsError:
    """The first of some errors, with all others in its message."""
    first = errors[0]
    if len(errors) == 1:
        return first
    others = "".join(f"\n{each}" for each in errors[1:]).removesuffix(".")
    return SettingsError(
        first.what,
        where=first.where,
        expected=first.expected,
        found=first.found,
        todo=f"{first.todo or 'Correct it'}. {len(errors) - 1} more:{others}",
    )


def replaced(error: SettingsError, where: str | None) -> SettingsError:
    """The same error of another place."""
    return SettingsError(
        error.what, where=where, expected=error.expected, found=error.found, todo=error.todo
    )


def _rebuild(kind: type[DriftkitError], what: str, details: dict[str, str | None]) -> DriftkitError:
    return kind(what, **details)
