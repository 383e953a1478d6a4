"""Statistics and violations as tables for people: pandas, and HTML for notebooks."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from driftkit.errors import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from driftkit.formats.statistics import FeatureStatistics, Statistics

ROWS_SHOWN = 50


def statistics_rows(statistics: Statistics) -> list[dict[str, Any]]:
    """One row a feature, with the same keys in every row."""
    return [_statistics_row(feature) for feature in statistics.features]


def _statistics_row(feature: FeatureStatistics) -> dict[str, Any]:
    numbers, strings = feature.numerical, feature.string
    common = numbers or strings
    present = common.num_present if common else 0
    missing = common.num_missing if common else 0
    return {
        "feature_name": feature.name,
        "inferred_type": feature.inferred_type,
        "num_present": present,
        "num_missing": missing,
        "completeness": present / (present + missing) if present + missing else None,
        "mean": numbers.mean if numbers else None,
        "std_dev": numbers.std_dev if numbers else None,
        "min": numbers.min if numbers else None,
        "max": numbers.max if numbers else None,
        "distinct": _distinct(feature),
        "most_frequent": _most_frequent(feature),
    }


def _distinct(feature: FeatureStatistics) -> float | None:
    if feature.numerical:
        return feature.numerical.approximate_num_distinct_values
    return feature.string.distinct_count if feature.string else None


def _most_frequent(feature: FeatureStatistics) -> str | None:
    categories = feature.string.categories if feature.string else None
    return max(categories, key=lambda each: each.count).value if categories else None


def table(rows: Sequence[dict[str, Any]], columns: Sequence[str] | None = None) -> pd.DataFrame:
    """Rows as a pandas DataFrame; `columns` are there even without a row."""
    import pandas as pd  # noqa: PLC0415  (only tables need it, and it is slow to load)

    return pd.DataFrame(list(rows), columns=None if columns is None else list(columns))


def html_page_part(title: str, rows: pd.DataFrame, notes: Sequence[str]) -> str:
    """What a notebook shows of a result: title, notes and the table."""
    first = rows.head(ROWS_SHOWN).map(
        lambda value: visible(value) if isinstance(value, str) else value
    )
    shown = first.to_html(index=False, na_rep="", border=0, escape=True)
    left = len(rows) - ROWS_SHOWN
    more = f"<p>and {left} more rows</p>" if left > 0 else ""
    lines = "".join(f"<div><small>{escape(visible(note))}</small></div>" for note in notes)
    return f"<h4>{escape(visible(title))}</h4>{lines}{shown}{more}"
