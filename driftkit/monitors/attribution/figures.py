"""Features by how much they contribute to a label's predictions, as a page draws them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftkit.results.figures import Figure, Ranking

if TYPE_CHECKING:
    from collections.abc import Iterable

    from driftkit.results.contract import Metric


def rankings(metrics: Iterable[Metric]) -> list[Figure]:
    """The features of each label that the baseline knows too, by their global SHAP values.

    Args:
        metrics: of a window beside its baseline.
    """
    known: dict[str, list[Metric]] = {}
    for each in metrics:
        if each.name == "global_shap_value" and None not in (each.value, each.baseline):
            known.setdefault(each.dimensions["label"], []).append(each)
    return [
        Ranking(
            name=label,
            features=tuple(each.feature or "" for each in of_label),
            window=tuple(each.value or 0.0 for each in of_label),
            baseline=tuple(each.baseline or 0.0 for each in of_label),
        )
        for label, of_label in known.items()
    ]
