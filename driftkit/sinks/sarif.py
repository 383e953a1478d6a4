"""Writes what runs found as SARIF 2.1.0, which code scanning and editors show."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from driftkit.errors import visible
from driftkit.results.findings import about_all, told_as_one, with_cause
from driftkit.results.version import __version__
from driftkit.sinks.alerts import Rules
from driftkit.sinks.observing import observed_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from driftkit.results.contract import Finding
    from driftkit.results.facts import Facts

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
# Keys of the files of violations whose values are names of columns.
_NAMES = {"feature_name", "facet", "name"}
_LEVELS = {"warning": "warning", "error": "error", "critical": "error"}


def sarif(runs: Sequence[Facts], file: tuple[str, str] | None = None) -> str:
    """All violations as results of one run of the tool.

    Args:
        runs: what was found.
        file: name and content of the JSON file that results point into, to the line with the
            name of their column.
    """
    findings = [(facts, each) for facts in runs for each in told_as_one(facts.findings)]
    checks = sorted({each.check for _, each in findings})
    lines = _Lines(*(file or ("constraint_violations.json", "")))
    driver = {
        "name": "driftkit",
        "version": __version__,
        "rules": [
            {"id": visible(each), "shortDescription": {"text": visible(each.replace("_", " "))}}
            for each in checks
        ],
    }
    results = [_result(facts, each, checks, lines) for facts, each in findings]
    made = {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": results}],
    }
    return json.dumps(made, indent=2) + "\n"


class _Lines:
    """Where a file names columns.

    Args:
        name: of the file.
        text: its content.
    """

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self._first: dict[str, int] = {}
        for number, each in enumerate(text.splitlines(), 1):
            for word in _strings(each):
                self._first.setdefault(word, number)

    def of(self, feature: str | None) -> int:
        """The first line with the name of a column; 1 where there is none."""
        return self._first.get(feature or "", 1)


def _strings(line: str) -> Iterable[str]:
    """The name of a column in a line of JSON with one key and value."""
    key, _, value = line.partition(":")
    if key.strip(' "') not in _NAMES:
        return []
    value = value.strip().rstrip(",")
    try:
        read = json.loads(value)
    except ValueError:
        return []
    return [read] if isinstance(read, str) else []


def _result(facts: Facts, finding: Finding, checks: list[str], lines: _Lines) -> dict[str, Any]:
    observed = observed_of(finding, facts, Rules())
    about = finding.feature or facts.subject.model
    location: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": {"uri": lines.name},
            "region": {"startLine": lines.of(finding.feature)},
        }
    }
    if about:
        location["logicalLocations"] = [{"name": visible(about), "kind": "column"}]
    return {
        "ruleId": visible(finding.check),
        "ruleIndex": checks.index(finding.check),
        "level": _LEVELS[observed.severity],
        "properties": {"severity": observed.severity},
        "message": {"text": visible(f"{about_all(finding) or about}: {with_cause(finding)}")},
        "locations": [location],
        "partialFingerprints": {"driftkit/v1": observed.fingerprint},
    }
