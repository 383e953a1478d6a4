"""What shall be done with a version, of reports that decide rather than look for violations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What shall be done with a challenger.

    Attributes:
        challenger: name of the version.
        answer: promote, hold or roll_back.
        reason: one clause for people.
        needed: what is still needed until it can be decided; empty where it is final.
        basis: the rows and the time that it is decided from.
    """

    challenger: str
    answer: Literal["promote", "hold", "roll_back"]
    reason: str
    needed: str = ""
    basis: str = ""


@runtime_checkable
class Deciding(Protocol):
    """A report that decides."""

    @property
    def decisions(self) -> Sequence[Decision]:
        """One a challenger, the best first; none where nothing is decided."""

    @property
    def labels(self) -> Sequence[str]:
        """What its notes call the answers that are explained."""
