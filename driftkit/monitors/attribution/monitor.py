"""The attribution monitor: did the reasons behind predictions change?"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Unpack

from driftkit.compute.job import Job
from driftkit.dialects import dialect
from driftkit.errors import InputError, SettingsError
from driftkit.explain.choice import ROUNDED, ExplainOptions, fitting_explainer
from driftkit.explain.payloads import request_of
from driftkit.explain.predictor_files import predictor, runs_code
from driftkit.formats import attribution_config
from driftkit.formats.explanations import Explanations, LabelExplanation
from driftkit.io.reading import of_data
from driftkit.monitors.attribution.checks import compare
from driftkit.monitors.attribution.explained import Explained
from driftkit.monitors.attribution.explaining import Explaining
from driftkit.monitors.attribution.inputs import (
    Opened,
    background_rows,
    label_names,
    opened,
    sampled_rows,
    sampling_remarks,
)
from driftkit.monitors.attribution.partial_dependence import AVERAGED_ROWS, names_of, pdp
from driftkit.monitors.attribution.results import AttributionBaseline, AttributionResult
from driftkit.monitors.attribution.settings import AttributionKeywords, AttributionSettings
from driftkit.monitors.baselines import baseline_of
from driftkit.readers.dataset import judge
from driftkit.readers.opening import refuse_results
from driftkit.results.contract import Run
from driftkit.settings.declaring import changed, spelt_out

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from driftkit.compute.job import Progress
    from driftkit.explain.explainer import Explainer
    from driftkit.explain.rows import Rows
    from driftkit.formats.attribution_config import AttributionConfig
    from driftkit.states.attributions import AttributionState

__all__ = ["AttributionBaseline", "AttributionResult", "baseline", "dependence", "monitor"]

RESAMPLED = 400
MOST_LOCAL_ROWS = 1_000_000


@spelt_out(AttributionSettings)
@of_data
def baseline(
    data: Any,
    model: Any,
    *,
    analysis_config: Any,
    progress: Progress | None = None,
    **settings: Unpack[AttributionKeywords],
) -> AttributionBaseline:
    """Learns which features normally decide.

    Args:
        data: a path, a list of paths (files, folders, globs, URLs), a pandas or Spark
            DataFrame, an Arrow table, or a mapping of columns to values.
        model: a path or URL (`driftkit.explain.predictor_files.predictor`), or the model itself.
        analysis_config: Clarify's analysis_config.json, as a mapping or the file's path.
        progress: called with units done, units in all and rows so far.
        **settings: how data are read and explained, for example dialect="aws".

    Raises:
        InputError: the data or the model cannot be read, or the model fails for every row.
        SettingsError: a setting is unknown, or names what is not there.
        FormatError: the configuration is not what it should be.
        EngineError: Spark failed.
    """
    return _learned(data, _request(model, analysis_config, settings), progress)


def _learned(data: Any, asked: _Request, progress: Progress | None) -> AttributionBaseline:
    found = _measure(data, asked, None, progress)
    return AttributionBaseline(
        explanations=_with_dependence(found, data, asked),
        explained=found.explained,
        background=found.background,
        run=found.run,
        remarks=found.remarks,
    )


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
    asked = _request(model, analysis_config, settings)
    wanted = asked.config.methods.pdp
    if wanted is None or wanted.features is None:
        raise SettingsError(
            "nothing says whose partial dependence is wanted",
            where="methods.pdp.features",
            expected="names or places of features, where there is no methods.shap",
            todo="Name them",
        )
    rows = sampled_rows(opened(data, asked.config, asked.settings), AVERAGED_ROWS)
    found = pdp(wanted, predictor(asked.model, request_of(asked.config)), rows, ())
    return AttributionBaseline(explanations=Explanations(labels={}, pdp=found))


@spelt_out(AttributionSettings)
@of_data
def monitor(  # noqa: PLR0913  (keywords, named as users say them)
    data: Any,
    baseline: Any,
    model: Any,
    *,
    analysis_config: Any,
    former_model: Any = None,
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
        progress: called with units done, units in all and rows so far.
        **settings: as for `baseline`; start and end choose the window.

    Raises:
        InputError: the data or the model cannot be read, or the model fails for every row.
        SettingsError: a setting is unknown, or names what is not there.
        FormatError: configuration or baseline are not what they should be, or of other features.
        EngineError: Spark failed.
    """
    refuse_results(data)
    asked = _request(model, analysis_config, settings)
    before = asked if former_model is None else replace(asked, model=former_model)
    normal = _resolved_baseline(baseline, before)
    found = _measure(data, asked, normal.background, progress)
    rules = dialect(asked.settings.run.compute.dialect)
    compared = compare(found.explanations, normal.explanations, found.explained.resampled, rules)
    former = None
    if former_model is not None:
        former = _measure(data, before, normal.background, progress).explanations
    return AttributionResult(
        explanations=found.explanations,
        explained=found.explained,
        normal=normal.explanations,
        former=former,
        compared=compared,
        violations=tuple(each.violation for each in compared if each.worse),
        run=found.run,
        remarks=found.remarks,
    )


