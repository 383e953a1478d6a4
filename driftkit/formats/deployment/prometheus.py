"""Writes the verdict in Prometheus' text format, for a textfile collector or a static server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftkit.formats.prometheus import gauge

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from driftkit.formats.deployment.verdict import Answer

METRIC = "driftkit_deployment_verdict"
VALUES: Mapping[Answer, int] = {"promote": 1, "hold": 0, "roll_back": -1}
_HELP = "May the version take the traffic: 1 promote, 0 hold, -1 roll back."


def expositions(verdicts: Iterable[tuple[Answer, Mapping[str, str]]]) -> str:
    """Verdicts as one gauge: 1 promote, 0 hold, -1 roll back.

    Args:
        verdicts: promote, hold or roll_back, and their labels: name -> value, for example of
            endpoint and challenger; names are those of Prometheus: letters, digits and underscores.

    >>> print(expositions([("hold", {"endpoint": "churn"})]), end="")
    # HELP driftkit_deployment_verdict May the version take the traffic: 1 promote, 0 hold, -1 roll back.
    # TYPE driftkit_deployment_verdict gauge
    driftkit_deployment_verdict{endpoint="churn"} 0
    """
    return gauge(METRIC, _HELP, ((labels, VALUES[verdict]) for verdict, labels in verdicts))
