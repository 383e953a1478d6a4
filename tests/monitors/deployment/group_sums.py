"""Sums of groups of two arms, for tests of bias."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from driftkit.formats.deployment.metrics import known_metric
from driftkit.formats.deployment.plan import PlannedMetric
from driftkit.states.deployment.arms import SUMS, ArmLayout, ArmSums
from driftkit.states.deployment.metrics import rest_of
from tests.monitors.deployment.sums import BEGIN, HOUR

GROUP = "carrier=B"


def bias(name: str = "DPPL", group: str = GROUP, margin: float = 0.05) -> PlannedMetric:
    """A guardrail."""
    known = known_metric(f"bias:{name}:{group}")
    assert known is not None
    return PlannedMetric(
        name=f"bias:{name}:{group}",
        role="guardrail",
        kind="bias",
        better="lower",
        margin=margin,
        column=known.column,
    )


# Rates in the cells of champion and challenger: of the group, then of the rest.
def of_rates(rates: Any, trials: Any, blocks: int = 1) -> tuple[ArmSums, PlannedMetric]:
    """Sums of one block, with the events that were expected."""
    metric = bias()
    layout = ArmLayout(arms=("old", "new"), metrics=(metric.name, rest_of(metric)))
    events = np.asarray(rates) * np.asarray(trials)
    return drawn(layout, events[None].repeat(blocks, 0), trials), metric


def drawn(layout: ArmLayout, events: Any, trials: Any) -> ArmSums:
    """Sums of blocks; events have the shape (blocks, arms, groups)."""
    k, n = np.broadcast_arrays(np.asarray(events, float), np.asarray(trials, float))
    blocks = len(k)
    of = {"counted": n, "s": k, "ss": k, "n": n, "nn": n, "sn": k}
    sums = np.zeros((2 * blocks, 2, len(SUMS)))
    for name, values in of.items():
        sums[:, :, SUMS.index(name)] = values.reshape(2 * blocks, 2)
    begins = np.repeat(BEGIN + HOUR * np.arange(blocks), 2)
    requests = n.sum(axis=2).reshape(-1).astype(np.int64)
    return replace(
        ArmSums.empty(layout),
        keys=np.column_stack([begins, np.tile([0, 1], blocks)]),
        requests=requests,
        labelled=np.zeros_like(requests),
        sums=sums,
        buckets=np.empty((2 * blocks, 2, 2, 0)),
        scores=np.empty((2 * blocks, 2, 0), np.int64),
        inputs=np.empty((2 * blocks, 0), np.int64),
    )