def _resolved_baseline(handed_in: Any, asked: _Request) -> AttributionBaseline:
    unlimited = replace(asked, settings=changed(asked.settings, start=None, end=None))
    return baseline_of(
        handed_in,
        AttributionBaseline,
        AttributionResult,
        lambda data: _learned(data, unlimited, None),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    """What a run was asked for."""

    model: Any
    config: AttributionConfig
    settings: AttributionSettings

    @property
    def seed(self) -> int:
        """Of everything drawn by chance."""
        chosen = self.settings.seed
        return chosen if chosen is not None else self.config.shap.seed or 0

    def explainer(self, background: Rows, *, rounded: bool) -> tuple[Explainer, tuple[str, ...]]:
        """The explainer, and what a person should know of the model and the baseline rows."""
        shap = self.config.shap
        asks = dialect(self.settings.run.compute.dialect).kernel_shap_only
        chosen = self.settings.explainer
        found = predictor(self.model, request_of(self.config))
        options = ExplainOptions(
            explainer="kernel" if chosen == "auto" and asks else chosen,
            perturbation=self.settings.perturbation,
            samples=shap.num_samples,
            seed=self.seed,
            logit=shap.use_logit,
            explained=names_of(shap.features_to_explain, background.names),
        )
        warning = ("loading the model runs code of its author",) if runs_code(found) else ()
        explainer, more = fitting_explainer(found, background, options, rounded=rounded)
        return explainer, (*warning, *more)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Measured:
    """Explanations and all that belongs to them."""

    explanations: Explanations
    explained: Explained
    background: Rows
    run: Run
    remarks: tuple[str, ...]


def _with_dependence(found: _Measured, data: Any, asked: _Request) -> Explanations:
    """The explanations, with partial dependence where it is asked for."""
    wanted = asked.config.methods.pdp
    if wanted is None:
        return found.explanations
    rows = sampled_rows(opened(data, asked.config, asked.settings), AVERAGED_ROWS)
    model = predictor(asked.model, request_of(asked.config))
    labels = found.explanations.labels.values()
    return replace(found.explanations, pdp=pdp(wanted, model, rows, labels))


def _request(model: Any, config: Any, settings: Mapping[str, Any]) -> _Request:
    return _Request(
        model=model,
        config=attribution_config.read(config),
        settings=AttributionSettings.from_keywords(**settings),
    )


def _measure(
    data: Any, asked: _Request, background: Rows | None, progress: Progress | None
) -> _Measured:
    began = time.perf_counter()
    source = opened(data, asked.config, asked.settings)
    path = asked.settings.features_attribute or asked.config.features
    rows = source.typed(background_rows(source, asked.config, background, asked.seed, path))
    explainer, warning = asked.explainer(rows, rounded=asked.config.shap.baseline is None)
    rows = rows.rounded() if ROUNDED in warning else rows
    state = _explained(source, asked.config, explainer, rows, progress)
    labels = label_names(asked.config, explainer.outputs)
    expected = explainer.explain(rows).expected
    explained = Explained.from_run(
        state, labels, source.names, asked.config.shap.agg_method, RESAMPLED, asked.seed
    )
    about = Run.about("attribution", source.dataset, asked.settings.run)
    return _Measured(
        explanations=_explanations(explained.values, labels, source.names, expected),
        explained=explained,
        background=rows,
        run=about.ended(state, f"{explainer.name}, {source.runner.where}", began),
        remarks=(*warning, *sampling_remarks(source, state)),
    )


def _explained(
    source: Opened,
    config: AttributionConfig,
    explainer: Explainer,
    rows: Rows,
    progress: Progress | None,
) -> AttributionState:
    """The state of all rows: the one pass over the data."""
    local = config.shap.save_local_shap_values
    work = Explaining(
        explainer=explainer,
        features=source.features(rows),
        median=config.shap.agg_method == "median",
        local=local,
    )
    state = source.runner.run(source.dataset, Job(fold=work, divisible=True), progress)
    judge(source.dataset, state.rejected, state.rows)
    if not state.count:
        raise InputError(
            "the model answers no row with a number",
            where=source.dataset.name,
            expected="predictions",
            found=f"NaN or infinity for all {state.rows:,} rows",
            todo="Ask the model about one of them",
        )
    if local and state.rows > MOST_LOCAL_ROWS:
        raise SettingsError(
            "so many rows' own values cannot be written",
            where="methods.shap.save_local_shap_values",
            expected=f"at most {MOST_LOCAL_ROWS:,} rows",
            found=f"{state.rows:,}",
            todo="Explain a sample, or leave local values out",
        )
    return state


def _explanations(
    values: NDArray[np.float64],
    labels: tuple[str, ...],
    names: tuple[str, ...],
    expected: NDArray[np.float64],
) -> Explanations:
    return Explanations(
        labels={
            label: LabelExplanation(
                global_shap_values=dict(zip(names, map(float, values[:, at]), strict=True)),
                expected_value=float(expected[at]),
            )
            for at, label in enumerate(labels)
        }
    )
