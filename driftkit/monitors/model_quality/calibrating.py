"""Makes a calibration of labelled predictions, and the calibrators that it stands for."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.estimation.agreement import off_by_tenth
from driftkit.comparison.estimation.calibrator import Calibrator
from driftkit.comparison.estimation.classes import deviations_of, values_of
from driftkit.comparison.estimation.days import LEAST_DAYS, moves_of, odds_of
from driftkit.comparison.estimation.outcomes import Outcomes
from driftkit.formats.model_quality.calibration import Block, Calibration, ScoreTable, Segment
from driftkit.states.quality.score_counts import CLASS, KNOWN, OTHER, total_of
from driftkit.states.quality.scored_rows import ALL, BLOCK, SEGMENT, day_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from driftkit.comparison.arrays import Floats
    from driftkit.settings import Partition
    from driftkit.states.quality.score_counts import ScoreCounts
    from driftkit.states.quality.scored_rows import ScoredRows, Slice
    from driftkit.states.quality.state import QualityRequest

    # A variance, and the correlation of neighbouring days.
    _Move = tuple[float, float]


def calibration_of(
    state: ScoredRows, judging: QualityRequest, partition: Partition
) -> Calibration | None:
    """What scores meant in labelled rows; None where these have one class only.

    Args:
        state: of the rows.
        judging: how they were judged.
        partition: how they were told apart.
    """
    whole = _segment({}, state, ALL)
    if whole is None:
        return None
    calibrators = calibrators_of(whole.tables)
    days = _days(state)
    moves, odds = _moves(days, calibrators), _odds_of_labels(days, calibrators)
    of_all = {label: each for label, (each, _) in odds.items()}
    of_tenths = {label: each for label, (_, each) in odds.items()}
    return Calibration(
        problem_type=str(judging.problem),
        threshold=judging.threshold,
        positive_label=judging.positive,
        labels=judging.label_names,
        whole=whole,
        blocks=tuple(_blocks(state)),
        segment_by=partition.segment_by,
        segments=tuple(_segments(state, partition)),
        block_variances=_variances(moves),
        block_correlations=_correlations(moves),
        label_variances=_variances(of_all),
        label_correlations=_correlations(of_all),
        tenth_variances=_variances(of_tenths),
        tenth_correlations=_correlations(of_tenths),
    )


def counted(counts: ScoreCounts) -> Outcomes:
    """What the rows with a label were."""
    rows = counts.rows.astype(float)
    return Outcomes(
        true_positives=rows[:, KNOWN + CLASS],
        false_positives=rows[:, KNOWN + OTHER],
        false_negatives=rows[:, CLASS],
        true_negatives=rows[:, OTHER],
    )


def labels_by_score(counts: ScoreCounts) -> tuple[Floats, Floats, Floats]:
    """The scores of rows with a label: how many of each have the class, and how many there are."""
    outcomes = counted(counts)
    rows = outcomes.positives + outcomes.negatives
    there = rows > 0
    return counts.scores[there], outcomes.positives[there], rows[there]


def calibrators_of(tables: Iterable[ScoreTable]) -> dict[str, Calibrator]:
    """What each class's scores mean."""
    return {
        each.label: Calibrator(
            scores=np.array(each.scores, dtype=np.float64),
            positives=np.array(each.positives, dtype=np.float64),
            rows=np.array(each.rows, dtype=np.float64),
        )
        for each in tables
    }


def known_of(values: Mapping[str, float]) -> dict[str, float]:
    """Those that could be measured."""
    return {name: each for name, each in values.items() if not math.isnan(each)}


def _segment(values: Mapping[str, str | None], state: ScoredRows, part: Slice) -> Segment | None:
    classes = state.classes(part)
    outcomes = [counted(each) for each in classes.values()]
    if not outcomes or not all(each.positives.any() and each.negatives.any() for each in outcomes):
        return None
    rows = int(sum(outcomes[0].matrix))
    deviations = {name: each * math.sqrt(rows) for name, each in deviations_of(outcomes).items()}
    return Segment(
        segment=values,
        rows=rows,
        realized=known_of(values_of(outcomes)),
        deviations=deviations,
        tables=tuple(_table(name, each) for name, each in classes.items()),
    )


