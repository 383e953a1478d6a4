"""Plans what a bias run counts, from its configuration and the dataset's columns."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from driftkit.columns.numbers import is_index
from driftkit.columns.types import InferredType
from driftkit.errors import SettingsError
from driftkit.monitors.bias.analysis import asked
from driftkit.monitors.bias.settings import DEFAULT_THRESHOLD, BiasSettings
from driftkit.settings.patterns import left_out, refuse_unknown
from driftkit.states.groups.columns import GroupColumn, Threshold, points_of, texts_of
from driftkit.states.groups.counts import CountPlan
from driftkit.states.groups.tables import BETWEEN, GroupRequest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftkit.columns.chunk import Column
    from driftkit.formats.analysis import Stage
    from driftkit.formats.analysis_config import AnalysisConfig, NameOrIndex
    from driftkit.states.groups.columns import Scalar
    from driftkit.states.groups.storage import Roles


@dataclass(frozen=True, slots=True, kw_only=True)
class BiasPlan:
    """What is counted, and what is asked of the counts.

    Attributes:
        count: the columns and their roles.
        facets: what is asked of each table.
        stages: the metrics of each stage that is asked for.
        features: places of the columns that the flip test compares.
    """

    count: CountPlan
    facets: tuple[GroupRequest, ...]
    stages: dict[Stage, tuple[str, ...]]
    features: tuple[int, ...]


def plan(
    config: AnalysisConfig, columns: Sequence[Column], settings: BiasSettings, roles: Roles
) -> BiasPlan:
    """Finds the columns and says what is counted.

    Args:
        config: the configuration.
        columns: of the dataset.
        settings: of the run.
        roles: what the reader knows of the columns.

    Raises:
        SettingsError: a column or a metric is not there, or predictions are asked about and
            there are none.
    """
    find = _Finder(names=tuple(column.name for column in columns))
    stages = stages_of(config)
    config, found = _selected(config, _found(config, find, settings, roles), find, settings)
    if found.prediction is None and "post_training" in stages:
        if config.methods is not None:
            raise _no_predictions()
        del stages["post_training"]
    combined = _intersections(settings, find, found.facets)
    given = {
        index: facet.value_or_threshold
        for index, facet in zip(found.facets, config.facet, strict=True)
    }
    names = find.names
    return BiasPlan(
        count=_count_plan(config, columns, found, combined),
        facets=tuple(
            GroupRequest(
                name=BETWEEN.join(names[index] for index in group),
                values=tuple(given[index] for index in group),
            )
            for group in combined
        ),
        stages=stages,
        features=_features(config, find, {found.label, found.prediction, found.score}),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """Places of the columns that play a role."""

    facets: tuple[int, ...]
    label: int
    prediction: int | None
    score: int | None
    group: int | None
    threshold: Threshold | None
    categories: frozenset[str]

    @property
    def indices(self) -> list[int]:
        """All of them, each once."""
        every = (*self.facets, self.label, self.prediction, self.group)
        return list(dict.fromkeys(index for index in every if index is not None))


def _found(config: AnalysisConfig, find: _Finder, settings: BiasSettings, roles: Roles) -> _Found:
    label = config.label if roles.label is None else roles.label
    wanted = config.predicted_label if roles.prediction is None else roles.prediction
    group = config.group_variable
    facets = roles.facets or [facet.name_or_index for facet in config.facet]
    return _Found(
        facets=tuple(find.index(facet, f"facet[{number}]") for number, facet in enumerate(facets)),
        label=find.index(label, "label"),
        prediction=_prediction(find, wanted, settings),
        score=_score(find, settings, roles),
        group=None if group is None else find.index(group, "group_variable"),
        threshold=_threshold(config, settings, roles),
        categories=roles.categories,
    )


def _selected(
    config: AnalysisConfig, found: _Found, find: _Finder, settings: BiasSettings
) -> tuple[AnalysisConfig, _Found]:
    """The facets that are monitored."""
    names, selection = [find.names[index] for index in found.facets], settings.run.selection
    refuse_unknown(selection, names, "facets")
    out = left_out(names, selection)
    kept = [at for at, name in enumerate(names) if name not in out]
    if not kept:
        raise SettingsError(
            "no facet is left to be monitored",
            where="columns, ignore",
            expected=f"at least one of {', '.join(names)}",
            found="none",
            todo="Leave fewer out",
        )
    return (
        config.model_copy(update={"facet": tuple(config.facet[at] for at in kept)}),
        replace(found, facets=tuple(found.facets[at] for at in kept)),
    )


def _count_plan(
    config: AnalysisConfig,
    columns: Sequence[Column],
    found: _Found,
    combined: Sequence[tuple[int, ...]],
) -> CountPlan:
    positives = config.label_values_or_threshold
    values: dict[int, tuple[Scalar, ...]] = {
        index: facet.value_or_threshold or ()
        for index, facet in zip(found.facets, config.facet, strict=True)
    }
    values |= {index: positives for index in (found.label, found.prediction) if index is not None}
    indices = found.indices
    return CountPlan(
        columns=tuple(
            GroupColumn(
                name=columns[index].name,
                index=index,
                declared=_declared(columns[index], threshold=found.threshold)
                if index == found.prediction
                else columns[index].declared,
                category=columns[index].name in found.categories,
                points=points_of(values.get(index, ())),
                texts=texts_of(values.get(index, ())),
                threshold=found.threshold if index == found.prediction else None,
            )
            for index in indices
        ),
        facets=tuple(tuple(indices.index(each) for each in group) for group in combined),
        label=indices.index(found.label),
        prediction=None if found.prediction is None else indices.index(found.prediction),
        group=None if found.group is None else indices.index(found.group),
    )


def _declared(column: Column, *, threshold: Threshold | None) -> InferredType | None:
    """The type of predictions; those made of scores are whole numbers."""
    made = threshold is not None and column.declared is InferredType.FRACTIONAL
    return InferredType.INTEGRAL if made else column.declared


@dataclass(frozen=True, slots=True, kw_only=True)
class _Finder:
    """Finds columns by name or zero-based index."""

    names: tuple[str, ...]

    def index(self, wanted: NameOrIndex, key: str) -> int:
        if isinstance(wanted, int) and 0 <= wanted < len(self.names):
            return wanted
        if isinstance(wanted, str) and wanted in self.names:
            return self.names.index(wanted)
        if isinstance(wanted, str) and is_index(wanted) and int(wanted) < len(self.names):
            return int(wanted)
        kind = "Facet column" if key.startswith("facet") else "column"
        raise SettingsError(
            f"{kind} {wanted} is not present in the dataset",
            where=f"analysis_config.json: {key}",
            expected=f"one of {', '.join(self.names[:30])}",
            found=repr(wanted),
            todo="Correct the name, or give headers",
        )


def stages_of(config: AnalysisConfig) -> dict[Stage, tuple[str, ...]]:
    """The metrics of each stage that a configuration asks for.

    Raises:
        SettingsError: there are none, or one of them is not known.
    """
    stages: dict[Stage, tuple[str, ...]] = {}
    known: tuple[Stage, ...] = ("pre_training", "post_training")
    for stage in known:
        wanted = config.asks_for(stage)
        if wanted is not None:
            stages[stage] = asked(stage, wanted)
    if not stages:
        raise SettingsError(
            "no bias metrics are asked for",
            where="analysis_config.json: methods",
            expected="pre_training_bias or post_training_bias",
            found="neither",
            todo='Add {"pre_training_bias": {"methods": "all"}}',
        )
    return stages


def _prediction(find: _Finder, wanted: NameOrIndex | None, settings: BiasSettings) -> int | None:
    if settings.inference_attribute is not None and wanted is None:
        return find.index(settings.inference_attribute, "inference_attribute")
    if settings.probability_attribute is not None and wanted is None:
        return find.index(settings.probability_attribute, "probability_attribute")
    return None if wanted is None else find.index(wanted, "predicted_label")


def _score(find: _Finder, settings: BiasSettings, roles: Roles) -> int | None:
    """The column of a score, of which a prediction is made or which is beside one."""
    index = settings.probability_attribute
    return None if index is None or roles.decided else find.index(index, "probability_attribute")


def _threshold(config: AnalysisConfig, settings: BiasSettings, roles: Roles) -> Threshold | None:
    """Above which score a prediction is 1; None where predictions are labels."""
    given = settings.probability_threshold
    given = config.probability_threshold if given is None else given
    labelled = config.predicted_label is not None or settings.inference_attribute is not None
    scored = settings.probability_attribute is not None
    if roles.decided or (labelled and (scored or given is None)):
        return None
    return Threshold(score=DEFAULT_THRESHOLD if given is None else given, labels_stay=labelled)


def _no_predictions() -> SettingsError:
    return SettingsError(
        "predicted_label_column has to be provided for Post training metrics",
        where="analysis_config.json: predicted_label",
        expected="a column with the model's predictions",
        found="nothing",
        todo="Write the predictions beside the labels, or ask for pre_training_bias alone",
    )


def _intersections(
    settings: BiasSettings, find: _Finder, facets: Sequence[int]
) -> list[tuple[int, ...]]:
    combined = [(index,) for index in facets]
    groups: list[tuple[int, ...]] = list(combined)
    for names in settings.intersections:
        indices = tuple(find.index(name, "intersections") for name in names)
        if not set(indices) <= set(facets):
            raise SettingsError(
                "an intersection is of columns that are no facets",
                where="intersections",
                expected=", ".join(find.names[index] for index in facets),
                found=", ".join(names),
                todo="Name them as facets, too",
            )
        groups.append(indices)
    return groups


def _features(config: AnalysisConfig, find: _Finder, outcome: set[int | None]) -> tuple[int, ...]:
    left_out = {find.index(each, "excluded_columns") for each in config.excluded_columns} | {
        find.index(each, "joinsource_name_or_index") for each in config.joinsource_name_or_index
    }
    return tuple(index for index in range(len(find.names)) if index not in left_out | outcome)
