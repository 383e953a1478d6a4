"""Plans and sums for tests of decisions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from driftkit.formats.deployment.plan import BurnIn, Horizon, Plan, PlannedMetric
from driftkit.formats.deployment.selectors import parse_selector
from driftkit.states.deployment.dense_sums import DenseSums

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from driftkit.states.deployment.arms import ArmSums

HOUR = 3600
BEGIN = 1_793_606_400
"""2026-11-02T08:00:00Z."""


def plan(*metrics: PlannedMetric, **others: Any) -> Plan:
    """A plan for two arms; a rate with a margin of 0.01 unless metrics are given."""
    rate = PlannedMetric(
        name="rate:ok", role="goal", kind="rate", better="higher", margin=0.01, column="ok"
    )
    usual: dict[str, Any] = {
        "name": "test",
        "strategy": "ab",
        "champion": "old",
        "challengers": ("new",),
        "arms": {arm: parse_selector(f"field:arm={arm}") for arm in ("old", "new")},
        "metrics": metrics or (rate,),
        "horizon": Horizon(units=1_000_000, tuning_units=5_000, minimum_days=0, maximum_days=60),
        "burn_in": BurnIn(units=100, events=10),
    }
    return Plan(**(usual | others))


def rates(events: ArrayLike, trials: ArrayLike, arms: tuple[str, ...] = ("old", "new")) -> ArmSums:
    """The sums of a rate, shape (hours, arms)."""
    k, n = np.asarray(events, dtype=float), np.asarray(trials, dtype=float)
    return sums({"counted": n, "s": k, "ss": k, "n": n, "nn": n, "sn": k}, arms)


def sums(of: dict[str, np.ndarray[Any, Any]], arms: tuple[str, ...] = ("old", "new")) -> ArmSums:
    """The sums of a metric, hour by hour from `BEGIN`; each has the shape (hours, arms)."""
    blocks = BEGIN + HOUR * np.arange(len(of["n"]))
    return DenseSums(blocks=blocks, requests=of["n"], sums=of).as_states("rate:ok", arms)
