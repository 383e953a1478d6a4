"""The part of a page for numbers that are of no single column: quality, bias, attribution, arms."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from driftkit.report import OF_COLUMNS
from driftkit.report.page.charts.estimates import estimates
from driftkit.report.page.charts.forest import Point, forest
from driftkit.report.page.charts.timeline import spark, timeline
from driftkit.report.page.markup import NOTHING, fold, prose, section, table, text
from driftkit.report.page.svg import element, number
from driftkit.results.contract import about, in_words
from driftkit.results.figures import Estimates, Line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from markupsafe import Markup

    from driftkit.results.contract import Metric
    from driftkit.results.history import Window

    _Metrics = Mapping[tuple[object, ...], Metric]

_TITLES = {
    "quality": "Model quality",
    "estimate": "Quality without labels",
    "bias": "Bias",
    "attribution": "Attribution",
    "deployment": "Differences between versions",
    "labels": "Labels",
}
_READING = {
    "quality": "A point is the window's value with its interval, a diamond the baseline's; grey is "
    "what is allowed.",
    "estimate": "Estimates assume that inputs and label are related as in the baseline; only labels can tell, "
    "and what those say that have come stands beside. A point is the window's value "
    "with its interval, a diamond the baseline's by its labels; grey is what is allowed.",
    "bias": "Each group is compared with all other rows. A point is the window's value with its interval, a "
    "diamond the baseline's; grey is what is allowed.",
    "attribution": "ndcg says how far the order of the features is that of the baseline; 1 is the "
    "same order.",
    "deployment": "Differences are challenger minus champion, with bounds that hold at all times; "
    "grey is what is allowed.",
}
_SIGNS = {True: "\u25b2", False: "\u25cf", None: ""}
_SHOWN = 200
# A chart of more rows is not read.
_DRAWN = 40
_TIMELINES = 12
_GROUPS_SHOWN, _GROUPS_DRAWN = 60, 6
# Shares, rates and differences of them; errors of a regression have units of their own.
_ONE_AXIS = 1.0


def measures(metrics: Iterable[Metric], past: Sequence[Window]) -> list[Markup]:
    """A section for each group of numbers that are not of single columns."""
    groups: dict[str, list[Metric]] = {}
    for each in metrics:
        if each.group not in OF_COLUMNS:
            groups.setdefault(each.group, []).append(each)
    return [_section(group, of, past) for group, of in groups.items()]


def line_of(metrics: Sequence[Metric | None]) -> Line:
    """A metric over time, of one window after the other; None where a window has it not."""
    return Line(
        x=range(len(metrics)),
        y=[each.value if each else None for each in metrics],
        lower=[each.lower if each else None for each in metrics],
        upper=[each.upper if each else None for each in metrics],
    )


def _section(group: str, metrics: Sequence[Metric], past: Sequence[Window]) -> Markup:
    ordered = sorted(metrics, key=_order)
    before = [{_key(each): each for each in window.metrics} for window in past]
    several = group == "bias" and len(metrics) > _DRAWN
    parts = _by_group(ordered, before) if several else _whole(ordered, before)
    names = [window.name for window in past]
    return section(
        group,
        _TITLES.get(group, group.capitalize()),
        element("p", _READING[group]) if group in _READING else "",
        *parts,
        *_over_time(ordered, before, names),
    )


def _order(metric: Metric) -> tuple[object, ...]:
    """What violates first, and the score of attributions before the values it is made from."""
    of_feature = metric.feature is not None
    size = -abs(metric.value or 0.0) if of_feature else 0.0
    compared = metric.violated is not None
    return not metric.violated, metric.segment is not None, not compared, of_feature, size


def _whole(metrics: Sequence[Metric], before: Sequence[_Metrics]) -> Iterator[Markup | str]:
    """A table and a chart of all metrics."""
    yield _table(metrics[:_SHOWN], before)
    yield from _intervals(metrics)
    left = len(metrics) - _SHOWN
    if left > 0:
        yield f"and {left:,} more in the files of the run"


def _by_group(metrics: Sequence[Metric], before: Sequence[_Metrics]) -> Iterator[Markup]:
    """The values of each facet by themselves, those with most violations first and open."""
    groups: dict[str, list[Metric]] = {}
    for each in metrics:
        groups.setdefault(about(each), []).append(each)
    counted = {name: sum(bool(each.violated) for each in of) for name, of in groups.items()}
    for at, name in enumerate(sorted(groups, key=lambda name: -counted[name])):
        of, drawn = groups[name], at < _GROUPS_DRAWN
        said = f"{text(name)}: {counted[name]} of {len(of)} metrics are beyond what is allowed"
        parts = [_table(of, before if drawn else ()), *(_intervals(of) if drawn else ())]
        if at < _GROUPS_SHOWN:
            yield fold(said, *parts, opened=at == 0 and bool(counted[name]))
    if len(groups) > _GROUPS_SHOWN:
        left = f"and {len(groups) - _GROUPS_SHOWN:,} more groups in the files of the run"
        yield element("p", left)


def _table(metrics: Sequence[Metric], before: Sequence[_Metrics]) -> Markup:
    of_arms = any(each.group == "deployment" for each in metrics)
    names = ("difference", "champion") if of_arms else ("value", "baseline")
    heads = ("status", "metric", "about", names[0], "interval", names[1], "allowed", "note", "past")
    same = len(metrics) > 1 and len({_subject(each) for each in metrics}) == 1
    rows = [[*_row(each), _small(each, before)] for each in metrics]
    for row in rows if same and not of_arms else ():
        row[heads.index("about")] = ""
    return table(heads, rows, numbers=[3, 5])


def _row(metric: Metric) -> list[object]:
    interval = (
        "" if metric.interval is None else f"{number(metric.lower)} to {number(metric.upper)}"
    )
    return [
        _SIGNS[metric.violated],
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


def _named(metric: Metric) -> str:
    return " ".join(filter(None, [metric.name, _subject(metric)]))


def _note(metric: Metric) -> str:
    parts = [metric.reason or ""]
    if metric.dimensions.get("role") == "information":
        parts.append("does not decide")
    if metric.violated and metric.beyond_noise is not None and not metric.reason:
        parts.append("beyond noise" if metric.beyond_noise else "may be noise")
    return prose(", ".join(filter(None, parts)))


def _intervals(metrics: Sequence[Metric]) -> Iterator[Markup]:
    """The intervals below each other, of metrics that may be read on one axis."""
    known = [each for each in metrics if _on_the_axis(each)]
    kept = ([each for each in known if each.violated is not None] or known)[:_DRAWN]
    rows = [
        Point(
            name=_named(each) if len({_subject(one) for one in kept}) > 1 else each.name,
            value=each.value or 0.0,
            interval=each.interval,
            # Beside a difference stands the champion's value, which is of another axis.
            baseline=None if each.group == "deployment" else each.baseline,
            allowed=each.allowed,
            violated=bool(each.violated),
        )
        for each in kept
    ]
    if rows:
        worse = sum(each.violated for each in rows)
        yield forest(rows, f"{worse} of {len(rows)} metrics are beyond what is allowed")


def _on_the_axis(metric: Metric) -> bool:
    known = metric.value is not None and math.isfinite(metric.value)
    # Ranks of attributions have a chart of their own.
    return known and metric.group != "attribution" and abs(metric.value or 0.0) <= _ONE_AXIS


def _line(metric: Metric, before: Sequence[_Metrics]) -> Line | None:
    """The metric over time; None where no window of the past has it."""
    known = [found.get(_key(metric)) for found in before]
    if not any(known):
        return None
    return line_of([*known, metric])


def _small(metric: Metric, before: Sequence[_Metrics]) -> Markup:
    line = _line(metric, before)
    return NOTHING if line is None else spark(line, metric.allowed or ())


def _over_time(
    metrics: Sequence[Metric], before: Sequence[_Metrics], names: Sequence[str]
) -> Iterator[Markup]:
    """How each metric came about; those that violate are open, the others behind one line."""
    drawn: dict[bool, list[Markup]] = {True: [], False: []}
    for each in metrics[:_TIMELINES]:
        line = None if _is_truth(each) else _line(each, before)
        if line is not None:
            name = _named(each)
            if each.group == "estimate":
                chart = _beside_truth(each, line, _truth_of(each, metrics, before), names)
            else:
                chart = timeline(name, line, [names[0], "this window"], each.allowed or ())
            caption = element("figcaption", f"{text(name)} over time")
            drawn[bool(each.violated)].append(element("figure", caption, chart))
    for worse, title in ((True, "Over time: what violates"), (False, "Over time: the others")):
        if drawn[worse]:
            yield fold(title, *drawn[worse], opened=worse)


def _is_truth(metric: Metric) -> bool:
    """Whether it is what labels say of what is estimated, and is drawn with it."""
    return metric.group == "estimate" and metric.dimensions.get("source") == "labels"


def _truth_of(
    metric: Metric, metrics: Sequence[Metric], before: Sequence[_Metrics]
) -> list[float | None]:
    """What labels say of an estimate, in each window of the past and in this one."""
    key = _key(replace(metric, dimensions={"source": "labels"}))
    found = [*(of.get(key) for of in before), next((x for x in metrics if _key(x) == key), None)]
    return [each.value if each else None for each in found]


def _beside_truth(
    metric: Metric, line: Line, truth: Sequence[float | None], names: Sequence[str]
) -> Markup:
    least, most = metric.allowed or (None, None)
    # Errors have no least.
    of_errors = least == -math.inf
    return estimates(
        Estimates(
            name=_named(metric),
            blocks=(*names, "this window"),
            line=line,
            realized=tuple(truth),
            limit=most if of_errors else least,
            better="lower" if of_errors else "higher",
        )
    )


def _key(metric: Metric) -> tuple[object, ...]:
    return (
        metric.group,
        metric.name,
        metric.feature,
        metric.segment,
        *sorted(metric.dimensions.items()),
    )
