"""What files of judged rows say of themselves: how rows were judged, and what entered."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from driftkit.errors import InputError
from driftkit.formats.mapping import Node
from driftkit.formats.model_quality.problems import Problem
from driftkit.states import kept
from driftkit.states.quality.state import QualityRequest
from driftkit.states.storage_about import read_windows, rejections_to_dict, windows_to_dict

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_PROBLEMS = {str(each).lower(): str(each) for each in Problem}


class Judged(kept.OneState, Protocol):
    """The state of windows of rows that were judged."""

    @property
    def judging(self) -> QualityRequest:
        """How."""


States = TypeVar("States", bound=Judged)


def about_of(states: Judged) -> dict[str, Any]:
    """All that a file says of its states."""
    return {
        "judging": {**asdict(states.judging), "problem": str(states.judging.problem)},
        **windows_to_dict(states.windows),
        "rejected": rejections_to_dict(states.state.rejected),
    }


def read_about(node: Node) -> dict[str, Any]:
    """The fields of states, but for the state itself, of what their file says.

    Raises:
        FormatError: it could not have been written; the error names the place.
    """
    judging = node.child("judging")
    request = QualityRequest(
        problem=Problem(judging.choice("problem", _PROBLEMS)),
        threshold=judging.number("threshold"),
        positive=judging.maybe(Node.text, "positive"),
        label_names=judging.texts("label_names"),
    )
    return {"judging": request, "windows": tuple(read_windows(node)), "name": node.file}


def combined(
    parts: Sequence[States], shown: Callable[[QualityRequest], str], *, allow_overlap: bool
) -> States:
    """The states of all windows together, as if their rows had been read at once.

    Args:
        parts: to be added up in their order.
        shown: says how rows were judged, for messages.
        allow_overlap: whether rows that are in two windows may count twice.

    Raises:
        InputError: there are none, they were judged otherwise, or windows overlap.
    """

    def refuse_others(first: States, other: States) -> None:
        if other.judging != first.judging:
            raise InputError(
                "the rows of the states were judged otherwise",
                where=other.name,
                expected=f"{shown(first.judging)}, as in {first.name}",
                found=shown(other.judging),
                todo="Combine states of one problem, threshold and positive label",
            )

    return kept.combined(parts, refuse_others, allow_overlap=allow_overlap)
