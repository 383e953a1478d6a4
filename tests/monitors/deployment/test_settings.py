"""What users may say of a deployment: its short forms, its mappings, and what is refused."""

from __future__ import annotations

from typing import Any, get_type_hints

import pytest

from driftkit.errors import SettingsError
from driftkit.formats.deployment.asked_metrics import AskedMetric
from driftkit.formats.deployment.selectors import Selector
from driftkit.monitors.deployment.plan_settings import PlanKeywords, PlanSettings
from driftkit.monitors.deployment.settings import DecisionKeywords, DeploymentSettings
from driftkit.monitors.model_quality.settings import QualitySettings
from driftkit.settings.declaring import declared

_NEW = Selector(kind="attribute", key="version", value="2")


def planning(**values: Any) -> PlanSettings:
    return DeploymentSettings.from_keywords(**values).planning


@pytest.mark.parametrize(
    "arms",
    [
        ["new=attribute:version=2"],
        "new=attribute:version=2",
        {"new": "attribute:version=2"},
        {"new": _NEW},
        [("new", _NEW)],
    ],
)
def test_arms_are_said_as_texts_or_by_their_names(arms: Any) -> None:
    assert planning(arms=arms).arms == (("new", _NEW),)


@pytest.mark.parametrize("goals", ["accuracy:0.005", ["accuracy:0.005"], ("accuracy:0.005",)])
def test_metrics_are_said_in_their_short_forms(goals: Any) -> None:
    accuracy = AskedMetric(name="accuracy", role="goal", better="higher", margin=0.005)

    assert planning(goals=goals).goals == (accuracy,)
    assert planning(goals=(accuracy,)).goals == (accuracy,)


@pytest.mark.parametrize(
    ("name", "value", "pairs"),
    [
        ("limits", ["a=b_slo=250"], (("a=b_slo", 250.0),)),
        ("limits", {"latency_slo": 250}, (("latency_slo", 250.0),)),
        ("weights", ["old=0.9", "new=0.1"], (("old", 0.9), ("new", 0.1))),
        ("winsors", {"column:x": "7.5"}, (("column:x", 7.5),)),
        ("ranges", ["brier=0..1"], (("brier", (0.0, 1.0)),)),
        ("ranges", {"brier": (0, 1)}, (("brier", (0.0, 1.0)),)),
        ("covariates", "column:x=before", (("column:x", "before"),)),
    ],
)
def test_values_with_names_are_said_as_texts_or_mappings(
    name: str, value: Any, pairs: tuple[Any, ...]
) -> None:
    assert getattr(planning(**{name: value}), name) == pairs


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("arms", ["new"], "NAME=SELECTOR"),
        ("arms", ["new=job:a", "new=job:b"], "said twice"),
        ("arms", 5, "no list"),
        ("arms", {"new": 5}, "job:FOLDER"),
        ("arms", [None], "no text"),
        ("goals", ["akkuracy"], "accuracy"),
        ("goals", [None], "no text"),
        ("guardrails", ["rate:failed"], "rate:failed:lower"),
        ("limits", ["latency_slo"], "METRIC=VALUE"),
        ("limits", ["=5"], "METRIC=VALUE"),
        ("limits", {"latency_slo": float("nan")}, "METRIC=VALUE"),
        ("limits", {"latency_slo": True}, "METRIC=VALUE"),
        ("weights", ["new=much"], "champion=0.9"),
        ("ranges", ["brier=1..0"], "brier=0..1"),
        ("ranges", {"brier": 1}, "brier=0..1"),
        ("covariates", {"column:x": 5}, "METRIC=COLUMN"),
        ("promote_error", 0.5, "below 0.5"),
        ("sample_ratio_error", 0, "above 0"),
        ("method", "peeking", "always_valid"),
        ("strategy", "rolling", "canary"),
        ("policy", "lucky", "thompson-beta"),
        ("horizon_units", 0, "1 or more"),
        ("minimum_days", float("inf"), "a finite number"),
        ("roll_back_on", "harm", "any-harm"),
        ("judge", "jury", "kayenta"),
        ("segment_by", "a,a", "each once"),
    ],
)
def test_what_is_something_else_is_refused(name: str, value: Any, says: str) -> None:
    with pytest.raises(SettingsError) as caught:
        DeploymentSettings.from_keywords(**{name: value})

    assert says in str(caught.value)


@pytest.mark.parametrize("name", ["inference_attribute", "probability_threshold_attribute"])
def test_attributes_are_declared_as_those_of_model_quality(name: str) -> None:
    assert declared(DeploymentSettings)[name] == declared(QualitySettings)[name]


def test_a_monitoring_run_asks_for_nothing_that_the_plan_holds() -> None:
    decision, plan = get_type_hints(DecisionKeywords), get_type_hints(PlanKeywords)

    assert plan.keys() == declared(PlanSettings).keys()
    assert decision.keys() == declared(DeploymentSettings).keys() - plan.keys()
