"""The bias metrics after training, as functions of counts; the flip test stands apart.

Formulas: Hardt et al., "Amazon SageMaker Clarify", KDD 2021, and the public documentation page
"Measure post-training data and model bias". Subscripts and n as for the metrics before training;
q counts predictions (q1 positive, q0 negative); TP, FP, TN, FN are the cells of each side's
confusion matrix. All functions take one table or a batch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.bias.pretraining import conditional_disparity, proportion_difference
from driftkit.comparison.bias.table import divide, subtract

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from driftkit.comparison.bias.table import GroupTable


def prediction_proportions(table: GroupTable) -> NDArray[np.float64]:
    """DPPL = qa1/na - qd1/nd."""
    return proportion_difference(table.predictions(), table.undefined)


def disparate_impact(table: GroupTable) -> NDArray[np.float64]:
    """DI = (qd1/nd) / (qa1/na)."""
    shares = divide(table.predictions()[..., 1], table.sizes(), table.undefined)
    return divide(shares[..., 1], shares[..., 0], table.undefined)


def conditional_acceptance(table: GroupTable) -> NDArray[np.float64]:
    """DCA = na1/qa1 - nd1/qd1."""
    rates = divide(table.labels()[..., 1], table.predictions()[..., 1], table.undefined)
    return subtract(rates[..., 0], rates[..., 1], table.undefined)


def conditional_rejection(table: GroupTable) -> NDArray[np.float64]:
    """DCR = nd0/qd0 - na0/qa0."""
    rates = divide(table.labels()[..., 0], table.predictions()[..., 0], table.undefined)
    return subtract(rates[..., 1], rates[..., 0], table.undefined)


def acceptance_rates(table: GroupTable) -> NDArray[np.float64]:
    """DAR = TPa/qa1 - TPd/qd1, the difference in precision."""
    rates = divide(table.cells()[..., 1, 1], table.predictions()[..., 1], table.undefined)
    return np.asarray(rates[..., 0] - rates[..., 1])


def rejection_rates(table: GroupTable) -> NDArray[np.float64]:
    """DRR = TNd/qd0 - TNa/qa0."""
    rates = divide(table.cells()[..., 0, 0], table.predictions()[..., 0], table.undefined)
    return np.asarray(rates[..., 1] - rates[..., 0])


def recall_difference(table: GroupTable) -> NDArray[np.float64]:
    """RD = TPa/(TPa + FNa) - TPd/(TPd + FNd)."""
    rates = divide(table.cells()[..., 1, 1], table.labels()[..., 1], table.undefined)
    return np.asarray(rates[..., 0] - rates[..., 1])


def specificity_difference(table: GroupTable) -> NDArray[np.float64]:
    """SD = TNd/(TNd + FPd) - TNa/(TNa + FPa)."""
    rates = divide(table.cells()[..., 0, 0], table.labels()[..., 0], table.undefined)
    return np.asarray(rates[..., 1] - rates[..., 0])


def accuracy_difference(table: GroupTable) -> NDArray[np.float64]:
    """AD = accuracy of the rest less accuracy of the facet."""
    cells = table.cells()
    rates = divide(cells[..., 1, 1] + cells[..., 0, 0], table.sizes(), table.undefined)
    return np.asarray(rates[..., 0] - rates[..., 1])


def treatment_equality(table: GroupTable) -> NDArray[np.float64]:
    """TE = FNd/FPd - FNa/FPa."""
    cells = table.cells()
    ratios = divide(cells[..., 1, 0], cells[..., 0, 1], table.undefined)
    return subtract(ratios[..., 1], ratios[..., 0], table.undefined)


def prediction_disparity(table: GroupTable) -> NDArray[np.float64]:
    """CDDPL = the formula of CDDL on predictions."""
    return conditional_disparity(table, table.counts.sum(axis=-3))


def generalized_entropy(table: GroupTable) -> NDArray[np.float64]:
    """GE = sum of ((b/m)^2 - 1) / (2 N) with benefit b = prediction - label + 1 and mean m.

    The same for every facet (Speicher et al., "A Unified Approach to Quantifying Algorithmic
    Unfairness", KDD 2018, with alpha 2).
    """
    cells = table.cells().sum(axis=-3)
    rows = cells.sum(axis=(-1, -2))
    # Benefit 1 for right predictions, 2 for false positives, 0 for false negatives.
    right, false_positive = cells[..., 0, 0] + cells[..., 1, 1], cells[..., 0, 1]
    mean = divide(right + 2 * false_positive, rows)
    with np.errstate(invalid="ignore"):
        terms = [
            count * (divide(np.full_like(mean, benefit), mean) ** 2 - 1)
            for benefit, count in ((1, right), (2, false_positive), (0, cells[..., 1, 0]))
        ]
    return divide(terms[0] + terms[1] + terms[2], 2 * rows)
