"""The first screen of a page: what broke, since when, how sure, and on what rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftkit.report.page.charts.strip import strip
from driftkit.report.page.markup import NOTHING, fold, items, joined, section, table, text
from driftkit.report.page.svg import element, number
from driftkit.results.contract import about, ranked
from driftkit.results.history import in_a_row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

    from driftkit.results.contract import Finding, Report, Run
    from driftkit.results.history import Status, Window

WORST = 3
ROWS_SHOWN = 200
# The sign says it without colours.
SIGNS: dict[Status, tuple[str, str]] = {
    "ok": ("\u25cf", "OK"),
    "violated": ("\u25b2", "VIOLATED"),
    "not_measured": ("\u25cc", "NOT MEASURED"),
    "no_data": ("\u2715", "NO DATA"),
}


def verdict(report: Report, now: Window, past: Sequence[Window]) -> Markup:
    """The status in words, the worst findings as sentences, and the windows before."""
    sign, name = SIGNS[now.status]
    line = element("p", element("b", f"{sign} {name}"), f" {_counted(report, now)}")
    windows = [*past, now]
    before = [] if not past else [strip([(each.name, each.status, each.link) for each in windows])]
    return element(
        "div",
        line,
        element("p", since(now, past)) if past else NOTHING,
        items(sentence(each) for each in ranked(report.findings)[:WORST]),
        *before,
        class_=f"verdict {now.status}",
    )


def _counted(report: Report, now: Window) -> str:
    found = len(report.findings)
    rows = "" if now.rows is None else f" in {now.rows:,} rows"
    if found:
        features = {each.feature for each in report.findings if each.feature}
        of = f" of {len(features)} {'feature' if len(features) == 1 else 'features'}"
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
    of = about(finding)
    segment = f" ({finding.segment})" if finding.segment else ""
    named = element("b", text(f"{of or finding.metric or finding.check}{segment}"))
    if not finding.expected:
        return joined([named, ": ", text(finding.message)])
    said = f"expected {finding.expected}, found {finding.observed}. {finding.cause}"
    return joined([named, ": ", _words(said)])


def _words(said: str) -> str:
    # A sentence of ours may be longer than a name of data should be.
    return " ".join(text(each) for each in said.split(" "))


def violations(report: Report) -> Markup:
    """The table of violations, most serious first, and the checks that could not be made."""
    found = ranked(report.findings)
    rows = [_row(each) for each in found[:ROWS_SHOWN]]
    heads = ("affected", "about", "check", "expected", "observed", "cause")
    more = len(found) - len(rows)
    return section(
        "violations",
        "Violations",
        table(heads, rows, numbers=[0]) if rows else element("p", "None."),
        element("p", f"and {more:,} more in constraint_violations.json") if more > 0 else NOTHING,
        _not_made(report),
    )


def _row(finding: Finding) -> list[object]:
    share = "" if finding.severity is None else f"{finding.severity:.1%}"
    segment = f" ({finding.segment})" if finding.segment else ""
    named = text(f"{about(finding) or finding.metric or ''}{segment}")
    cause = finding.cause if finding.expected else finding.message
    return [
        share,
        named,
        text(finding.check),
        _words(finding.expected),
        _words(finding.observed),
        _words(cause),
    ]


def _not_made(report: Report) -> Markup:
    if not report.skipped:
        return NOTHING
    return fold(
        f"Checks that could not be made: {len(report.skipped):,}",
        items(_words(str(each)) for each in report.skipped[:ROWS_SHOWN]),
    )


def facts(run: Run | None, now: Window) -> Markup:
    """On what the numbers are, in a line."""
    known: list[tuple[str, str]] = []
    if run is not None:
        window = " to ".join(f"{each:%Y-%m-%d %H:%M} UTC" for each in (run.start, run.end) if each)
        known += [("monitor", run.monitor.replace("_", " ")), ("window", window)]
    known.append(("rows", "" if now.rows is None else number(now.rows)))
    if run is not None:
        rejected = f"{run.rejected.total:,}" if run.rejected.total else ""
        known += [("set aside", rejected), ("engine", run.engine), ("dialect", run.dialect)]
    pairs = [
        joined([element("dt", name), element("dd", text(said))]) for name, said in known if said
    ]
    return element("dl", *pairs, class_="facts")
