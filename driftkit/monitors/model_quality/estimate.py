"""Runs an estimate: reads predictions, or kept states of them, and asks the baseline's calibration."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from driftkit.capture.window import hour_of, is_inside
from driftkit.comparison.estimation.loss_fit import LEAST_ROWS
from driftkit.compute.job import Job
from driftkit.errors import InputError, SettingsError
from driftkit.formats.model_quality.loss_calibration import LossCalibration
from driftkit.formats.model_quality.problems import Problem
from driftkit.monitors.data_quality.segments import asked_splits
from driftkit.monitors.kept_states import KeptStates, placed, signed
from driftkit.monitors.model_quality.estimate_results import QualityEstimate
from driftkit.monitors.model_quality.estimating import estimate_of
from driftkit.monitors.model_quality.inputs import opened
from driftkit.monitors.model_quality.loss_estimating import loss_estimate_of
from driftkit.monitors.model_quality.loss_inputs import expecting, refuse_selection
from driftkit.readers.dataset import judge
from driftkit.readers.opening import record_files
from driftkit.results.contract import Run, Skipped
from driftkit.states.partitions.partition import PartitionOptions
from driftkit.states.quality import expected_storage, scored_storage
from driftkit.states.quality.expected_storage import ExpectedStates
from driftkit.states.quality.labels import canonical
from driftkit.states.quality.scored_rows import ScoredRows
from driftkit.states.quality.scored_storage import ScoredStates
from driftkit.states.quality.state import QualityRequest

if TYPE_CHECKING:
    from driftkit.compute.job import Progress
    from driftkit.formats.model_quality.calibration import Calibration
    from driftkit.monitors.model_quality.inputs import Opened
    from driftkit.monitors.model_quality.results import ModelBaseline
    from driftkit.monitors.model_quality.settings import QualitySettings

KEPT_ERRORS = KeptStates(
    monitor=expected_storage.MONITOR,
    kind=ExpectedStates,
    loads=expected_storage.loads,
    combined=expected_storage.combined,
)
KEPT = KeptStates(
    monitor=scored_storage.MONITOR,
    kind=ScoredStates,
    loads=scored_storage.loads,
    combined=scored_storage.combined,
)

_OF_CLASSES = "labels beside the rows are compared with estimates of classes only"


def estimated(
    data: Any,
    labelled: Any,
    baseline: ModelBaseline,
    settings: QualitySettings,
    progress: Progress | None,
) -> QualityEstimate:
    """The estimate of a window, with the states that it was read from.

    Args:
        data: whatever the monitors take; labels may be missing.
        labelled: those of the rows whose labels have come, with these; None for none.
        baseline: what is normal.
        settings: of the run.
        progress: called with units done, units in all and rows so far.

    Raises:
        InputError: the data cannot be read.
        SettingsError: the baseline has no calibration, or a setting contradicts it.
    """
    began = time.perf_counter()
    known = _calibration(baseline)
    _refuse_segments(settings)
    refuse_selection(settings.run.selection)
    states: ScoredStates | ExpectedStates
    if isinstance(known, LossCalibration):
        states, run, skipped = _read_errors(data, known, settings, progress)
        estimate = loss_estimate_of(states.state, known)
        if labelled is not None:
            skipped.append(Skipped(check="labels", reason=_OF_CLASSES))
    else:
        states, run, skipped = _read(data, known, settings, progress)
        if labelled is not None and states.state.rows:
            state, more = _labelled(labelled, known, settings)
            states = replace(states, state=states.state.labelled_by(state))
            skipped += more
        estimate = estimate_of(states.state, known)
    run = replace(run, monitor=KEPT.monitor).ended(states.state, began)
    return QualityEstimate(
        estimate=estimate,
        baseline=baseline,
        skipped=tuple(skipped),
        states=states,
        run=run,
    )


def with_states_as_asked(found: QualityEstimate, *, keep_states: bool) -> QualityEstimate:
    """The estimate with its states if they are kept; those that were handed in stay."""
    of_states = found.run is not None and found.run.engine == "kept states"
    if of_states or found.states is None:
        return found
    return replace(found, states=signed(found.states) if keep_states else None)


def _read(
    data: Any, known: Calibration, settings: QualitySettings, progress: Progress | None
) -> tuple[ScoredStates, Run, list[Skipped]]:
    """The rows by score, what is known of the run, and what could not be told apart."""
    judging = _request(known, settings)
    kept = KEPT.kept_in(data)
    if kept is not None:
        _refuse_other_classes(known, kept.judging, kept.name)
        return kept, KEPT.about(kept, settings.run), []
    _refuse_other_classes(known, judging, "positive_label, probability_labels")
    apart = [name for split in asked_splits(settings.run.partition) for name in split.by]
    source = opened(data, settings, judging, labelled=False, apart=[*known.segment_by, *apart])
    run = Run.about(KEPT.monitor, source.dataset, settings.run, source.engine)
    partitions, skipped = _partitions(source, known, settings)
    job = Job(fold=source.scoring(partitions))
    state = source.runner.run(source.dataset, job, progress)
    judge(source.dataset, state.rejected, state.rows)
    states = ScoredStates(state=state, judging=judging)
    return placed(states, data, source.dataset, settings.run), run, skipped


def _read_errors(
    data: Any, known: LossCalibration, settings: QualitySettings, progress: Progress | None
) -> tuple[ExpectedStates, Run, list[Skipped]]:
    """The errors that are expected of rows, what is known of the run, and what was not told apart."""
    kept = KEPT_ERRORS.kept_in(data)
    if kept is not None:
        if kept.model != known.digest:
            raise InputError(
                "the errors of the states were expected by another baseline",
                where=kept.name,
                expected="states of estimates by this baseline",
                found="those of another model of errors",
                todo="Give the baseline that they were estimated by, or estimate the data again",
            )
        return kept, KEPT_ERRORS.about(kept, settings.run), []
    judging = QualityRequest(problem=Problem.REGRESSION)
    apart = [name for split in asked_splits(settings.run.partition) for name in split.by]
    fields = [*known.asked, *known.segment_by, *apart]
    source = opened(data, settings, judging, labelled=False, apart=fields)
    run = Run.about(KEPT_ERRORS.monitor, source.dataset, settings.run, source.engine)
    partitions, skipped = _partitions(source, known, settings)
    job = Job(fold=expecting(source, known, partitions))
    state = source.runner.run(source.dataset, job, progress)
    judge(source.dataset, state.rejected, state.rows)
    states = ExpectedStates(state=state, judging=judging, model=known.digest)
    return placed(states, data, source.dataset, settings.run), run, skipped


def _labelled(
    data: Any, known: Calibration, settings: QualitySettings
) -> tuple[ScoredRows, list[Skipped]]:
    """The rows whose labels have come; it is said where there are none in the window."""
    files, window = record_files(data, settings.run.read), settings.run.window
    hours = [hour_of(each.path) for each in files or ()]
    if files and not any(is_inside(hour, window.start, window.end) for hour in hours):
        return ScoredRows(), [Skipped(check="labels", reason="none of the window has come")]
    states, _, skipped = _read(data, known, settings, None)
    return states.state, skipped


def _request(known: Calibration, settings: QualitySettings) -> QualityRequest:
    """How rows are judged: as the baseline's were, but for a threshold that was said."""
    usual = type(settings)().probability_threshold_attribute
    asked = settings.probability_threshold_attribute
    return QualityRequest(
        problem=known.problem,
        threshold=asked if asked != usual else known.threshold,
        positive=settings.positive_label or known.positive_label,
        label_names=settings.probability_labels or known.labels,
    )


