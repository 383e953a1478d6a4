"""Which chart draws which figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftkit.report.page.charts.confusion import confusion
from driftkit.report.page.charts.curves import curve
from driftkit.report.page.charts.histograms import categories, histogram
from driftkit.report.page.charts.ranking import ranking
from driftkit.report.page.charts.trajectory import trajectory
from driftkit.results.figures import (
    Categories,
    Confusion,
    Curve,
    Figure,
    Histogram,
    Ranking,
    Trajectory,
)

if TYPE_CHECKING:
    from markupsafe import Markup


def chart_of(figure: Figure) -> Markup:
    """The chart of a figure."""
    match figure:
        case Histogram():
            return histogram(figure)
        case Categories():
            return categories(figure)
        case Curve():
            return curve(figure)
        case Confusion():
            return confusion(figure)
        case Ranking():
            return ranking(figure)
        case Trajectory():
            return trajectory(figure)


def name_of(figure: Figure) -> str:
    """What a figure is of."""
    if isinstance(figure, Histogram | Categories):
        return figure.feature
    return "confusion" if isinstance(figure, Confusion) else figure.name
