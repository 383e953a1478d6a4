"""What a command has measured and written, for those who show it, keep it or tell of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from driftkit.report.page import NAME

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from driftkit.io.locations import Location
    from driftkit.results.contract import Report
    from driftkit.results.facts import Facts


@dataclass(frozen=True, kw_only=True)
class Measured:
    """A report and what is known of it.

    Attributes:
        report: of a monitor.
        files: that were written.
        settings: how it was made.
    """

    report: Report
    files: Sequence[Location]
    settings: Mapping[str, Any]

    @cached_property
    def facts(self) -> Facts:
        """What it found, of no model and window yet; those who are told and the store share it."""
        # Only where somebody is told or a run is kept: the help needs none of this.
        from driftkit.results.facts import Subject, facts_of

        return facts_of(self.report, Subject(model=""), settings=self.settings)

    @property
    def page(self) -> Location | None:
        """Its page, where one was written."""
        return next((each for each in self.files if each.name == NAME), None)
