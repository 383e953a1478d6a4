"""The data-quality monitor: did the features change?"""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple, Unpack

from driftkit.dialects import IN_TEXTBOOK
from driftkit.dialects import dialect as dialect_named
from driftkit.formats import statistics as statistics_file
from driftkit.formats.statistics import Statistics
from driftkit.io.reading import of_data
from driftkit.monitors.baselines import baseline_of, statistics_of
from driftkit.monitors.data_quality.checks.categories import unlisted
from driftkit.monitors.data_quality.checks.drift import refuse_unknown_methods
from driftkit.monitors.data_quality.checks.evidence import Evidence
from driftkit.monitors.data_quality.checks.table import CHECK_NAMES, check
from driftkit.monitors.data_quality.derivation import asked_derivation, refuse_other_derivation
from driftkit.monitors.data_quality.description import describe
from driftkit.monitors.data_quality.drift.upstream import refuse_strange_sources
from driftkit.monitors.data_quality.embeddings import vector_distances, vectors_moved
from driftkit.monitors.data_quality.judgement import judged
from driftkit.monitors.data_quality.measuring import Request, measure
from driftkit.monitors.data_quality.results import Baseline, MonitoringResult
from driftkit.monitors.data_quality.segments import (
    asked_splits,
    check_segments,
    evidence_of,
    known_splits,
    refuse_of_baseline,
    segment_constraints,
)
from driftkit.monitors.data_quality.selection import baseline_without
from driftkit.monitors.data_quality.suggestion import suggest
from driftkit.monitors.partition_compat import with_time
from driftkit.monitors.saved_states import combine
from driftkit.readers.opening import is_table, refuse_results
from driftkit.results.verdicts import CHECKS
from driftkit.settings import (
    DataQualityKeywords,
    DialectName,
    JudgementKeywords,
    Partition,
    Settings,
)
from driftkit.settings.declaring import changed, spelt_out
from driftkit.settings.detection import Outcomes
from driftkit.settings.patterns import left_out, refuse_unmatched
from driftkit.states.states import States

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftkit.compute.job import Progress
    from driftkit.dialects import Dialect
    from driftkit.monitors.data_quality.comparing import distances, multivariate
    from driftkit.monitors.data_quality.drift.accepting import Accepted, accept
    from driftkit.monitors.data_quality.drift.replays import ReplayResult, replay
    from driftkit.results.contract import Run

__all__ = [
    "Accepted",
    "Baseline",
    "MonitoringResult",
    "ReplayResult",
    "States",
    "accept",
    "baseline",
    "combine",
    "compare",
    "distances",
    "monitor",
    "multivariate",
    "replay",
]


_LATER = {
    "Accepted": "driftkit.monitors.data_quality.drift.accepting",
    "ReplayResult": "driftkit.monitors.data_quality.drift.replays",
    "accept": "driftkit.monitors.data_quality.drift.accepting",
    "distances": "driftkit.monitors.data_quality.comparing",
    "multivariate": "driftkit.monitors.data_quality.comparing",
    "replay": "driftkit.monitors.data_quality.drift.replays",
}


