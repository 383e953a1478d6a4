"""Writes the verdict in Prometheus' text format, for a textfile collector or a static server."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from driftkit.formats.deployment.verdict import Answer

METRIC = "driftkit_deployment_verdict"
VALUES: Mapping[Answer, int] = {"promote": 1, "hold": 0, "roll_back": -1}
_HELP = "May the version take the traffic: 1 promote, 0 hold, -1 roll back."
_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


def exposition(verdict: Answer, labels: Mapping[str, str] = MappingProxyType({})) -> str:
    """The verdict as a gauge: 1 promote, 0 hold, -1 roll back.

    Args:
        verdict: promote, hold or roll_back.
        labels: name -> value, for example of endpoint and challenger; names are those of
            Prometheus: letters, digits and underscores.

    >>> print(exposition("hold", {"endpoint": "churn"}), end="")
    # HELP driftkit_deployment_verdict May the version take the traffic: 1 promote, 0 hold, -1 roll back.
    # TYPE driftkit_deployment_verdict gauge
    driftkit_deployment_verdict{endpoint="churn"} 0
    """
    return expositions([(verdict, labels)])


def expositions(verdicts: Iterable[tuple[Answer, Mapping[str, str]]]) -> str:
    """Several verdicts as one gauge: each with labels of its own."""
    series = "".join(f"{_series(labels)} {VALUES[verdict]}\n" for verdict, labels in verdicts)
    return f"# HELP {METRIC} {_HELP}\n# TYPE {METRIC} gauge\n{series}"


def _series(labels: Mapping[str, str]) -> str:
    pairs = ",".join(f'{name}="{value.translate(_ESCAPES)}"' for name, value in labels.items())
    return f"{METRIC}{{{pairs}}}" if pairs else METRIC
