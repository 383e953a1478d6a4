"""The curves of a binary classifier and their area, whatever the number of distinct scores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from driftkit.formats.model_quality.problems import PRECISION_RECALL, ROC
from driftkit.states.quality.samples import SAMPLED_FROM

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftkit.formats.model_quality.statistics import Curve
    from driftkit.native.arrays import Floats
    from driftkit.states.quality.rank_sums import RankSums
    from driftkit.states.quality.score_levels import CurvePart

POINTS_SHOWN = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Curves:
    """The area under the ROC curve, and what the files show of the curves.

    Attributes:
        auc: exact over all rows; NaN where a class is empty.
        variance: of the AUC.
        samples: AUCs of five samples of 80 %; empty below 200 rows.
        by_key: the curves as the file names them.
    """

    auc: float
    variance: float
    samples: tuple[float, ...]
    by_key: Mapping[str, Curve]

    @classmethod
    def from_sums(cls, sums: RankSums, points: CurvePart, *, trapezoids: bool) -> Curves:
        """The curves of all scores.

        Args:
            sums: of all scores.
            points: those that the file shall have.
            trapezoids: whether the AUC is the sum of the trapezoids under these points, from
                left to right as in Spark, whose last digits differ from the exact share.
        """
        false, true = points.rates(sums.whole.positives, sums.whole.negatives)
        roc = (_framed(false, 0.0, 1.0), _framed(true, 0.0, 1.0))
        auc = area(*roc) if trapezoids and sums.whole.auc == sums.whole.auc else sums.whole.auc
        enough = sums.whole.positives + sums.whole.negatives >= SAMPLED_FROM
        return cls(
            auc=auc,
            variance=sums.variance,
            samples=tuple(sample.auc for sample in sums.samples) if enough else (),
            by_key={ROC: roc, PRECISION_RECALL: _precision_recall(points, true)},
        )


def area(x: Floats, y: Floats) -> float:
    """The area under a curve by trapezoids, added up from the first to the last.

    >>> area(np.array([0.0, 0.5, 1.0]), np.array([0.0, 1.0, 1.0]))
    0.75
    """
    # A cumulative sum, unlike a sum, adds in order.
    total = np.cumsum(np.diff(x) * (y[1:] + y[:-1]) / 2.0)
    return float(total[-1]) if total.size else 0.0


def _precision_recall(points: CurvePart, recalls: Floats) -> Curve:
    precisions = points.precisions()
    first = float(precisions[0]) if precisions.size else 1.0
    return np.concatenate([[first], precisions]), np.concatenate([[0.0], recalls])


def _framed(values: Floats, first: float, last: float) -> Floats:
    return np.concatenate([[first], values, [last]])