def _refuse_other_classes(known: Calibration, judging: QualityRequest, where: str) -> None:
    """Refuses rows of other classes than those whose scores the baseline knows."""
    binary = judging.problem is Problem.BINARY
    names = (judging.positive or "1",) if binary else judging.label_names
    asked = {canonical(each) for each in names}
    expected = {each.label for each in known.whole.tables}
    if judging.problem is not known.problem or asked != expected:
        raise SettingsError(
            "baseline and window are about different classes",
            where=where,
            expected=f"{known.problem} of {', '.join(sorted(expected))}",
            found=f"{judging.problem} of {', '.join(sorted(asked))}",
            todo="Give the baseline of this model, or leave the labels out",
        )


def _partitions(
    source: Opened, known: Calibration | LossCalibration, settings: QualitySettings
) -> tuple[list[PartitionOptions], list[Skipped]]:
    """How rows are told apart, as far as they have the columns."""
    partitions, skipped = [*asked_splits(settings.run.partition)], []
    if known.segment_by:
        names = {column.name for column in source.dataset.columns}
        missing = [each for each in known.segment_by if each not in names]
        if missing:
            reason = f"the window has no column {', '.join(missing)}"
            skipped.append(Skipped(check="segments", reason=reason))
        else:
            partitions.append(PartitionOptions(by=known.segment_by, keys=known.keys))
    return partitions, skipped


def _calibration(baseline: ModelBaseline) -> Calibration | LossCalibration:
    if baseline.calibration is None and baseline.constraints.problem is Problem.REGRESSION:
        raise SettingsError(
            "the baseline does not say which errors are to be expected",
            where="baseline",
            expected="calibration.json beside its constraints.json",
            found="none",
            todo=f"Make it with `driftkit model-quality baseline` of {LEAST_ROWS} different labelled "
            "rows or more, in the dialect textbook",
        )
    if baseline.calibration is None:
        raise SettingsError(
            "the baseline does not say what scores mean",
            where="baseline",
            expected="calibration.json beside its constraints.json",
            found="none",
            todo="Make it with `driftkit model-quality baseline` of labelled probabilities "
            "(--probability-attribute), in the dialect textbook",
        )
    return baseline.calibration


def _refuse_segments(settings: QualitySettings) -> None:
    if settings.run.partition.segment_by:
        raise SettingsError(
            "segments are those of the baseline",
            where="segment_by",
            expected="nothing",
            found=", ".join(settings.run.partition.segment_by),
            todo="Leave it out; make the baseline with --segment-by",
        )