def __getattr__(name: str) -> Any:
    # What a baseline and a window do not need is loaded on first use.
    if name in _LATER:
        return getattr(import_module(_LATER[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)


@spelt_out(Settings)
@of_data
def baseline(
    data: Any,
    *,
    allow_overlap: bool = False,
    progress: Progress | None = None,
    **settings: Unpack[DataQualityKeywords],
) -> Baseline:
    """Learns what is normal from training data.

    Args:
        data: a path, a list of paths (files, folders, globs, URLs), a pandas or Spark
            DataFrame, an Arrow table or stream (polars, DuckDB, ...), or a mapping of columns to
            values; states from `combine`; or a list of paths and states, which are added up.
        allow_overlap: whether rows that are in two states may count twice.
        progress: called with units done, units in all and rows so far.
        **settings: how data are read and computed, for example dialect="aws".

    Returns:
        Statistics and suggested constraints of every column.

    Raises:
        InputError: the data cannot be read.
        FormatError: a file of states is damaged.
        SettingsError: a setting is unknown or contradicts another.
        EngineError: Spark or Deequ failed.
    """
    chosen = Settings.from_keywords(**settings)
    request = Request(
        purpose="baseline",
        settings=chosen,
        partitions=asked_splits(chosen.partition),
        derivation=asked_derivation(chosen.deriving),
        progress=progress,
        allow_overlap=allow_overlap,
    )
    return _learned(data, request)


def _learned(data: Any, request: Request) -> Baseline:
    measured = measure(data, request)
    statistics = describe(measured.states.table)
    rules = dialect_named(request.settings.compute.dialect)
    textbook, blocks = rules.name in IN_TEXTBOOK, measured.states.blocks()
    times = blocks.by[0] if blocks and textbook else None
    constraints = suggest(statistics, measured.states.derivation.joint_columns, times)
    run, cells, many = measured.run, None, unlisted(statistics) if textbook else set()
    if many or blocks:
        # Most baselines do not know their days, and need none of it.
        from driftkit.monitors.data_quality.drift.inside import counted  # noqa: PLC0415

        cells, said = counted(measured.states, many)
        run = replace(run, remarks=(*run.remarks, *said))
    found = Baseline(
        statistics=statistics,
        constraints=constraints,
        derivation=measured.states.derivation,
        deequ_suggestions=measured.suggestions,
        states=measured.states,
        segment_constraints=segment_constraints(measured.states, constraints),
        cells=cells,
        run=run,
    )
    if request.settings.outcomes.prediction_column:
        from driftkit.monitors.data_quality.drift.outcomes import with_outcomes  # noqa: PLC0415

        found = with_outcomes(found, data, request)
    return judged(found, request.settings.judgement, rules, measured.run.set_aside)


@spelt_out(Settings)
@of_data
def monitor(
    data: Any,
    baseline: Any,
    *,
    history: Sequence[Any] = (),
    allow_overlap: bool = False,
    progress: Progress | None = None,
    **settings: Unpack[DataQualityKeywords],
) -> MonitoringResult:
    """Looks at a window of data and says what is not as in the baseline.

    Args:
        data: as for `baseline`; captured requests are recognised by themselves.
        baseline: what is normal: a Baseline, the path or URL of its folder or of one of its files,
            an earlier result, or states or a table from which it is learnt with the same settings.
            A window is told apart into its segments, where it has some.
        history: windows before this one: results, their folders, or folders that hold these. Drift
            that is too small for one window is found in several, and in the dialect "textbook" days
            without an alarm join those by which this one is judged.
        allow_overlap: whether rows that are in two states may count twice.
        progress: called with units done, units in all and rows so far.
        **settings: as for `baseline`; start and end choose the window.

    Returns:
        Statistics and constraints of the window, and its violations.

    Raises:
        InputError: the data cannot be read, or more than half of the records are bad.
        FormatError: a file of states or of the baseline is missing or damaged.
        SettingsError: a setting is unknown or contradicts another.
        EngineError: Spark or Deequ failed.
    """
    request = _WindowRequest(Settings.from_keywords(**settings), allow_overlap, progress)
    return _monitored(data, baseline, history, request)


class _WindowRequest(NamedTuple):
    """How a window is looked at."""

    settings: Settings
    allow_overlap: bool
    progress: Progress | None


def _monitored(
    data: Any, baseline: Any, history: Sequence[Any], asked: _WindowRequest
) -> MonitoringResult:
    # Only where a window is judged: a baseline needs none of it.
    from driftkit.monitors.data_quality.drift import looking  # noqa: PLC0415

    chosen = asked.settings
    refuse_results(data)
    normal, rules = _resolved_baseline(baseline, chosen), dialect_named(chosen.compute.dialect)
    least = chosen.partition.segment_min_rows
    if is_table(baseline):
        of_window = Partition(segment_min_rows=least)
        chosen = replace(chosen, partition=of_window, outcomes=Outcomes())
    expected = _judged(normal, chosen, rules)
    _refuse(chosen, normal, rules)
    partitions = looking.splits_of(normal, chosen, rules)
    request = Request(
        purpose="monitor",
        settings=with_time(chosen, partitions),
        names=tuple(each.name for each in normal.constraints.features),
        known={f.name: f.domains for f in normal.constraints.features if f.domains is not None},
        partitions=(*known_splits(normal.states), *partitions),
        derivation=normal.derivation,
        progress=asked.progress,
        allow_overlap=asked.allow_overlap,
    )
    measured = measure(data, request)
    states, evidence = measured.states, evidence_of(measured.states.table, expected.constraints)
    result = _compared(evidence, expected, chosen.compute.dialect, run=measured.run)
    result = _with_segments(replace(result, states=states), expected, rules, least)
    found = looking.with_drift(result, expected, history, chosen.detection, rules)
    return (
        replace(found, states=looking.without_splits(states, partitions)) if partitions else found
    )


def _with_segments(
    result: MonitoringResult, normal: Baseline, rules: Dialect, least: int
) -> MonitoringResult:
    """The result with what is not in each segment as in the baseline's."""
    if result.states is None:
        return result
    segments, skipped = check_segments(
        result.states, normal.states, normal.segment_constraints, rules, least
    )
    return replace(result, segments=segments, skipped=(*result.skipped, *skipped))


@spelt_out(Settings, "thresholds", "methods")
def compare(
    statistics: Any,
    baseline: Any,
    *,
    dialect: DialectName = "textbook",
    **settings: Unpack[JudgementKeywords],
) -> MonitoringResult:
    """Violations from files alone; checks that the files cannot answer are listed as not made.

    Args:
        statistics: of the window, as an earlier run wrote them, or the path of its folder or file.
        baseline: what is normal, as for `monitor`; its constraints may have been edited.
        dialect: "textbook" or "aws".
        **settings: thresholds and methods of features, in place of the baseline's.

    Raises:
        InputError: statistics or baseline are something else.
        FormatError: a file is missing or is not what it should be.
        SettingsError: there is no such dialect, column or method.
    """
    from driftkit.monitors.data_quality.drift import looking  # noqa: PLC0415

    chosen = Settings.from_keywords(dialect=dialect, **settings)
    window = statistics_of(statistics, Statistics, statistics_file.read_file)
    evidence = Evidence(statistics=window, type_counts=None, value_counts=None)
    resolved = _resolved_baseline(baseline, chosen)
    rules = dialect_named(chosen.compute.dialect)
    normal = judged(resolved, chosen.judgement, rules)
    result = _compared(evidence, normal, chosen.compute.dialect, run=None)
    return looking.with_drift(result, normal, (), chosen.detection, rules)


def _resolved_baseline(handed_in: Any, settings: Settings) -> Baseline:
    # Deequ's suggestions are files of a baseline that is kept, and take minutes.
    engine = "scan" if settings.compute.engine == "auto" else settings.compute.engine
    chosen = changed(settings, start=None, end=None, engine=engine)
    request = Request(
        purpose="baseline",
        settings=chosen,
        partitions=asked_splits(chosen.partition),
        derivation=asked_derivation(chosen.deriving),
    )
    if isinstance(handed_in, States):
        return _learned(handed_in, request)
    return baseline_of(handed_in, Baseline, MonitoringResult, lambda data: _learned(data, request))


def _judged(baseline: Baseline, settings: Settings, rules: Dialect) -> Baseline:
    """The baseline of the columns that take part, as the run judges them."""
    names = [feature.name for feature in baseline.constraints.features]
    out = left_out(names, settings.selection)
    return judged(baseline_without(baseline, out), settings.judgement, rules, out)


def _refuse(settings: Settings, baseline: Baseline, rules: Dialect) -> None:
    """Refuses what cannot be, before any row is read."""
    refuse_unknown_methods(baseline.constraints, rules)
    refuse_unmatched("severity", settings.grading.severity, (*CHECK_NAMES, *CHECKS), "checks")
    refuse_other_derivation(settings.deriving, baseline.derivation)
    names = [each.name for each in baseline.constraints.features]
    refuse_strange_sources(settings.detection.sources, names, baseline.derivation)
    refuse_of_baseline(settings)


def _compared(
    evidence: Evidence, baseline: Baseline, dialect: str, run: Run | None
) -> MonitoringResult:
    rules = dialect_named(dialect)
    outcome = check(evidence, baseline.constraints, baseline.statistics, rules)
    of_vectors = tuple(
        vector_distances(evidence.statistics, baseline.statistics, baseline.derivation)
    )
    if run is not None:
        run = replace(run, remarks=(*run.remarks, *vectors_moved(of_vectors)))
    constraints = suggest(evidence.statistics, baseline.derivation.joint_columns)
    return MonitoringResult(
        statistics=evidence.statistics,
        constraints=constraints,
        violations=outcome.violations,
        found=outcome.findings,
        skipped=outcome.skipped,
        distances=(*outcome.distances, *of_vectors),
        baseline=baseline,
        run=run,
    )
