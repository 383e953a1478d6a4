"""Measures a model-quality run: the state of data, or of kept states."""

from __future__ import annotations

import time
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from driftkit.compute.scores.local import LocalRanges
from driftkit.errors import InputError, SettingsError
from driftkit.formats.model_quality.problems import Problem
from driftkit.monitors.data_quality.segments import asked_splits
from driftkit.monitors.kept_states import KeptStates, of_window
from driftkit.monitors.model_quality.fields_apart import ANY_FIELD
from driftkit.monitors.model_quality.inputs import opened
from driftkit.monitors.model_quality.loss_inputs import refuse_selection, sampling
from driftkit.readers.dataset import judge
from driftkit.results.contract import Run
from driftkit.states.quality import storage
from driftkit.states.quality.fold import NO_LABEL
from driftkit.states.quality.loss_sample import LossSample
from driftkit.states.quality.scored_rows import ScoredRows
from driftkit.states.quality.state import QualityRequest, QualityState
from driftkit.states.quality.storage import QualityStates

if TYPE_CHECKING:
    from driftkit.compute.job import Progress
    from driftkit.compute.scores.ranges import Ranges
    from driftkit.monitors.model_quality.inputs import Opened
    from driftkit.monitors.model_quality.settings import QualitySettings
    from driftkit.readers.dataset import Dataset
    from driftkit.states.quality.loss_fold import SampleFold
    from driftkit.states.quality.scored_fold import ScoredFold

