"""Writes gauges in Prometheus' text format, for a textfile collector, a gateway or a static server."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from driftkit.errors import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


def gauge(name: str, about: str, series: Iterable[tuple[Mapping[str, str], float]]) -> str:
    """A gauge with all of its series.

    Args:
        name: letters, digits and underscores.
        about: what it tells, one line.
        series: labels and value of each; names of labels are letters, digits and underscores.

    >>> print(gauge("rows", "How many.", [({"model": "churn"}, 3.0)]), end="")
    # HELP rows How many.
    # TYPE rows gauge
    rows{model="churn"} 3
    """
    lines = "".join(f"{name}{_labelled(labels)} {_number(value)}\n" for labels, value in series)
    return f"# HELP {name} {about}\n# TYPE {name} gauge\n{lines}"


def _labelled(labels: Mapping[str, str]) -> str:
    pairs = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())
    return f"{{{pairs}}}" if pairs else ""


def _escaped(value: str) -> str:
    # Halves of characters cannot be encoded, and a file with one of them would be refused whole.
    return visible(value).translate(_ESCAPES)


def _number(value: float) -> str:
    """A number as Prometheus reads it.

    >>> [_number(each) for each in (-1, 0.25, math.inf, -math.inf)]
    ['-1', '0.25', '+Inf', '-Inf']
    """
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(float(value))
