"""Rows by score, prediction and label, expected or counted, and the metrics that follow from them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.deployment.delong_bins import Placed, placed
from driftkit.comparison.probabilities import digamma

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from driftkit.comparison.arrays import Floats
    from driftkit.comparison.estimation.calibrator import Calibrator
    from driftkit.comparison.estimation.days import OddsOff

AUC, AVERAGE_PRECISION = "auc", "average_precision"
THRESHOLD_METRICS = ("accuracy", "precision", "recall", "f1", "true_negative_rate")
METRICS = (*THRESHOLD_METRICS, AUC, AVERAGE_PRECISION)


@dataclass(frozen=True, kw_only=True, eq=False)
class Outcomes:
    """Rows of one class against all others, by score in ascending order.

    Attributes:
        true_positives: rows of each score that have the class and were predicted as it.
        false_positives: rows predicted as it that have another.
        false_negatives: rows that have it and were predicted as another.
        true_negatives: all other rows.
        expected: whether labels are not known, so that the rows are those expected of each.
    """

    true_positives: Floats
    false_positives: Floats
    false_negatives: Floats
    true_negatives: Floats
    expected: bool = False

    @classmethod
    def expected_of(cls, chances: Floats, predicted: Floats, others: Floats) -> Outcomes:
        """What rows without labels are expected to be.

        Args:
            chances: that a row of each score has the class.
            predicted: rows of each score that were predicted as it.
            others: rows of each score that were not.
        """
        return cls(
            true_positives=chances * predicted,
            false_positives=(1 - chances) * predicted,
            false_negatives=chances * others,
            true_negatives=(1 - chances) * others,
            expected=True,
        )

    @cached_property
    def positives(self) -> Floats:
        """Rows of each score that have the class."""
        return self.true_positives + self.false_negatives

    @cached_property
    def negatives(self) -> Floats:
        """Rows of each score that have another."""
        return self.false_positives + self.true_negatives

    @cached_property
    def matrix(self) -> tuple[float, float, float, float]:
        """True and false positives, false and true negatives over all scores."""
        parts = (
            self.true_positives,
            self.false_positives,
            self.false_negatives,
            self.true_negatives,
        )
        tp, fp, fn, tn = (float(each.sum()) for each in parts)
        return tp, fp, fn, tn

    @cached_property
    def placed(self) -> Placed:
        """The AUC, and what each score adds to it; NaN where a class has no rows."""
        return placed(self.positives, self.negatives)

    def shares(self) -> dict[str, float]:
        """The metrics of a threshold; NaN where there is nothing to measure one on."""
        tp, fp, fn, tn = self.matrix
        return {
            "accuracy": _share(tp + tn, fp + fn),
            "precision": _share(tp, fp),
            "recall": _share(tp, fn),
            "f1": _share(2 * tp, fp + fn),
            "true_negative_rate": _share(tn, fp),
        }

    @cached_property
    def gradients(self) -> dict[str, tuple[float, float, float, float]]:
        """How metrics of a threshold change with each part of the matrix."""
        tp, fp, fn, tn = self.matrix
        found = self.shares()
        rows = {
            "accuracy": (tp + fp + fn + tn, (1, 0, 0, 1), (1, 1, 1, 1)),
            "precision": (tp + fp, (1, 0, 0, 0), (1, 1, 0, 0)),
            "recall": (tp + fn, (1, 0, 0, 0), (1, 0, 1, 0)),
            "f1": (2 * tp + fp + fn, (2, 0, 0, 0), (2, 1, 1, 0)),
            "true_negative_rate": (tn + fp, (0, 0, 0, 1), (0, 1, 0, 1)),
        }
        return {
            name: _quotient(found[name], below, above, parts)
            for name, (below, above, parts) in rows.items()
            if below > 0
        }

    def metrics(self) -> dict[str, float]:
        """Every metric; NaN where there is nothing to measure it on."""
        return {
            **self.shares(),
            AUC: float(self.placed.auc),
            AVERAGE_PRECISION: (_expected_precision if self.expected else _average_precision)(
                self.positives, self.negatives
            ),
        }


def _share(part: float, rest: float) -> float:
    return part / (part + rest) if part + rest else math.nan


def _average_precision(positives: Floats, negatives: Floats) -> float:
    """The mean precision at the positives, rows of one score taken together as scikit-learn does."""
    hits, rows = positives[::-1], (positives + negatives)[::-1]
    found = float(hits.sum())
    if not found:
        return math.nan
    precision = np.cumsum(hits) / np.maximum(np.cumsum(rows), 1e-300)
    return float((precision * hits).sum()) / found


def _expected_precision(positives: Floats, negatives: Floats) -> float:
    """The same where rows of one score stand in any order, one after the other.

    The n-th of h rows that all have the chance p follows R rows with T positives; the sum of
    p (T + n p) / (R + n) over n = 1 ... h has a closed form in digamma.
    """
    rows, found = positives + negatives, float(positives.sum())
    if not found:
        return math.nan
    chance = np.divide(positives, rows, out=np.zeros_like(rows), where=rows > 0)
    above = rows.sum() - np.concatenate([[0.0], np.cumsum(rows)])
    at_least = digamma(np.maximum(above, 0.0) + 1)
    harmonic, above = at_least[:-1] - at_least[1:], above[1:]
    hits_above = found - np.cumsum(positives)
    return float((chance * (positives + (hits_above - chance * above) * harmonic)).sum()) / found


def macro(by_class: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The plain means over classes of metrics of each class against all others.

    Means are of the classes in which a metric can be measured; NaN if there is none. The accuracy
    of several classes is no mean, and is not among them.
    """
    known = {
        name: [each[name] for each in by_class if not math.isnan(each[name])]
        for name in METRICS
        if name != "accuracy"
    }
    return {name: math.fsum(of) / len(of) if of else math.nan for name, of in known.items()}


