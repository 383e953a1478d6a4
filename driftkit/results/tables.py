"""Metrics and findings as tables: rows, pandas, and HTML for notebooks."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from driftkit.errors import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd

    from driftkit.results.contract import Baseline, Finding, Metric, Report

ROWS_SHOWN = 50


def rows_of(values: Iterable[Metric | Finding], columns: Mapping[str, str]) -> list[dict[str, Any]]:
    """One row a metric or finding, with the same keys in every row.

    Args:
        values: the metrics or findings.
        columns: name of the column -> attribute or dimension that it shows.
    """
    return [{name: cell(each, key) for name, key in columns.items()} for each in values]


def cell(value: Metric | Finding, key: str) -> Any:
    """A dimension or attribute; None where there is neither."""
    return value.dimensions[key] if key in value.dimensions else getattr(value, key, None)


def table(rows: Sequence[dict[str, Any]], columns: Iterable[str] | None = None) -> pd.DataFrame:
    """Rows as a pandas DataFrame; `columns` are there even without a row."""
    import pandas as pd  # noqa: PLC0415  (only tables need it, and it is slow to load)

    return pd.DataFrame(list(rows), columns=None if columns is None else list(columns))


def table_of(values: Iterable[Metric | Finding], columns: Mapping[str, str]) -> pd.DataFrame:
    """`rows_of` as a table."""
    return table(rows_of(values, columns), columns)


def baseline_html(baseline: Baseline) -> str:
    """What a notebook shows of a baseline."""
    return _page("Baseline", baseline.notes(), [baseline.statistics_table()])


def report_html(report: Report, first: str = "") -> str:
    """What a notebook shows of a window: the violations first, then all numbers.

    Args:
        report: of any monitor.
        first: HTML that comes after the heading.
    """
    lines = [*report.notes(), *(f"not checked: {each}" for each in report.skipped)]
    tables = [report.violations_table()] if report.findings else []
    return _page(title(report), lines, [*tables, report.statistics_table()], first)


def title(report: Report) -> str:
    """How many violations there are."""
    count = len(report.findings)
    return f"{count or 'No'} violation{'' if count == 1 else 's'}"


def _page(
    heading: str, notes: Sequence[str], tables: Sequence[pd.DataFrame], first: str = ""
) -> str:
    lines = "".join(f"<div><small>{escape(visible(note))}</small></div>" for note in notes)
    return f"<h4>{escape(visible(heading))}</h4>{first}{lines}{''.join(map(_html, tables))}"


def _html(rows: pd.DataFrame) -> str:
    first = rows.head(ROWS_SHOWN).map(
        lambda value: visible(value) if isinstance(value, str) else value
    )
    shown = first.to_html(index=False, na_rep="", border=0, escape=True)
    left = len(rows) - ROWS_SHOWN
    return f"{shown}<p>and {left} more rows</p>" if left > 0 else shown
