"""What can be drawn of a run as rows of the table of distributions, and back."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from driftkit.results.figures import (
    Categories,
    Confusion,
    Curve,
    Estimates,
    Figure,
    Histogram,
    Line,
    Ranking,
    Trajectory,
)
from driftkit.store.rounding import rounded_shares

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from driftkit.results.facts import Facts

    Row = dict[str, Any]

WINDOW, BASELINE = "window", "baseline"


def distribution_rows(facts: Facts) -> Iterator[Row]:
    """A row for each side of each figure."""
    for figure in facts.figures:
        for side, row in _ROWS[type(figure)](figure):
            yield {"side": side, "total": facts.rows if side == WINDOW else None, **row}


def figures_of(rows: Iterable[Row]) -> list[Figure]:
    """The figures that rows came from, in their order; kinds that are not known are left out."""
    found: dict[tuple[str, str], dict[str, Row]] = {}
    for row in rows:
        found.setdefault((row["name"], row["kind"]), {})[row["side"]] = row
    return [
        _FIGURES[kind](sides[WINDOW], sides.get(BASELINE))
        for (_, kind), sides in found.items()
        if kind in _FIGURES and WINDOW in sides
    ]


def _two_sides(known: Row, window: Row, baseline: Row | None) -> Iterator[tuple[str, Row]]:
    yield WINDOW, {**known, **window}
    if baseline is not None:
        yield BASELINE, {**known, **baseline}


def _histogram_rows(of: Histogram) -> Iterator[tuple[str, Row]]:
    edges, about = of.edges, {"logarithmic": of.logarithmic}
    ends = edges[0], edges[-1]
    # Edges at equal distances or ratios follow from the first and the last one.
    if len(edges) > 2 and _between(ends, len(of.window), logarithmic=of.logarithmic) == edges:
        edges = ends
    known = {"name": of.feature, "kind": "buckets"}
    # Both sides have the same edges.
    window = {"x": edges, "y": rounded_shares(of.window), "about": about}
    before = None if of.baseline is None else {"y": rounded_shares(of.baseline)}
    return _two_sides(known, window, before)


def _histogram(window: Row, baseline: Row | None) -> Histogram:
    logarithmic = bool(_about(window).get("logarithmic"))
    edges, count = tuple(window["x"]), len(window["y"])
    return Histogram(
        feature=window["name"],
        edges=edges
        if len(edges) == count + 1
        else _between((edges[0], edges[-1]), count, logarithmic=logarithmic),
        window=tuple(window["y"]),
        baseline=tuple(baseline["y"]) if baseline else None,
        logarithmic=logarithmic,
    )


def _between(ends: tuple[float, float], count: int, *, logarithmic: bool) -> tuple[float, ...]:
    """The edges of so many intervals, at equal distances or ratios."""
    if logarithmic and not 0 < ends[0] < ends[1]:
        return ends
    spaced = np.geomspace if logarithmic else np.linspace
    return tuple(spaced(*ends, count + 1).tolist())


def _categories_rows(of: Categories) -> Iterator[tuple[str, Row]]:
    known = {"name": of.feature, "kind": "categories", "labels": of.values}
    before = None if of.baseline is None else {"y": rounded_shares(of.baseline)}
    window = {"y": rounded_shares(of.window), "about": {"others": of.others}}
    return _two_sides(known, window, before)


def _categories(window: Row, baseline: Row | None) -> Categories:
    return Categories(
        feature=window["name"],
        values=tuple(window["labels"]),
        window=tuple(window["y"]),
        baseline=tuple(baseline["y"]) if baseline else None,
        others=_about(window).get("others", 0),
    )


def _curve_rows(of: Curve) -> Iterator[tuple[str, Row]]:
    about = {name: getattr(of, name) for name in ("x_label", "y_label", "diagonal")}
    before = None if of.baseline is None else _line_row(of.baseline)
    known = {"name": of.name, "kind": "curve", "about": about}
    return _two_sides(known, _line_row(of.window), before)


def _curve(window: Row, baseline: Row | None) -> Curve:
    about = _about(window)
    return Curve(
        name=window["name"],
        x_label=about.get("x_label", ""),
        y_label=about.get("y_label", ""),
        window=_line(window),
        baseline=_line(baseline) if baseline else None,
        diagonal=bool(about.get("diagonal")),
    )


def _confusion_rows(of: Confusion) -> Iterator[tuple[str, Row]]:
    known = {"name": "confusion", "kind": "confusion", "labels": of.labels}
    before = None if of.baseline is None else {"y": sum(of.baseline, ())}
    return _two_sides(known, {"y": sum(of.window, ())}, before)


def _confusion(window: Row, baseline: Row | None) -> Confusion:
    labels = tuple(window["labels"])
    return Confusion(
        labels=labels,
        window=_square(window["y"], len(labels)),
        baseline=_square(baseline["y"], len(labels)) if baseline else None,
    )


def _square(values: Sequence[float], size: int) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(values[row * size : (row + 1) * size]) for row in range(size))


def _ranking_rows(of: Ranking) -> Iterator[tuple[str, Row]]:
    known = {"name": of.name, "kind": "ranking", "labels": of.features}
    return _two_sides(known, {"y": of.window}, {"y": of.baseline})


def _ranking(window: Row, baseline: Row | None) -> Ranking:
    return Ranking(
        name=window["name"],
        features=tuple(window["labels"]),
        window=tuple(window["y"]),
        baseline=tuple(baseline["y"]) if baseline else (),
    )


def _trajectory_rows(of: Trajectory) -> Iterator[tuple[str, Row]]:
    about = {
        "margin": of.margin,
        "better": of.better,
        "decided": None if of.decided is None else of.decided.timestamp(),
    }
    known = {"name": of.name, "kind": "trajectory", "about": about}
    times = [each.timestamp() for each in of.times]
    return _two_sides(known, {**_line_row(of.line), "x": times}, None)


def _trajectory(window: Row, _baseline: Row | None) -> Trajectory:
    about, line = _about(window), _line(window)
    decided = about.get("decided")
    return Trajectory(
        name=window["name"],
        times=tuple(map(_time, window["x"])),
        line=Line(x=range(len(line.y)), y=line.y, lower=line.lower, upper=line.upper),
        margin=about.get("margin"),
        better=about.get("better", "higher"),
        decided=None if decided is None else _time(decided),
    )


def _estimates_rows(of: Estimates) -> Iterator[tuple[str, Row]]:
    known = {
        "name": of.name,
        "kind": "estimates",
        "labels": of.blocks,
        "about": {"limit": of.limit, "better": of.better},
    }
    return _two_sides(known, _line_row(of.line), {"y": of.realized})


def _estimates(window: Row, baseline: Row | None) -> Estimates:
    line, about = _line(window), _about(window)
    return Estimates(
        name=window["name"],
        blocks=tuple(window["labels"]),
        line=Line(x=range(len(line.y)), y=line.y, lower=line.lower, upper=line.upper),
        realized=tuple(baseline["y"]) if baseline else (None,) * len(line.y),
        limit=about.get("limit"),
        better=about.get("better", "higher"),
    )


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _line_row(line: Line) -> Row:
    return {"x": line.x, "y": line.y, "y_lower": line.lower, "y_upper": line.upper}


def _line(row: Row) -> Line:
    return Line(x=row["x"], y=row["y"], lower=row["y_lower"], upper=row["y_upper"])


def _about(row: Row) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(row["about"] or "{}")
    return found


_ROWS: dict[type[Any], Callable[[Any], Iterator[tuple[str, Row]]]] = {
    Histogram: _histogram_rows,
    Categories: _categories_rows,
    Curve: _curve_rows,
    Confusion: _confusion_rows,
    Ranking: _ranking_rows,
    Trajectory: _trajectory_rows,
    Estimates: _estimates_rows,
}
_FIGURES: dict[str, Callable[[Row, Row | None], Figure]] = {
    "buckets": _histogram,
    "categories": _categories,
    "curve": _curve,
    "confusion": _confusion,
    "estimates": _estimates,
    "ranking": _ranking,
    "trajectory": _trajectory,
}
