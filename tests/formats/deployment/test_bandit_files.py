"""bandit.json and policy_values.json: written, read again, and refused where they are wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given

from driftkit.comparison.deployment.off_policy import Log, evaluate
from driftkit.errors import FormatError
from driftkit.formats.deployment import bandit, policy_values
from driftkit.formats.deployment.verdict import PlanName, TimeSpan
from driftkit.formats.python_json import file_text
from tests.formats.damage import damaged, ours
from tests.formats.documents import strictly, with_value

if TYPE_CHECKING:
    from pathlib import Path

    from driftkit.comparison.deployment.off_policy import Evaluation

PLAN = PlanName(name="churn", sha256="0" * 64)
WINDOW = TimeSpan(start=datetime(2026, 11, 2, tzinfo=UTC), end=datetime(2026, 11, 3, tzinfo=UTC))

BANDIT = bandit.Bandit(
    plan=PLAN,
    policy="thompson-beta",
    parameters={"floor": 0.05, "step": 0.2, "minimum": 100.0},
    window=WINDOW,
    matured_before=datetime(2026, 11, 2, 20, tzinfo=UTC),
    weights=(
        bandit.BanditWeights(
            changed=True,
            stop=True,
            winner="b",
            value_remaining=0.001,
            arms=(
                bandit.BanditArm(
                    name="a",
                    units=1000.0,
                    rewards=100.0,
                    mean=0.1,
                    probability_best=0.0178,
                    expected_loss=0.03,
                    before=0.5,
                    wanted=0.0178,
                    weight=0.3,
                ),
                bandit.BanditArm(name="b", units=1000.0, rewards=130.0, mean=0.13, weight=0.7),
            ),
        ),
        bandit.BanditWeights(segment="AA", changed=False, reason="b has 3 units", arms=()),
    ),
    notes=("Means are biased",),
)


def evaluation() -> Evaluation:
    cells = np.array([0, 1])
    log = Log(
        arms=cells,
        segments=np.zeros(2, dtype=np.int64),
        halves=np.zeros(2, dtype=np.int64),
        propensities=np.array([0.9, 0.1]),
        requests=np.array([900.0, 100.0]),
        rewards=np.array([90.0, 20.0]),
        squares=np.array([90.0, 20.0]),
    )
    return evaluate(log, np.array([[0.0, 1.0]]))


def values() -> policy_values.PolicyValues:
    found = evaluation()
    return policy_values.PolicyValues(
        plan=PLAN,
        window=WINDOW,
        requests={"a": 900, "b": 100},
        propensities={"weights history": 1000},
        limit=10.0,
        logged=policy_values.PolicyEstimate.of("logged", found.logged),
        policies=(policy_values.PolicyValue.of("p.json", {"*": {"b": 1.0}}, found),),
    )


def test_a_bandits_file_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / bandit.NAME
    file.write_text(file_text(BANDIT.to_dict()), encoding="utf-8")

    assert bandit.read_file(file) == BANDIT


def test_what_cannot_be_measured_is_null() -> None:
    arm = replace(BANDIT.weights[0].arms[0], mean=float("nan"), expected_loss=np.float64("inf"))
    weights = replace(BANDIT.weights[0], arms=(arm,))

    written = strictly(file_text(replace(BANDIT, weights=(weights,)).to_dict()))

    found = written["weights"][0]["arms"][0]
    assert (found["mean"], found["expected_loss"]) == (None, None)
    assert "segment" in written["weights"][0]
    assert written["weights"][0]["segment"] is None


def test_policies_values_are_those_of_the_evaluation(tmp_path: Path) -> None:
    file = tmp_path / policy_values.NAME
    file.write_text(file_text(values().to_dict()), encoding="utf-8")

    read = policy_values.read_file(file)

    estimates = {each.estimator: each for each in read.policies[0].estimates}
    ips, expected = estimates["ips"], evaluation().estimates["ips"]
    assert (ips.value, ips.standard_error) == (expected.value, expected.standard_error)
    assert ips.value == pytest.approx(0.2)
    assert ips.low is not None
    assert ips.high is not None
    assert ips.high - ips.low == pytest.approx(2 * 1.959964 * expected.standard_error, rel=1e-6)
    assert estimates["dm"].standard_error is None
    assert read.policies[0].doubt is None
    assert read.logged.value == pytest.approx(0.11)
    assert strictly(file_text(read.to_dict())) == strictly(file_text(values().to_dict()))


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("version", "9", "version.*1.0"),
        ("weights.0.arms.0.probability_best", 2, r"probability_best.*share"),
        ("weights.0.arms.0.weight", None, r"arms\[0\].weight"),
        ("parameters.floor", "low", "parameters.floor.*a number"),
        ("polcy", 1, "polcy.*not known.*policy"),
    ],
)
def test_wrong_bandits_are_refused(path: str, value: Any, message: str) -> None:
    document = strictly(file_text(BANDIT.to_dict()))

    with pytest.raises(FormatError, match=message):
        bandit.read(with_value(document, path, value))


@given(damaged(strictly(file_text(BANDIT.to_dict()))))
def test_a_damaged_bandit_is_read_or_refused_with_its_path(broken: dict[str, Any]) -> None:
    with ours():
        bandit.read(broken)


@given(damaged(strictly(file_text(values().to_dict()))))
def test_damaged_values_are_read_or_refused_with_their_path(broken: dict[str, Any]) -> None:
    with ours():
        policy_values.read(broken)
