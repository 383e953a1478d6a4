"""A run without what computed it, of which a page can be made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from driftkit.results.decisions import Deciding
from driftkit.results.verdicts import drift_of

if TYPE_CHECKING:
    from driftkit.formats.drift import Drift
    from driftkit.results.contract import Finding, Metric, Run, Skipped
    from driftkit.results.decisions import Decision
    from driftkit.results.figures import Figure
    from driftkit.results.history import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownRun:
    """What is known of a run that a store kept, or whose values are hidden.

    Attributes:
        run: what ran.
        findings: the violations.
        skipped: the checks that could not be made.
        measured: every number.
        drawn: what can be drawn.
        said: how the numbers came about, a line each.
        decisions: what shall be done with each challenger, of a deployment.
        labels: of answers that its notes tell of.
        drift: the verdicts of its features; None where they were not judged.
    """

    run: Run | None
    findings: tuple[Finding, ...]
    skipped: tuple[Skipped, ...]
    measured: tuple[Metric, ...]
    drawn: tuple[Figure, ...]
    said: tuple[str, ...]
    decisions: tuple[Decision, ...] = ()
    labels: tuple[str, ...] = ()
    drift: Drift | None = None

    @classmethod
    def of(cls, report: Outcome) -> KnownRun:
        """What is known of any report."""
        decides = report if isinstance(report, Deciding) else None
        return cls(
            run=report.run,
            findings=tuple(report.findings),
            skipped=tuple(report.skipped),
            measured=tuple(report.metrics()),
            drawn=tuple(report.figures()),
            said=tuple(report.notes()),
            decisions=tuple(decides.decisions) if decides else (),
            labels=tuple(decides.labels) if decides else (),
            drift=drift_of(report),
        )

    def metrics(self) -> list[Metric]:
        """Every number."""
        return list(self.measured)

    def figures(self) -> list[Figure]:
        """What can be drawn."""
        return list(self.drawn)

    def notes(self) -> list[str]:
        """How the numbers came about, a line each."""
        return list(self.said)
