"""Says in words what a verdict decides, from which rows, and what it still needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftkit.results.decisions import Decision

if TYPE_CHECKING:
    from driftkit.formats.deployment.verdict import Verdict


def decision_of(verdict: Verdict) -> Decision:
    """A verdict about a challenger as what shall be done with it.

    Args:
        verdict: about one challenger.
    """
    return Decision(
        challenger=verdict.challenger,
        answer=verdict.verdict,
        reason=verdict.reason,
        needed=_needed(verdict),
        basis=_basis(verdict),
    )


def _needed(verdict: Verdict) -> str:
    if verdict.still_needed is None:
        return ""
    units, days = verdict.still_needed.units, verdict.still_needed.days
    if units is None:
        return "how many units more it takes cannot be said at the present estimates"
    rate = "" if days is None else f", {days:.3g} days at the present rate"
    return f"about {units:,} units more{rate}"


def _basis(verdict: Verdict) -> str:
    units = ", ".join(f"{arm} {count:,}" for arm, count in verdict.units.items())
    start, end = verdict.window.start, verdict.window.end
    if start is None or end is None:
        return f"units: {units}"
    return f"units: {units}; {start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} UTC"
