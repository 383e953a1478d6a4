"""The errors that stop a run, each with what, where, expected, found and what to do."""

from __future__ import annotations

from typing import Any


class DriftkitError(Exception):
    """A run cannot go on; the message says why and what to do.

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
        super().__init__(self._message())

    def _message(self) -> str:
        head = f"{self.where}: {self.what}" if self.where else self.what
        details = [
            f"{label}: {text}"
            for label, text in (("expected", self.expected), ("found", self.found))
            if text
        ]
        body = f"{head} ({'; '.join(details)})." if details else f"{head}."
        return f"{body} {self.todo}." if self.todo else body

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


def _rebuild(kind: type[DriftkitError], what: str, details: dict[str, str | None]) -> DriftkitError:
    return kind(what, **details)
