"""Adds up the kept states of windows, for monitors that keep one state of all rows."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from itertools import chain
from operator import add
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar

from driftkit.errors import InputError
from driftkit.states.windows import refuse_overlap

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from dataclasses import Field

    from driftkit.states.windows import Window


class OneState(Protocol):
    """The state of windows of rows, a dataclass; `baseline` and `monitor` take it as data."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    @property
    def state(self) -> Any:
        """What all numbers are read from; it adds up."""

    @property
    def windows(self) -> tuple[Window, ...]:
        """What entered it, in the order in which it was added."""

    @property
    def name(self) -> str:
        """The file or what else it came from, for messages."""

    def dumps(self) -> bytes:
        """The content of a file of states."""

    def digest(self) -> int:
        """A number that the same rows give again."""


Kept = TypeVar("Kept", bound=OneState)


def combined(
    parts: Sequence[Kept], refuse_others: Callable[[Kept, Kept], None], *, allow_overlap: bool
) -> Kept:
    """The states of all windows together, as if their rows had been read at once.

    Args:
        parts: to be added up in their order.
        refuse_others: raises an InputError for states that do not add up with the first.
        allow_overlap: whether rows that are in two windows may count twice.

    Raises:
        InputError: there are none, they do not add up, or windows overlap.
    """
    if not parts:
        raise InputError("there are no states to combine", todo="Name at least one file of states")
    first = parts[0]
    for other in parts[1:]:
        refuse_others(first, other)
    if not allow_overlap:
        refuse_overlap([(part.windows, part.name) for part in parts])
    return replace(
        first,
        state=reduce(add, (part.state for part in parts)),
        windows=tuple(chain.from_iterable(part.windows for part in parts)),
        name=first.name if len(parts) == 1 else f"{first.name} and {len(parts) - 1} more",
    )
