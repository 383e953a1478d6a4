"""What a check is: its name, what it asks, and in which dialects it runs.

Each monitor has a list of them. A check runs in the dialects of its row and in no other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from driftkit.dialects import Dialect

Context = TypeVar("Context")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class Check(Generic[Context, Result]):
    """A row of a monitor's list of checks.

    Attributes:
        name: its constraint_check_type, Model Monitor's word where it has one.
        dialects: those in which it runs.
        run: from what it reads to what it says.
    """

    name: str
    dialects: tuple[str, ...]
    run: Callable[[Context], Result]


def of_dialect(
    checks: Iterable[Check[Context, Result]], dialect: Dialect
) -> list[Check[Context, Result]]:
    """The checks that run in a dialect, in their order."""
    return [check for check in checks if dialect.name in check.dialects]
