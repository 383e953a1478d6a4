"""Plans made of what was said: their defaults, and what cannot be told."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from driftkit.errors import DriftkitError, FormatError, SettingsError
from driftkit.formats.deployment.plan import Bandit, Horizon, Pairing, Plan, WeightsChange
from driftkit.formats.deployment.plan_file import read
from driftkit.formats.deployment.selectors import Selector, parse_selector
from driftkit.monitors.deployment.planning import FoundArms, planned
from driftkit.monitors.deployment.settings import DeploymentSettings

ARMS = {"champion": "folder:churn/champion", "challenger": "folder:churn/challenger"}
FOLDERS = {name: parse_selector(text) for name, text in ARMS.items()}


def plan(
    found: FoundArms | None = None, measured: dict[str, float | None] | None = None, **said: Any
) -> Plan:
    said = {"arms": ARMS, "goals": ["accuracy"], **said}
    settings = DeploymentSettings.from_keywords(**said)
    return planned(settings.planning, found or FoundArms(), measured or {})


def test_a_plan_is_made_of_its_short_forms() -> None:
    found = plan(
        goals=["accuracy"],
        guardrails=["brier:0.005", "latency_slo:0.01"],
        information=["auc"],
        limits=["latency_slo=250"],
        weights={"champion": 0.9, "challenger": 0.1},
    )

    assert (found.name, found.endpoint, found.champion) == ("churn", "churn", "champion")
    assert found.challengers == ("challenger",)
    assert found.arms == FOLDERS
    assert [each.margin for each in found.metrics] == [0.01, 0.005, 0.01, 0.0]
    assert [each.role for each in found.metrics] == [
        "goal",
        "guardrail",
        "guardrail",
        "information",
    ]
    assert (found.metrics[2].limit, found.metrics[2].column) == (250.0, "latency")
    assert found.unit.salt == "churn"
    assert found.pairing is None
    assert found.bandit is None
    assert read(found.to_dict()).sha256 == found.sha256


@pytest.mark.parametrize(
    ("metric", "champion", "margin"),
    [
        ("accuracy", 0.7, 0.01),
        ("f1", 0.7, 0.01),
        ("auc", None, 0.01),
        ("latency_slo", None, 0.01),
        ("rate:failed:lower", 0.5, 0.01),
        ("brier", 0.2, 0.004),
        ("column:profit:higher", -50.0, 1.0),
        ("ratio:clicks/views:higher", 0.5, 0.01),
        ("brier:0.3", None, 0.3),
        ("accuracy:superior", None, 0.0),
        ("column:x:superior:higher", None, 0.0),
    ],
)
def test_margins_have_defaults(metric: str, champion: float | None, margin: float) -> None:
    name = metric.removesuffix(":higher").removesuffix(":lower")

    found = plan(goals=[metric], measured={name: champion}, limits=_limit(metric))

    assert found.metrics[0].margin == pytest.approx(margin, rel=1e-12)


def _limit(metric: str) -> list[str]:
    return ["latency_slo=1"] if metric == "latency_slo" else []


@pytest.mark.parametrize("champion", [{}, {"brier": None}, {"brier": 0.0}, {"brier": float("nan")}])
def test_a_share_of_nothing_is_no_margin(champion: dict[str, float | None]) -> None:
    with pytest.raises(SettingsError, match=r"--guardrail brier:0\.01"):
        plan(guardrails=["brier"], measured=champion)


def test_information_needs_no_margin() -> None:
    assert plan(information=["mae", "calibration"]).metrics[1].margin == 0.0


@pytest.mark.parametrize(
    ("said", "found", "champion"),
    [
        ({"champion": "challenger"}, FoundArms(), "challenger"),
        ({"arms": {"b": "job:b", "a": "job:a"}}, FoundArms(), "b"),
        ({"arms": {"b": "job:b", "a": "job:a"}, "weights": {"a": 3, "b": 1}}, FoundArms(), "a"),
        ({"arms": {"b": "job:b", "a": "job:a"}, "weights": {"a": 1, "b": 1}}, FoundArms(), "b"),
        (
            {"arms": None},
            FoundArms(selectors=FOLDERS, weights={"champion": 2.0, "challenger": 1.0, "old": 1.0}),
            "champion",
        ),
    ],
)
def test_the_champion_is_named_or_has_most_of_the_traffic_or_comes_first(
    said: dict[str, Any], found: FoundArms, champion: str
) -> None:
    assert plan(found, **said).champion == champion


@pytest.mark.parametrize(
    ("said", "found", "says"),
    [
        ({"champion": "other"}, FoundArms(), "champion | challenger"),
        ({"arms": None}, FoundArms(selectors=FOLDERS), "--champion"),
        ({"arms": None}, FoundArms(), "no second arm"),
        ({"arms": {"a": "job:a"}}, FoundArms(), "no second arm"),
        ({"limits": ["latency_slo=250"]}, FoundArms(), "'latency_slo'"),
        ({"goals": None}, FoundArms(), "no metric decides"),
        ({"goals": ["latency_slo"]}, FoundArms(), "--limit latency_slo=250"),
        ({"goals": ["accuracy"], "guardrails": ["accuracy"]}, FoundArms(), "goal and guardrail"),
        ({"goals": ["accuracy:0"]}, FoundArms(), "superior"),
        ({"weights": {"champion": 1.0}}, FoundArms(), "'challenger' has no weight"),
        ({"weights": {"champion": 1.0, "challenger": 0.0}}, FoundArms(), "not above 0"),
        ({"strategy": "shadow", "weights": dict.fromkeys(ARMS, 1)}, FoundArms(), "the shadow"),
        ({"method": "group_sequential"}, FoundArms(), "--looks"),
        ({"strategy": "bandit", "floor": 0.5}, FoundArms(), "below 0.5"),
        ({"arms": {"a": "job:a", "b": "job:a"}}, FoundArms(), "the same rows"),
        ({"unit": "user"}, FoundArms(), "attribute:KEY"),
    ],
)
def test_what_cannot_be_planned_is_refused(
    said: dict[str, Any], found: FoundArms, says: str
) -> None:
    with pytest.raises(DriftkitError) as caught:
        plan(found, **said)

    assert says in str(caught.value)
    assert isinstance(caught.value, SettingsError | FormatError)


@pytest.mark.parametrize(
    ("said", "horizon"),
    [
        ({}, Horizon(units=40_000, tuning_units=20_000, minimum_days=1.0)),
        ({"strategy": "ab"}, Horizon(minimum_days=7.0)),
        ({"strategy": "batch"}, Horizon(minimum_days=0.0)),
        ({"strategy": "ab", "minimum_days": 0}, Horizon(minimum_days=0.0)),
        ({"horizon_units": 600}, Horizon(units=600, tuning_units=500)),
        ({"horizon_units": 600, "tuning_units": 7}, Horizon(units=600, tuning_units=7)),
    ],
)
def test_the_horizon_has_defaults(said: dict[str, Any], horizon: Horizon) -> None:
    assert plan(**said).horizon == horizon


@pytest.mark.parametrize(
    ("said", "pairing"),
    [
        ({"strategy": "shadow"}, Pairing(by="inferenceId", seconds=5.0)),
        ({"pair_by": "content", "pair_seconds": 1}, Pairing(by="content", seconds=1.0)),
        (
            {"strategy": "shadow", "sampling_percentage": 50},
            Pairing(by="inferenceId", sampling_percentage=50.0),
        ),
    ],
)
def test_shadows_are_paired_and_others_when_it_is_said(
    said: dict[str, Any], pairing: Pairing
) -> None:
    assert plan(**said).pairing == pairing


@pytest.mark.parametrize(
    ("said", "bandit"),
    [
        ({"strategy": "bandit"}, Bandit(policy="thompson-beta", floor=0.05, step=0.2)),
        ({"strategy": "ab", "policy": "ucb1"}, Bandit(policy="ucb1")),
    ],
)
def test_a_bandit_has_a_policy(said: dict[str, Any], bandit: Bandit) -> None:
    assert plan(**said).bandit == bandit


@pytest.mark.parametrize(
    ("said", "span"),
    [
        ({}, None),
        ({"method": "exact"}, (0.0, 1.0)),
        ({"method": "exact", "ranges": ["brier=0..0.5"]}, (0.0, 0.5)),
        ({"ranges": ["brier=0..0.5"]}, (0.0, 0.5)),
    ],
)
def test_exact_bounds_know_the_ranges_of_known_metrics(
    said: dict[str, Any], span: tuple[float, float] | None
) -> None:
    assert plan(goals=["brier:0.01"], **said).metrics[0].range == span


def test_weights_over_time_are_kept() -> None:
    start = datetime(2026, 11, 2, tzinfo=UTC)
    history = [WeightsChange(start=start, weights={"champion": 1.0})]

    assert plan(FoundArms(history=history)).weights_history == tuple(history)


def test_several_endpoints_name_no_plan() -> None:
    arms = {"a": Selector(kind="folder", key="x", value="v"), "b": parse_selector("folder:y/v")}

    found = plan(arms=arms)

    assert (found.name, found.endpoint) == ("deployment", None)
