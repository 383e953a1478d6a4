"""The difference of each metric at each look with its bounds: from decisions, and as a page draws it."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from driftkit.formats.deployment.looks import Course, Look, Looks
from driftkit.monitors.deployment.bounds import turned
from driftkit.monitors.deployment.timeline import known_moment
from driftkit.results.figures import Line, Trajectory

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from driftkit.monitors.deployment.decision import Decision
    from driftkit.monitors.deployment.judged import Judged


def looks_of(decisions: Iterable[Decision]) -> Looks:
    """The course of each metric of each challenger; none where rows have no times."""
    return Looks(courses=tuple(each for decision in decisions for each in _of(decision)))


def _of(decision: Decision) -> Iterator[Course]:
    times = [known_moment(block) for block in decision.time.blocks.tolist()]
    if sum(each is not None for each in times) < 2:
        return
    decided = None if decision.look is None else times[decision.look]
    for judged in decision.judged:
        bounds = turned(judged.bounds.low, judged.bounds.high, judged.metric)
        lines = (judged.evidence.difference, *bounds)
        yield Course(
            arm=decision.challenger,
            metric=judged.metric.name,
            better=judged.metric.better,
            margin=_margin(judged),
            decided=decided,
            looks=tuple(
                Look(at=at, difference=_finite(value), low=_finite(low), high=_finite(high))
                for at, value, low, high in zip(times, *lines, strict=True)
                if at is not None
            ),
        )


def _margin(judged: Judged) -> float | None:
    return judged.metric.margin if judged.metric.decisive else None


def _finite(value: float) -> float | None:
    return float(value) if isfinite(value) else None


def trajectories_of(found: Looks) -> list[Trajectory]:
    """One a course."""
    return [
        Trajectory(
            name=f"{each.metric} of {each.arm}",
            times=tuple(look.at for look in each.looks),
            line=Line(
                x=range(len(each.looks)),
                y=[look.difference for look in each.looks],
                lower=[look.low for look in each.looks],
                upper=[look.high for look in each.looks],
            ),
            margin=each.margin,
            better=each.better,
            decided=each.decided,
        )
        for each in found.courses
    ]
