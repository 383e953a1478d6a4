"""The checks of missing and extra columns."""

from __future__ import annotations

from dataclasses import dataclass

from driftkit.monitors.data_quality.checks.phrases import counted, listed
from driftkit.results.contract import Finding

MISSING = "missing_column_check"
EXTRA = "extra_column_check"

# Nothing reads an extra column; a missing one stops a model.
_EXTRA_SEVERITY = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnSets:
    """Names of the columns.

    Attributes:
        current: in the window.
        baseline: in the baseline's constraints.
    """

    current: tuple[str, ...]
    baseline: tuple[str, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """Columns of the baseline that the window lacks."""
        there = set(self.current)
        return tuple(name for name in self.baseline if name not in there)

    @property
    def extra(self) -> tuple[str, ...]:
        """Columns of the window that the baseline lacks."""
        known = set(self.baseline)
        return tuple(name for name in self.current if name not in known)


def missing_column_check(columns: ColumnSets) -> Finding | None:
    """One violation for all columns that are missing."""
    if not columns.missing:
        return None
    return _found(columns, MISSING, "missing", f"Missing: {listed(columns.missing)}.")


def extra_column_check(columns: ColumnSets) -> Finding | None:
    """One violation for all columns that are extra."""
    if not columns.extra:
        return None
    return _found(columns, EXTRA, "extra", f"Extra: {listed(columns.extra)}.")


def _found(columns: ColumnSets, check: str, mismatch: str, cause: str) -> Finding:
    current, baseline = len(columns.current), len(columns.baseline)
    return Finding(
        check=check,
        feature=f"{mismatch.capitalize()} columns",
        message=(
            f"There are {mismatch} columns in current dataset. Number of columns in current dataset: "
            f"{current}, Number of columns in baseline constraints: {baseline}"
        ),
        severity=1.0 if check == MISSING else _EXTRA_SEVERITY,
        expected=counted(baseline, "column"),
        observed=counted(current, "column"),
        cause=f"{cause}{_renamed(columns)}",
    )


def _renamed(columns: ColumnSets) -> str:
    """A hint where an extra column has a missing one's name, written differently."""
    usual = {name.strip().casefold(): name for name in columns.extra}
    pairs = ((name, usual.get(name.strip().casefold())) for name in columns.missing)
    same = listed(f"{new!r} for {name!r}" for name, new in pairs if new is not None)
    return f" Written differently: {same}." if same else ""
