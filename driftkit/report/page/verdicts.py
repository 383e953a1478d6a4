"""The part of a page that says which features drifted: how far, how sure, and since when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftkit.report.page.charts.timeline import timeline
from driftkit.report.page.markup import NOTHING, fold, prose, section, table, text
from driftkit.report.page.svg import element
from driftkit.results.figures import Line
from driftkit.results.verdicts import (
    CHECKS,
    began,
    cause_of,
    counted,
    drift_of,
    how_sure,
    matters,
    measure_of,
    moved,
    observed_move,
    sure,
    told,
    usual,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from markupsafe import Markup

    from driftkit.formats.drift import Drift, Verdict
    from driftkit.results.history import Outcome
    from driftkit.settings import Severity

_UNFOLDED, _SHOWN = 25, 200
_HEADS = (
    "verdict",
    "feature",
    "how far",
    "reference {unit}s",
    "how sure",
    "since",
    "in a row",
    "cause",
)


def verdicts(report: Outcome) -> Markup:
    """The section with the features that are not ordinary; nothing where drift was not judged."""
    drift = drift_of(report)
    if drift is None:
        return NOTHING
    found = told(drift)
    first, rest, left = found[:_UNFOLDED], found[_UNFOLDED:_SHOWN], len(found) - _SHOWN
    more = f"{len(found) - _UNFOLDED:,} more features"
    levels = {
        each.feature: each.level for each in report.findings if each.level and each.check in CHECKS
    }
    return section(
        "drift",
        "Drift",
        element(
            "p", element("b", drift.calibration.capitalize()), prose(f": {drift.explanation}.")
        ),
        element("p", f"{counted(drift)}. {_reading(drift)}") if drift.features else NOTHING,
        _predictions(drift),
        _table(drift, first, levels) if first else NOTHING,
        fold(more, _table(drift, rest, levels)) if rest else NOTHING,
        element("p", f"and {left:,} more in drift.json") if left > 0 else NOTHING,
    )


def _reading(drift: Drift) -> str:
    different = (
        "Different: more than two samples of one population differ; with many rows almost every "
        "window does."
    )
    if drift.calibration == "uncalibrated":
        return different
    unit = drift.unit or "day"
    return f"Unusual: more than {unit}s of the reference differ from each other. {different}"


def _predictions(drift: Drift) -> Markup:
    """What the model answers, beside which the expected moves are read."""
    if drift.predictions is None:
        return NOTHING
    said = (
        "Expected to move: by this feature's drift alone, the others going with it as in the baseline, "
        "with 95 % about it."
    )
    known = observed_move(drift)
    return element("p", prose(f"{known[:1].upper()}{known[1:]}. " if known else ""), said)


def _table(drift: Drift, found: Sequence[Verdict], levels: Mapping[str | None, Severity]) -> Markup:
    known = drift.predictions is not None
    heads = [each.format(unit=drift.unit or "day") for each in _HEADS]
    if known:
        heads.insert(-1, "expected to move")
    rows = [_row(each, levels.get(each.feature)) for each in found]
    if known:
        for row, each in zip(rows, found, strict=True):
            row.insert(-1, text(matters(drift, each)))
    return table(heads, rows, numbers=[4, 5, 6])


def _row(verdict: Verdict, level: Severity | None) -> list[object]:
    sign = "\u25b2" if verdict.alarm else "\u25cf"
    return [
        f"{sign}\u00a0{verdict.verdict}{f' ({level})' if level else ''}",
        text(verdict.feature),
        text(moved(verdict)),
        _usual(verdict),
        sure(verdict),
        began(verdict),
        f"{verdict.windows:,}" if verdict.windows > 1 else "",
        prose(cause_of(verdict)),
    ]


def _usual(verdict: Verdict) -> str:
    """How far the reference's own days are from each other, of what is unusual."""
    test = verdict.unusual
    if verdict.verdict != "unusual" or test is None or test.largest is None:
        return ""
    return f"at most {usual(test).removesuffix(' standard deviations')}"


def over_days(verdict: Verdict) -> list[Markup]:
    """How far the feature was on each day, with a band of what ordinary days are."""
    test = verdict.unusual
    if test is None or test.course is None:
        return []
    course, days = test.course, len(test.course.blocks)
    line = Line(
        x=range(days),
        y=course.effects,
        lower=[course.lower] * days,
        upper=[course.upper] * days,
    )
    measure = f" ({measure_of(test.kind)})" if measure_of(test.kind) else ""
    said = (
        f"{test.kind} from the reference's mean{measure}; the band is how far the reference itself "
        "went."
    )
    drawn = timeline(test.kind, line, (course.blocks[0], course.blocks[-1]))
    return [element("p", f"{said[:1].upper()}{said[1:]}"), drawn]


def in_brief(verdict: Verdict) -> str:
    """The verdict of a feature in its line."""
    return f"{verdict.verdict}: {moved(verdict)}" if verdict.kind else verdict.verdict


def in_full(verdict: Verdict) -> str:
    """The verdict with what both tests say."""
    tests = {"different": verdict.different, "unusual": verdict.unusual}
    said = [f"{name} {how_sure(test.p_value)}" for name, test in tests.items() if test]
    since = began(verdict) if verdict.kind else ""
    return "; ".join(filter(None, [in_brief(verdict), f"since {since}" if since else "", *said]))
