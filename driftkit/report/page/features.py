"""The part of a page that has a row for each column: what it is now, beside the baseline."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from driftkit.report.page import CSV_NAME
from driftkit.report.page.charts.bullet import bullet
from driftkit.report.page.charts.histograms import categories, highest, histogram, small
from driftkit.report.page.charts.timeline import ends, spark, timeline
from driftkit.report.page.markup import NOTHING, fold, joined, narrow, prose, section, table, text
from driftkit.report.page.measures import line_of
from driftkit.report.page.svg import element, number
from driftkit.report.page.verdicts import in_brief, in_full, over_days
from driftkit.results.contract import Metric, in_words
from driftkit.results.figures import Categories, Histogram
from driftkit.results.verdicts import drift_of, in_order

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from driftkit.formats.drift import Verdict
    from driftkit.results.figures import Figure, Line
    from driftkit.results.history import Outcome, Window

# So many are drawn at once; of more only the worst, and the others when they are scrolled to.
DRAWN_AT_ONCE, WORST_DRAWN, MOST_DRAWN = 300, 60, 120
# Of fewer columns one sees all names.
SEARCHED = 30
# A notebook shows so many columns.
BRIEF = 10
_NOW = "this window"
_SHOWN = frozenset({"profile", "drift"})
_LEVELS = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(slots=True, kw_only=True)
class Feature:
    """What is known of a column.

    Attributes:
        name: of the column.
        violations: how many of its checks failed.
        numbers: name -> metric of the profile.
        distance: from the baseline; None where it was not measured.
        figure: its distribution; None where it has none.
        verdict: of its drift; None where that was not judged.
    """

    name: str
    violations: int = 0
    numbers: dict[str, Metric] = field(default_factory=dict)
    distance: Metric | None = None
    figure: Histogram | Categories | None = None
    verdict: Verdict | None = None

    @property
    def exceeds(self) -> float:
        """The distance in terms of what is allowed; 1 at the limit."""
        distance = self.distance
        if distance is None or distance.value is None or not distance.threshold:
            return 0.0
        return distance.value / distance.threshold


def features_of(
    report: Outcome, metrics: Iterable[Metric], figures: Iterable[Figure]
) -> list[Feature]:
    """The columns of a report: alarms of drift first, then other violations, then by distance.

    Args:
        report: that has findings and verdicts.
        metrics: every number of it.
        figures: what can be drawn of it.
    """
    found: dict[str, Feature] = {}
    for each in metrics:
        if each.group in _SHOWN and each.feature is not None and each.segment is None:
            feature = found.setdefault(each.feature, Feature(name=each.feature))
            if each.group == "profile":
                feature.numbers[each.name] = each
            else:
                feature.distance = each
    for finding in report.findings:
        if finding.feature in found and finding.segment is None:
            found[finding.feature].violations += 1
    for figure in figures:
        if isinstance(figure, (Histogram, Categories)) and figure.feature in found:
            found[figure.feature].figure = figure
    return sorted(_with_verdicts(found, report).values(), key=_order)


def _with_verdicts(found: Mapping[str, Feature], report: Outcome) -> dict[str, Feature]:
    """The columns with their verdicts, in the order of these, and then all others."""
    drift = drift_of(report)
    judged: dict[str, Feature] = {}
    for verdict in in_order(drift) if drift else ():
        if verdict.feature in found:
            judged[verdict.feature] = feature = found[verdict.feature]
            feature.verdict = verdict
    return {**judged, **{name: each for name, each in found.items() if name not in judged}}


def _order(feature: Feature) -> tuple[bool, bool, bool, float]:
    if feature.verdict is None:
        return True, not feature.violations, True, -feature.exceeds
    moved = bool(feature.verdict.kind)
    distance = 0.0 if moved else -feature.exceeds
    return not feature.verdict.alarm, not feature.violations, not moved, distance


def features(found: Sequence[Feature], past: Sequence[Window]) -> Markup:
    """The section with all columns; nothing where there are none."""
    if not found:
        return NOTHING
    drawn = found if len(found) <= DRAWN_AT_ONCE else _worst(found)
    later = found[len(drawn) :]
    history = _history(past)
    head = element(
        "p",
        f"{len(found):,} columns, {sum(map(bool, (each.violations for each in found))):,} of "
        "them with violations. The filled shape is the baseline, the line the window; dashed is the "
        "limit of the distance.",
    )
    judged = any(each.verdict for each in found)
    rows = [
        _row(each, history.get(each.name, ()), at, judged=judged) for at, each in enumerate(drawn)
    ]
    find = _search() if len(found) > SEARCHED else NOTHING
    below = ends([past[0].name, _NOW]) if past else NOTHING
    return section("features", "Features", head, find, below, *rows, _later(later))


def brief(found: Sequence[Feature]) -> Markup:
    """The columns with violations or drift, with their distributions and distances, in a table."""
    worst = [each for each in found if each.violations or _moved(each)][:BRIEF]
    rows = [
        (
            text(each.name),
            _verdict(each),
            "" if each.figure is None else small(each.figure),
            joined(map(escape, _distance(each))),
            _missing(each),
        )
        for each in worst
    ]
    heads = ("column", "verdict", "distribution", "distance", "present")
    return table(heads, rows) if rows else NOTHING


def _search() -> Markup:
    """A field that the script shows, which finds columns by a part of their names."""
    field = element("input", id="find", type="search", autocomplete="off")
    return element("p", element("label", "Find a column: ", field), class_="find", hidden="")


def _worst(found: Sequence[Feature]) -> Sequence[Feature]:
    violated = sum(1 for each in found if each.violations)
    return found[: min(max(violated, WORST_DRAWN), MOST_DRAWN)]


def _history(past: Sequence[Window]) -> Mapping[str, Sequence[Metric | None]]:
    """Column -> its distance in each window of the past; None where it was not measured."""
    found: dict[str, list[Metric | None]] = {}
    for at, window in enumerate(past):
        for each in window.metrics:
            if each.group == "drift" and each.feature is not None and each.segment is None:
                found.setdefault(each.feature, [None] * len(past))[at] = each
    return found


def _row(feature: Feature, before: Sequence[Metric | None], at: int, *, judged: bool) -> Markup:
    """A line that opens to the charts and numbers of the column.

    The charts have the shapes of the line, by ids, in a larger scale.
    """
    line = _line_of(feature, before)
    shapes = (f"d{at}", f"t{at}")
    said = [element("span", _verdict(feature))] if judged else []
    return fold(_summary(feature, line, shapes, said), *_details(feature, line, shapes))


def _summary(
    feature: Feature, line: Line | None, shapes: tuple[str, str], said: Sequence[Markup]
) -> Markup:
    sign = "\u25b2" if feature.violations else "\u25cf"
    figure, distance = feature.figure, feature.distance
    named = shapes[0] if isinstance(figure, Histogram) else None
    over_time = (
        NOTHING
        if line is None or distance is None
        else spark(line, distance.allowed or (), shapes[1])
    )
    return joined(
        [
            element("i", sign, class_="bad" if feature.violations else None),
            element("b", text(feature.name)),
            *said,
            element("span", NOTHING if figure is None else small(figure, named)),
            element("span", *_distance(feature)),
            element("span", over_time),
            element("span", _missing(feature)),
        ]
    )


def _moved(feature: Feature) -> bool:
    return feature.verdict is not None and bool(feature.verdict.kind)


def _verdict(feature: Feature) -> str:
    return "" if feature.verdict is None else text(in_brief(feature.verdict))


def _distance(feature: Feature) -> list[object]:
    distance = feature.distance
    if distance is None or distance.value is None:
        return []
    drawn = (
        []
        if distance.allowed is None
        else [bullet(distance.value, distance.allowed, violated=bool(distance.violated))]
    )
    return [*drawn, f" {number(distance.value)}"]


def _line_of(feature: Feature, before: Sequence[Metric | None]) -> Line | None:
    """The distance over time; None where there is but one window, or none was measured."""
    if feature.distance is None or not any(before):
        return None
    return line_of([*before, feature.distance])


def _missing(feature: Feature) -> str:
    now = feature.numbers.get("completeness")
    if now is None or now.value is None:
        return ""
    before = now.baseline
    came = "" if before is None or before == now.value else f"{before:.1%} \u2192 "
    return f"{came}{now.value:.1%} present"


def _details(feature: Feature, line: Line | None, shapes: tuple[str, str]) -> list[Markup]:
    figure, distance = feature.figure, feature.distance
    drawn: list[Markup] = []
    if isinstance(figure, Histogram):
        drawn.append(histogram(figure, shapes[0]))
    elif figure is not None:
        drawn.append(categories(figure))
    if line is not None and distance is not None:
        name = f"distance of {feature.name}"
        drawn.append(timeline(name, line, (), distance.allowed or (), shapes[1]))
    verdict = feature.verdict
    if verdict is not None:
        drawn = [element("p", prose(in_full(verdict))), *over_days(verdict), *drawn]
    return [*drawn, _numbers(feature)]


def _numbers(feature: Feature) -> Markup:
    rows = [
        (each.name.replace("_", " "), number(each.baseline), number(each.value))
        for each in feature.numbers.values()
    ]
    if feature.distance is not None:
        distance = feature.distance
        allowed = "" if distance.allowed is None else f", {in_words(distance.allowed)}"
        method = distance.dimensions.get("method", "")
        named = f"{distance.name.replace('_', ' ')} {method}".strip()
        rows.append((f"{named}{allowed}", "", number(distance.value)))
    return narrow(("number", "baseline", "window"), rows)


def _later(found: Sequence[Feature]) -> Markup:
    """The columns that the script draws, as data; without scripts the page says where they are."""
    if not found:
        return NOTHING
    rows = [_compact(each) for each in found]
    # JSON has these characters in texts alone, where it has another way to write them.
    written = json.dumps(rows, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    for character in "<>&":
        written = written.replace(character, f"\\u{ord(character):04x}")
    data = element("script", Markup(written), type="application/json", id="later")  # noqa: S704  (nothing in it ends an element)
    said = f"{len(found):,} more columns are drawn by a script; all are in {CSV_NAME}."
    return joined([element("div", id="more"), element("noscript", element("p", said)), data])


def _compact(feature: Feature) -> list[object]:
    distance = feature.distance
    figure = feature.figure
    top = 0.0 if figure is None else highest(figure)
    return [
        text(feature.name),
        None if distance is None else _rounded(distance.value),
        None if distance is None else _rounded(distance.threshold),
        _missing(feature),
        "" if figure is None else _heights(figure.window, top),
        "" if figure is None or figure.baseline is None else _heights(figure.baseline, top),
        *_flags(feature),
    ]


def _flags(feature: Feature) -> list[object]:
    if feature.verdict is not None:
        return [int(bool(feature.violations)), _verdict(feature)]
    return [1] if feature.violations else []


def _rounded(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.4g}")


def _heights(shares: Sequence[float], top: float) -> str:
    """A character a share, as high as its position among the digits and letters."""
    most = len(_LEVELS) - 1
    return "".join(_LEVELS[round(each / top * most)] for each in shares)


def features_csv(found: Sequence[Feature]) -> str:
    """All columns with all numbers; what a spreadsheet would take for a formula is quoted."""
    names = list(dict.fromkeys(name for each in found for name in each.numbers))
    written = io.StringIO()
    rows = csv.writer(written, lineterminator="\n")
    judged = any(each.verdict for each in found)
    of_drift = ["verdict", "kind", "effect"] if judged else []
    rows.writerow(["feature", "violations", *of_drift, "distance", "threshold", *names])
    for each in found:
        distance = each.distance
        of_distance = [distance.value, distance.threshold] if distance else [None, None]
        values = [each.numbers[name].value if name in each.numbers else None for name in names]
        verdict = _verdict_cells(each.verdict) if judged else []
        rows.writerow([_cell(each.name), each.violations, *verdict, *of_distance, *values])
    return written.getvalue()


def _verdict_cells(verdict: Verdict | None) -> list[object]:
    return ["", "", None] if verdict is None else [verdict.verdict, verdict.kind, verdict.effect]


def _cell(name: str) -> str:
    return f"'{name}" if name[:1] in {"=", "+", "-", "@", "\t", "\r"} else name
