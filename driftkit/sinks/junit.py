"""Writes what runs found as JUnit XML, which CI servers show as tests."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from driftkit.errors import visible
from driftkit.results.findings import about_all, happened, told_as_one

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftkit.results.contract import Finding, Metric
    from driftkit.results.facts import Facts

# Characters that visible text may have and XML not.
_NOT_XML = re.compile("[\ufffe\uffff]")


def junit(runs: Sequence[Facts]) -> str:
    """A suite for each run: a test for each violation, comparison that held, and skipped check."""
    suites = ET.Element("testsuites")
    for each in runs:
        _suite(suites, each)
    ET.indent(suites)
    return ET.tostring(suites, encoding="unicode", xml_declaration=True) + "\n"


def _suite(suites: ET.Element, facts: Facts) -> None:
    name = ".".join(
        _text(each) for each in (facts.subject.model, facts.subject.variant, facts.monitor) if each
    )
    held = [each for each in facts.metrics if each.violated is False]
    findings = told_as_one(facts.findings)
    suite = ET.SubElement(
        suites,
        "testsuite",
        name=name,
        tests=str(len(findings) + len(held) + len(facts.skipped)),
        failures=str(len(findings)),
        errors="0",
        skipped=str(len(facts.skipped)),
        time=f"{facts.seconds:.3f}",
        timestamp=facts.evaluated_at.isoformat(timespec="seconds"),
    )
    for finding in findings:
        case = _case(suite, name, finding, finding.check)
        message = happened(finding)
        message = f"{about_all(finding)}: {message}" if finding.together else message
        message = f"{finding.level}: {message}" if finding.level else message
        failure = ET.SubElement(case, "failure", type=_text(finding.check), message=_text(message))
        failure.text = _text(finding.cause or finding.message)
    for metric in held:
        _case(suite, name, metric, metric.name)
    for skipped in facts.skipped:
        case = ET.SubElement(
            suite, "testcase", classname=name, name=_named(skipped.check, skipped.feature)
        )
        ET.SubElement(case, "skipped", message=_text(skipped.reason))


def _case(suite: ET.Element, name: str, about: Finding | Metric, check: str) -> ET.Element:
    of = f"{name}.{_text(about.segment)}" if about.segment else name
    return ET.SubElement(suite, "testcase", classname=of, name=_named(check, about.feature))


def _named(check: str, feature: str | None) -> str:
    return _text(check if feature is None else f"{check}[{feature}]")


def _text(text: str) -> str:
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", visible(text))
