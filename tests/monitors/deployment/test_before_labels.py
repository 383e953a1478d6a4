"""What is said of arms before labels come: how answers differ, and whether inputs are the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ks_2samp

from driftkit import deployment

if TYPE_CHECKING:
    from driftkit.formats.deployment.verdict import Verdict
    from driftkit.monitors.deployment.results import DeploymentReport

ARMS = {"old": "field:version=old", "new": "field:version=new"}
READ: dict[str, Any] = {"time_column": "at", "runner": "local"}


def rows(*, shift: float = 0.0, uneven: float = 0.0, labelled: bool = False) -> pd.DataFrame:
    """A day of requests of two arms; the new one may answer, and be asked, differently."""
    random = np.random.default_rng(1)
    size = 6_000
    is_new = random.random(size) < 0.5
    logit = random.normal(0, 1, size) + shift * is_new
    frame = pd.DataFrame(
        {
            "version": np.where(is_new, "new", "old"),
            "at": pd.date_range("2026-11-02", periods=size, freq="14s").astype(str),
            "carrier": np.where(random.random(size) < 0.5 + uneven * is_new, "AA", "UA"),
            "probability": 1 / (1 + np.exp(-logit)),
        }
    )
    if labelled:
        frame["label"] = (random.random(size) < frame["probability"]).astype(int)
    return frame


def monitored(frame: pd.DataFrame, **settings: Any) -> DeploymentReport:
    usual: dict[str, Any] = {"goals": "brier:0.05", "arms": ARMS, "minimum_days": 0}
    plan = deployment.baseline(frame, **(usual | settings), **READ)
    return deployment.monitor(frame, plan, **READ)


def check(verdict: Verdict, name: str) -> bool:
    """Whether a check passes."""
    [found] = [each.passed for each in verdict.checks if each.name == name]
    return found


@pytest.mark.parametrize("shift", [0.0, 0.8])
def test_answers_are_compared_without_labels(shift: float) -> None:
    frame = rows(shift=shift)

    report = monitored(frame)

    [found] = report.comparison.predictions
    old, new = (frame.loc[frame["version"] == arm, "probability"] for arm in ("old", "new"))
    assert found.units == {"old": len(old), "new": len(new)}
    assert found.champion == pytest.approx(old.mean(), abs=1e-3)
    assert found.difference == pytest.approx(new.mean() - old.mean(), abs=1e-3)
    assert found.kolmogorov_smirnov == pytest.approx(ks_2samp(old, new).statistic, abs=2e-3)
    assert found.stability_index is not None
    assert (found.stability_index > 0.2) == (shift > 0)
    assert report.verdict.verdict == "hold"
    [said] = report.verdict.notes
    assert said.startswith("no metric by labels is measured yet; the mean probability of new is")


def test_with_labels_nothing_is_noted() -> None:
    report = monitored(rows(labelled=True))

    assert report.verdict.notes == ()
    assert report.verdict.verdict == "promote"
    assert report.comparison.predictions[0].units["old"] > 2_900


def test_hours_of_answers_without_labels_add_up() -> None:
    frame = rows(shift=0.3)
    plan = deployment.baseline(frame, goals=["brier:0.05", "auc"], arms=ARMS, **READ)
    parts = [deployment.monitor(each, plan, **READ) for each in (frame[:2_500], frame[2_500:])]

    together = deployment.monitor(deployment.combine(*(each.states for each in parts)), plan)

    at_once = deployment.monitor(frame, plan, **READ)
    assert together.comparison.to_dict() == at_once.comparison.to_dict()


def test_a_plan_without_probabilities_does_not_count_them() -> None:
    frame = rows(labelled=True).assign(prediction=1)

    assert not monitored(frame, goals="accuracy:0.1").comparison.predictions


@pytest.mark.parametrize(("uneven", "verdict"), [(0.0, "promote"), (0.3, "hold")])
def test_arms_that_are_asked_otherwise_are_not_compared(uneven: float, verdict: str) -> None:
    frame = rows(uneven=uneven, labelled=True)

    found = monitored(frame, segment_by="carrier", minimum_days=1).verdict

    assert check(found, "inputs") is (verdict == "promote")
    assert found.verdict == verdict
    if verdict == "hold":
        assert "inputs: carrier has a population stability index of 0." in found.reason


@pytest.mark.parametrize(
    ("few", "settings"),
    [
        (slice(1_500), {}),
        (slice(None), {"unit": "field:at"}),
        (slice(None), {"arms": {"old": "before:2026-11-02T12:00", "new": "from:2026-11-02T12:00"}}),
    ],
    ids=["too few requests", "users", "arms of different times"],
)
def test_inputs_are_compared_only_where_chance_makes_them_the_same(
    few: slice, settings: dict[str, Any]
) -> None:
    frame = rows(uneven=0.4, labelled=True)[few]

    found = monitored(frame, segment_by="carrier", **settings).verdict

    assert all(each.passed for each in found.checks if each.name == "inputs")
