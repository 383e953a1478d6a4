"""A page with a row for each monitor of each model: how its last window is, and those before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftkit.report.page.charts.strip import is_plain, row_of_cells
from driftkit.report.page.document import document
from driftkit.report.page.head import SIGNS
from driftkit.report.page.markup import joined, plain, section, table, text
from driftkit.report.page.svg import element
from driftkit.results.history import WORST_FIRST, in_a_row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftkit.results.history import Series, Window

_HEADS = ("status", "model", "variant", "monitor", "last window", "rows", "since", "windows before")


def index(found: Sequence[Series], title: str = "") -> str:
    """The page.

    Args:
        found: the windows of each monitor of each model.
        title: of the page.
    """
    ordered = sorted(
        found,
        key=lambda each: (WORST_FIRST.index(each.windows[-1].status), each.model, each.monitor),
    )
    counted = [
        f"{sum(each.windows[-1].status == status for each in found):,} {name.lower()}"
        for status, (_, name) in SIGNS.items()
    ]
    named = title or "Monitored models"
    head = element(
        "header",
        element("h1", text(named)),
        element("p", f"{len(found):,} monitors, of their last windows: {', '.join(counted)}."),
        id="top",
    )
    rows = [_row(each) for each in ordered]
    listed = section("violations", "Monitors", table(_HEADS, rows, numbers=[5]))
    return document(named, plain(joined([head, element("main", listed)])))


def _row(of: Series) -> list[object]:
    now = of.windows[-1]
    sign, name = SIGNS[now.status]
    return [
        f"{sign} {name}",
        text(of.model),
        text(of.variant),
        text(of.monitor.replace("_", " ")),
        _linked(now),
        "" if now.rows is None else f"{now.rows:,}",
        _since(of.windows),
        row_of_cells([each.status for each in of.windows]) if len(of.windows) > 1 else "",
    ]


def _linked(window: Window) -> str:
    if window.link is None or not is_plain(window.link):
        return text(window.name)
    return element("a", text(window.name), href=window.link)


def _since(windows: Sequence[Window]) -> str:
    """From which window on it is so; empty where it is as it was in all that are known."""
    same = len(in_a_row(windows, windows[-1].status))
    return "" if same == len(windows) else f"{text(windows[-same].name)} ({same:,})"
