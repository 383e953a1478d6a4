"""The list of checks of the attribution monitor, and what they say of a window's rankings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.rankings import ndcg
from driftkit.dialects import IN_BOTH
from driftkit.errors import FormatError, SettingsError
from driftkit.formats.violations import ATTRIBUTION_CHECK, AttributionViolation
from driftkit.monitors.attribution.settings import NDCG_THRESHOLD
from driftkit.monitors.check import Check, of_dialect
from driftkit.settings.patterns import left_out, refuse_unknown

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from driftkit.dialects import Dialect
    from driftkit.formats.explanations import Explanations
    from driftkit.settings import Selection

INTERVAL = (0.025, 0.975)
# A single feature is ranked the same always.
_FEWEST = 2
_THRESHOLD = re.compile(r"exceeds threshold (\d+(?:\.\d*)?(?:e-?\d+)?)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A label's ranking against the baseline's.

    Attributes:
        label: the model's output.
        score: NDCG of the live ranking, 1 for the same.
        interval: 95 % of what the score might have been with other rows; None if unknown.
        worse: whether the score is under the threshold.
        threshold: the least score that is no violation.
    """

    label: str
    score: float
    interval: tuple[float, float] | None
    worse: bool
    threshold: float = NDCG_THRESHOLD

    @property
    def violation(self) -> AttributionViolation:
        """The violation, in AWS's words."""
        return AttributionViolation(
            label=self.label,
            description=f"Feature attribution drift {self.score} exceeds threshold {self.threshold}",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RankingRule:
    """How rankings are compared.

    Attributes:
        dialect: whose checks run.
        threshold: the least score that is no violation.
        left_out: features that do not count.
    """

    dialect: Dialect
    threshold: float = NDCG_THRESHOLD
    left_out: Collection[str] = ()


def compare(
    live: Explanations,
    baseline: Explanations,
    resampled: Mapping[str, NDArray[np.float64]],
    rule: RankingRule,
) -> tuple[Compared, ...]:
    """Every label of the window against the baseline's.

    Args:
        live: of the window.
        baseline: what is normal.
        resampled: label -> global values of resampled rows, shape (samples, features), in the
            order of the window's features.
        rule: how they are compared.

    Raises:
        FormatError: the baseline has other labels or other features.
    """
    contexts = [
        _LabelContext(
            label=mine,
            current=live.labels[mine].global_shap_values,
            baseline=_same_features(live, baseline, mine, theirs),
            resampled=resampled.get(mine),
            rule=rule,
        )
        for mine, theirs in _paired(live, baseline)
    ]
    checks = of_dialect(CHECKS, rule.dialect)
    return tuple(each.run(context) for context in contexts for each in checks)


@dataclass(frozen=True, slots=True, kw_only=True)
class _LabelContext:
    """What a check reads: a label's global attributions by feature, on both sides."""

    label: str
    current: Mapping[str, float]
    baseline: Mapping[str, float]
    resampled: NDArray[np.float64] | None
    rule: RankingRule


def _attribution_drift_check(context: _LabelContext) -> Compared:
    out, least = context.rule.left_out, context.rule.threshold
    kept = [at for at, name in enumerate(context.current) if name not in out]
    gains = np.array([context.baseline[name] for name in context.current])[kept]
    score = float(ndcg(gains, np.array(list(context.current.values()))[kept]))
    interval = None
    if context.resampled is not None:
        low, high = np.quantile(ndcg(gains, context.resampled[:, kept]), INTERVAL)
        interval = (float(low), float(high))
    return Compared(
        label=context.label, score=score, interval=interval, worse=score < least, threshold=least
    )


def refuse_unranked(names: Sequence[str], selection: Selection) -> None:
    """Refuses a choice of features that cannot be ranked; before a row is read, whoever asks.

    Raises:
        SettingsError: it names what is no feature, or leaves too few.
    """
    if selection.columns or selection.ignore:
        unranked(names, selection)


def unranked(names: Sequence[str], selection: Selection) -> dict[str, str]:
    """The features that do not count in the ranking, and why.

    Raises:
        SettingsError: one is not there, or too few are left.
    """
    refuse_unknown(selection, names, "features")
    out = left_out(names, selection)
    if len(names) - len(out) < _FEWEST:
        raise SettingsError(
            "too few features are left to be ranked",
            where="columns, ignore",
            expected=f"at least {_FEWEST} of {len(names)}",
            found=str(len(names) - len(out)),
            todo="Leave fewer out",
        )
    return out


def threshold_said(violations: Iterable[AttributionViolation]) -> float:
    """The least score by the sentence of a violation; without one, the usual.

    >>> threshold_said([Compared(label="a", score=0.5, interval=None, worse=True, threshold=0.8).violation])
    0.8
    """
    said = (_THRESHOLD.search(each.description) for each in violations)
    return next((float(each[1]) for each in said if each), NDCG_THRESHOLD)


CHECKS: tuple[Check[_LabelContext, Compared], ...] = (
    Check(name=ATTRIBUTION_CHECK, dialects=IN_BOTH, run=_attribution_drift_check),
)


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


def _same_features(
    live: Explanations, baseline: Explanations, label: str, other: str
) -> Mapping[str, float]:
    """The baseline's attributions of a label, which must be of the window's features."""
    ours = live.labels[label].global_shap_values
    theirs = baseline.labels[other].global_shap_values
    if set(ours) != set(theirs):
        missing, more = sorted(set(theirs) - set(ours)), sorted(set(ours) - set(theirs))
        raise FormatError(
            "the baseline has other features",
            where=f"explanations.kernel_shap.{other}.global_shap_values",
            expected=", ".join(ours),
            found=f"not in the window: {', '.join(missing) or 'none'}; "
            f"not in the baseline: {', '.join(more) or 'none'}",
            todo="Make the baseline again, or correct the headers",
        )
    return theirs
