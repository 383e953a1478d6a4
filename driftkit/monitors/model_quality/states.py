"""Kept states of model quality: how they are taken in place of data."""

from __future__ import annotations

from dataclasses import fields

from driftkit.errors import InputError
from driftkit.monitors.kept_states import KeptStates
from driftkit.states.quality import storage
from driftkit.states.quality.state import QualityRequest
from driftkit.states.quality.storage import QualityStates

KEPT = KeptStates(
    monitor=storage.MONITOR,
    kind=QualityStates,
    loads=storage.loads,
    combined=storage.combined,
)


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
