"""The model-quality monitor: did the predictions get worse?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Unpack

from driftkit.compute.scores.ranges import curves
from driftkit.dialects import dialect as dialect_named
from driftkit.errors import SettingsError
from driftkit.formats.model_quality import statistics as statistics_file
from driftkit.formats.model_quality.problems import Problem
from driftkit.formats.model_quality.statistics import ModelStatistics
from driftkit.io.reading import of_data
from driftkit.monitors.baselines import baseline_of, statistics_of
from driftkit.monitors.kept_states import save_states
from driftkit.monitors.model_quality.baseline_intervals import intervals_of
from driftkit.monitors.model_quality.calibrating import calibration_of
from driftkit.monitors.model_quality.checks import CHECK_NAMES, Noise, check, suggest
from driftkit.monitors.model_quality.description import Described, describe
from driftkit.monitors.model_quality.estimate import estimated, with_states_as_asked
from driftkit.monitors.model_quality.estimate_results import QualityEstimate
from driftkit.monitors.model_quality.label_coverage import label_metrics
from driftkit.monitors.model_quality.loss_calibrating import loss_calibration_of
from driftkit.monitors.model_quality.measuring import KEPT, Wanted, measured
from driftkit.monitors.model_quality.results import ModelBaseline, ModelResult
from driftkit.monitors.model_quality.settings import ModelQualityKeywords, QualitySettings
from driftkit.readers.opening import refuse_results
from driftkit.settings.declaring import changed, spelt_out
from driftkit.settings.patterns import matched, refuse_unmatched
from driftkit.states.quality.labels import refuse_unseen
from driftkit.states.quality.storage import QualityStates

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from driftkit.comparison.quality_intervals import Interval
    from driftkit.compute.job import Progress
    from driftkit.formats.model_quality.calibration import Calibration
    from driftkit.formats.model_quality.loss_calibration import LossCalibration
    from driftkit.monitors.model_quality.measuring import Measured
    from driftkit.results.contract import Run
    from driftkit.settings import DialectName

__all__ = [
    "ModelBaseline",
    "ModelResult",
    "QualityEstimate",
    "QualityStates",
    "baseline",
    "combine",
    "compare",
    "estimate",
    "monitor",
    "save_states",
    "states",
]

combine = KEPT.combine


@spelt_out(QualitySettings)
@of_data
def baseline(
    data: Any,
    *,
    keep_states: bool = False,
    progress: Progress | None = None,
    **settings: Unpack[ModelQualityKeywords],
) -> ModelBaseline:
    """Learns what quality is normal from labelled predictions.

    Args:
        data: a path, a list of paths (files, folders, globs, URLs), a pandas or Spark
            DataFrame, an Arrow table, or a mapping of columns to values; or states, in files too.
        keep_states: whether `write` writes states.arrow too, by which windows are combined; the
            scores of a binary classification come to this process then.
        progress: called with units done, units in all and rows so far.
        **settings: how data are read and judged, for example problem_type="Regression",
            inference_attribute="prediction".

    Returns:
        Statistics, and the measured values as constraints.

    Raises:
        InputError: the data cannot be read, or labels and predictions do not fit the problem.
        SettingsError: a setting is unknown or missing.
        EngineError: Spark failed.
    """
    chosen = QualitySettings.from_keywords(**settings)
    return _learned(data, chosen, progress, keep_states=keep_states)


@spelt_out(QualitySettings)
@of_data
def states(
    data: Any, *, progress: Progress | None = None, **settings: Unpack[ModelQualityKeywords]
) -> QualityStates:
    """What is known of a window, to be judged with others without reading its rows again.

    `baseline` and `monitor` take it in place of data, `save_states` writes it, and `combine` adds up
    several. Of a binary classification with probabilities it has every distinct score, 8 bytes each,
    which come to this process.

    Args:
        data: as for `baseline`.
        progress: as for `baseline`.
        **settings: as for `baseline`.

    Raises:
        DriftkitError: as `baseline`.
    """
    chosen = QualitySettings.from_keywords(**settings)
    found = measured(data, chosen, Wanted(keep_states=True), progress).states
    assert found is not None  # noqa: S101  (they were asked for)
    return found


def _learned(
    data: Any, chosen: QualitySettings, progress: Progress | None, *, keep_states: bool
) -> ModelBaseline:
    wanted = Wanted(keep_states=keep_states, calibrate=chosen.run.compute.dialect != "aws")
    found = measured(data, chosen, wanted, progress)
    described, run = _described(found, chosen, labels=())
    known = _calibration(found, chosen)
    return ModelBaseline(
        statistics=described.statistics,
        constraints=suggest(described.statistics),
        intervals=described.intervals,
        states=found.states,
        calibration=known,
        run=run,
    )


def _calibration(found: Measured, chosen: QualitySettings) -> Calibration | LossCalibration | None:
    """By which quality is estimated without labels; None where the rows do not tell it."""
    state, partition = found.state, chosen.run.partition
    if found.judging.problem is Problem.REGRESSION:
        return loss_calibration_of(state.sampled, found.features, partition)
    return calibration_of(state.scored, found.judging, partition)


@spelt_out(QualitySettings)
@of_data
def monitor(
    data: Any,
    baseline: Any,
    *,
    keep_states: bool = False,
    progress: Progress | None = None,
    **settings: Unpack[ModelQualityKeywords],
) -> ModelResult:
    """Judges a window of merged captures, or of labelled predictions, against a baseline.

    Args:
        data: as for `baseline`; merged captures are recognised by themselves.
        baseline: what is normal: a ModelBaseline, the path or URL of its folder or of one of its
            files, an earlier result, or a table of labelled predictions from which it is learnt with
            the same settings, among which problem_type must be then.
        keep_states: as for `baseline`.
        progress: called with units done, units in all and rows so far.
        **settings: as for `baseline`; start and end choose the window, the problem type is the
            baseline's. Metrics are of all rows together: time_column and segment_by say nothing.

    Returns:
        Statistics and constraints of the window, and its violations.

    Raises:
        InputError: the data cannot be read, hold several variants, or have no ground truth.
        FormatError: the baseline is missing or is not what it should be.
        SettingsError: a setting is unknown or missing.
        EngineError: Spark failed.
    """
    chosen = QualitySettings.from_keywords(**settings)
    refuse_results(data)
    normal = _resolved_baseline(baseline, chosen)
    problem = normal.constraints.problem
    _refuse_another_problem(chosen, problem)
    bounds = normal.constraints.metrics
    known = {*CHECK_NAMES, *bounds}
    refuse_unmatched("severity", chosen.run.grading.severity, known, "checks or metrics")
    refuse_unmatched("beyond_noise", chosen.beyond_noise, bounds, "metrics")
    found = measured(data, chosen, Wanted(problem=problem, keep_states=keep_states), progress)
    labels = None if normal.statistics is None else normal.statistics.matrix
    described, run = _described(found, chosen, labels=labels)
    statistics = replace(
        described.statistics,
        start_time=_second(chosen.run.window.start),
        end_time=_second(chosen.run.window.end),
    )
    result = _compared(statistics, described.intervals, normal, chosen, run=run)
    come = label_metrics(data, chosen.run.window)
    return replace(result, states=found.states, labels=come)


@spelt_out(QualitySettings)
@of_data
def estimate(
    data: Any,
    baseline: Any,
    *,
    labelled: Any = None,
    keep_states: bool = False,
    progress: Progress | None = None,
    **settings: Unpack[ModelQualityKeywords],
) -> QualityEstimate:
    """Estimates the quality of predictions whose labels have not come, or not all of them.

    Args:
        data: predictions with probabilities, as for `baseline`; captures, merged or not; or states
            of earlier estimates. Labels are compared with the estimate as far as there are some.
        baseline: as for `monitor`; it was made of probabilities, in the dialect textbook.
        labelled: those of the rows again whose labels have come, as merged captures.
        keep_states: whether `write` writes states.arrow too, by which windows are combined.
        progress: called with units done, units in all and rows so far.
        **settings: as for `baseline`; start and end choose the window. time_column tells days
            apart, segments are the baseline's.

    Returns:
        The estimate with its intervals, limits, and what is known of how far it can be trusted.

    Raises:
        InputError: the data cannot be read, hold several variants, or have no probabilities.
        FormatError: the baseline is missing or is not what it should be.
        SettingsError: a setting is unknown or missing, or the baseline has no calibration.
        EngineError: Spark failed.
    """
    chosen = QualitySettings.from_keywords(**settings)
    refuse_results(data)
    normal = _resolved_baseline(baseline, chosen)
    found = estimated(data, labelled, normal, chosen, progress)
    return with_states_as_asked(found, keep_states=keep_states)


def compare(
    statistics: Any,
    baseline: Any,
    *,
    dialect: DialectName = "textbook",
    violations_beyond_noise: bool = False,
) -> ModelResult:
    """Violations from files alone, for example to try out a threshold.

    Args:
        statistics: of the window, as an earlier run wrote them, or the path of its folder or file.
        baseline: what is normal, as for `monitor`; its constraints may have been edited.
        dialect: "textbook" or "aws".
        violations_beyond_noise: whether only falls that chance hardly explains are reported.

    Raises:
        InputError: statistics or baseline are something else.
        FormatError: a file is missing or is not what it should be.
        SettingsError: a setting is not one of those known.
    """
    chosen = QualitySettings.from_keywords(
        dialect=dialect, violations_beyond_noise=violations_beyond_noise
    )
    window = statistics_of(statistics, ModelStatistics, statistics_file.read_file)
    return _compared(
        window, intervals_of(window), _resolved_baseline(baseline, chosen), chosen, run=None
    )


def _resolved_baseline(handed_in: Any, settings: QualitySettings) -> ModelBaseline:
    chosen = changed(settings, start=None, end=None)
    return baseline_of(
        handed_in,
        ModelBaseline,
        ModelResult,
        lambda data: _learned(data, chosen, None, keep_states=False),
    )


def _refuse_another_problem(settings: QualitySettings, problem: Problem) -> None:
    if settings.problem_type is not None and Problem.named(settings.problem_type) is not problem:
        raise SettingsError(
            "the baseline is about another problem",
            where="problem_type",
            expected=problem,
            found=settings.problem_type,
            todo="Leave the problem type out, or give the baseline of this model",
        )


def _described(
    found: Measured, settings: QualitySettings, *, labels: Collection[str] | None
) -> tuple[Described, Run]:
    state, judging, ranges = found.state, found.judging, found.ranges
    rules = dialect_named(settings.run.compute.dialect)
    asked = judging.problem is Problem.BINARY and not rules.unseen_value_is_empty
    if asked and judging.positive is not None and labels is not None:
        refuse_unseen(state.confusion, judging.positive, labels)
    described = describe(
        state,
        judging,
        curves=None if ranges is None else curves(ranges, every_point=rules.every_curve_point),
        dialect=settings.run.compute.dialect,
    )
    now = replace(described.statistics, evaluation_time=_millisecond(datetime.now(UTC)))
    run = found.run.ended(state, found.began)
    return replace(described, statistics=now), run


def _compared(
    statistics: ModelStatistics,
    intervals: Mapping[str, Interval | None],
    baseline: ModelBaseline,
    settings: QualitySettings,
    *,
    run: Run | None,
) -> ModelResult:
    bounds = baseline.constraints.metrics
    noise = Noise(
        window=intervals,
        baseline=baseline.known_intervals,
        beyond_only=bounds
        if settings.violations_beyond_noise
        else matched(settings.beyond_noise, bounds),
    )
    outcome = check(
        statistics, baseline.constraints, dialect=settings.run.compute.dialect, noise=noise
    )
    return ModelResult(
        statistics=statistics,
        constraints=suggest(statistics),
        violations=outcome.violations,
        judgements=outcome.judgements,
        skipped=outcome.skipped,
        intervals=intervals,
        baseline=baseline,
        run=run,
    )


def _second(moment: datetime | None) -> str | None:
    # %Y would leave out the zeros of the year 1.
    return None if moment is None else f"{moment.replace(tzinfo=None).isoformat()[:19]}Z"


def _millisecond(moment: datetime) -> str:
    """As Java writes an instant: 2022-12-11T07:15:20.74Z.

    >>> _millisecond(datetime(2022, 12, 11, 7, 15, 20, 740_000, UTC))
    '2022-12-11T07:15:20.74Z'
    """
    fraction = f"{moment.microsecond // 1000:03d}".rstrip("0")
    return f"{moment:%Y-%m-%dT%H:%M:%S}{'.' if fraction else ''}{fraction}Z"
