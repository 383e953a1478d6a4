"""The table of quality metrics in the terminal: value, interval, threshold, what to think of it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from rich.table import Table

from driftkit.report.terminal import out, plain

if TYPE_CHECKING:
    from collections.abc import Sequence


def show_metrics(rows: Sequence[dict[str, Any]]) -> None:
    """Shows metrics, one a row, with thresholds where there are some."""
    compared = any("threshold" in row for row in rows)
    shown = Table(expand=False)
    for column in ("Metric", "Value", "95 % interval", *(("Baseline", "") if compared else ())):
        shown.add_column(column, justify="left" if column in {"Metric", ""} else "right")
    for row in rows:
        cells: list[Any] = [plain(row["metric"]), _number(row["value"]), _interval(row)]
        if compared:
            cells += [_number(row["threshold"]), _verdict(row)]
        shown.add_row(*cells)
    out.print(shown)


def _verdict(row: dict[str, Any]) -> str:
    if not row["worse"]:
        return "[green]ok[/]"
    if row["beyond_noise"] is None:
        return "[red]worse[/]"
    return "[bold red]worse, beyond noise[/]" if row["beyond_noise"] else "worse, may be noise"


def _interval(row: dict[str, Any]) -> str:
    low, high = row["low"], row["high"]
    if low is None or high is None or math.isnan(low) or math.isnan(high):
        return ""
    return f"{_number(low)} to {_number(high)}"


def _number(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.4f}" if abs(value) < 1e5 else f"{value:.5g}"
