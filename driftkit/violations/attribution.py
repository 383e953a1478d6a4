"""Attribution drift: labels whose features rank otherwise than in the baseline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.rankings import ndcg
from driftkit.errors import FormatError
from driftkit.formats.attribution_violations import AttributionViolation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from driftkit.formats.explanations import Explanations

THRESHOLD = 0.9
INTERVAL = (0.025, 0.975)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A label's ranking against the baseline's.

    Attributes:
        label: the model's output.
        score: NDCG of the live ranking, 1 for the same.
        interval: 95 % of what the score might have been with other rows; None if unknown.
        worse: whether the score is under the threshold.
    """

    label: str
    score: float
    interval: tuple[float, float] | None
    worse: bool

    @property
    def violation(self) -> AttributionViolation:
        """The violation, in AWS's words."""
        return AttributionViolation(
            label=self.label,
            description=f"Feature attribution drift {self.score} exceeds threshold {THRESHOLD}",
        )


def compare(
    live: Explanations, baseline: Explanations, resampled: Mapping[str, NDArray[np.float64]]
) -> tuple[Compared, ...]:
    """Every label of the window against the baseline's.

    Args:
        live: of the window.
        baseline: what is normal.
        resampled: label -> global values of resampled rows, shape (samples, features), in the
            order of the window's features.

    Raises:
        FormatError: the baseline has other labels or other features.
    """
    pairs = _paired(live, baseline)
    return tuple(_one(live, baseline, pair, resampled) for pair in pairs)


def _paired(live: Explanations, baseline: Explanations) -> list[tuple[str, str]]:
    """Labels of the window, each with the baseline's; a lone label is one by any name.

    AWS's containers may name the only label after a score of the data.
    """
    ours, theirs = list(live.labels), list(baseline.labels)
    if len(ours) == len(theirs) == 1:
        return [(ours[0], theirs[0])]
    if set(ours) != set(theirs):
        raise FormatError(
            "the baseline explains other labels",
            where="explanations.kernel_shap",
            expected=", ".join(ours),
            found=", ".join(theirs),
            todo="Give predictor.label_headers, or make the baseline again",
        )
    return [(name, name) for name in ours]


def _one(
    live: Explanations,
    baseline: Explanations,
    pair: tuple[str, str],
    resampled: Mapping[str, NDArray[np.float64]],
) -> Compared:
    ours = live.labels[pair[0]].global_shap_values
    theirs = baseline.labels[pair[1]].global_shap_values
    if set(ours) != set(theirs):
        missing, more = sorted(set(theirs) - set(ours)), sorted(set(ours) - set(theirs))
        raise FormatError(
            "the baseline has other features",
            where=f"explanations.kernel_shap.{pair[1]}.global_shap_values",
            expected=", ".join(ours),
            found=f"not in the window: {', '.join(missing) or 'none'}; "
            f"not in the baseline: {', '.join(more) or 'none'}",
            todo="Make the baseline again, or correct the headers",
        )
    gains = np.array([theirs[name] for name in ours])
    score = float(ndcg(gains, np.array(list(ours.values()))))
    samples = resampled.get(pair[0])
    interval = None
    if samples is not None:
        low, high = np.quantile(ndcg(gains, samples), INTERVAL)
        interval = (float(low), float(high))
    return Compared(label=pair[0], score=score, interval=interval, worse=score < THRESHOLD)
