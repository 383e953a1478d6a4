"""Whether labels agree with what their scores meant in the reference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.estimation.calibrator import TENTHS
from driftkit.comparison.estimation.days import NEVER_OFF
from driftkit.comparison.probabilities import chi_square_tail

if TYPE_CHECKING:
    from driftkit.comparison.arrays import Floats
    from driftkit.comparison.estimation.calibrator import Calibrator
    from driftkit.comparison.estimation.days import OddsOff

_GROUPS = 10
# Fewer labels say nothing.
_FEWEST = 50
# Where one class is rare, a sum of labels is not near a normal one; a larger variance makes up for it.
_LEAST_VARIANCE = 3.0
_SURE = 0.01
# Less than one row in 200 that is not what was expected changes no decision.
_MATTERS = 0.005


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How far labels are from what was expected of them.

    Attributes:
        statistic: the squared differences of groups of scores, in terms of their variances.
        groups: how many there are, the degrees of freedom.
        p: the chance of so large a statistic if scores mean what they meant.
        gap: the share of rows, or of their errors, by which groups differ from what was expected,
            all together.
        noise: the gap that chance alone lets expect where scores mean what they meant.
        rows: that have a label.
        observed: the share of positive labels.
        expected: the share that their scores let expect.
    """

    statistic: float
    groups: int
    p: float
    gap: float
    noise: float
    rows: int
    observed: float
    expected: float

    def disagrees(self, tests: int = 1, matters: float = _MATTERS) -> bool:
        """Whether the difference is beyond chance, one of so many tests, and large enough to matter."""
        return self.p * tests < _SURE and self.gap - self.noise >= matters


def agreement(
    calibrator: Calibrator,
    scores: Floats,
    positives: Floats,
    rows: Floats,
    of_days: OddsOff = NEVER_OFF,
) -> Agreement | None:
    """Labels beside what their scores meant, by ten groups of scores.

    The variance of a group's difference is that of its labels and that of the chances, which the
    calibrator knows from its own rows only; groups that rest on the same rows of it vary together.
    On some days labels are likelier than on others: all of them, or those of a tenth of the scores.

    Args:
        calibrator: of the reference.
        scores: ascending.
        positives: rows of each score whose label is the positive one.
        rows: of each score that have a label.
        of_days: how far the log odds of a window of as many days are off by themselves.

    Returns:
        None where the labels are too few to tell.
    """
    total = float(rows.sum())
    if total < _FEWEST:
        return None
    chances = calibrator.at(scores)
    middles = (np.cumsum(rows) - rows / 2) / total
    group = np.unique((middles * _GROUPS).astype(np.int64), return_inverse=True)[1]
    count = int(group[-1]) + 1
    differences = np.bincount(group, positives - chances * rows, count)
    blocks, variances = calibrator.block_of(scores), calibrator.block_variances
    shared = np.zeros((count, len(variances)))
    np.add.at(shared, (group, blocks), rows)
    moved = np.zeros((count, TENTHS))
    np.add.at(moved, (group, calibrator.tenth_of(scores)), calibrator.spread_at(scores) * rows)
    own = np.maximum(moved.sum(axis=1), _LEAST_VARIANCE)
    chance = np.diag(own) + (shared * variances) @ shared.T
    solved = np.linalg.solve(chance + of_days.covariance(moved), differences)
    statistic = float(differences @ solved)
    return Agreement(
        statistic=statistic,
        groups=count,
        p=float(chi_square_tail(statistic, count)),
        gap=float(np.abs(differences).sum()) / total,
        noise=float(np.sqrt(2 / np.pi * np.diag(chance)).sum()) / total,
        rows=int(total),
        observed=float(positives.sum()) / total,
        expected=float(chances @ rows) / total,
    )


def off_by_tenth(
    calibrator: Calibrator, scores: Floats, positives: Floats, rows: Floats
) -> tuple[Floats, Floats]:
    """By how much labels are off from what their scores meant, by tenth of the scores.

    Args:
        calibrator: of the reference.
        scores: ascending.
        positives: rows of each score whose label is the positive one.
        rows: of each score that have a label.

    Returns:
        The difference, and its variance by chance: how much log odds that are off by one add to it.
    """
    tenths = calibrator.tenth_of(scores)
    differences = positives - calibrator.at(scores) * rows
    told = calibrator.spread_at(scores) * rows
    off, by_chance = (
        np.bincount(tenths, each, TENTHS).astype(np.float64) for each in (differences, told)
    )
    return off, by_chance
