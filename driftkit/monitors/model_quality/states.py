"""Kept states of model quality: found, read, combined, written, and judged in place of data."""

from __future__ import annotations

from dataclasses import fields
from os import PathLike
from typing import TYPE_CHECKING, Any

from driftkit.errors import InputError
from driftkit.io.writing import write_outputs
from driftkit.monitors.saved_states import content_of, files_of, partitioned
from driftkit.readers.opening import paths_in
from driftkit.results.contract import Run
from driftkit.states.quality import storage
from driftkit.states.quality.state import QualityRequest
from driftkit.states.quality.storage import QualityStates
from driftkit.states.state_files import FILE

if TYPE_CHECKING:
    from driftkit.io.locations import Location, PathOrUrl
    from driftkit.settings import Settings

__all__ = [
    "QualityStates",
    "about_states",
    "combine",
    "kept_in",
    "refuse_otherwise_judged",
    "save_states",
]


def combine(*states: Any, allow_overlap: bool = False) -> QualityStates:
    """The states of several windows together, as if their rows had been read at once.

    Args:
        *states: states, files, folders with a states.arrow, or globs.
        allow_overlap: whether rows that are in two windows may count twice.

    Returns:
        States that `baseline` and `monitor` take in place of data.

    Raises:
        FormatError: a file is missing, damaged, or is none of states of model quality.
        InputError: rows were judged otherwise, or windows overlap.
    """
    parts: list[QualityStates] = []
    for each in states:
        if isinstance(each, QualityStates):
            parts.append(each)
        elif isinstance(each, str | PathLike):
            parts += (storage.loads(*content_of(path)) for path in files_of(each))
        else:
            raise InputError(
                "these are no states of model quality",
                expected="states, a file or a folder",
                found=type(each).__name__,
                todo="Hand in what model_quality.states returned, or the path of a states.arrow",
            )
    return storage.combined(parts, allow_overlap=allow_overlap)


def save_states(states: QualityStates, directory: PathOrUrl) -> tuple[Location, ...]:
    """Writes states.arrow into a folder.

    Raises:
        OutputError: the folder cannot be written.
    """
    return write_outputs(directory, {FILE: states.dumps()})


def kept_in(data: Any) -> QualityStates | None:
    """The states that were handed in as data; None if data were.

    Raises:
        FormatError: a file of states is damaged.
        InputError: states stand beside data, or do not fit together.
    """
    if isinstance(data, QualityStates):
        return data
    states, others = partitioned(paths_in(data) or ())
    if not states:
        return None
    if others:
        raise InputError(
            "states and data are handed in together",
            where=str(others[0]),
            expected="only states, or only data",
            found=f"{len(states)} of states and {len(others)} others",
            todo="Make states of the data first, with model_quality.states, and combine them",
        )
    return combine(*states)


def refuse_otherwise_judged(kept: QualityStates, asked: QualityRequest) -> None:
    """Refuses states whose rows were judged otherwise than is asked for.

    Raises:
        InputError: so they were; what is not asked for may be anything.
    """
    usual = QualityRequest(problem=kept.judging.problem)
    for each in fields(QualityRequest):
        found, wanted = getattr(kept.judging, each.name), getattr(asked, each.name)
        if wanted not in {found, getattr(usual, each.name)}:
            raise InputError(
                "the rows of the states were judged otherwise",
                where=f"{kept.name}, {each.name}",
                expected=str(wanted),
                found=str(found),
                todo="Read their data again, or leave the setting out",
            )


def about_states(states: QualityStates, settings: Settings) -> Run:
    """What is known of a run on states before anything is looked at."""
    return Run(
        monitor=storage.MONITOR,
        dialect=settings.compute.dialect,
        engine="kept states",
        inputs=(states.name,),
        start=settings.window.start,
        end=settings.window.end,
    )
