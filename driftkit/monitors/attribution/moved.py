"""Findings of attribution drift: features that weigh more or less than in the baseline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftkit.formats.explanations import Explanations

    Values = Mapping[str, float]


def moved_rows(
    now: Explanations, normal: Explanations | None, former: Explanations | None
) -> list[dict[str, Any]]:
    """One row a feature of each label, those first whose share of the whole moved most.

    Args:
        now: the window's.
        normal: the baseline's; without one the largest values come first.
        former: the window's by the former model, where there is one.
    """
    before = baseline_values(now, normal)
    rows: list[dict[str, Any]] = []
    for label, each in now.labels.items():
        values = each.global_shap_values
        between = former.labels[label].global_shap_values if former else None
        part = _rows(label, values, before.get(label), between)
        rows += sorted(part, key=lambda row: -abs(row.get("share_moved", row["current"])))
    return rows


def baseline_values(now: Explanations, normal: Explanations | None) -> dict[str, Values]:
    """The baseline's values by the window's labels; a lone label is one by any name."""
    theirs = normal.labels if normal else {}
    if len(theirs) == len(now.labels) == 1:
        return {
            ours: each.global_shap_values
            for ours, each in zip(now.labels, theirs.values(), strict=True)
        }
    return {label: theirs[label].global_shap_values for label in now.labels if label in theirs}


def _rows(
    label: str, now: Values, before: Values | None, between: Values | None
) -> list[dict[str, Any]]:
    shares = _shares(now)
    ranks = _ranks(shares)
    if before is None:
        return [
            {"label": label, "feature": name, "current": now[name], "current_rank": ranks[name]}
            for name in now
        ]
    shares_before = _shares(before)
    ranks_before = _ranks(shares_before)
    return [
        {
            "label": label,
            "feature": name,
            "baseline": before[name],
            "current": now[name],
            "baseline_rank": ranks_before[name],
            "current_rank": ranks[name],
            "share_moved": shares[name] - shares_before[name],
            **_parts(now[name], before[name], between[name] if between else None),
        }
        for name in now
    ]


def _parts(now: float, before: float, between: float | None) -> dict[str, float]:
    """What the data and the model did to a value; they sum up to its change."""
    if between is None:
        return {}
    return {"by_data": between - before, "by_model": now - between}


def moved_line(row: Mapping[str, Any]) -> str:
    """A row of `moved_rows`, for people."""
    parts = ""
    if "by_data" in row:
        parts = f", {row['by_data']:+.4g} by the data and {row['by_model']:+.4g} by the model"
    return (
        f"{row['feature']} ({row['label']}): rank {row['baseline_rank']} to {row['current_rank']}, "
        f"{row['baseline']:.4g} to {row['current']:.4g}{parts}"
    )


def _shares(values: Values) -> dict[str, float]:
    whole = sum(abs(value) for value in values.values()) or 1.0
    return {name: abs(value) / whole for name, value in values.items()}


def _ranks(shares: Values) -> dict[str, int]:
    order = sorted(shares, key=lambda name: -shares[name])
    return {name: index for index, name in enumerate(order, start=1)}
