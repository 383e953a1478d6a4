"""Shows a replay: what each rule would have done, and what it finds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftkit.report import terminal

if TYPE_CHECKING:
    from driftkit.formats.replay import Found, Rule
    from driftkit.monitors.data_quality.drift.replays import ReplayResult


def show_replay(result: ReplayResult) -> None:
    """One row a rule: windows with an alarm, and for each fault how much is found, and how soon."""
    rules = result.replay.rules
    faults = [f"{each.fault} {each.size:g}" for each in rules[0].found]
    rows = (_row(each, result.replay.unit) for each in rules)
    terminal.show_rows(["Rule", "Alarms", "95 %", *faults], rows)
    for line in result.notes():
        terminal.say(line)


def _row(rule: Rule, unit: str) -> list[str]:
    named = rule.rule if rule.threshold is None else f"{rule.rule} > {rule.threshold:g}"
    rate = "" if rule.rate is None else f"{rule.rate:.1%}"
    low, high = rule.interval or (0.0, 1.0)
    return [named, rate, f"{low:.1%} to {high:.1%}", *(_found(each, unit) for each in rule.found)]


def _found(found: Found, unit: str) -> str:
    if found.share is None:
        return ""
    return f"{found.share:.0%}" + ("" if found.delay is None else f", {unit} {found.delay:g}")
