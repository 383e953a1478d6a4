"""Reports as windows of the past."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftkit.results.history import Window, rows_of, status_of

if TYPE_CHECKING:
    from driftkit.results.history import Outcome


def window_of(report: Outcome, name: str, link: str | None = None) -> Window:
    """A report as a window of the past.

    Args:
        report: of any monitor.
        name: how people tell it from others.
        link: where its own page is.
    """
    metrics = tuple(report.metrics())
    return Window(
        name=name,
        status=status_of(report, metrics),
        metrics=metrics,
        violations=len(report.findings),
        rows=rows_of(report, metrics),
        start=report.run.start if report.run else None,
        link=link,
    )
