"""Did the features change? Baseline, monitor and compare, in Model Monitor's files."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from driftkit.dialects import dialect as dialect_named
from driftkit.engines.choice import choose
from driftkit.monitors.data import opened
from driftkit.monitors.results import Baseline, MonitoringResult, Run
from driftkit.records.dataset import judge
from driftkit.settings import Settings
from driftkit.statistics.description import describe
from driftkit.statistics.table import FoldOptions
from driftkit.suggestion.constraints import suggest
from driftkit.violations.data_quality import check
from driftkit.violations.evidence import Evidence

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftkit.engines.protocol import Engine, Progress
    from driftkit.formats.statistics import Statistics
    from driftkit.statistics.table import TableState

__all__ = ["Baseline", "MonitoringResult", "baseline", "compare", "monitor"]


def baseline(data: Any, *, progress: Progress | None = None, **settings: Any) -> Baseline:
    """Learns what is normal from training data.

    Args:
        data: a path, a list of paths (files, folders, globs, URLs), a pandas or Spark
            DataFrame, an Arrow table, or a mapping of columns to values.
        progress: called with units done, units in all and rows so far.
        **settings: the fields of driftkit.settings.Settings, for example dialect="aws".

    Returns:
        Statistics and suggested constraints of every column.

    Raises:
        InputError: the data cannot be read.
        SettingsError: a setting is unknown or contradicts another.
        EngineError: Spark or Deequ failed.
    """
    chosen = Settings.of(**settings)
    began = time.perf_counter()
    dataset = opened(data, chosen)
    engine = choose(dataset, chosen, purpose="baseline")
    rules = dialect_named(chosen.dialect)
    options = FoldOptions(row_order=rules.row_order_moments)
    state = engine.profile(dataset, options, progress)
    judge(dataset, state.rejected, state.rows)
    statistics = describe(state, dialect=chosen.dialect)
    return Baseline(
        statistics=statistics,
        constraints=suggest(statistics),
        deequ_suggestions=engine.suggestions(dataset, state),
        run=_run(began, engine, state, dataset.set_aside),
    )


def monitor(
    data: Any, baseline: Baseline, *, progress: Progress | None = None, **settings: Any
) -> MonitoringResult:
    """Looks at a window of data and says what is not as in the baseline.

    Args:
        data: as for `baseline`; captured requests are recognised by themselves.
        baseline: what is normal.
        progress: called with units done, units in all and rows so far.
        **settings: the fields of driftkit.settings.Settings; start and end choose the window.

    Returns:
        Statistics and constraints of the window, and its violations.

    Raises:
        InputError: the data cannot be read, or more than half of the records are bad.
        SettingsError: a setting is unknown or contradicts another.
        EngineError: Spark or Deequ failed.
    """
    chosen = Settings.of(**settings)
    began = time.perf_counter()
    features = baseline.constraints.features
    dataset = opened(data, chosen, tuple(feature.name for feature in features))
    engine = choose(dataset, chosen, purpose="monitor")
    options = FoldOptions(
        row_order=dialect_named(chosen.dialect).row_order_moments,
        known={f.name: f.domains for f in features if f.domains is not None},
    )
    state = engine.profile(dataset, options, progress)
    judge(dataset, state.rejected, state.rows)
    statistics = describe(state, dialect=chosen.dialect)
    return _judged(
        _evidence(statistics, state),
        baseline,
        chosen.dialect,
        run=_run(began, engine, state, dataset.set_aside),
    )


def compare(
    statistics: Statistics, baseline: Baseline, *, dialect: str = "textbook"
) -> MonitoringResult:
    """Violations from files alone; checks that the files cannot answer are listed as not made.

    Args:
        statistics: of the window, as an earlier run wrote them.
        baseline: what is normal; its constraints may have been edited.
        dialect: "textbook" or "aws".
    """
    evidence = Evidence(statistics=statistics, type_counts=None, value_counts=None)
    return _judged(evidence, baseline, dialect, run=None)


def _judged(
    evidence: Evidence, baseline: Baseline, dialect: str, run: Run | None
) -> MonitoringResult:
    rules = dialect_named(dialect)
    outcome = check(evidence, baseline.constraints, baseline.statistics, rules)
    constraints = suggest(evidence.statistics)
    return MonitoringResult(
        statistics=evidence.statistics,
        constraints=constraints,
        violations=outcome.violations,
        findings=outcome.findings,
        not_made=outcome.not_made,
        baseline=baseline,
        run=run,
    )


def _evidence(statistics: Statistics, state: TableState) -> Evidence:
    return Evidence(
        statistics=statistics,
        type_counts={column.name: column.types.by_type() for column in state.columns},
        value_counts={column.name: column.frequencies.known() for column in state.columns},
    )


def _run(began: float, engine: Engine, state: TableState, set_aside: Mapping[str, str]) -> Run:
    return Run(
        rows=state.rows,
        seconds=time.perf_counter() - began,
        engine=engine.name,
        note=engine.note,
        rejected=state.rejected,
        set_aside=set_aside,
    )
