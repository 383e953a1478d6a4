"""How far arms are asked for other things, column by column and cell by cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftkit.comparison.deployment.distances import counts_within_epochs, stability_index
from driftkit.comparison.deployment.ratios import ratio
from driftkit.formats.deployment.comparison import InputCell, InputDrift
from driftkit.monitors.deployment.trust import cells_of_inputs

if TYPE_CHECKING:
    from driftkit.formats.deployment.plan import Plan
    from driftkit.formats.deployment.plan_inputs import PlannedInput
    from driftkit.monitors.deployment.timeline import Timeline
    from driftkit.native.arrays import Floats


def input_drift(plan: Plan, time: Timeline) -> tuple[InputDrift, ...] | None:
    """A row for each challenger and column of inputs; None where the plan has no such columns."""
    if plan.inputs is None:
        return None
    found = []
    for challenger, looks in time.looks.items():
        cells = cells_of_inputs(looks, plan)
        found += [
            _drift((plan.champion, challenger), each, cells[each.column], time)
            for each in plan.inputs
            if each.column in cells
        ]
    return tuple(found)


def _drift(
    arms: tuple[str, str], planned: PlannedInput, cells: Floats, time: Timeline
) -> InputDrift:
    within = counts_within_epochs(cells, time.epochs)
    shares = ratio(within, within.sum(axis=1, keepdims=True))
    return InputDrift(
        arm=arms[1],
        column=planned.column,
        units=dict(zip(arms, cells.sum(axis=(0, 2)).astype(int).tolist(), strict=True)),
        stability_index=float(stability_index(*within)) if within.any() else None,
        cells=tuple(
            InputCell(cell=name, champion=float(first), challenger=float(second))
            for name, first, second in zip(planned.cells, *shares, strict=True)
        ),
    )
