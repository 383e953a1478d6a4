"""What results of all monitors show of themselves: pages and charts, as methods to be taken over.

A class takes one over by its name, for example `report = methods.report`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from driftkit.results.verdicts import drift_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftkit.report.page.charts.chart import Chart
    from driftkit.report.page.page import Page
    from driftkit.results.contract import Report
    from driftkit.results.facts import Ownership
    from driftkit.results.history import Window


def report(
    result: Report,
    past: Sequence[Window] = (),
    title: str = "",
    ownership: Ownership | None = None,
    *,
    hide_values: bool = False,
) -> Page:
    """The result as a page of HTML, which a notebook shows and `write` writes.

    Args:
        result: of any monitor.
        past: windows before it, oldest first; see `driftkit.results.windows.window_of`.
        title: of the page, such as the name of the model.
        ownership: who looks after it, and where people read what to do.
        hide_values: whether values of the data are told by rank, and extremes by quantiles.
    """
    # Who reads numbers alone does not draw.
    from driftkit.report.page.page import page  # noqa: PLC0415

    return page(result, past, title, ownership, hide_values=hide_values)


def shown(result: Report) -> str:
    """What a notebook shows of a result: the beginning of its page, and the tables."""
    from driftkit.report.page.excerpt import excerpt  # noqa: PLC0415

    return excerpt(result)


def plot(result: Report, *names: str) -> Chart:
    """Charts of what is named, or of everything that can be drawn.

    Args:
        result: of any monitor.
        names: columns, curves or metrics.

    Raises:
        SettingsError: nothing of this name can be drawn.
    """
    from driftkit.report.page.charts.chart import drawn  # noqa: PLC0415
    from driftkit.report.page.verdicts import in_full  # noqa: PLC0415

    drift = drift_of(result)
    verdicts = {each.feature: in_full(each) for each in drift.features} if drift else {}
    return replace(drawn(result.figures(), names), verdicts=verdicts)
