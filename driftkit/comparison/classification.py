"""Classification metrics from a confusion matrix.

Definitions and their order of operations are those of Spark's MulticlassMetrics, on which the
containers build (apache/spark, mllib/evaluation/MulticlassMetrics.scala). What has no rows to be
measured on is NaN: the recall of a class that does not occur. The precision of a class that is
never predicted is 0, as in Spark.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]

# How the metrics of always predicting the most frequent class are called.
BEST_CONSTANT = "_best_constant_classifier"
BETAS = {"f0_5": 0.5, "f1": 1.0, "f2": 2.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """A binary confusion matrix.

    Attributes:
        tp: positives predicted as such.
        fp: negatives predicted as positives.
        fn: positives predicted as negatives.
        tn: negatives predicted as such.
    """

    tp: int
    fp: int
    fn: int
    tn: int


def binary_metrics(cells: Cells) -> dict[str, float]:
    """The metrics of a binary classifier, AUC aside.

    >>> metrics = binary_metrics(Cells(tp=16, fp=0, fn=12, tn=173))
    >>> metrics["recall"], metrics["accuracy_best_constant_classifier"]
    (0.5714285714285714, 0.8606965174129353)
    """
    metrics = _measured(cells)
    constant = _measured(best_constant(cells))
    names = ("recall", "precision", "accuracy", *BETAS)
    return metrics | {f"{name}{BEST_CONSTANT}": constant[name] for name in names}


def best_constant(cells: Cells) -> Cells:
    """The matrix of always predicting the more frequent class; the negative one of two equals.

    The containers did so since 2021; those before took the positive class whatever its share.
    """
    positives, negatives = cells.tp + cells.fn, cells.fp + cells.tn
    if positives > negatives:
        return Cells(tp=positives, fp=negatives, fn=0, tn=0)
    return Cells(tp=0, fp=0, fn=positives, tn=negatives)


def _measured(cells: Cells) -> dict[str, float]:
    rows = cells.tp + cells.fp + cells.fn + cells.tn
    recall = share(cells.tp, cells.tp + cells.fn)
    precision = share(cells.tp, cells.tp + cells.fp, empty=0.0)
    false_positives = share(cells.fp, cells.fp + cells.tn)
    return {
        "recall": recall,
        "precision": precision,
        "accuracy": share(cells.tp + cells.tn, rows),
        "true_positive_rate": recall,
        "true_negative_rate": 1.0 - false_positives,
        "false_positive_rate": false_positives,
        "false_negative_rate": 1.0 - recall,
        **{name: f_measure(precision, recall, beta) for name, beta in BETAS.items()},
    }


def multiclass_metrics(matrix: Counts) -> dict[str, float]:
    """The metrics of a classifier of several classes, weighted by the classes' shares.

    Args:
        matrix: rows by actual and predicted class, shape (classes, classes).

    >>> metrics = multiclass_metrics(np.array([[2, 0, 0], [1, 1, 0], [0, 0, 1]]))
    >>> round(metrics["accuracy"], 2), round(metrics["weighted_precision"], 4)
    (0.8, 0.8667)
    """
    metrics = _weighted(matrix)
    constant = _weighted(_best_constant_matrix(matrix))
    return metrics | {f"{name}{BEST_CONSTANT}": value for name, value in constant.items()}


def _best_constant_matrix(matrix: Counts) -> Counts:
    rows = matrix.sum(axis=1)
    constant = np.zeros_like(matrix)
    constant[:, int(rows.argmax())] = rows
    return constant


def _weighted(matrix: Counts) -> dict[str, float]:
    rows, predicted, right = matrix.sum(axis=1), matrix.sum(axis=0), np.diag(matrix)
    total = int(rows.sum())
    if not total:
        names = ("accuracy", "weighted_recall", "weighted_precision")
        return dict.fromkeys((*names, *(f"weighted_{name}" for name in BETAS)), float("nan"))
    recall = right / np.maximum(rows, 1)
    precision = right / np.maximum(predicted, 1)
    weights = rows / total
    return {
        "accuracy": int(right.sum()) / total,
        "weighted_recall": float(weights @ recall),
        "weighted_precision": float(weights @ precision),
        **{
            f"weighted_{name}": float(weights @ _f_measures(precision, recall, beta))
            for name, beta in BETAS.items()
        },
    }


def f_measure(precision: float, recall: float, beta: float) -> float:
    """The weighted harmonic mean of precision and recall (van Rijsbergen 1979).

    >>> round(f_measure(0.5, 1.0, 1.0), 4)
    0.6667
    """
    if precision + recall == 0:
        return 0.0
    squared = beta * beta
    return (1 + squared) * precision * recall / (squared * precision + recall)


def _f_measures(
    precision: NDArray[np.float64], recall: NDArray[np.float64], beta: float
) -> NDArray[np.float64]:
    squared = beta * beta
    below = squared * precision + recall
    above = (1 + squared) * precision * recall
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)


def share(part: int, whole: int, *, empty: float = float("nan")) -> float:
    """A part of a whole; `empty` where there is no whole."""
    return part / whole if whole else empty
