"""Estimates the errors of predictions of numbers whose labels have not come, by their inputs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.estimation.days import Moves, worth
from driftkit.comparison.estimation.loss_agreement import Variances, loss_agreement
from driftkit.comparison.quality_intervals import Z
from driftkit.formats.model_quality.estimate import (
    Estimate,
    EstimatedMetric,
    EstimatedRows,
    Labels,
)
from driftkit.monitors.data_quality import segments
from driftkit.monitors.model_quality.limits import LEAST_BLOCKS, Days
from driftkit.monitors.model_quality.trust import is_reliable, remarks_of
from driftkit.states.quality import expected_losses as of
from driftkit.states.quality.scored_rows import ALL, BLOCK, SEGMENT, by_day, days_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from driftkit.comparison.arrays import Floats
    from driftkit.formats.model_quality.calibration import Segment
    from driftkit.formats.model_quality.loss_calibration import LossCalibration
    from driftkit.monitors.model_quality.limits import Limits
    from driftkit.states.quality.expected_losses import ExpectedLosses

# Of the mean absolute error labels disagree by so much at least; less changes no decision.
_MATTERS = 0.05
# So much wider is Student's interval of four degrees of freedom than the normal one, squared.
_FEW_FOLDS = 2.0


def loss_estimate_of(state: ExpectedLosses, calibration: LossCalibration) -> Estimate:
    """The errors of a window, of its blocks, and of the segments that the baseline knows.

    Args:
        state: of the window's rows.
        calibration: of the baseline.
    """
    days = Days.of(calibration.whole, calibration.blocks, most=math.inf)
    reference = _Reference.of(calibration, days.limits)
    none = np.zeros((len(calibration.groups), of.MEMBERS + 2))
    sums = state.sums.get(ALL, none)
    many = _days(state, of.ROWS)
    window = reference.estimated(sums, many)
    rows = sums[:, of.ROWS].sum()
    outside = float(sums[:, of.OUTSIDE].sum() / rows) if rows else 0.0
    labels = tuple(reference.labels(sums, _days(state, of.LABELLED)))
    return Estimate(
        problem_type=calibration.problem_type,
        window=window,
        blocks=tuple(
            reference.estimated(state.sums[part], 1, part[1][0] or "without a time")
            for part in state.slices(BLOCK)
        ),
        segments=tuple(_segments(state, calibration, days, many)),
        outside=outside,
        labels=labels,
        reliable=is_reliable(labels, outside),
        remarks=tuple(remarks_of(calibration, window, labels, outside, least=LEAST_BLOCKS)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reference:
    """What rows are compared with.

    Attributes:
        realized: errors by labels.
        limits: what lies within for a metric of so many rows.
        variances: of the absolute and the squared error of a row of each group, shape (2, groups).
        rows: of the reference by which each group is known.
        moves: of both errors from day to day.
    """

    realized: Mapping[str, float]
    limits: Limits
    variances: Floats
    rows: Floats
    moves: Moves

    @classmethod
    def of(
        cls, calibration: LossCalibration, limits: Limits, part: Segment | None = None
    ) -> _Reference:
        groups, names = calibration.groups, ("mae", "mse")
        return cls(
            realized=(part or calibration.whole).realized,
            limits=limits,
            variances=np.array(
                [
                    [each.absolute_variance for each in groups],
                    [each.squared_variance for each in groups],
                ]
            ),
            rows=np.array([each.rows for each in groups]),
            moves=Moves(
                variances=dict(zip(names, calibration.block_variances or (0.0, 0.0), strict=True)),
                correlations=dict.fromkeys(names, calibration.block_correlation),
                known=days_of(each.block for each in calibration.blocks),
            ),
        )

    def estimated(self, sums: Floats, days: float, name: str = "") -> EstimatedRows:
        """The errors of a slice of the rows, which are of so many days."""
        total = sums.sum(axis=0)
        return EstimatedRows(
            name=name,
            rows=int(total[of.ROWS]),
            labelled=int(total[of.LABELLED]),
            metrics=tuple(self._metrics(sums, total, days)),
        )

    def _metrics(self, sums: Floats, total: Floats, days: float) -> Iterator[EstimatedMetric]:
        rows, known = float(total[of.ROWS]), _means(total[of.ERROR :], total[of.LABELLED])
        # Of both errors what each member of the model expects.
        members = total[of.MEMBERS :].reshape(2, -1)
        for name, value in _means(members.mean(axis=1), rows).items():
            low, high = self._interval(name, sums[:, of.ROWS], members / rows, days)
            least, most = self.limits(name, int(rows)) or (None, None)
            yield EstimatedMetric(
                metric=name,
                estimate=value,
                lower=low,
                upper=high,
                realized=known.get(name),
                reference=self.realized.get(name),
                lower_limit=least,
                upper_limit=most,
                above=None if most is None else value > most,
            )

    def _interval(self, name: str, rows: Floats, told: Floats, days: float) -> tuple[float, float]:
        """Of 95 %: by the errors of rows, of the model, and of days.

        The model's is that of a jackknife that leaves a fold out at a time, but no less than that of
        the rows by which its groups are known.
        """
        if name == "rmse":
            low, high = self._interval("mse", rows, told, days)
            return math.sqrt(low), math.sqrt(high)
        which, share = int(name == "mse"), rows / rows.sum()
        value = float(told[which].mean())
        of_rows = float(self.variances[which] @ share / rows.sum())
        known = float(self.variances[which] @ (share**2 / self.rows))
        of_model = max(known, _jackknife(told[which]))
        half = Z * math.sqrt(of_rows + of_model + self.moves.of(days)[name])
        return max(value - half, 0.0), value + half

    def labels(self, sums: Floats, days: float) -> Iterator[Labels]:
        """What first labels, of so many days, say of errors; nothing where there are too few."""
        of_row, members = self.variances[0], sums[:, of.MEMBERS :].sum(axis=0)
        told = members[: len(members) // 2]
        variances = Variances(
            of_row=of_row,
            of_level=of_row / self.rows,
            of_days=self.moves.of(days)["mae"],
            of_model=_jackknife(told / max(float(told.mean()), np.finfo(float).tiny)),
        )
        came, expected = sums[:, of.ERROR], sums[:, of.LABELLED_ABSOLUTE]
        found = loss_agreement(sums[:, of.LABELLED], expected, came, variances)
        if found is not None:
            yield Labels.of(found, disagree=found.disagrees(matters=_MATTERS))


def _days(state: ExpectedLosses, rows: int) -> float:
    """How many days of equally many rows tell as much as those of a window.

    Args:
        state: of the window.
        rows: which of them: ROWS or LABELLED.
    """
    return worth(by_day({part: float(each[:, rows].sum()) for part, each in state.sums.items()}))


def _segments(
    state: ExpectedLosses, calibration: LossCalibration, days: Days, many: float
) -> Iterator[EstimatedRows]:
    for known, key in zip(calibration.segments, calibration.keys, strict=True):
        if (SEGMENT, key) in state.sums:
            reference = _Reference.of(calibration, partial(days.limits_of, known), known)
            name = segments.label(calibration.segment_by, key)
            yield reference.estimated(state.sums[SEGMENT, key], many, name)


def _jackknife(told: Floats) -> float:
    """The variance of a mean of members, each of which knows all folds but one (Tukey 1958)."""
    apart = told - told.mean()
    return float(apart @ apart) * (1 - 1 / len(told)) * _FEW_FOLDS


def _means(sums: Floats, rows: float) -> dict[str, float]:
    """The errors of rows, of the sums of absolute and squared ones; none of no row."""
    if not rows:
        return {}
    absolute, squared = (float(each / rows) for each in sums[:2])
    return {"mae": absolute, "mse": squared, "rmse": math.sqrt(squared)}