def _quotient(
    value: float, below: float, above: Sequence[int], parts: Sequence[int]
) -> tuple[float, float, float, float]:
    tp, fp, fn, tn = ((a - value * b) / below for a, b in zip(above, parts, strict=True))
    return tp, fp, fn, tn


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Slopes:
    """How metrics change with the chances of a calibrator's blocks.

    Attributes:
        calibrator: that told the chances.
        names: of the metrics.
        of_blocks: metrics by blocks.
    """

    calibrator: Calibrator
    names: tuple[str, ...]
    of_blocks: Floats

    @classmethod
    def of(cls, outcomes: Outcomes, calibrator: Calibrator, scores: Floats) -> Slopes:
        """Those of outcomes that are expected at the scores."""
        blocks, count = calibrator.block_of(scores), len(calibrator.block_variances)
        predicted, others = (
            np.bincount(blocks, each, count)
            for each in (
                outcomes.true_positives + outcomes.false_positives,
                outcomes.false_negatives + outcomes.true_negatives,
            )
        )
        found = {
            name: predicted * (tp - fp) + others * (fn - tn)
            for name, (tp, fp, fn, tn) in outcomes.gradients.items()
        }
        if not math.isnan(outcomes.placed.auc):
            found[AUC] = np.bincount(blocks, _auc_slopes(outcomes), count)
        of_blocks = np.array([*found.values()]).reshape(len(found), count)
        return cls(calibrator=calibrator, names=tuple(found), of_blocks=of_blocks)

    def calibration_variances(self) -> dict[str, float]:
        """What the calibrator's own error adds to the variance of each metric."""
        return self._named(self.of_blocks**2 @ self.calibrator.block_variances)

    def odds_variances(self, off: OddsOff) -> dict[str, float]:
        """The variance of each metric where log odds of labels are off by themselves."""
        # A chance moves with its log odds as the variance of a label.
        moved = self.of_blocks * self.calibrator.block_spreads
        return self._named(off.variances(moved @ self.calibrator.tenths_of_blocks))

    def _named(self, variances: Floats) -> dict[str, float]:
        return dict(zip(self.names, variances.tolist(), strict=True))


def _auc_slopes(outcomes: Outcomes) -> Floats:
    """How the AUC changes with the chance of the positive label at each score."""
    positives, negatives, each = outcomes.positives, outcomes.negatives, outcomes.placed
    return np.asarray(
        (positives + negatives) * (each.won / positives.sum() + each.lost / negatives.sum())
    )