def _blocks(state: ScoredRows) -> Iterable[Block]:
    for part in state.slices(BLOCK):
        (name,) = part[1]
        outcomes = [counted(each) for each in state.classes(part).values()]
        rows = int(sum(outcomes[0].matrix))
        if name is not None and rows:
            yield Block(block=name, rows=rows, realized=known_of(values_of(outcomes)))


def _days(state: ScoredRows) -> dict[str, dict[str, ScoreCounts]]:
    """The rows of each day, by class; none of too few days to tell how days differ."""
    days: dict[str, dict[str, list[ScoreCounts]]] = {}
    for part in state.slices(BLOCK):
        day = day_of(part[1][0])
        if day is not None:
            for label, each in state.classes(part).items():
                days.setdefault(day, {}).setdefault(label, []).append(each)
    if len(days) < LEAST_DAYS:
        return {}
    return {
        day: {label: total_of(parts) for label, parts in classes.items()}
        for day, classes in days.items()
    }


def _moves(
    days: Mapping[str, Mapping[str, ScoreCounts]], calibrators: Mapping[str, Calibrator]
) -> dict[str, _Move]:
    """How far metrics of days differ from those that their scores let expect, as `moves_of` has it."""
    told = [_differences(classes, calibrators) for classes in days.values()]
    none, found = (math.nan, 0.0), {}
    for name in dict.fromkeys(name for each in told for name in each):
        differences, chance = np.array([each.get(name, none) for each in told]).T
        found[name] = moves_of(differences, chance, _dates(days))
    return found


def _odds_of_labels(
    days: Mapping[str, Mapping[str, ScoreCounts]], calibrators: Mapping[str, Calibrator]
) -> dict[str, tuple[_Move, _Move]]:
    """How far the log odds of each class move from day to day, as `odds_of` has it."""
    found = {}
    for label, calibrator in calibrators.items():
        of_class = {day: classes[label] for day, classes in days.items() if label in classes}
        if len(of_class) >= LEAST_DAYS:
            off, told = np.swapaxes(
                [off_by_tenth(calibrator, *labels_by_score(each)) for each in of_class.values()],
                0,
                1,
            )
            found[label] = odds_of(off, told, _dates(of_class))
    return found


def _dates(days: Iterable[str]) -> Floats:
    return np.array([*days], "M8[D]").astype(np.float64)


def _variances(moves: Mapping[str, _Move]) -> dict[str, float]:
    return {name: variance for name, (variance, _) in moves.items()}


def _correlations(moves: Mapping[str, _Move]) -> dict[str, float]:
    return {name: correlation for name, (_, correlation) in moves.items()}


def _differences(
    counts: Mapping[str, ScoreCounts], calibrators: Mapping[str, Calibrator]
) -> dict[str, tuple[float, float]]:
    """Metrics of a day by labels less the expected ones, and their variance by chance."""
    came = [counted(each) for each in counts.values()]
    expected = [
        Outcomes.expected_of(
            calibrators[label].at(each.scores),
            of.true_positives + of.false_positives,
            of.false_negatives + of.true_negatives,
        )
        for (label, each), of in zip(counts.items(), came, strict=True)
    ]
    values, told = values_of(came), values_of(expected)
    return {
        name: (values[name] - told[name], of**2) for name, of in deviations_of(expected).items()
    }


def _segments(state: ScoredRows, partition: Partition) -> Iterable[Segment]:
    """The segments with most rows that have a calibration of their own."""
    ranked = sorted(state.slices(SEGMENT), key=lambda part: -state.rows_of(part))
    for part in ranked[: partition.segment_max]:
        if state.rows_of(part) >= partition.segment_min_rows:
            found = _segment(dict(zip(partition.segment_by, part[1], strict=True)), state, part)
            if found is not None:
                yield found


def _table(label: str, counts: ScoreCounts) -> ScoreTable:
    scores, positives, rows = labels_by_score(counts)
    known = Calibrator(scores=scores, positives=positives, rows=rows).compact()
    return ScoreTable(
        label=label,
        scores=tuple(known.scores.tolist()),
        positives=tuple(known.positives.astype(int).tolist()),
        rows=tuple(known.rows.astype(int).tolist()),
    )
