"""Estimates the quality of rows without labels from their scores and the baseline's calibration."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from driftkit.comparison.estimation.agreement import agreement
from driftkit.comparison.estimation.classes import (
    days_of_metrics,
    deviations_of,
    interval_of,
    values_of,
)
from driftkit.comparison.estimation.days import NEVER_OFF, Moves, OddsOff, worth
from driftkit.comparison.estimation.outcomes import METRICS, Outcomes, Slopes
from driftkit.formats.model_quality.estimate import (
    Estimate,
    EstimatedMetric,
    EstimatedRows,
    Labels,
)
from driftkit.monitors.data_quality import segments
from driftkit.monitors.model_quality.calibrating import (
    calibrators_of,
    counted,
    known_of,
    labels_by_score,
)
from driftkit.monitors.model_quality.limits import LEAST_BLOCKS, Days
from driftkit.monitors.model_quality.trust import is_reliable, remarks_of
from driftkit.states.quality.score_counts import ScoreCounts
from driftkit.states.quality.scored_rows import ALL, BLOCK, SEGMENT, by_day, days_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from driftkit.comparison.estimation.calibrator import Calibrator
    from driftkit.formats.model_quality.calibration import Calibration, Segment
    from driftkit.monitors.model_quality.limits import Limits
    from driftkit.states.quality.scored_rows import ScoredRows, Slice

_MATRIX = ("true_positive", "false_positive", "false_negative", "true_negative")


def estimate_of(state: ScoredRows, calibration: Calibration) -> Estimate:
    """The quality of a window, of its blocks, and of the segments that the baseline knows.

    Args:
        state: of the window's rows.
        calibration: of the baseline.
    """
    days = Days.of(calibration.whole, calibration.blocks)
    slices = state.slices(BLOCK)
    many = worth(by_day({part: state.rows_of(part) for part in slices}))
    of_day, of_days = _Off.of(calibration, 1), _Off.of(calibration, many)
    whole = _Reference.of(calibration.whole, days.limits)
    window = whole.estimated(state, ALL, of_days)
    blocks = [
        whole.estimated(state, part, of_day, part[1][0] or "without a time") for part in slices
    ]
    labelled = {part: each.labelled for part, each in zip(slices, blocks, strict=True)}
    of_labels = _Off.of(calibration, worth(by_day(labelled))).odds
    labels = tuple(_labels(state, whole.calibrators, of_labels))
    outside = _outside(state, whole.calibrators)
    return Estimate(
        problem_type=calibration.problem_type,
        window=window,
        blocks=tuple(blocks),
        segments=tuple(_segments(state, calibration, days, of_days)),
        outside=outside,
        labels=labels,
        reliable=is_reliable(labels),
        remarks=tuple(remarks_of(calibration, window, labels, outside, least=LEAST_BLOCKS)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Off:
    """How far rows of so many days are off by themselves.

    Attributes:
        metrics: the variance of each metric.
        odds: of the log odds of each class's labels.
    """

    metrics: Mapping[str, float]
    odds: Mapping[str, OddsOff]

    @classmethod
    def of(cls, calibration: Calibration, days: float) -> _Off:
        moves = Moves(
            variances=calibration.block_variances,
            correlations=calibration.block_correlations,
            known=days_of(each.block for each in calibration.blocks),
        )
        of_all, of_tenths = (
            replace(moves, variances=variances, correlations=correlations).of(days)
            for variances, correlations in (
                (calibration.label_variances, calibration.label_correlations),
                (calibration.tenth_variances, calibration.tenth_correlations),
            )
        )
        return cls(
            metrics=moves.of(days),
            odds={
                label: OddsOff(of_all=each, of_tenths=of_tenths.get(label, 0.0))
                for label, each in of_all.items()
            },
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reference:
    """What rows are compared with.

    Attributes:
        calibrators: what each class's scores mean.
        realized: metrics by labels.
        limits: what lies within for a metric of so many rows.
    """

    calibrators: Mapping[str, Calibrator]
    realized: Mapping[str, float]
    limits: Limits

    @classmethod
    def of(cls, known: Segment, limits: Limits) -> _Reference:
        return cls(calibrators=calibrators_of(known.tables), realized=known.realized, limits=limits)

    def estimated(
        self, state: ScoredRows, part: Slice, of_days: _Off, name: str = ""
    ) -> EstimatedRows:
        """The quality of a slice of the rows, which days move so far."""
        classes = state.classes(part)
        expected = [self._expected(label, each) for label, each in classes.items()]
        more, by_odds = [], []
        for (label, each), of in zip(classes.items(), expected, strict=True):
            slopes = Slopes.of(of, self.calibrators[label], each.scores)
            more.append(slopes.calibration_variances())
            if label in of_days.odds:
                by_odds.append(slopes.odds_variances(of_days.odds[label]))
        moved = days_of_metrics(of_days.metrics, by_odds)
        first = next(iter(classes.values()), ScoreCounts())
        labelled = first.labelled
        values = values_of([counted(each) for each in classes.values()]) if labelled else {}
        deviations = {
            metric: math.hypot(each, math.sqrt(moved.get(metric, 0.0)))
            for metric, each in (deviations_of(expected, more) if expected else {}).items()
        }
        matrix = dict(zip(_MATRIX, expected[0].matrix, strict=True)) if len(expected) == 1 else {}
        return EstimatedRows(
            name=name,
            rows=first.total,
            labelled=labelled,
            metrics=tuple(self._metrics(expected, known_of(values), deviations, first.total)),
            matrix=matrix,
        )

    def _expected(self, label: str, counts: ScoreCounts) -> Outcomes:
        others, predicted = counts.predicted
        return Outcomes.expected_of(self.calibrators[label].at(counts.scores), predicted, others)

    def _metrics(
        self,
        expected: Sequence[Outcomes],
        realized: Mapping[str, float],
        deviations: Mapping[str, float],
        rows: int,
    ) -> Iterator[EstimatedMetric]:
        if not expected:
            return
        values = values_of(expected)
        for name in METRICS:
            value = values[name]
            low, high = interval_of(value, deviations.get(name))
            least, most = self.limits(name, rows) or (None, None)
            known = not math.isnan(value)
            yield EstimatedMetric(
                metric=name,
                estimate=value if known else None,
                lower=low,
                upper=high,
                realized=realized.get(name),
                reference=self.realized.get(name),
                lower_limit=least,
                upper_limit=most,
                below=value < least if known and least is not None else None,
            )


def _segments(
    state: ScoredRows, calibration: Calibration, days: Days, of_days: _Off
) -> Iterator[EstimatedRows]:
    found = {part[1]: part for part in state.slices(SEGMENT)}
    for known, key in zip(calibration.segments, calibration.keys, strict=True):
        if key in found:
            of = _Reference.of(known, partial(days.limits_of, known))
            name = segments.label(calibration.segment_by, key)
            yield of.estimated(state, found[key], of_days, name)


def _labels(
    state: ScoredRows, calibrators: Mapping[str, Calibrator], of_days: Mapping[str, OddsOff]
) -> Iterator[Labels]:
    classes = state.classes()
    for label, counts in classes.items():
        found = agreement(
            calibrators[label], *labels_by_score(counts), of_days.get(label, NEVER_OFF)
        )
        if found is not None:
            yield Labels.of(found, disagree=found.disagrees(len(classes)))


def _outside(state: ScoredRows, calibrators: Mapping[str, Calibrator]) -> float:
    """The share of rows whose score is beyond all of the reference's, in the worst class."""
    shares = [0.0]
    for label, counts in state.classes().items():
        known, scores, rows = calibrators[label].scores, counts.scores, counts.rows.sum(axis=1)
        beyond = (scores < known[0]) | (scores > known[-1])
        shares.append(float(rows[beyond].sum() / rows.sum()))
    return max(shares)
