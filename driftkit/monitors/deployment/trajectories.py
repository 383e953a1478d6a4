"""The difference of each metric at each look with its bounds, as a page draws it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from driftkit.monitors.deployment.bounds import turned
from driftkit.monitors.deployment.timeline import known_moment
from driftkit.results.figures import Line, Trajectory

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from driftkit.monitors.deployment.decision import Decision
    from driftkit.monitors.deployment.judged import Judged
    from driftkit.native.arrays import Floats


def trajectories_of(decisions: Iterable[Decision]) -> tuple[Trajectory, ...]:
    """One a metric of each challenger; none where rows have no times."""
    return tuple(each for decision in decisions for each in _of(decision))


def _of(decision: Decision) -> Iterator[Trajectory]:
    times = [known_moment(block) for block in decision.time.blocks.tolist()]
    known = [at for at, each in enumerate(times) if each is not None]
    if len(known) < 2:
        return
    moments = tuple(each for each in times if each is not None)
    decided = None if decision.look is None else times[decision.look]
    for judged in decision.judged:
        yield Trajectory(
            name=f"{judged.metric.name} of {decision.challenger}",
            times=moments,
            line=_line(judged, known),
            margin=judged.metric.margin if judged.metric.decisive else None,
            better=judged.metric.better,
            decided=decided,
        )


def _line(judged: Judged, known: list[int]) -> Line:
    low, high = turned(judged.bounds.low, judged.bounds.high, judged.metric)
    return Line(
        x=range(len(known)),
        y=_finite(judged.evidence.difference, known),
        lower=_finite(low, known),
        upper=_finite(high, known),
    )


def _finite(values: Floats, known: list[int]) -> list[float | None]:
    return [each if np.isfinite(each) else None for each in values[known].tolist()]
