"""Learns which errors are to be expected of rows, and from rows held out how sure that is."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.estimation.boosting import TREES, Coded, fitted, stages_of
from driftkit.comparison.estimation.days import LEAST_DAYS, moves_of
from driftkit.comparison.estimation.loss_parts import Group, LossModel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftkit.comparison.arrays import Floats, Integers
    from driftkit.comparison.estimation.boosting import LossRows
    from driftkit.comparison.estimation.loss_parts import Feature, Member

# Of fewer rows nothing is learnt.
LEAST_ROWS = 50
_FOLDS = 5
_GROUPS = 20
# Folds are days where there are so many.
_DAYS_OF_FOLDS = 15
_STEEPEST = 1.25
# Standard errors by which a model is better than the mean.
_SURE = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LossFit:
    """What was learnt.

    Attributes:
        model: of the errors.
        groups: rows of similar expected errors.
        explained: the share of the variance of absolute errors that a model tells of rows it has
            not seen.
        day_variances: of what a day's mean absolute and squared error differ from the expected
            ones, beyond chance; empty where there are too few days.
        day_correlation: of this with what the next day differs.
    """

    model: LossModel
    groups: tuple[Group, ...]
    explained: float
    day_variances: tuple[float, ...]
    day_correlation: float


def learnt(rows: LossRows, days: Floats) -> LossFit:
    """What is to be expected of rows like these.

    Each fifth of the rows is told by a member that is made of the four others; where there are days
    enough, a fold has whole days, because rows of one day are alike. What is told of rows held out
    chooses how many trees there are, sets their level, and says how far errors are from it. The model
    is the mean of the five, and how they differ in a window tells how sure it is there.

    Args:
        rows: in an order that says nothing, such as that of their hashes.
        days: of each row, since any other; the same of all where days are not known.
    """
    known, at = np.unique(days, return_inverse=True)
    folds = (at if len(known) >= _DAYS_OF_FOLDS else np.arange(len(days))) % _FOLDS
    coded, stages, members = Coded.of(rows), np.empty((TREES + 1, len(days), 2)), []
    for fold in range(_FOLDS):
        held = folds == fold
        members.append(fitted(coded, np.where(held, 0.0, rows.weights)))
        found = [each[held] for each in stages_of(members[-1], coded)]
        stages[:, held] = found + found[-1:] * (TREES + 1 - len(found))
    misses = np.average((stages[:, :, 0] - rows.absolute) ** 2, axis=1, weights=rows.weights)
    best = int(misses.argmin())
    if not _is_better(stages[[0, best], :, 0], rows):
        best = 0
    lines = [_line(stages[best, :, at], rows.errors[:, at], rows.weights) for at in (0, 1)]
    told = np.column_stack([a + b * stages[best, :, at] for at, (a, b) in enumerate(lines)])
    left = rows.errors - told
    variances, correlation = _of_days(known, at, left, rows.weights)
    return LossFit(
        model=_model(coded.features, [_levelled(each, best, lines) for each in members]),
        groups=_groups(np.maximum(told[:, 0], 0.0), left, rows.weights),
        explained=max(0.0, float(1 - misses[best] / misses[0])) if misses[0] else 0.0,
        day_variances=variances,
        day_correlation=correlation,
    )


def group_of(groups: tuple[Group, ...], absolute: Floats) -> Integers:
    """The index of the group of each expected absolute error."""
    return np.searchsorted([each.least for each in groups[1:]], absolute, side="right")


def _is_better(told: Floats, rows: LossRows) -> bool:
    """Whether the second of two models misses the errors by less than the first, beyond chance."""
    before, after = (told - rows.absolute) ** 2
    gain = float(np.average(before - after, weights=rows.weights))
    off = rows.weights * (before - after - gain)
    return gain > _SURE * math.sqrt(float(off @ off)) / float(rows.weights.sum())


def _line(told: Floats, errors: Floats, weights: Floats) -> tuple[float, float]:
    """The line by which what was told is nearest to the errors: where it begins, and its slope."""
    at, mean = (float(np.average(each, weights=weights)) for each in (told, errors))
    spread = float(np.average((told - at) ** 2, weights=weights))
    # What folds alone tell apart is nothing that a model knows.
    if spread <= 1e-6 * float(np.average((errors - mean) ** 2, weights=weights)):
        return mean - at, 1.0
    slope = float(np.average((told - at) * (errors - mean), weights=weights)) / spread
    slope = min(max(slope, 0.0), _STEEPEST)
    return mean - slope * at, slope


def _levelled(member: Member, trees: int, lines: Sequence[tuple[float, float]]) -> Member:
    """The first trees of a member, with its values on those lines."""
    (a, b), (c, d) = lines
    return replace(
        member,
        absolute=a + b * member.absolute,
        squared=c + d * member.squared,
        trees=tuple(
            replace(
                tree,
                absolute=tuple(b * each for each in tree.absolute),
                squared=tuple(d * each for each in tree.squared),
            )
            for tree in member.trees[:trees]
        ),
    )


def _model(features: Sequence[Feature], members: Sequence[Member]) -> LossModel:
    """The model with the features alone that its trees ask for."""
    trees = [tree for each in members for tree in each.trees]
    asked = sorted({0, *(which for tree in trees for which in tree.features)})
    indices = {which: at for at, which in enumerate(asked)}
    return LossModel(
        features=tuple(features[which] for which in asked),
        members=tuple(
            replace(
                each,
                codes=tuple(each.codes[which] for which in asked),
                trees=tuple(
                    replace(tree, features=tuple(indices[which] for which in tree.features))
                    for tree in each.trees
                ),
            )
            for each in members
        ),
    )


def _groups(told: Floats, left: Floats, weights: Floats) -> tuple[Group, ...]:
    """Equally large groups of rows, by the absolute error that was expected."""
    count = max(1, min(_GROUPS, len(told) // LEAST_ROWS))
    edges = np.unique(np.quantile(told, np.arange(count) / count, method="lower"))
    edges[0] = 0.0
    at = np.searchsorted(edges[1:], told, side="right")
    rows = np.bincount(at, weights)
    variances = [np.bincount(at, weights * each**2) / rows for each in left.T]
    # Rows that stand for many tell no more than one does of what is not among them.
    worth = rows**2 / np.bincount(at, weights**2)
    return tuple(
        Group(least=least, rows=many, absolute_variance=absolute, squared_variance=squared)
        for least, many, absolute, squared in zip(
            edges.tolist(), worth.tolist(), *(each.tolist() for each in variances), strict=True
        )
    )


def _of_days(
    known: Floats, days: Integers, left: Floats, weights: Floats
) -> tuple[tuple[float, ...], float]:
    """Variances of a day's mean errors beyond chance, and their correlation with the next day's.

    Args:
        known: the different days.
        days: of each row the index of its day.
        left: both errors of each row less those that were expected.
        weights: how many rows each stands for.
    """
    if len(known) < LEAST_DAYS:
        return (), 0.0
    rows, found = np.bincount(days, weights), []
    for each in left.T:
        means = np.bincount(days, weights * each) / rows
        chance = np.bincount(days, (weights * (each - means[days])) ** 2) / rows**2
        found.append(moves_of(means, chance, known))
    # That of absolute errors: squared ones are of a few rows.
    return tuple(variance for variance, _ in found), found[0][1]
