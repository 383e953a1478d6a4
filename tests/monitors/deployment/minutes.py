"""Tables of operational metrics of two arms, minute by minute, for tests."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pandas as pd

from driftkit import deployment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from driftkit.monitors.deployment.results import DeploymentPlan

TEN = pd.Timestamp("2026-11-02T10:00:00Z")
ARMS = {"old": "folder:churn/champion", "new": "folder:churn/challenger"}
VARIANTS = {"old": "champion", "new": "challenger"}
ERRORS, REQUESTS = "Invocation5XXErrors", "Invocations"
BURSTS = [1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1, 0, 0, 0, 0]
"""Errors a minute of a canary whose control had none, as a user of Kayenta reported them."""


def series(
    metric: str,
    arm: str,
    values: Sequence[float],
    statistic: str = "Sum",
    count: float | None = None,
) -> pd.DataFrame:
    """A metric of an arm, one value a minute from ten o'clock."""
    times = [(TEN + pd.Timedelta(minutes=i)).isoformat() for i in range(len(values))]
    return pd.DataFrame(
        {
            "metric": metric,
            "timestamp": times,
            "variant": VARIANTS[arm],
            "statistic": statistic,
            "value": [float(value) for value in values],
            "count": count,
        }
    )


def errors(of: Mapping[str, Sequence[float]], requests: int = 100) -> pd.DataFrame:
    """Errors and requests a minute of each arm."""
    each = [series(ERRORS, arm, values) for arm, values in of.items()]
    each += [series(REQUESTS, arm, [requests] * len(values)) for arm, values in of.items()]
    return pd.concat(each, ignore_index=True)


def plan(*guardrails: str, table: pd.DataFrame | None = None, **settings: Any) -> DeploymentPlan:
    """A plan of which all metrics are of tables; of errors with a margin of 0.001 unless named."""
    before = errors({"old": [0] * 9}) if table is None else table
    usual: dict[str, Any] = {"arms": ARMS, "minimum_days": 0, "guardrails": guardrails}
    usual["guardrails"] = guardrails or ("errors:0.001",)
    return deployment.baseline(before, **(usual | settings))


def config(path: Path, *names: str, **analysis: Any) -> str:
    """A canary configuration whose metrics are each a group of their own."""
    metrics = [
        {"name": name, "groups": [name], "analysisConfigurations": {"canary": analysis}}
        for name in names
    ]
    path.write_text(json.dumps({"name": "canary", "metrics": metrics}))
    return str(path)
