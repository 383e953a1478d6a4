"""Truths about bias: how far two arms are from treating a group as they treat the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from driftkit.monitors.deployment.decision import decide
from driftkit.states.deployment.arms import ArmLayout
from driftkit.states.deployment.metrics import rest_of
from tests.monitors.deployment.group_sums import bias, drawn
from tests.simulations.scenarios import Truth, ended_of, plan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftkit.monitors.deployment.simulating import Outcome
    from tests.simulations.scenarios import Row

# Of a run: its looks, the rows of the group and of the rest in each look and arm, and the rest's rate.
LOOKS, ROWS, LEVEL = 50, np.array([60, 240]), 0.4
METRIC = bias(margin=0.05)


def biases(runs: int) -> Iterator[Row]:
    """A bias, 50 looks of 600 requests, a fifth of them of the group."""
    for old, new, truth, wrong in (
        (0.05, 0.05, "0.05 and 0.05", ("roll_back",)),
        (0.05, 0.10, "0.05 and 0.10, at the margin", ("promote", "roll_back")),
        (0.05, -0.10, "0.05 and -0.10, at the margin", ("promote", "roll_back")),
        (0.0, 0.05, "0.00 and 0.05, at the margin", ("promote", "roll_back")),
        (0.05, 0.20, "0.05 and 0.20", ("promote",)),
    ):
        of = Truth(of="a bias (DPPL), margin 0.05", truth=truth, wrong=wrong)
        yield of.row([ended(run, old, new) for run in range(runs)])


def ended(run: int, old: float, new: float) -> list[Outcome]:
    """How a run ended in which the group's rates are lower by so much than those of the rest."""
    of = plan(METRIC)
    rates = np.array([[LEVEL - old, LEVEL], [LEVEL - new, LEVEL]])
    events = np.random.default_rng(run).binomial(ROWS, rates, (LOOKS, 2, 2))
    layout = ArmLayout(arms=tuple(of.arms), metrics=(METRIC.name, rest_of(METRIC)))
    return ended_of(decide(of, drawn(layout, events, ROWS)))
