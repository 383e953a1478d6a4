"""Which chart draws which figure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from driftkit.report.page.charts.confusion import confusion
from driftkit.report.page.charts.curves import curve
from driftkit.report.page.charts.estimates import estimates
from driftkit.report.page.charts.histograms import categories, histogram
from driftkit.report.page.charts.ranking import ranking
from driftkit.report.page.charts.trajectory import trajectory
from driftkit.results.figures import (
    Categories,
    Confusion,
    Curve,
    Estimates,
    Figure,
    Histogram,
    Ranking,
    Trajectory,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from markupsafe import Markup


_CHARTS: dict[type[Any], Callable[[Any], Markup]] = {
    Histogram: histogram,
    Categories: categories,
    Curve: curve,
    Confusion: confusion,
    Ranking: ranking,
    Trajectory: trajectory,
    Estimates: estimates,
}


def chart_of(figure: Figure) -> Markup:
    """The chart of a figure."""
    return _CHARTS[type(figure)](figure)


def name_of(figure: Figure) -> str:
    """What a figure is of."""
    if isinstance(figure, Histogram | Categories):
        return figure.feature
    return "confusion" if isinstance(figure, Confusion) else figure.name
