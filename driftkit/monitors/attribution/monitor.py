"""The attribution monitor: did the reasons behind predictions change?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Unpack

from driftkit.dialects import dialect
from driftkit.errors import SettingsError
from driftkit.formats.explanations import Explanations
from driftkit.formats.violations import ATTRIBUTION_CHECK
from driftkit.io.reading import of_data
from driftkit.monitors.attribution.checks import RankingRule, compare, threshold_said, unranked
from driftkit.monitors.attribution.inputs import opened, sampled_rows
from driftkit.monitors.attribution.measuring import KEPT, Measured, Request, measure, rows_needed
from driftkit.monitors.attribution.partial_dependence import AVERAGED_ROWS, pdp
from driftkit.monitors.attribution.results import SCORE, AttributionBaseline, AttributionResult
from driftkit.monitors.attribution.settings import AttributionKeywords, AttributionSettings
from driftkit.monitors.baselines import baseline_of
from driftkit.monitors.kept_states import save_states
from driftkit.readers.opening import refuse_results
from driftkit.settings.declaring import changed, spelt_out
from driftkit.settings.patterns import refuse_unmatched
from driftkit.states.attribution_storage import AttributionStates

if TYPE_CHECKING:
    from driftkit.compute.job import Progress
    from driftkit.monitors.attribution.checks import Compared
    from driftkit.results.contract import Run

__all__ = [
    "AttributionBaseline",
    "AttributionResult",
    "AttributionStates",
    "baseline",
    "combine",
    "dependence",
    "monitor",
    "save_states",
    "states",
]

combine = KEPT.combine


@spelt_out(AttributionSettings)
@of_data
def baseline(
    data: Any,
    model: Any = None,
    *,
    analysis_config: Any,
    keep_states: bool = False,
    progress: Progress | None = None,
    **settings: Unpack[AttributionKeywords],
) -> AttributionBaseline:
    """Learns which features normally decide.

    Args:
        data: a path, a list of paths (files, folders, globs, URLs), a pandas or Spark
            DataFrame, an Arrow table, or a mapping of columns to values; or kept states, in files
            too.
        model: a path or URL (`driftkit.explain.predictor_files.predictor`), or the model itself;
            kept states need none.
        analysis_config: Clarify's analysis_config.json, as a mapping or the file's path.
        keep_states: whether the baseline has its states, and writes them.
        progress: called with units done, units in all and rows so far.
        **settings: how data are read and explained, for example dialect="aws".

    Raises:
        InputError: the data or the model cannot be read, or the model fails for every row.
        SettingsError: a setting is unknown, or names what is not there.
        FormatError: the configuration is not what it should be.
        EngineError: Spark failed.
    """
    asked = Request.from_keywords(model, analysis_config, settings, keep_states=keep_states)
    return _learned(data, asked, progress)


def _learned(data: Any, asked: Request, progress: Progress | None) -> AttributionBaseline:
    found = measure(data, asked, None, progress)
    return AttributionBaseline(
        explanations=_with_dependence(found, asked),
        explained=found.explained,
        background=found.background,
        states=found.states,
        run=found.run,
        remarks=found.remarks,
    )


@spelt_out(AttributionSettings)
@of_data
def states(
    data: Any,
    model: Any,
    *,
    analysis_config: Any,
    baseline: Any = None,
    progress: Progress | None = None,
    **settings: Unpack[AttributionKeywords],
) -> AttributionStates:
    """What is known of a window, to be compared with others without explaining its rows again.

    `baseline` and `monitor` take it in place of data, `save_states` writes it, and `combine` adds up
    several.

    Args:
        data: as for `baseline`.
        model: as for `baseline`.
        analysis_config: as for `baseline`.
        baseline: as for `monitor`, where the configuration has no baseline rows.
        progress: as for `baseline`.
        **settings: as for `baseline`.

    Raises:
        DriftkitError: as `baseline`.
    """
    asked = Request.from_keywords(model, analysis_config, settings, keep_states=True)
    rows = None if baseline is None else _resolved_baseline(baseline, asked).background
    found = measure(data, asked, rows, progress).states
    assert found is not None  # noqa: S101  (they were asked for)
    return found


@spelt_out(AttributionSettings)
@of_data
def dependence(
    data: Any, model: Any, *, analysis_config: Any, **settings: Unpack[AttributionKeywords]
) -> AttributionBaseline:
    """Partial dependence alone, of the features that `methods.pdp.features` names.

    Args:
        data: as for `baseline`.
        model: as for `baseline`.
        analysis_config: as for `baseline`.
        **settings: as for `baseline`.

    Raises:
        DriftkitError: as `baseline`, or no feature is named.
    """
    asked = Request.from_keywords(model, analysis_config, settings)
    wanted = asked.config.methods.pdp
    if wanted is None or wanted.features is None:
        raise SettingsError(
            "nothing says whose partial dependence is wanted",
            where="methods.pdp.features",
            expected="names or places of features, where there is no methods.shap",
            todo="Name them",
        )
    rows = sampled_rows(opened(data, asked.config, asked.settings), AVERAGED_ROWS)
    found = pdp(wanted, asked.predictor(), rows, ())
    return AttributionBaseline(explanations=Explanations(labels={}, pdp=found))


@spelt_out(AttributionSettings)
@of_data
def monitor(  # noqa: PLR0913  (keywords, named as users say them)
    data: Any,
    baseline: Any,
    model: Any = None,
    *,
    analysis_config: Any,
    former_model: Any = None,
    keep_states: bool = False,
    progress: Progress | None = None,
    **settings: Unpack[AttributionKeywords],
) -> AttributionResult:
    """Looks at a window of data and says whether other features decide than in the baseline.

    Args:
        data: as for `baseline`; of captured requests, what was asked.
        baseline: what is normal: an AttributionBaseline, the path or URL of its folder or
            analysis.json, an earlier result, or a table of data that is explained with the same
            configuration, by the former model where there is one.
        model: as for `baseline`.
        analysis_config: as for `baseline`.
        former_model: the model that the baseline was made with, where it is another: the change is
            then told apart into what the data did and what the model did.
        keep_states: whether the result has its states, and writes them.
        progress: called with units done, units in all and rows so far.
        **settings: as for `baseline`; start and end choose the window.

    Raises:
        InputError: the data or the model cannot be read, or the model fails for every row.
        SettingsError: a setting is unknown, or names what is not there.
        FormatError: configuration or baseline are not what they should be, or of other features.
        EngineError: Spark failed.
    """
    refuse_results(data)
    asked = Request.from_keywords(model, analysis_config, settings, keep_states=keep_states)
    _refuse_strange(asked)
    before = None if former_model is None else replace(asked, model=former_model)
    normal = _resolved_baseline(baseline, before or asked)
    found = measure(data, asked, normal.background, progress)
    compared, run = _compared(asked, found, normal)
    return AttributionResult(
        explanations=found.explanations,
        explained=found.explained,
        normal=normal.explanations,
        former=_by_former_model(data, before, normal, found, progress),
        compared=compared,
        violations=tuple(each.violation for each in compared if each.worse),
        states=found.states,
        run=run,
        remarks=found.remarks,
    )


def _refuse_strange(asked: Request) -> None:
    severity = asked.settings.run.grading.severity
    refuse_unmatched("severity", severity, (ATTRIBUTION_CHECK, SCORE), "checks or metrics")


def _compared(
    asked: Request, found: Measured, normal: AttributionBaseline
) -> tuple[tuple[Compared, ...], Run]:
    """The comparisons, and the run with the features that did not count."""
    settings = asked.settings
    out = unranked(found.explained.names, settings.run.selection)
    rule = RankingRule(
        dialect=dialect(settings.run.compute.dialect),
        threshold=settings.ndcg_threshold,
        left_out=out,
    )
    compared = compare(found.explanations, normal.explanations, found.explained.resampled, rule)
    return compared, replace(found.run, set_aside={**found.run.set_aside, **out})


def beside(report: AttributionResult, baseline: AttributionBaseline) -> AttributionResult:
    """A report that was read from its files, with its baseline's values.

    Args:
        report: without the values of its baseline.
        baseline: what it was compared with.

    Raises:
        FormatError: the baseline has other labels or other features.
    """
    violated = {each.label for each in report.violations}
    rule = RankingRule(dialect=dialect("textbook"), threshold=threshold_said(report.violations))
    compared = compare(report.explanations, baseline.explanations, {}, rule)
    return replace(
        report,
        normal=baseline.explanations,
        # Scores of the files have their intervals; Clarify's files have none.
        compared=report.compared
        or tuple(replace(each, worse=each.label in violated) for each in compared),
    )


def _by_former_model(
    data: Any,
    asked: Request | None,
    normal: AttributionBaseline,
    found: Measured,
    progress: Progress | None,
) -> Explanations | None:
    """The explanations of the window by the former model; None where there is none."""
    if asked is None:
        return None
    if found.source is None:
        raise rows_needed("former_model")
    alone = replace(asked, keep_states=False)
    return measure(data, alone, normal.background, progress).explanations


def _resolved_baseline(handed_in: Any, asked: Request) -> AttributionBaseline:
    settings = changed(asked.settings, start=None, end=None)
    unlimited = replace(asked, settings=settings, keep_states=False)
    return baseline_of(
        handed_in,
        AttributionBaseline,
        AttributionResult,
        lambda data: _learned(data, unlimited, None),
    )


def _with_dependence(found: Measured, asked: Request) -> Explanations:
    """The explanations, with partial dependence where it is asked for."""
    wanted = asked.config.methods.pdp
    if wanted is None:
        return found.explanations
    if found.source is None:
        raise rows_needed("methods.pdp")
    rows = sampled_rows(found.source, AVERAGED_ROWS)
    labels = found.explanations.labels.values()
    return replace(found.explanations, pdp=pdp(wanted, asked.predictor(), rows, labels))
