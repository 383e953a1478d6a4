"""The part of a page for numbers that are of no single column: quality, bias, attribution, arms."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from driftkit.report.page.charts.forest import Point, forest
from driftkit.report.page.charts.timeline import timeline
from driftkit.report.page.markup import fold, section, table, text
from driftkit.report.page.svg import number
from driftkit.results.contract import about, in_words
from driftkit.results.figures import Line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from markupsafe import Markup

    from driftkit.results.contract import Metric, Report
    from driftkit.results.history import Window

_OF_COLUMNS = {"profile", "drift"}
_TITLES = {
    "quality": "Model quality",
    "bias": "Bias",
    "attribution": "Attribution",
    "deployment": "Differences between versions",
}
_SHOWN = 200
# A chart of more rows is not read.
_DRAWN = 40
# Shares, rates and differences of them; errors of a regression have units of their own.
_ONE_AXIS = 1.0


def measures(report: Report, past: Sequence[Window]) -> list[Markup]:
    """A section for each group of numbers that are not of single columns."""
    groups: dict[str, list[Metric]] = {}
    for each in report.metrics():
        if each.group not in _OF_COLUMNS:
            groups.setdefault(each.group, []).append(each)
    return [_section(group, metrics, past) for group, metrics in groups.items()]


def _section(group: str, metrics: Sequence[Metric], past: Sequence[Window]) -> Markup:
    ordered = sorted(metrics, key=lambda each: (not each.violated, each.segment is not None))
    shown = ordered[:_SHOWN]
    rows = [_row(each) for each in shown]
    heads = ("", "metric", "about", "value", "interval", "baseline", "allowed", "note")
    left = len(metrics) - len(shown)
    more = [f"and {left:,} more in the files of the run"] if left else []
    drawn = [*_intervals(shown), *_over_time(shown, past)]
    return section(
        group,
        _TITLES.get(group, group.capitalize()),
        table(heads, rows, numbers=[3, 5]),
        *more,
        *drawn,
    )


def _row(metric: Metric) -> list[object]:
    sign = {True: "\u25b2", False: "\u25cf", None: ""}[metric.violated]
    interval = (
        "" if metric.interval is None else f"{number(metric.lower)} to {number(metric.upper)}"
    )
    return [
        sign,
        text(metric.name),
        text(_subject(metric)),
        number(metric.value),
        interval,
        number(metric.baseline),
        "" if metric.allowed is None else in_words(metric.allowed),
        _note(metric),
    ]


def _subject(metric: Metric) -> str:
    segment = f" ({metric.segment})" if metric.segment else ""
    return f"{about(metric)}{segment}"


def _note(metric: Metric) -> str:
    if metric.reason:
        return " ".join(text(each) for each in metric.reason.split(" "))
    if metric.violated and metric.beyond_noise is not None:
        return "beyond noise" if metric.beyond_noise else "may be noise"
    return ""


def _intervals(metrics: Sequence[Metric]) -> Iterator[Markup]:
    """The intervals below each other, of metrics that may be read on one axis."""
    rows = [
        Point(
            name=" ".join(filter(None, [each.name, _subject(each)])),
            value=each.value,
            interval=each.interval,
            baseline=each.baseline,
            allowed=each.allowed,
            violated=bool(each.violated),
        )
        for each in metrics
        if each.value is not None and math.isfinite(each.value) and abs(each.value) <= _ONE_AXIS
    ][:_DRAWN]
    if rows:
        worse = sum(each.violated for each in rows)
        yield forest(rows, f"{worse} of {len(rows)} metrics are beyond what is allowed")


def _over_time(metrics: Sequence[Metric], past: Sequence[Window]) -> Iterator[Markup]:
    """How each metric came about, in windows of the past."""
    if not past:
        return
    before = [{_key(each): each for each in window.metrics} for window in past]
    for each in metrics[:_DRAWN]:
        known = [found.get(_key(each)) for found in before]
        if not any(known):
            continue
        line = Line(
            x=range(len(known) + 1),
            y=[*(one.value if one else None for one in known), each.value],
            lower=[*(one.lower if one else None for one in known), each.lower],
            upper=[*(one.upper if one else None for one in known), each.upper],
        )
        name = " ".join(filter(None, [each.name, _subject(each)]))
        drawn = timeline(name, line, [past[0].name, "this window"], each.allowed or ())
        yield fold(f"{text(name)} over time", drawn, opened=bool(each.violated))


def _key(metric: Metric) -> tuple[object, ...]:
    return (
        metric.group,
        metric.name,
        metric.feature,
        metric.segment,
        *sorted(metric.dimensions.items()),
    )
