"""Curves and confusion matrices beside the baseline's, as a page draws them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from driftkit.results.figures import Confusion, Curve, Figure, Line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from driftkit.formats.model_quality.statistics import Curve as Points
    from driftkit.formats.model_quality.statistics import Matrix, ModelStatistics

# As the file calls them -> name, what is along, what is up, whether chance is the diagonal.
_CURVES = {
    "receiver_operating_characteristic_curve": (
        "receiver operating characteristic",
        "false positive rate",
        "true positive rate",
        True,
    ),
    "precision_recall_curve": ("precision and recall", "recall", "precision", False),
}
# More points than pixels cannot be told apart; curves of all rows have one a row.
_MOST_POINTS = 512


def figures(window: ModelStatistics, baseline: ModelStatistics | None = None) -> list[Figure]:
    """The curves and the confusion matrix of a window.

    Args:
        window: its statistics.
        baseline: what is normal; None where there is none to compare with.
    """
    return [*_curves(window, baseline), *_confusion(window, baseline)]


def _curves(window: ModelStatistics, baseline: ModelStatistics | None) -> Iterator[Curve]:
    before = baseline.curves if baseline else {}
    for key, points in window.curves.items():
        name, x_label, y_label, diagonal = _CURVES[key]
        yield Curve(
            name=name,
            x_label=x_label,
            y_label=y_label,
            window=_line(key, points),
            baseline=_line(key, before[key]) if key in before else None,
            diagonal=diagonal,
        )


def _line(key: str, points: Points) -> Line:
    """The points along x; precision comes before recall in the file."""
    first, second = (np.asarray(each, dtype=float) for each in points)
    x, y = (second, first) if key == "precision_recall_curve" else (first, second)
    order = np.argsort(x, kind="stable")
    kept = order[np.unique(np.linspace(0, len(order) - 1, _MOST_POINTS).astype(int))]
    return Line(x=x[kept].tolist(), y=y[kept].tolist())


def _confusion(window: ModelStatistics, baseline: ModelStatistics | None) -> Iterator[Confusion]:
    if window.matrix is None:
        return
    before = baseline.matrix if baseline else None
    known = [window.matrix, *([before] if before else [])]
    labels = tuple(
        dict.fromkeys(
            label
            for matrix in known
            for label in (*matrix, *(each for row in matrix.values() for each in row))
        )
    )
    yield Confusion(
        labels=labels,
        window=_table(window.matrix, labels),
        baseline=_table(before, labels) if before else None,
    )


def _table(matrix: Matrix, labels: Sequence[str]) -> tuple[tuple[float, ...], ...]:
    return tuple(
        tuple(float(matrix.get(label, {}).get(each, 0)) for each in labels) for label in labels
    )
