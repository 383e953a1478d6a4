"""Writes the verdict in Prometheus' text format, for a textfile collector or a static server."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from driftkit.formats.deployment.verdict import Answer

METRIC = "driftkit_deployment_verdict"
VALUES: Mapping[Answer, int] = {"promote": 1, "hold": 0, "roll_back": -1}
_HELP = "May the version take the traffic: 1 promote, 0 hold, -1 roll back."
_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


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
    series = "".join(f"{_series(labels)} {VALUES[verdict]}\n" for verdict, labels in verdicts)
    return f"# HELP {METRIC} {_HELP}\n# TYPE {METRIC} gauge\n{series}"


def _series(labels: Mapping[str, str]) -> str:
    pairs = ",".join(f'{name}="{value.translate(_ESCAPES)}"' for name, value in labels.items())
    return f"{METRIC}{{{pairs}}}" if pairs else METRIC
