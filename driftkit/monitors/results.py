"""What the data-quality monitor returns: files, tables and how they show in a notebook."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from driftkit.errors import FormatError
from driftkit.formats import constraints as constraints_file
from driftkit.formats import statistics as statistics_file
from driftkit.formats import violations as violations_file
from driftkit.formats.jackson import dumps
from driftkit.report.files import write_outputs
from driftkit.report.tables import html_page_part, statistics_rows, table

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from driftkit.columns.chunk import Rejections
    from driftkit.formats.constraints import Constraints
    from driftkit.formats.statistics import Statistics
    from driftkit.formats.violations import Violation
    from driftkit.violations.evidence import Finding, NotMade

STATISTICS = "statistics.json"
CONSTRAINTS = "constraints.json"
VIOLATIONS = "constraint_violations.json"
SUGGESTIONS = "deequ_suggestions.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """How the numbers came about.

    Attributes:
        rows: rows that entered the statistics.
        seconds: wall time from opening the data to the result.
        engine: the engine and its runner, for people.
        rejected: records that were set aside, by reason.
        set_aside: columns that were not monitored, with the reason.
        note: what the user should know of the engine's choice.
    """

    rows: int
    seconds: float
    engine: str
    rejected: Rejections
    set_aside: Mapping[str, str]
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """What is normal: constraints and, where known, the statistics they came from."""

    constraints: Constraints
    statistics: Statistics | None = None
    deequ_suggestions: Mapping[str, Any] | None = None
    run: Run | None = field(default=None, compare=False)

    @property
    def files(self) -> dict[str, dict[str, Any]]:
        """File name -> content, as `write` writes it."""
        files = {CONSTRAINTS: self.constraints.to_dict()}
        if self.statistics is not None:
            files = {STATISTICS: self.statistics.to_dict(), **files}
        if self.deequ_suggestions is not None:
            files[SUGGESTIONS] = dict(self.deequ_suggestions)
        return files

    def write(self, directory: str | Path) -> tuple[Path, ...]:
        """Writes the files, all of them or none.

        Raises:
            OutputError: the directory cannot be written.
        """
        return _write(self.files, directory)

    @classmethod
    def read(
        cls,
        directory: str | Path | None = None,
        *,
        statistics: str | Path | None = None,
        constraints: str | Path | None = None,
    ) -> Baseline:
        """Reads a baseline from a folder or from files by name.

        A folder may lack statistics.json; distributions cannot be compared then.

        Raises:
            FormatError: a file is missing or is not what it should be.
        """
        folder = None if directory is None else Path(directory)
        if constraints is None and folder is not None:
            constraints = folder / CONSTRAINTS
        if statistics is None and folder is not None and (folder / STATISTICS).exists():
            statistics = folder / STATISTICS
        constrained = constraints_file.read_file(_existing(constraints))
        measured = None if statistics is None else statistics_file.read_file(_existing(statistics))
        if measured is not None:
            _agree(constrained, measured, f"{constraints} and {statistics}")
        return cls(constraints=constrained, statistics=measured)

    def statistics_table(self) -> pd.DataFrame:
        """One row a feature: type, presence, moments, extremes, distinct values."""
        return table([] if self.statistics is None else statistics_rows(self.statistics))

    def _repr_html_(self) -> str:
        return html_page_part("Baseline", self.statistics_table(), notes(self.run))


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitoringResult:
    """A window against its baseline: statistics, constraints and violations."""

    statistics: Statistics
    constraints: Constraints
    violations: tuple[Violation, ...]
    findings: tuple[Finding, ...] = ()
    not_made: tuple[NotMade, ...] = ()
    baseline: Baseline | None = field(default=None, compare=False)
    run: Run | None = field(default=None, compare=False)

    def not_made_lines(self) -> list[str]:
        """The checks that could not be made, a line each, for people."""
        return [
            f"{each.check} of {each.feature}: {each.reason}"
            if each.feature
            else f"{each.check}: {each.reason}"
            for each in self.not_made
        ]

    @property
    def files(self) -> dict[str, dict[str, Any]]:
        """File name -> content, as `write` writes it."""
        return {
            STATISTICS: self.statistics.to_dict(),
            CONSTRAINTS: self.constraints.to_dict(),
            VIOLATIONS: violations_file.Violations(violations=self.violations).to_dict(),
        }

    def write(self, directory: str | Path) -> tuple[Path, ...]:
        """Writes the files, all of them or none.

        Raises:
            OutputError: the directory cannot be written.
        """
        return _write(self.files, directory)

    @classmethod
    def read(cls, directory: str | Path) -> MonitoringResult:
        """Reads what an earlier run wrote, driftkit's or AWS's.

        Raises:
            FormatError: a file is missing or is not what it should be.
        """
        folder = Path(directory)
        return cls(
            statistics=statistics_file.read_file(_existing(folder / STATISTICS)),
            constraints=constraints_file.read_file(_existing(folder / CONSTRAINTS)),
            violations=violations_file.read_file(_existing(folder / VIOLATIONS)).violations,
        )

    def statistics_table(self) -> pd.DataFrame:
        """One row a feature of the window."""
        return table(statistics_rows(self.statistics))

    def violations_table(self) -> pd.DataFrame:
        """One row a violation, most serious first."""
        return table(self.violation_rows(), columns=VIOLATION_COLUMNS)

    def violation_rows(self) -> list[dict[str, Any]]:
        """The rows of `violations_table`."""
        if not self.findings:
            return [_bare_row(violation) for violation in self.violations]
        pairs = zip(self.violations, self.findings, strict=True)
        ranked = sorted(pairs, key=lambda pair: -pair[1].severity)
        return [_row(violation, finding) for violation, finding in ranked]

    def _repr_html_(self) -> str:
        title = f"{len(self.violations)} violations" if self.violations else "No violations"
        return html_page_part(title, self.violations_table(), notes(self.run))


VIOLATION_COLUMNS = (
    "feature_name",
    "constraint_check_type",
    "severity",
    "expected",
    "observed",
    "cause",
    "description",
)


def _row(violation: Violation, finding: Finding) -> dict[str, Any]:
    return {
        "feature_name": violation.feature_name,
        "constraint_check_type": violation.constraint_check_type,
        "severity": finding.severity,
        "expected": finding.expected,
        "observed": finding.observed,
        "cause": finding.cause,
        "description": violation.description,
    }


def _bare_row(violation: Violation) -> dict[str, Any]:
    return {
        **dict.fromkeys(VIOLATION_COLUMNS),
        "feature_name": violation.feature_name,
        "constraint_check_type": violation.constraint_check_type,
        "description": violation.description,
    }


def _write(files: dict[str, dict[str, Any]], directory: str | Path) -> tuple[Path, ...]:
    return write_outputs(directory, {name: dumps(content) for name, content in files.items()})


def _agree(constraints: Constraints, statistics: Statistics, where: str) -> None:
    measured = {feature.name for feature in statistics.features}
    strange = [feature.name for feature in constraints.features if feature.name not in measured]
    if strange:
        raise FormatError(
            "constraints and statistics disagree",
            where=where,
            expected="statistics of every feature that has constraints",
            found="none of " + ", ".join(repr(name) for name in strange[:5]),
            todo="Take both files from one baseline, or leave the statistics out",
        )


def _existing(path: str | Path | None) -> Path:
    if path is None:
        raise FormatError(
            "a baseline needs its constraints",
            expected="a folder with constraints.json, or the file by name",
            found="neither",
            todo="Name one of them",
        )
    return Path(path)


def notes(run: Run | None) -> list[str]:
    """What a person should know of how the numbers came about, a line each."""
    if run is None:
        return []
    notes = [f"{run.rows:,} rows in {run.seconds:.1f} s by {run.engine}"]
    notes += [run.note] if run.note else []
    if run.rejected.total:
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in run.rejected.counts.items())
        notes.append(f"set aside {run.rejected.total:,} records: {reasons}")
    notes += [f"column {name} not monitored: {reason}" for name, reason in run.set_aside.items()]
    return notes
