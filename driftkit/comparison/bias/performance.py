"""Confusion-matrix metrics of a group and of all rows, for bias reports.

Names and definitions as in the model performance report of the open library smclarify.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from driftkit.comparison.bias.table import GroupTable


@dataclass(frozen=True, slots=True, kw_only=True)
class Quadrants:
    """A binary confusion matrix in rows.

    Attributes:
        tp: true positives.
        fp: false positives.
        fn: false negatives.
        tn: true negatives.
        undefined: what 0/0 is.
    """

    tp: float
    fp: float
    fn: float
    tn: float
    undefined: float = 0.0

    @classmethod
    def from_cells(cls, cells: NDArray[np.float64], undefined: float = 0.0) -> Quadrants:
        """From counts by label and prediction, shape (2, 2)."""
        return cls(
            tp=float(cells[1, 1]),
            fp=float(cells[0, 1]),
            fn=float(cells[1, 0]),
            tn=float(cells[0, 0]),
            undefined=undefined,
        )

    @property
    def rows(self) -> float:
        """All rows."""
        return self.tp + self.fp + self.fn + self.tn

    def ratio(self, numerator: float, denominator: float) -> float:
        """Quotient in which x/0 is infinite."""
        if denominator == 0:
            return self.undefined if numerator == 0 else float("inf")
        return numerator / denominator

    def shares(self) -> list[float | None]:
        """Shares of TP, FP, FN, TN, in this order."""
        cells = (self.tp, self.fp, self.fn, self.tn)
        return [_known(self.ratio(each, self.rows)) for each in cells]


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


def _f1_score(q: Quadrants) -> float:
    """Harmonic mean of precision and recall."""
    precision, recall = q.ratio(q.tp, q.tp + q.fp), q.ratio(q.tp, q.tp + q.fn)
    if not precision + recall > 0:
        return q.ratio(2 * q.tp, 2 * q.tp + q.fp + q.fn)
    return 2 * (precision * recall / (precision + recall))


# Name, description and formula of each figure.
FIGURES: tuple[tuple[str, str, Callable[[Quadrants], float]], ...] = (
    (
        "Accuracy",
        "Proportion of inputs assigned the correct predicted label by the model.",
        lambda q: q.ratio(q.tn + q.tp, q.rows),
    ),
    (
        "Proportion of Positive Predictions in Labels",
        "Proportion of input assigned in positive predicted label.",
        lambda q: q.ratio(q.tp + q.fp, q.rows),
    ),
    (
        "Proportion of Negative Predictions in Labels",
        "Proportion of input assigned the negative predicted label.",
        lambda q: q.ratio(q.tn + q.fn, q.rows),
    ),
    (
        "True Positive Rate / Recall",
        (
            "Proportion of inputs with positive observed label correctly assigned "
            "the positive predicted label."
        ),
        lambda q: q.ratio(q.tp, q.tp + q.fn),
    ),
    (
        "True Negative Rate / Specificity",
        (
            "Proportion of inputs with negative observed label correctly assigned "
            "the negative predicted label."
        ),
        lambda q: q.ratio(q.tn, q.tn + q.fp),
    ),
    (
        "Acceptance Rate / Precision",
        (
            "Proportion of inputs with positive predicted label that actually have "
            "a positive observed label."
        ),
        lambda q: q.ratio(q.tp, q.tp + q.fp),
    ),
    (
        "Rejection Rate",
        (
            "Proportion of inputs with negative predicted label that actually have "
            "a negative observed label."
        ),
        lambda q: q.ratio(q.tn, q.tn + q.fn),
    ),
    (
        "Conditional Acceptance",
        "Ratio between the positive observed labels and positive predicted labels.",
        lambda q: q.ratio(q.tp + q.fn, q.tp + q.fp),
    ),
    (
        "Conditional Rejection",
        "Ratio between the negative observed labels and negative predicted labels.",
        lambda q: q.ratio(q.tn + q.fp, q.tn + q.fn),
    ),
    ("F1 Score", "Harmonic mean of precision and recall.", _f1_score),
)


def performance(quadrants: Quadrants) -> list[dict[str, object]]:
    """The ten figures of the model performance report: name, description, value."""
    return [
        {"name": name, "description": description, "value": _known(formula(quadrants))}
        for name, description, formula in FIGURES
    ]


def group_statistics(table: GroupTable, *, predicted: bool) -> list[dict[str, object]]:
    """Size, labels and (with predictions) confusion matrix of the disadvantaged facet."""
    cells = Quadrants.from_cells(table.cells()[1], table.undefined)
    positive = cells.ratio(cells.tp + cells.fn, cells.rows)
    figures: list[dict[str, object]] = [
        {
            "name": "proportion",
            "description": "Proportion of examples in sensitive facet.",
            "value": _known(cells.ratio(cells.rows, table.rows)),
        },
        {
            "name": "observed_label_distribution",
            "description": "Distribution of observed label outcomes for sensitive facet",
            "value": [_known(positive), _known(1 - positive)],
        },
    ]
    if predicted:
        figures.append(
            {
                "name": "confusion_matrix",
                "description": "Fractions of TP, FP, FN, TN.",
                "value": cells.shares(),
            }
        )
    return figures
