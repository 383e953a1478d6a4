"""The model-quality monitor: did the predictions get worse?"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Unpack

from driftkit.compute.scores.local import LocalRanges
from driftkit.compute.scores.ranges import curves
from driftkit.dialects import dialect as dialect_named
from driftkit.errors import SettingsError
from driftkit.formats.model_quality import statistics as statistics_file
from driftkit.formats.model_quality.problems import Problem
from driftkit.formats.model_quality.statistics import ModelStatistics
from driftkit.io.reading import of_data
from driftkit.monitors.baselines import baseline_of, statistics_of
from driftkit.monitors.kept_states import save_states, window_of
from driftkit.monitors.model_quality.baseline_intervals import intervals_of
from driftkit.monitors.model_quality.checks import Noise, check
from driftkit.monitors.model_quality.description import Described, describe
from driftkit.monitors.model_quality.inputs import opened
from driftkit.monitors.model_quality.results import ModelBaseline, ModelResult
from driftkit.monitors.model_quality.settings import ModelQualityKeywords, QualitySettings
from driftkit.monitors.model_quality.states import KEPT, refuse_otherwise_judged
from driftkit.monitors.model_quality.suggestion import suggest
from driftkit.readers.dataset import judge as judge_records
from driftkit.readers.opening import refuse_results
from driftkit.results.contract import Run
from driftkit.settings.declaring import changed, spelt_out
from driftkit.states.quality.labels import refuse_unseen
from driftkit.states.quality.state import QualityRequest
from driftkit.states.quality.storage import QualityStates, digest_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from driftkit.comparison.quality_intervals import Interval
    from driftkit.compute.job import Progress
    from driftkit.compute.scores.ranges import Ranges
    from driftkit.settings import DialectName

__all__ = [
    "ModelBaseline",
    "ModelResult",
    "QualityStates",
    "baseline",
    "combine",
    "compare",
    "monitor",
    "save_states",
    "states",
]

combine = KEPT.combine


@spelt_out(QualitySettings)
@of_data
def baseline(
    data: Any, *, progress: Progress | None = None, **settings: Unpack[ModelQualityKeywords]
) -> ModelBaseline:
    """Learns what quality is normal from labelled predictions.

    Args:
        data: a path, a list of paths (files, folders, globs, URLs), a pandas or Spark
            DataFrame, an Arrow table, or a mapping of columns to values; or states, in files too.
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
    return _learned(data, QualitySettings.from_keywords(**settings), progress)


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
    judging = _judging(chosen, _problem(chosen))
    source = opened(data, chosen, judging)
    state = source.runner.run(source.dataset, source.job, progress)
    judge_records(source.dataset, state.rejected, state.rows)
    window = window_of(data, source.dataset, chosen.run, rows=state.rows, digest=digest_of(state))
    return QualityStates(
        state=state,
        judging=judging,
        windows=(window,),
        name=window.source or source.dataset.name,
    )


def _learned(data: Any, chosen: QualitySettings, progress: Progress | None) -> ModelBaseline:
    kept = KEPT.kept_in(data)
    problem = _problem(chosen) if kept is None or chosen.problem_type else kept.judging.problem
    measured = _measured(data if kept is None else kept, chosen, problem, progress, labels=())
    return ModelBaseline(
        statistics=measured.described.statistics,
        constraints=suggest(measured.described.statistics),
        intervals=measured.described.intervals,
        states=kept,
        run=measured.run,
    )


@spelt_out(QualitySettings)
@of_data
def monitor(
    data: Any,
    baseline: Any,
    *,
    progress: Progress | None = None,
    **settings: Unpack[ModelQualityKeywords],
) -> ModelResult:
    """Judges a window of merged captures, or of labelled predictions, against a baseline.

    Args:
        data: as for `baseline`; merged captures are recognised by themselves.
        baseline: what is normal: a ModelBaseline, the path or URL of its folder or of one of its
            files, an earlier result, or a table of labelled predictions from which it is learnt with
            the same settings, among which problem_type must be then.
        progress: called with units done, units in all and rows so far.
        **settings: as for `baseline`; start and end choose the window, the problem type is the
            baseline's.

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
    if chosen.problem_type is not None and Problem.named(chosen.problem_type) is not problem:
        raise SettingsError(
            "the baseline is about another problem",
            where="problem_type",
            expected=problem,
            found=chosen.problem_type,
            todo="Leave the problem type out, or give the baseline of this model",
        )
    kept = KEPT.kept_in(data)
    given = data if kept is None else kept
    measured = _measured(given, chosen, problem, progress, labels=_labels(normal))
    statistics = replace(
        measured.described.statistics,
        start_time=_second(chosen.run.window.start),
        end_time=_second(chosen.run.window.end),
    )
    result = _compared(statistics, measured.described.intervals, normal, chosen, run=measured.run)
    return replace(result, states=kept)


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
        handed_in, ModelBaseline, ModelResult, lambda data: _learned(data, chosen, None)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Measured:
    described: Described
    run: Run


def _problem(settings: QualitySettings) -> Problem:
    if settings.problem_type is None:
        raise SettingsError(
            "the problem type is not known",
            where="problem_type",
            expected=" | ".join(Problem),
            todo="Give --problem-type",
        )
    return Problem.named(settings.problem_type)


def _judging(settings: QualitySettings, problem: Problem) -> QualityRequest:
    return QualityRequest(
        problem=problem,
        threshold=settings.probability_threshold_attribute,
        positive=settings.positive_label,
        label_names=settings.probability_labels,
    )


def _labels(baseline: ModelBaseline) -> Collection[str] | None:
    """The labels of a baseline; None where they are not known."""
    return None if baseline.statistics is None else baseline.statistics.matrix


def _measured(
    data: Any,
    settings: QualitySettings,
    problem: Problem,
    progress: Progress | None,
    *,
    labels: Collection[str] | None,
) -> _Measured:
    began = time.perf_counter()
    judging = _judging(settings, problem)
    if isinstance(data, QualityStates):
        refuse_otherwise_judged(data, judging)
        judging, about, held = data.judging, KEPT.about(data, settings.run), LocalRanges()
        state = held.take(data.state)
        ranges: Ranges | None = held if held.parts else None
    else:
        source = opened(data, settings, judging)
        about = replace(
            Run.about("model_quality", source.dataset, settings.run), engine=source.engine
        )
        state, ranges = source.runner.run_scored(source.dataset, source.job, progress)
        judge_records(source.dataset, state.rejected, state.rows)
    rules = dialect_named(settings.run.compute.dialect)
    asked = problem is Problem.BINARY and not rules.unseen_value_is_empty
    if asked and judging.positive is not None and labels is not None:
        refuse_unseen(state.confusion, judging.positive, labels)
    described = describe(
        state,
        judging,
        curves=None if ranges is None else curves(ranges, every_point=rules.every_curve_point),
        dialect=settings.run.compute.dialect,
    )
    now = replace(described.statistics, evaluation_time=_millisecond(datetime.now(UTC)))
    return _Measured(
        described=replace(described, statistics=now),
        run=replace(
            about,
            rows=state.rows,
            seconds=time.perf_counter() - began,
            rejected=state.rejected,
        ),
    )


def _compared(
    statistics: ModelStatistics,
    intervals: Mapping[str, Interval | None],
    baseline: ModelBaseline,
    settings: QualitySettings,
    *,
    run: Run | None,
) -> ModelResult:
    noise = Noise(
        window=intervals,
        baseline=baseline.known_intervals,
        beyond_only=settings.violations_beyond_noise,
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
