"""Plans and requests for tests of bandits and policies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

import driftkit

if TYPE_CHECKING:
    from driftkit.monitors.deployment.results import DeploymentPlan, DeploymentReport

ARMS = {"old": "field:version=old", "new": "field:version=new"}
WEIGHTS = {"old": 0.7, "new": 0.3}
HOURS = 48


def requests(
    new: float = 0.35, *, old: float = 0.25, run: int = 1, rows: int = 4_800
) -> pd.DataFrame:
    """Two days of requests, which are rewarded at these rates."""
    random = np.random.default_rng(run)
    is_new = random.random(rows) < WEIGHTS["new"]
    return pd.DataFrame(
        {
            "version": np.where(is_new, "new", "old"),
            "at": pd.date_range("2026-11-02", periods=rows, freq=f"{HOURS * 3600 // rows}s"),
            "ok": (random.random(rows) < np.where(is_new, new, old)).astype(float),
            "carrier": random.choice(["AA", "UA"], rows),
        }
    )


def planned(table: pd.DataFrame, **others: Any) -> DeploymentPlan:
    """A plan of a bandit whose reward is `ok`."""
    usual: dict[str, Any] = {
        "goals": "rate:ok:0.01:higher",
        "arms": ARMS,
        "strategy": "bandit",
        "weights": WEIGHTS,
        "time_column": "at",
        "runner": "local",
    }
    return driftkit.deployment.baseline(table, **(usual | others))


def reported(table: pd.DataFrame, plan: DeploymentPlan) -> DeploymentReport:
    """What monitoring the requests gives."""
    return driftkit.deployment.monitor(table, plan, time_column="at", runner="local")