KEPT = KeptStates(
    monitor=storage.MONITOR,
    kind=QualityStates,
    loads=storage.loads,
    combined=storage.combined,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What is known of all rows.

    Attributes:
        state: what all metrics but the curves are read from.
        ranges: the scores, by range; None where there are none.
        judging: how rows were judged.
        run: what is known of the run but its end.
        began: when it did, by `time.perf_counter`.
        states: the state as it is kept; None where nobody asked for it.
        features: names of the columns by which the errors of a regression may be expected.
    """

    state: QualityState
    ranges: Ranges | None
    judging: QualityRequest
    run: Run
    began: float
    states: QualityStates | None
    features: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What shall be known of rows.

    Attributes:
        problem: what the model does; None for what the settings say, or the states.
        keep_states: whether the state is to be kept, with all scores.
        calibrate: whether rows are counted by score for a calibration, where they can be.
    """

    problem: Problem | None = None
    keep_states: bool
    calibrate: bool = False


def measured(
    data: Any, settings: QualitySettings, wanted: Wanted, progress: Progress | None
) -> Measured:
    """What is known of all rows: the one pass over data, or what states have of them.

    Args:
        data: whatever the monitors take.
        settings: of the run.
        wanted: what shall be known of them.
        progress: called with units done, units in all and rows so far.

    Raises:
        InputError: the data cannot be read, or the rows of the states were judged otherwise.
        SettingsError: a setting is needed and was not given.
        FormatError: a file of states is damaged.
    """
    began, problem = time.perf_counter(), wanted.problem
    kept = KEPT.kept_in(data)
    if kept is not None or not wanted.calibrate:
        refuse_selection(settings.run.selection)
    if kept is not None:
        _refuse_model(settings.model, kept)
        problem = problem or (
            named_problem(settings) if settings.problem_type else kept.judging.problem
        )
        _refuse_otherwise_judged(kept, request_of(settings, problem))
        return _of_states(kept, KEPT.about(kept, settings.run), began)
    judging = request_of(settings, problem or named_problem(settings))
    apart = _told_apart(settings, judging.problem) if wanted.calibrate else []
    source = opened(data, settings, judging, apart=apart)
    run = Run.about(KEPT.monitor, source.dataset, settings.run, source.engine)
    sampled = _sampling(source, settings) if wanted.calibrate else None
    job = source.job(_scoring(source, settings) if wanted.calibrate else None, sampled)
    if wanted.keep_states:
        state = source.runner.run(source.dataset, job, progress)
        _judge(source.dataset, state)
        found = _of_states(_kept(data, source, settings, state), run, began)
        more = replace(found.state, scored=state.scored, sampled=state.sampled)
        return replace(found, state=more, features=_names_of(source, sampled))
    state, ranges = source.runner.run_scored(source.dataset, job, progress)
    _judge(source.dataset, state)
    return Measured(
        state=state,
        ranges=ranges,
        judging=source.judging,
        run=run,
        began=began,
        states=None,
        features=_names_of(source, sampled),
    )


def _told_apart(settings: QualitySettings, problem: Problem) -> list[str]:
    """The columns that a calibration reads beside those of judging; all fields of a regression."""
    apart = [name for each in asked_splits(settings.run.partition) for name in each.by]
    return [*apart, ANY_FIELD] if problem is Problem.REGRESSION else apart


def _of_states(kept: QualityStates, run: Run, began: float) -> Measured:
    held = LocalRanges()
    state = held.take(kept.state)
    return Measured(
        state=state,
        ranges=held if held.parts else None,
        judging=kept.judging,
        run=run,
        began=began,
        states=kept,
    )


def _scoring(source: Opened, settings: QualitySettings) -> ScoredFold | None:
    """What counts rows by score, where they have probabilities whose classes are known."""
    problem, names = source.judging.problem, source.judging.label_names
    known = problem is Problem.BINARY or (problem is Problem.MULTICLASS and bool(names))
    if source.columns.probability is None or not known:
        return None
    return source.scoring(asked_splits(settings.run.partition))


def _judge(dataset: Dataset, state: QualityState) -> None:
    """Refuses rows that say nothing of quality; that no label has come yet is no fault of records."""
    unlabelled = state.rejected.counts.get(NO_LABEL, 0)
    if unlabelled and not state.rows and unlabelled == state.rejected.total:
        raise InputError(
            "no label has come yet",
            where=dataset.name,
            expected="labels of some of the rows",
            found=f"{unlabelled:,} rows {NO_LABEL}",
            todo="Judge the window when there are some; until then `driftkit model-quality estimate` "
            "tells its quality by scores, and by inputs of a regression",
        )
    judge(dataset, state.rejected, state.rows)


def _sampling(source: Opened, settings: QualitySettings) -> SampleFold | None:
    """What keeps rows of which the errors of a regression are learnt."""
    of_errors = source.judging.problem is Problem.REGRESSION
    if not of_errors:
        refuse_selection(settings.run.selection)
        return None
    return sampling(source, settings.run.partition, settings.run.selection)


def _names_of(source: Opened, sampled: SampleFold | None) -> tuple[str, ...]:
    return () if sampled is None else tuple(source.names[at] for at in sampled.features)


def _kept(
    data: Any, source: Opened, settings: QualitySettings, state: QualityState
) -> QualityStates:
    """The state as it is kept: without what only calibrations are made of."""
    kept = replace(state, scored=ScoredRows(), sampled=LossSample())
    states = QualityStates(state=kept, judging=source.judging)
    return of_window(states, data, source.dataset, settings.run)


def named_problem(settings: QualitySettings) -> Problem:
    """The problem type that the settings name.

    Raises:
        SettingsError: they name none.
    """
    if settings.problem_type is None:
        raise SettingsError(
            "the problem type is not known",
            where="problem_type",
            expected=" | ".join(Problem),
            todo="Give --problem-type",
        )
    return Problem.named(settings.problem_type)


def request_of(settings: QualitySettings, problem: Problem) -> QualityRequest:
    """How the settings have rows judged."""
    return QualityRequest(
        problem=problem,
        threshold=settings.probability_threshold_attribute,
        positive=settings.positive_label,
        label_names=settings.probability_labels,
    )


def _refuse_model(model: str | None, kept: QualityStates) -> None:
    if model is not None:
        raise SettingsError(
            "kept states do not tell of which model rows are",
            where="model",
            expected="data",
            found=kept.name,
            todo="Leave the model out: states are of the rows that were read when they were made",
        )


def _refuse_otherwise_judged(kept: QualityStates, asked: QualityRequest) -> None:
    """Refuses states whose rows were judged otherwise; what is not asked for may be anything."""
    usual = QualityRequest(problem=kept.judging.problem)
    for each in fields(QualityRequest):
        found, wanted = getattr(kept.judging, each.name), getattr(asked, each.name)
        if wanted not in {found, getattr(usual, each.name)}:
            raise InputError(
                "the rows of the states were judged otherwise",
                where=f"{kept.name}, {each.name}",
                expected=str(wanted),
                found=str(found),
                todo="Read their data again, or leave the setting out",
            )
