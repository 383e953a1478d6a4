"""The cheapest target that holds a limit, against a replay of every one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from driftkit.comparison.deployment.scaling import AutoScaling, replayed
from driftkit.comparison.deployment.scaling_rules import TargetTracking
from driftkit.comparison.deployment.scaling_search import cheapest, target_value
from tests.comparison.deployment.loads import load


@pytest.mark.parametrize("limit", [0.0, 0.02, 0.2])
def test_the_cheapest_is_the_best_of_all(limit: float) -> None:
    counts = np.random.default_rng(7).poisson(load((300, 60), (2000, 40), (700, 60))).astype(float)
    scaling = AutoScaling(minimum=1, maximum=4, tracking=TargetTracking(target=1))
    targets = (200.0, 400.0, 600.0, 700.0)

    choice = cheapest(counts, scaling, max_rps=12, limit=limit, targets=targets)

    tried = {
        (minimum, target): replayed(
            counts, replace(scaling, minimum=minimum, tracking=TargetTracking(target=target))
        )
        for minimum in range(1, 5)
        for target in targets
    }
    holding = [r.instance_minutes for r in tried.values() if (r.excess(720).share or 0) <= limit]
    assert choice is not None
    assert choice.instance_minutes == min(holding)
    assert tried[choice.minimum, choice.target].excess(720) == choice.excess


def test_no_target_holds_a_limit_that_the_maximum_cannot() -> None:
    scaling = AutoScaling(minimum=1, maximum=2, tracking=TargetTracking(target=1500))

    assert cheapest(load((9000, 50)), scaling, max_rps=1, limit=0.5) is None


def test_the_target_of_a_load_test() -> None:
    assert target_value(25, 0.5) == 750
