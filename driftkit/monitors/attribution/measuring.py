"""Measures attributions: explains the rows of data, or reads kept states."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from driftkit.compute.job import Job
from driftkit.dialects import dialect
from driftkit.errors import InputError, SettingsError
from driftkit.explain.choice import ROUNDED, ExplainOptions, fitting_explainer
from driftkit.explain.payloads import request_of
from driftkit.explain.predictor_files import predictor, runs_code
from driftkit.formats import attribution_config
from driftkit.monitors.attribution.baseline_rows import csv_of, rows_of_csv
from driftkit.monitors.attribution.checks import refuse_unranked
from driftkit.monitors.attribution.explained import Explained
from driftkit.monitors.attribution.explaining import Explaining
from driftkit.monitors.attribution.inputs import (
    Opened,
    found_rows,
    label_names,
    opened,
    sampling_remarks,
    wanted_rows,
)
from driftkit.monitors.attribution.partial_dependence import names_of
from driftkit.monitors.attribution.settings import AttributionSettings
from driftkit.monitors.kept_states import KeptStates, of_window
from driftkit.readers.dataset import judge
from driftkit.results.contract import Run
from driftkit.states import attribution_storage as storage
from driftkit.states.attribution_storage import (
    AttributionRequest,
    AttributionStates,
    explained_otherwise,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftkit.compute.job import Progress
    from driftkit.explain.explainer import Explainer
    from driftkit.explain.predictor import Predictor
    from driftkit.explain.rows import Rows
    from driftkit.formats.attribution_config import AttributionConfig
    from driftkit.formats.explanations import Explanations
    from driftkit.states.attributions import AttributionState

MOST_LOCAL_ROWS = 1_000_000
# Compressed; to explain so many rows takes much longer than to begin a task.
PIECE_BYTES = 1024 * 1024

KEPT = KeptStates(
    monitor=storage.MONITOR,
    kind=AttributionStates,
    loads=storage.loads,
    combined=storage.combined,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a run was asked for."""

    model: Any
    config: AttributionConfig
    settings: AttributionSettings
    keep_states: bool

    @classmethod
    def from_keywords(
        cls, model: Any, config: Any, settings: Mapping[str, Any], *, keep_states: bool = False
    ) -> Request:
        """What a user asks for."""
        return cls(
            model=model,
            config=attribution_config.read(config),
            settings=AttributionSettings.from_keywords(**settings),
            keep_states=keep_states,
        )

    @property
    def seed(self) -> int:
        """Of everything drawn by chance."""
        chosen = self.settings.seed
        return chosen if chosen is not None else self.config.shap.seed or 0

    @property
    def path(self) -> str | None:
        """JMESPath of the features in the data; None where these are not JSON."""
        return self.settings.features_attribute or self.config.features

    def predictor(self) -> Predictor:
        """What answers for the model."""
        if self.model is None:
            raise SettingsError(
                "there is no model to explain",
                where="model",
                expected="a path or URL, or the model itself",
                found="none, which only kept states do without",
                todo="Give --model SPEC",
            )
        return predictor(self.model, request_of(self.config))

    def options(self, names: tuple[str, ...]) -> ExplainOptions:
        """How predictions of features of these names are explained."""
        shap = self.config.shap
        asks = dialect(self.settings.run.compute.dialect).kernel_shap_only
        chosen = self.settings.explainer
        return ExplainOptions(
            explainer="kernel" if chosen == "auto" and asks else chosen,
            perturbation=self.settings.perturbation,
            samples=shap.num_samples,
            seed=self.seed,
            logit=shap.use_logit,
            explained=names_of(shap.features_to_explain, names),
        )

    def explainer(self, background: Rows) -> tuple[Explainer, tuple[str, ...]]:
        """The explainer, and what a person should know of the model and the baseline rows."""
        found = self.predictor()
        rounded = self.config.shap.baseline is None
        options = self.options(background.names)
        warning = ("loading the model runs code of its author",) if runs_code(found) else ()
        explainer, more = fitting_explainer(found, background, options, rounded=rounded)
        return explainer, (*warning, *more)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Explanations and all that belongs to them; the source is None where states were handed in."""

    explanations: Explanations
    explained: Explained
    background: Rows
    run: Run
    remarks: tuple[str, ...]
    source: Opened | None
    states: AttributionStates | None


def rows_needed(where: str) -> SettingsError:
    """The error for what is asked for that only rows can answer."""
    return SettingsError(
        "kept states have no rows to ask a model about",
        where=where,
        expected="data",
        found="states",
        todo="Leave it out, or read the data again",
    )


def measure(
    data: Any, asked: Request, background: Rows | None, progress: Progress | None
) -> Measured:
    """Explanations of data, or of kept states in place of them.

    Args:
        data: as a user hands it in.
        asked: for.
        background: the baseline's rows, for a configuration without some.
        progress: as a user hands it in.

    Raises:
        DriftkitError: data, model or settings are not what they should be.
    """
    began = time.perf_counter()
    kept = KEPT.kept_in(data)
    if kept is None:
        return _of_rows(data, asked, background, progress, began)
    return _of_states(kept, asked, background, began)


def _of_states(
    kept: AttributionStates, asked: Request, background: Rows | None, began: float
) -> Measured:
    """What kept states say."""
    request = kept.request
    refuse_unranked(request.features, asked.settings.run.selection)
    about = KEPT.about(kept, asked.settings.run)
    wanted = wanted_rows(request.features, asked.config, background, asked.path)
    options = asked.options(request.features)
    _refuse_otherwise_explained(kept, options, asked.config, wanted)
    shap = asked.config.shap
    remarks = sampling_remarks(kept.state)
    if shap.save_local_shap_values:
        remarks = (*remarks, "kept states have no values of single rows: none are written")
    explained = Explained.from_states(kept, shap.agg_method, asked.seed)
    return Measured(
        explanations=explained.explanations(request.expected),
        explained=explained,
        background=rows_of_csv(request.background, kept.name),
        run=about.ended(kept.state, began),
        remarks=remarks,
        source=None,
        states=kept,
    )


def _of_rows(
    data: Any, asked: Request, background: Rows | None, progress: Progress | None, began: float
) -> Measured:
    """What rows say that are explained now."""
    source = opened(data, asked.config, asked.settings)
    rows = wanted_rows(source.names, asked.config, background, asked.path)
    rows = source.typed(found_rows(source, asked.config, asked.seed) if rows is None else rows)
    explainer, warning = asked.explainer(rows)
    rows = rows.rounded() if ROUNDED in warning else rows
    state = _explained(source, asked.config, explainer, rows, progress)
    shap = asked.config.shap
    request = AttributionRequest(
        features=source.names,
        labels=label_names(asked.config, explainer.outputs),
        options=asdict(asked.options(source.names)),
        background=csv_of(rows),
        expected=tuple(explainer.expected.tolist()),
        median=shap.agg_method == "median",
    )
    found = AttributionStates(state=state, request=request)
    engine = f"{explainer.name}, {source.runner.where}"
    about = Run.about(KEPT.monitor, source.dataset, asked.settings.run, engine)
    explained = Explained.from_states(found, shap.agg_method, asked.seed)
    return Measured(
        explanations=explained.explanations(request.expected),
        explained=explained,
        background=rows,
        run=about.ended(state, began),
        remarks=(*warning, *sampling_remarks(state)),
        source=source,
        states=_kept(found, data, source, asked.settings) if asked.keep_states else None,
    )


def _kept(
    found: AttributionStates, data: Any, source: Opened, settings: AttributionSettings
) -> AttributionStates:
    """The states without the rows' own attributions, and from where and when they are."""
    state = replace(found.state, local=())
    return of_window(replace(found, state=state), data, source.whole, settings.run)


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
    state = source.runner.run(source.dataset, Job(fold=work, piece_bytes=PIECE_BYTES), progress)
    judge(source.dataset, state.rejected, state.rows)
    if source.seen is not None:
        state = replace(state, seen=source.seen)
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


def _refuse_otherwise_explained(
    kept: AttributionStates,
    options: ExplainOptions,
    config: AttributionConfig,
    background: Rows | None,
) -> None:
    """Refuses states whose rows were explained otherwise than is asked for.

    Args:
        kept: the states.
        options: that are asked for; those that are not may be anything.
        config: asks for names of outputs and for a kind of mean.
        background: the baseline rows that are asked for; None for any.

    Raises:
        InputError: so they were.
    """
    request = kept.request
    usual = asdict(ExplainOptions())
    for name, wanted in asdict(options).items():
        found = request.options.get(name)
        if wanted not in {found, usual[name]}:
            raise explained_otherwise(kept, name, wanted, found)
    labels = config.predictor.label_headers
    if labels is not None and labels != request.labels:
        raise explained_otherwise(kept, "labels", labels, request.labels)
    if config.shap.agg_method == "median" and not request.median:
        raise explained_otherwise(kept, "agg_method", "median", "no medians")
    if background is not None and csv_of(background) != request.background:
        raise explained_otherwise(kept, "background", csv_of(background), request.background)
