"""Settings of public calls are known to type checkers, to notebooks, and at run time, all alike.

The comments for type checkers are part of the tests: one that mypy does not need is its error.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from types import UnionType
from typing import TYPE_CHECKING, Any, Union, get_args, get_origin, get_type_hints

import pytest

import driftkit
from driftkit import SettingsError
from driftkit.monitors.attribution.settings import AttributionKeywords, AttributionSettings
from driftkit.monitors.bias.settings import BiasKeywords, BiasSettings
from driftkit.monitors.data_quality.drift.replay_settings import ReplayKeywords, ReplaySettings
from driftkit.monitors.deployment.bandit_settings import WeightsKeywords, WeightsSettings
from driftkit.monitors.deployment.evaluation_settings import (
    EvaluationKeywords,
    EvaluationSettings,
)
from driftkit.monitors.deployment.scaling_settings import ScalingKeywords, ScalingSettings
from driftkit.monitors.deployment.settings import (
    DecisionKeywords,
    DeploymentKeywords,
    DeploymentSettings,
    OpenKeywords,
)
from driftkit.monitors.deployment.simulation_settings import (
    SimulationKeywords,
    SimulationSettings,
)
from driftkit.monitors.deployment.traffic_settings import TrafficKeywords, TrafficSettings
from driftkit.monitors.merge import MergeKeywords
from driftkit.monitors.model_quality.settings import ModelQualityKeywords, QualitySettings
from driftkit.settings import DataQualityKeywords, Settings
from driftkit.settings.declaring import changed, declared

if TYPE_CHECKING:
    from pathlib import Path

KEYWORDS: dict[type[Any], type[Any]] = {
    Settings: DataQualityKeywords,
    QualitySettings: ModelQualityKeywords,
    BiasSettings: BiasKeywords,
    AttributionSettings: AttributionKeywords,
    DeploymentSettings: DeploymentKeywords,
    WeightsSettings: WeightsKeywords,
    EvaluationSettings: EvaluationKeywords,
    SimulationSettings: SimulationKeywords,
    ScalingSettings: ScalingKeywords,
    TrafficSettings: TrafficKeywords,
    ReplaySettings: ReplayKeywords,
}
CALLS: dict[str, tuple[Callable[..., Any], type[Any]]] = {
    "data_quality.baseline": (driftkit.data_quality.baseline, DataQualityKeywords),
    "data_quality.monitor": (driftkit.data_quality.monitor, DataQualityKeywords),
    "data_quality.distances": (driftkit.data_quality.distances, DataQualityKeywords),
    "data_quality.multivariate": (driftkit.data_quality.multivariate, DataQualityKeywords),
    "model_quality.baseline": (driftkit.model_quality.baseline, ModelQualityKeywords),
    "model_quality.monitor": (driftkit.model_quality.monitor, ModelQualityKeywords),
    "bias.baseline": (driftkit.bias.baseline, BiasKeywords),
    "bias.monitor": (driftkit.bias.monitor, BiasKeywords),
    "attribution.baseline": (driftkit.attribution.baseline, AttributionKeywords),
    "attribution.dependence": (driftkit.attribution.dependence, AttributionKeywords),
    "attribution.states": (driftkit.attribution.states, AttributionKeywords),
    "attribution.monitor": (driftkit.attribution.monitor, AttributionKeywords),
    "deployment.baseline": (driftkit.deployment.baseline, DeploymentKeywords),
    "deployment.monitor": (driftkit.deployment.monitor, DecisionKeywords),
    "deployment.evaluate": (driftkit.deployment.evaluate, EvaluationKeywords),
    "deployment.scaling": (driftkit.deployment.scaling, ScalingKeywords),
    "deployment.traffic": (driftkit.deployment.traffic, TrafficKeywords),
    "deployment.pipeline": (driftkit.deployment.pipeline, OpenKeywords),
    "merge": (driftkit.merge, MergeKeywords),
}
TABLE = {"a": [1, 2], "b": [2, 3]}
EXPLAINED = {"headers": ["a", "b"], "methods": {"shap": {"baseline": [[1, 2]]}}}
CONFIG = {"label": "b", "facet": [{"name_or_index": "a"}], "label_values_or_threshold": [2]}


def members(kind: Any) -> set[Any]:
    """The types of a union, or the type itself; of lists that they are lists."""
    if get_origin(kind) in {Union, UnionType}:
        return set().union(*map(members, get_args(kind)))
    return {Sequence} if get_origin(kind) in {tuple, Sequence} else {kind}


@pytest.mark.parametrize("kind", KEYWORDS, ids=lambda kind: kind.__name__)
def test_keywords_are_the_settings_and_take_what_these_hold(kind: type[Any]) -> None:
    keywords = get_type_hints(KEYWORDS[kind])
    settings = declared(kind)

    assert keywords.keys() == settings.keys()
    assert [
        name for name in settings if not members(settings[name].kind) <= members(keywords[name])
    ] == []


@pytest.mark.parametrize("kind", KEYWORDS, ids=lambda kind: kind.__name__)
def test_defaults_are_taken_and_stay_what_they_are(kind: type[Any]) -> None:
    defaults = {name: each.default for name, each in declared(kind).items()}

    assert kind.from_keywords(**defaults) == kind.from_keywords() == kind()


@pytest.mark.parametrize("name", CALLS)
def test_signatures_spell_out_the_settings(name: str) -> None:
    function, keywords = CALLS[name]

    parameters = inspect.signature(function).parameters

    assert keywords.__annotations__.keys() <= parameters.keys()
    assert not any(each.kind is each.VAR_KEYWORD for each in parameters.values())
    assert all(
        f"    {setting}: " in (function.__doc__ or "") for setting in get_type_hints(keywords)
    )


@pytest.mark.parametrize("name", CALLS)
def test_notebooks_complete_the_settings(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jedi = pytest.importorskip("jedi")
    # Processes that share it read what another one is writing.
    monkeypatch.setattr(jedi.settings, "cache_directory", str(tmp_path))
    code = f"driftkit.{name}(1, runn"

    found = jedi.Interpreter(code, [{"driftkit": driftkit}]).complete()

    assert [each.name for each in found] == ["runner="]


def test_misspelt_settings_are_refused_by_type_checkers_too() -> None:
    with pytest.raises(SettingsError, match="dialekt"):
        driftkit.data_quality.baseline(TABLE, dialekt="aws")  # type: ignore[call-arg]
    with pytest.raises(SettingsError, match="positive"):
        driftkit.model_quality.baseline(TABLE, positive=1)  # type: ignore[call-arg]
    with pytest.raises(SettingsError, match="segment_by"):
        driftkit.bias.baseline(
            TABLE,
            analysis_config=CONFIG,
            segment_by="a",  # type: ignore[call-arg]
        )
    with pytest.raises(SettingsError, match="samples"):
        driftkit.attribution.baseline(
            TABLE,
            max,
            analysis_config=EXPLAINED,
            samples=3,  # type: ignore[call-arg]
        )


def test_values_of_another_type_are_refused_by_type_checkers_too() -> None:
    with pytest.raises(SettingsError, match="header"):
        driftkit.data_quality.monitor(TABLE, TABLE, header=3)  # type: ignore[arg-type]
    with pytest.raises(SettingsError, match="problem_type"):
        driftkit.model_quality.monitor(TABLE, TABLE, problem_type=["a"])  # type: ignore[arg-type]
    with pytest.raises(SettingsError, match="dialect"):
        driftkit.data_quality.compare(TABLE, TABLE, dialect="azure")  # type: ignore[arg-type]
    with pytest.raises(SettingsError, match="runner"):
        driftkit.merge([], [], "out", runner="flink")  # type: ignore[arg-type]
    with pytest.raises(SettingsError, match="allowed"):
        driftkit.bias.baseline(
            TABLE,
            analysis_config=CONFIG,
            allowed={"DPL": 1},  # type: ignore[dict-item]
        )


def test_right_settings_are_taken_by_type_checkers_too() -> None:
    found: Mapping[str, Any] = driftkit.data_quality.baseline(
        TABLE, dialect="aws", runner="local", separator=None, segment_by=None
    ).files

    assert "statistics.json" in found


def test_settings_are_changed_in_whatever_part_they_are() -> None:
    settings = QualitySettings.from_keywords(problem_type="Regression", start="2024-01-01")

    now = changed(settings, start=None, dialect="aws")

    assert (now.run.window.start, now.run.compute.dialect) == (None, "aws")
    assert now.problem_type == "Regression"
    with pytest.raises(TypeError, match="begin"):
        changed(settings, begin=None)
