"""What is wrong with a plan, before it is raised as an error."""

from __future__ import annotations

from typing import NamedTuple

from driftkit.errors import FormatError


class Problem(NamedTuple):
    """A contradiction.

    Attributes:
        path: JSON path of the value.
        what: is wrong, one clause.
        expected: what would be right.
        found: what is there.
        todo: what to do, as an imperative.
    """

    path: str
    what: str
    expected: str
    found: str
    todo: str

    def error(self, file: str) -> FormatError:
        """The error of a file that has it."""
        return FormatError(
            self.what,
            where=f"{file}: {self.path}",
            expected=self.expected,
            found=self.found,
            todo=self.todo,
        )
