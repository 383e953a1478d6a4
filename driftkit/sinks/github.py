"""Says what runs found as GitHub Actions shows it: annotations, and a summary of the step."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

from driftkit.results.findings import about_all, ranked, told_as_one, with_cause
from driftkit.sinks.messages import on_web, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftkit.results.contract import Finding
    from driftkit.results.facts import Facts

ANNOTATIONS, ROWS = 10, 20
_SENTENCE = 300
_MARKS = re.compile(r"([\\`*_{}\[\]()#+!|~])")


def annotated(runs: Sequence[Facts]) -> list[str]:
    """A line for each of the worst violations, as GitHub reads them from the output of a step."""
    findings = [each for facts in runs for each in _told(facts)]
    return [
        f"::error title={_property(_about(each))}::{_data(_said(each))}"
        for each in findings[:ANNOTATIONS]
    ]


def summary(runs: Sequence[Facts]) -> str:
    """What runs found, as Markdown."""
    return "\n".join(line for facts in runs for line in _of(facts))


def _of(facts: Facts) -> list[str]:
    parts = (facts.subject.model, facts.subject.variant, facts.monitor)
    named = " ".join(markdown(each) for each in parts if each)
    status = facts.status.replace("_", " ").upper()
    lines = [f"### driftkit: {named}: {status}", ""]
    if facts.findings:
        lines += ["| column | check | expected | found | cause |", "|---|---|---|---|---|"]
    found = _told(facts)
    lines += [_row(each) for each in found[:ROWS]]
    more = len(found) - ROWS
    lines += ["", f"and {more:,} more"] if more > 0 else []
    skipped = len(facts.skipped)
    lines += ["", f"{skipped:,} checks were not made"] if skipped else []
    uri = on_web(facts.report_uri)
    if uri is not None and ">" not in uri:
        lines += ["", f"<{uri}>"]
    return [*lines, ""]


def _told(facts: Facts) -> list[Finding]:
    """The worst first, those of columns that changed alike as one."""
    return told_as_one(ranked(facts.findings))


def _row(finding: Finding) -> str:
    about = " ".join(each for each in (_columns(finding), finding.segment) if each)
    cells = (about, finding.check, finding.expected, finding.observed)
    cause = shown(finding.cause or finding.message, _SENTENCE)
    return f"| {' | '.join(markdown(each) for each in (*cells, cause))} |"


def markdown(text: str) -> str:
    r"""Text that is no markup, whatever it is.

    >>> markdown("<b>a|b</b> *c*")
    '&lt;b&gt;a\\|b&lt;/b&gt; \\*c\\*'
    """
    return _MARKS.sub(r"\\\1", html.escape(shown(text, _SENTENCE), quote=False))


def _about(finding: Finding) -> str:
    return shown(": ".join(each for each in (_columns(finding), finding.check) if each))


def _columns(finding: Finding) -> str | None:
    return about_all(finding) if finding.together else finding.feature


def _said(finding: Finding) -> str:
    return shown(with_cause(finding), _SENTENCE)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
