"""The first screen of a page: what broke, since when, how sure, and on what rows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from driftkit.report.page.charts.strip import strip
from driftkit.report.page.markup import NOTHING, fold, items, joined, prose, section, table, text
from driftkit.report.page.svg import element
from driftkit.results.decisions import Deciding
from driftkit.results.findings import about_all, happened, ranked, with_cause
from driftkit.results.history import in_a_row
from driftkit.results.verdicts import CHECKS, drift_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from markupsafe import Markup

    from driftkit.results.contract import Finding
    from driftkit.results.decisions import Decision
    from driftkit.results.facts import Ownership
    from driftkit.results.history import Outcome, Status, Window

WORST = 3
ROWS_SHOWN = 200
# The sign says it without colours.
SIGNS: dict[Status, tuple[str, str]] = {
    "ok": ("\u25cf", "OK"),
    "violated": ("\u25b2", "VIOLATED"),
    "not_measured": ("\u25cc", "NOT MEASURED"),
    "no_data": ("\u2715", "NO DATA"),
}
_ANSWERS: dict[str, tuple[str, str, Status]] = {
    "promote": ("\u25cf", "PROMOTE", "ok"),
    "hold": ("\u25cc", "HOLD", "not_measured"),
    "roll_back": ("\u25b2", "ROLL BACK", "violated"),
}
# More than these are folded.
_UNFOLDED = 25
# What AWS's sentences have, which nobody reads to the last digit.
_LONG_NUMBER = re.compile(r"-?\d+\.\d{5,}(?:E-?\d+)?")


def verdict(report: Outcome, now: Window, past: Sequence[Window]) -> Markup:
    """The status in words, the worst findings as sentences, and the windows before."""
    windows = [*past, now]
    before = [] if not past else [strip([(each.name, each.status, each.link) for each in windows])]
    if isinstance(report, Deciding) and report.decisions:
        said, look = [_decision(each) for each in report.decisions], _look(report.decisions)
    else:
        said, look = _status(report, now, past), now.status
    return element("div", *said, *before, class_=f"verdict {look}")


def _status(report: Outcome, now: Window, past: Sequence[Window]) -> list[Markup]:
    sign, name = SIGNS[now.status]
    return [
        element("p", element("b", f"{sign} {name}"), f" {_counted(report, now)}"),
        element("p", since(now, past)) if past else NOTHING,
        items(sentence(each) for each in _worst(report.findings)),
    ]


def _look(decisions: Sequence[Decision]) -> Status:
    """That of the first answer, which is about the best challenger."""
    return _ANSWERS[decisions[0].answer][2] if decisions else "not_measured"


def _decision(decision: Decision) -> Markup:
    sign, name, _ = _ANSWERS[decision.answer]
    needed = f"; still needed: {decision.needed}" if decision.needed else ""
    said = f" {decision.challenger}: {decision.reason}{needed}."
    return joined(
        [
            element("p", element("b", f"{sign} {name}"), prose(said)),
            element("p", prose(decision.basis)) if decision.basis else NOTHING,
        ]
    )


def _worst(findings: Sequence[Finding]) -> list[Finding]:
    """The most serious ones, of different columns where there are, and none that says the same."""
    found: dict[tuple[object, ...], Finding] = {}
    subjects: dict[str, Finding] = {}
    for each in ranked(findings):
        if found.setdefault(_said(each), each) is each:
            subjects.setdefault(_subject(each), each)
    first = list(subjects.values())[:WORST]
    others = [each for each in found.values() if each not in first]
    return [*first, *others[: WORST - len(first)]]


def _said(finding: Finding) -> tuple[object, ...]:
    """What two findings have in common that say the same, by another name or of other groups."""
    if finding.together:
        return finding.check, finding.together
    if finding.value is None or finding.feature is not None:
        return finding.feature, finding.metric, finding.check, finding.message, finding.segment
    return finding.check, finding.value, finding.allowed, finding.segment


def _counted(report: Outcome, now: Window) -> str:
    found = len(report.findings)
    rows = "" if now.rows is None else f" in {now.rows:,} rows"
    if found:
        features = {each.feature for each in report.findings if each.feature}
        of = f" of {len(features):,} {'feature' if len(features) == 1 else 'features'}"
        return (
            f"{found:,} {'violation' if found == 1 else 'violations'}{of if features else ''}{rows}"
        )
    left = f"; {len(report.skipped)} checks could not be made" if report.skipped else ""
    return f"no violations{rows}{left}"


def since(now: Window, past: Sequence[Window]) -> str:
    """For how long it has been like this."""
    before_now = in_a_row(past, now.status)
    if not before_now:
        return f"New in this window: the one before was {SIGNS[past[-1].status][1]}."
    return f"Window {len(before_now) + 1} in a row with this status, the first was {text(before_now[0].name)}."


def sentence(finding: Finding) -> Markup:
    """A finding in words."""
    named = element("b", text(_subject(finding)))
    said = with_cause(finding)
    return joined([named, ": ", prose(_shortened(said) if said == finding.message else said)])


def _subject(finding: Finding) -> str:
    """The column, or the metric and what it is about."""
    segment = f" ({finding.segment})" if finding.segment else ""
    named = about_all(finding)
    parts = [named] if finding.feature else [finding.metric or "", named]
    return f"{' '.join(filter(None, parts)) or finding.check}{segment}"


def _shortened(message: str) -> str:
    """A message with four digits of its numbers.

    >>> _shortened("Metric value -1.2083347751363944 was 9.360886880363003E-4")
    'Metric value -1.208 was 0.0009361'
    """
    return _LONG_NUMBER.sub(lambda found: f"{float(found[0]):.4g}", message)


def violations(report: Outcome) -> Markup:
    """The table of violations, most serious first, and the checks that could not be made.

    Alarms of drift stand before it, by their verdicts.
    """
    judged = drift_of(report) is not None
    found = _grouped(each for each in report.findings if not (judged and each.check in CHECKS))
    first, rest = found[:_UNFOLDED], found[_UNFOLDED:ROWS_SHOWN]
    more = sum(map(len, found[ROWS_SHOWN:]))
    return section(
        "violations",
        "Other violations" if judged else "Violations",
        _table(first) if first else element("p", "None."),
        fold(f"{sum(map(len, rest)):,} more violations", _table(rest)) if rest else NOTHING,
        element("p", f"and {more:,} more in constraint_violations.json") if more > 0 else NOTHING,
        _not_made(report),
    )


def _grouped(findings: Iterable[Finding]) -> list[list[Finding]]:
    """The findings, most serious first, those together that say the same of several groups."""
    found: dict[tuple[object, ...], list[Finding]] = {}
    for each in ranked(findings):
        named = each.metric if each.dimensions else _subject(each)
        found.setdefault((named, *_said(each)), []).append(each)
    return list(found.values())


def _table(found: Sequence[Sequence[Finding]]) -> Markup:
    heads = ("affected", "about", "check", "expected", "observed", "cause")
    return table(heads, [_row(each) for each in found], numbers=[0])


def _row(group: Sequence[Finding]) -> list[object]:
    finding, others = group[0], len(group) - 1
    more = f" and {others:,} more" if others and not finding.together else ""
    share = "" if finding.severity is None else f"{finding.severity:.1%}"
    in_numbers = happened(finding) != finding.message
    cause = finding.cause if in_numbers else _shortened(finding.message)
    return [
        share,
        f"{text(_subject(finding))}{more}",
        text(f"{finding.check} ({finding.level})" if finding.level else finding.check),
        prose(finding.expected),
        prose(finding.observed),
        prose(cause),
    ]


def _not_made(report: Outcome) -> Markup:
    if not report.skipped:
        return NOTHING
    return fold(
        f"Checks that could not be made: {len(report.skipped):,}",
        items(prose(str(each)) for each in report.skipped[:ROWS_SHOWN]),
    )


def facts(report: Outcome, monitor: str, now: Window, ownership: Ownership) -> Markup:
    """On what the numbers are, in a line, and who looks after the model."""
    run = report.run
    known: list[tuple[str, str]] = [("monitor", monitor.replace("_", " "))]
    known.append(("owner", ownership.owner))
    if run is not None:
        window = " to ".join(f"{each:%Y-%m-%d %H:%M} UTC" for each in (run.start, run.end) if each)
        known.append(("window", window))
    known.append(("labels", _labels(now)))
    known.append(("rows", "" if now.rows is None else f"{now.rows:,}"))
    if run is None:
        known.append(("made from", "the files of the run"))
    else:
        rejected = f"{run.rejected.total:,}" if run.rejected.total else ""
        known += [("set aside", rejected), ("engine", run.engine), ("dialect", run.dialect)]
    drift = drift_of(report)
    known.append(("drift", drift.calibration if drift else ""))
    known.append(("tags", ", ".join(f"{name}={said}" for name, said in ownership.tags.items())))
    pairs = [_fact(name, text(said)) for name, said in known if said]
    if ownership.link:
        linked = element("a", text(ownership.link), href=ownership.link, rel="noreferrer")
        pairs.append(_fact("runbook", linked))
    return element("dl", *pairs, class_="facts")


def _fact(name: str, said: str) -> Markup:
    return element("div", element("dt", name), element("dd", said))


def _labels(now: Window) -> str:
    """How many captures had a label; empty where no merge tells it."""
    known = {each.name: each for each in now.metrics if each.group == "labels"}
    coverage = known.get("coverage")
    if coverage is None or coverage.value is None:
        return ""
    late = known.get("p95_delay_hours")
    delay = "" if late is None or late.value is None else f", 95 % within {late.value:g} h"
    return f"{coverage.value:.1%} of {coverage.rows or 0:,} captures{delay}"
