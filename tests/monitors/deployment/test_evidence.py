"""What is seen of a metric: within epochs, of users that come back, of scores, with covariates."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from driftkit.formats.deployment.plan import PlannedMetric, Unit, WeightsChange
from driftkit.monitors.deployment.decision import decide
from driftkit.monitors.deployment.evidence import Looks
from driftkit.monitors.deployment.tables import comparison_of
from driftkit.monitors.deployment.timeline import Timeline
from driftkit.states.deployment.arms import (
    SCORE_BINS,
    SCORE_CLASSES,
    SUMS,
    ArmLayout,
    ArmSums,
    added,
)
from tests.monitors.deployment.sums import BEGIN, HOUR, plan, rates

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

AUC = PlannedMetric(name="auc", role="goal", kind="auc", better="higher", margin=0.01)


def history(*weights: tuple[float, float]) -> tuple[WeightsChange, ...]:
    """Weights that change every hour."""
    begin = datetime.fromtimestamp(BEGIN, UTC)
    starts = [begin + timedelta(hours=hour) for hour in range(len(weights))]
    return tuple(
        WeightsChange(start=start, end=end, weights=dict(zip(("old", "new"), each, strict=True)))
        for start, end, each in zip(starts, [*starts[1:], None], weights, strict=True)
    )


@pytest.mark.parametrize("case", ["rising", "falling"])
def test_weights_that_change_do_not_mix_level_and_version(
    golden: Callable[[str], Path], case: str
) -> None:
    recorded = json.loads(golden("deployment/tests/epochs.json").read_text())
    of_case = recorded if case == "rising" else recorded["reversed"]
    arms = [(each["champion"], each["challenger"]) for each in of_case["epochs"]]
    trials, events = ([[arm[at] for arm in arm_s] for arm_s in arms] for at in (0, 1))
    changing = plan(
        weights={"old": 0.9, "new": 0.1}, weights_history=history((0.9, 0.1), (0.5, 0.5))
    )

    [found] = decide(changing, rates(events, trials))

    seen = found.judged[0].evidence
    assert seen.difference[-1] == pytest.approx(of_case["difference"], rel=1e-9)
    pooled = seen.values[-1, 1] - seen.values[-1, 0]
    assert pooled == pytest.approx(of_case["pooled_difference"], rel=1e-9)
    if case == "rising":
        assert np.sqrt(seen.variance[-1]) == pytest.approx(of_case["se"], rel=1e-9)
    tables = comparison_of(changing, found.time).epochs
    assert [each.differences[0].difference for each in tables] == pytest.approx([0.005, 0.005])


def test_epochs_are_found_where_no_weights_are_known() -> None:
    trials = [[900, 100], [905, 95], [500, 500], [503, 497]]

    time = Timeline(plan=plan(), sums=rates(np.array(trials) // 2, trials))

    assert time.epochs.tolist() == [0, 0, 1, 1]


def of_users(run: int, *, looks: int = 50, requests: int = 400) -> ArmSums:
    """Requests of 1,000 users that come back; users keep to an arm, and the arms are the same."""
    random = np.random.default_rng(run)
    users, buckets = 1_000, 512
    arm, rate = random.integers(0, 2, users), random.beta(1, 4, users)
    bucket = random.integers(0, buckets, users)
    parts = []
    for look in range(looks):
        user = random.integers(0, users, requests)
        right = (random.random(requests) < rate[user]).astype(float)
        of_arm = [(right[arm[user] == each], bucket[user[arm[user] == each]]) for each in (0, 1)]
        trials = [[len(values) for values, _ in of_arm]]
        events = [[values.sum() for values, _ in of_arm]]
        cells = np.array(
            [
                [np.bincount(at, values, buckets), np.bincount(at, minlength=buckets)]
                for values, at in of_arm
            ]
        )
        sums = rates(events, trials)
        keys = sums.keys + np.array([[look * HOUR, 0]] * 2)
        layout = replace(sums.layout, buckets=buckets)
        parts.append(
            replace(
                sums,
                layout=layout,
                keys=keys,
                buckets=cells[:, np.newaxis],
            )
        )
    return added(parts)


def test_users_that_come_back_do_not_count_as_so_many_independent_requests() -> None:
    runs = 100
    users = plan(unit=Unit(source="field:user", buckets=512), routing="sticky")
    requests = plan()

    by_users, by_requests = (
        sum(
            any(
                (each.bounds.low > 0).any() or (each.bounds.high < 0).any() for each in found.judged
            )
            for found in (decide(of, state)[0] for state in map(kind, range(runs)))
        )
        for of, kind in ((users, of_users), (requests, without_buckets))
    )

    # Each bound alone has 5 %. Of requests taken for independent 18 % were recorded, two-sided.
    assert by_users <= 2 * 0.05 * runs
    assert by_requests > by_users


def without_buckets(run: int) -> ArmSums:
    """The same requests, taken for independent."""
    state = of_users(run)
    layout = replace(state.layout, buckets=0)
    return replace(state, layout=layout, buckets=np.empty((len(state.keys), 1, 2, 0)))


def scored(run: int, spread: float) -> tuple[ArmSums, list[tuple[Any, Any]]]:
    """Two arms with scores of their own, and the rows of each."""
    random = np.random.default_rng(run)
    layout = ArmLayout(arms=("old", "new"), metrics=("auc",), scores=True)
    counts, rows = np.zeros((2, SCORE_CLASSES, SCORE_BINS), np.int64), []
    for arm, noise in enumerate((1.0, spread)):
        label = random.integers(0, 2, 3_000)
        score = 1 / (1 + np.exp(-(label + random.normal(0, noise, len(label)))))
        bins = np.floor(score * SCORE_BINS).astype(int)
        np.add.at(counts[arm], (label, bins), 1)
        rows.append((label, bins))
    state = replace(
        ArmSums.empty(layout),
        keys=np.array([[BEGIN, 0], [BEGIN, 1]]),
        requests=np.array([3_000, 3_000]),
        labelled=np.array([3_000, 3_000]),
        sums=np.zeros((2, 1, len(SUMS))),
        buckets=np.empty((2, 1, 2, 0)),
        scores=counts,
    )
    return state, rows


def test_the_area_under_the_curve_is_that_of_each_arm() -> None:
    state, rows = scored(4, 0.6)

    [found] = decide(plan(AUC), state)

    expected = [roc_auc_score(label, bins) for label, bins in rows]
    assert found.judged[0].evidence.values[-1] == pytest.approx(expected, rel=1e-12)
    assert found.verdict == "promote"


def test_a_worse_area_under_the_curve_is_rolled_back() -> None:
    state, _ = scored(4, 2.0)

    [found] = decide(plan(AUC), state)

    assert found.verdict == "roll_back"


def test_a_covariate_makes_a_difference_more_certain() -> None:
    random = np.random.default_rng(7)
    before = random.normal(10, 3, (2, 4_000))
    after = before + random.normal(0, 1, before.shape) + [[0.0], [0.2]]
    mean = PlannedMetric(
        name="column:loss", role="goal", kind="mean", better="higher", margin=0.1, column="loss"
    )
    of = {
        "counted": np.full((1, 2), 4_000.0),
        "s": after.sum(axis=1)[None],
        "ss": (after**2).sum(axis=1)[None],
        "n": np.full((1, 2), 4_000.0),
        "nn": np.full((1, 2), 4_000.0),
        "sn": after.sum(axis=1)[None],
        "x": before.sum(axis=1)[None],
        "xx": (before**2).sum(axis=1)[None],
        "xs": (before * after).sum(axis=1)[None],
    }
    state = rates([[1, 1]], [[1, 1]])
    table = np.zeros((2, 1, len(SUMS)))
    for name, values in of.items():
        table[:, 0, SUMS.index(name)] = values[0]
    state = replace(state, requests=np.array([4_000, 4_000]), sums=table)
    looks = Looks(sums=state, blocks=np.array([BEGIN]), epochs=np.zeros(1, np.int64), arms=(0, 1))

    plain = looks.evidence(0, mean)
    adjusted = looks.evidence(0, replace(mean, covariate="before"))

    # The residual spread is 1 where the values' is about 3.2.
    assert adjusted.variance[0] == pytest.approx(plain.variance[0] / 10, rel=0.1)
    assert adjusted.difference[0] == pytest.approx(0.2, abs=4 * np.sqrt(adjusted.variance[0]))
