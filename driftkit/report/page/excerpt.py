"""The first part of a page for notebooks, which drop scripts and style sheets of what they show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftkit.report.page import head
from driftkit.report.page.features import brief, features_of
from driftkit.report.page.markup import NOTHING
from driftkit.report.page.svg import element
from driftkit.results.tables import report_html
from driftkit.results.windows import window_of

if TYPE_CHECKING:
    from driftkit.results.contract import Report


def excerpt(report: Report) -> str:
    """What was found in words, the columns that violate with their distributions, and the tables.

    Args:
        report: of any monitor.
    """
    now = window_of(report, "this window")
    columns = features_of(report, now.metrics, report.figures())
    shown = brief(columns) if columns else NOTHING
    return report_html(report, element("div", head.verdict(report, now, ()), shown))
