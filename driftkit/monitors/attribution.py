"""Did the reasons behind predictions change? Shapley values and their ranking, in Clarify's files."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from driftkit.dialects import dialect
from driftkit.engines import counting
from driftkit.engines.explaining import Explaining
from driftkit.errors import InputError, SettingsError
from driftkit.explain.choosing import ExplainOptions, choose_explainer
from driftkit.explain.predictor_files import predictor, runs_code
from driftkit.formats import attribution_config
from driftkit.formats.explanations import Explanations, LabelExplanation
from driftkit.monitors.attribution_data import (
    Opened,
    found_rows,
    opened,
    sampled_rows,
)
from driftkit.monitors.attribution_pdp import AVERAGED_ROWS, pdp
from driftkit.monitors.attribution_results import (
    AttributionBaseline,
    AttributionResult,
    Explained,
)
from driftkit.monitors.attribution_rows import given_rows
from driftkit.monitors.attribution_settings import AttributionSettings, names_of, request_of
from driftkit.monitors.results import Run
from driftkit.records.dataset import judge
from driftkit.violations.attribution import compare

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from driftkit.engines.protocol import Progress
    from driftkit.explain.explainer import Explainer
    from driftkit.explain.rows import Rows
    from driftkit.formats.attribution_config import AttributionConfig
    from driftkit.statistics.attributions import AttributionState

__all__ = ["AttributionBaseline", "AttributionResult", "baseline", "dependence", "monitor"]

RESAMPLED = 400
MOST_LOCAL_ROWS = 1_000_000


def baseline(
    data: Any,
    model: Any,
    *,
    analysis_config: Any,
    progress: Progress | None = None,
    **settings: Any,
) -> AttributionBaseline:
    """Learns which features normally decide.

    Args:
        data: a path, a list of paths (files, folders, globs, URLs), a pandas or Spark
            DataFrame, an Arrow table, or a mapping of columns to values.
        model: a path or URL (`driftkit.explain.predictor_files.predictor`), or the model itself.
        analysis_config: Clarify's analysis_config.json, as a mapping or the file's path.
        progress: called with units done, units in all and rows so far.
        **settings: the fields of driftkit.monitors.attribution_settings.AttributionSettings and
            of driftkit.settings.Settings, for example dialect="aws".

    Raises:
        InputError: the data or the model cannot be read, or the model fails for every row.
        SettingsError: a setting is unknown, or names what is not there.
        FormatError: the configuration is not what it should be.
        EngineError: Spark failed.
    """
    asked = _asked(model, analysis_config, settings)
    found = _measure(data, asked, None, progress)
    return AttributionBaseline(
        explanations=_with_dependence(found, data, asked),
        explained=found.explained,
        background=found.background,
        run=found.run,
        remarks=found.remarks,
    )


def dependence(
    data: Any, model: Any, *, analysis_config: Any, **settings: Any
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
    asked = _asked(model, analysis_config, settings)
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


def monitor(  # noqa: PLR0913  (keywords, named as users say them)
    data: Any,
    baseline: AttributionBaseline | str | Path,
    model: Any,
    *,
    analysis_config: Any,
    former_model: Any = None,
    progress: Progress | None = None,
    **settings: Any,
) -> AttributionResult:
    """Looks at a window of data and says whether other features decide than in the baseline.

    Args:
        data: as for `baseline`; of captured requests, what was asked.
        baseline: what is normal, or the folder or analysis.json where it is.
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
    normal = (
        baseline
        if isinstance(baseline, AttributionBaseline)
        else AttributionBaseline.read(baseline)
    )
    asked = _asked(model, analysis_config, settings)
    found = _measure(data, asked, normal.background, progress)
    compared = compare(found.explanations, normal.explanations, found.explained.resampled)
    former = None
    if former_model is not None:
        before = replace(asked, model=former_model)
        former = _measure(data, before, normal.background, progress).explanations
    return AttributionResult(
        explanations=found.explanations,
        explained=found.explained,
        normal=normal.explanations,
        former=former,
        compared=compared,
        run=found.run,
        remarks=found.remarks,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What a run was asked for."""

    model: Any
    config: AttributionConfig
    settings: AttributionSettings

    @property
    def seed(self) -> int:
        """Of everything drawn by chance."""
        chosen = self.settings.seed
        return chosen if chosen is not None else self.config.shap.seed or 0

    def explainer(self, background: Rows) -> tuple[Explainer, tuple[str, ...]]:
        """The explainer, and what a person should know of the model."""
        shap = self.config.shap
        asks = dialect(self.settings.run.dialect).kernel_shap_only
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
        return choose_explainer(found, background, options), warning


@dataclass(frozen=True, slots=True, kw_only=True)
class _Measured:
    """Explanations and all that belongs to them."""

    explanations: Explanations
    explained: Explained
    background: Rows
    run: Run
    remarks: tuple[str, ...]


def _with_dependence(found: _Measured, data: Any, asked: _Asked) -> Explanations:
    """The explanations, with partial dependence where it is asked for."""
    wanted = asked.config.methods.pdp
    if wanted is None:
        return found.explanations
    rows = sampled_rows(opened(data, asked.config, asked.settings), AVERAGED_ROWS)
    model = predictor(asked.model, request_of(asked.config))
    labels = found.explanations.labels.values()
    return replace(found.explanations, pdp=pdp(wanted, model, rows, labels))


def _asked(model: Any, config: Any, settings: Mapping[str, Any]) -> _Asked:
    return _Asked(
        model=model,
        config=attribution_config.read(config),
        settings=AttributionSettings.of(**settings),
    )


def _measure(
    data: Any, asked: _Asked, background: Rows | None, progress: Progress | None
) -> _Measured:
    began = time.perf_counter()
    source = opened(data, asked.config, asked.settings)
    rows = _background(source, asked, background)
    explainer, warning = asked.explainer(rows)
    state = _explained(source, asked.config, explainer, rows, progress)
    labels = _labels(asked.config, explainer.outputs)
    expected = explainer.explain(rows).expected
    explained = Explained.of(
        state, labels, source.names, asked.config.shap.agg_method, RESAMPLED, asked.seed
    )
    run = Run(
        rows=state.rows,
        seconds=time.perf_counter() - began,
        engine=f"{explainer.name}, {'on Spark' if source.on_spark else 'in this process'}",
        rejected=state.rejected,
        set_aside=source.dataset.set_aside,
    )
    return _Measured(
        explanations=_explanations(explained.values, labels, source.names, expected),
        explained=explained,
        background=rows,
        run=run,
        remarks=(*warning, *_remarks(source, state)),
    )


def _background(source: Opened, asked: _Asked, kept: Rows | None) -> Rows:
    """The configuration's baseline rows, else those kept of the baseline, else clusters."""
    config, names = asked.config, source.names
    if config.shap.baseline is not None:
        path = asked.settings.features_attribute or config.features
        return given_rows(config.shap.baseline, names, path)
    if kept is not None and set(names) <= set(kept.names):
        places = [kept.names.index(name) for name in names]
        return replace(kept, names=names, values=kept.values[:, places])
    return found_rows(source, config, asked.seed)


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
    state = counting.run(source.dataset, work, on_spark=source.on_spark, progress=progress)
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
                global_shap_values={
                    name: float(value) for name, value in zip(names, values[:, at], strict=True)
                },
                expected_value=float(expected[at]),
            )
            for at, label in enumerate(labels)
        }
    )


def _labels(config: AttributionConfig, outputs: int) -> tuple[str, ...]:
    headers = config.predictor.label_headers
    if headers is None:
        return tuple(f"label{number}" for number in range(outputs))
    if len(headers) != outputs:
        raise SettingsError(
            "there are not as many label headers as outputs of the model",
            where="predictor.label_headers",
            expected=f"{outputs}",
            found=f"{len(headers)}: {', '.join(headers)}",
            todo="Name each output, or leave label_headers out",
        )
    return headers


def _remarks(source: Opened, state: AttributionState) -> tuple[str, ...]:
    remarks = []
    if source.seen is not None and source.seen > state.rows:
        remarks.append(f"a sample of {state.rows:,} of {source.seen:,} rows was explained")
    if state.count == 1:
        remarks.append("a single row was explained: its ranking says little about the window")
    return tuple(remarks)
