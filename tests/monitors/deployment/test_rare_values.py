"""Metrics without events, without spread, of few users: what can be decided, and what is said."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import driftkit
from driftkit import InputError
from driftkit.formats.deployment.plan import PlannedMetric
from driftkit.monitors.deployment.decision import decide
from driftkit.monitors.deployment.verdicts import verdict_of
from driftkit.states.deployment.arms import SCORE_BINS
from tests.monitors.deployment.sums import plan, rates, sums
from tests.monitors.deployment.test_evidence import AUC, history, scored

ERRORS = PlannedMetric(
    name="rate:errors", role="guardrail", kind="rate", better="lower", margin=0.001, column="errors"
)
LOSS = PlannedMetric(
    name="column:loss", role="goal", kind="mean", better="lower", margin=0.1, column="loss"
)
ARMS = {"old": "field:version=old", "new": "field:version=new"}


def means(old: float, new: float, rows: int = 1_000) -> Any:
    """The sums of a metric that is the same in all rows of an arm."""
    n = np.full((1, 2), float(rows))
    s = n * [old, new]
    return sums({"counted": n, "s": s, "ss": s * [old, new], "n": n, "nn": n, "sn": s})


def judged(table: pd.DataFrame, *, of: pd.DataFrame | None = None, **settings: Any) -> Any:
    """The verdict on a table, by a plan of itself."""
    usual: dict[str, Any] = {"arms": ARMS, "minimum_days": 0, "strategy": "ab"}
    made = driftkit.deployment.baseline(table if of is None else of, **(usual | settings))
    return driftkit.deployment.monitor(table, made).verdict


def users(errors: list[int], requests: int = 5_000, many: int = 500) -> pd.DataFrame:
    """Requests of users that keep to an arm; `errors` are the indices of the new one's requests."""
    at = np.arange(requests)
    return pd.DataFrame(
        {
            "version": np.repeat(["old", "new"], requests),
            "user": np.concatenate([at % many, many + at % many]),
            "errors": np.concatenate([np.zeros(requests, int), np.isin(at, errors).astype(int)]),
        }
    )


def pairs(old: list[int], new: list[int], label: list[int]) -> pd.DataFrame:
    """Answers of both versions to the same requests."""
    rows = len(label)
    return pd.DataFrame(
        {
            "version": np.repeat(["old", "new"], rows),
            "inferenceId": np.tile([f"id-{row}" for row in range(rows)], 2),
            "prediction": [*old, *new],
            "label": label * 2,
        }
    )


def test_an_arm_that_always_fails_is_rolled_back_when_weights_change() -> None:
    told = plan(
        ERRORS, weights={"old": 0.9, "new": 0.1}, weights_history=history((0.9, 0.1), (0.5, 0.5))
    )

    [found] = decide(told, rates([[0, 90], [0, 500]], [[810, 90], [500, 500]]))

    assert (found.verdict, found.look) == ("roll_back", 1)
    assert found.judged[0].bounds.exact.all()


def test_rare_errors_roll_back_when_weights_change() -> None:
    told = plan(
        ERRORS, weights={"old": 0.9, "new": 0.1}, weights_history=history((0.9, 0.1), (0.5, 0.5))
    )

    [found] = decide(told, rates([[0, 5], [0, 60]], [[9_000, 1_000], [10_000, 10_000]]))

    assert found.verdict == "roll_back"


def test_a_shadow_that_is_always_wrong_is_rolled_back() -> None:
    label = [row % 2 for row in range(1_000)]

    found = judged(
        pairs(label, [1 - each for each in label], label), goals="accuracy", pair_by="inferenceId"
    )

    assert found.verdict == "roll_back"
    assert (found.metrics[0].difference, found.metrics[0].method) == (
        -1.0,
        "beta-binomial confidence sequences",
    )


def test_precision_of_pairs_is_measured() -> None:
    label = [row % 2 for row in range(1_000)]

    found = judged(
        pairs([1] * 1_000, label, label), goals="precision", pair_by="inferenceId"
    ).metrics[0]

    assert (found.champion, found.challenger, found.state) == (0.5, 1.0, "passes")


def test_errors_of_one_user_are_not_those_of_many() -> None:
    of_one = users([at for at in range(5_000) if at % 50 == 7], many=50)
    settings: dict[str, Any] = {"guardrails": "rate:errors:0.001:lower", "burn_in_units": 20}

    by_users = judged(of_one, unit="field:user", routing="sticky", **settings)
    by_requests = judged(of_one, **settings)

    assert (by_users.verdict, by_requests.verdict) == ("hold", "roll_back")


def test_an_arm_that_fails_for_all_its_users_is_rolled_back() -> None:
    found = judged(
        users([*range(5_000)]),
        guardrails="rate:errors:0.001:lower",
        unit="field:user",
        routing="sticky",
    )

    assert found.verdict == "roll_back"
    assert found.error_rates.guarantee == "asymptotic"


def test_few_users_decide_nothing_however_many_their_requests() -> None:
    found = judged(
        users([*range(0, 5_000, 3)], many=7),
        guardrails="rate:errors:0.001:lower",
        unit="field:user",
        routing="sticky",
    )

    assert (found.verdict, found.reason) == ("hold", "too few data of rate:errors")


@pytest.mark.parametrize(("old", "new"), [(2.0, 2.0), (2.0, 3.0), (0.0, 1e150)])
def test_means_without_spread_stay_open_and_say_why(old: float, new: float) -> None:
    [found] = decide(plan(LOSS), means(old, new))

    assert (found.verdict, found.judged[0].state) == ("hold", "open")
    assert found.reason == (
        "column:loss: no value differs from another, so that nothing tells how sure the "
        "difference is"
    )
    assert verdict_of(plan(LOSS), [found]).metrics[0].reason == found.reason.removeprefix(
        "column:loss: "
    )


def test_rates_without_any_event_pass_exactly() -> None:
    [found] = decide(plan(ERRORS), rates([[0, 0]], [[100_000, 100_000]]))

    assert (found.verdict, bool(found.judged[0].bounds.exact[-1])) == ("promote", True)


def test_a_score_that_never_changes_has_an_area_of_one_half_and_stays_open() -> None:
    state, _ = scored(4, 1.0)
    counts = np.zeros_like(state.scores)
    counts[..., SCORE_BINS // 2] = state.scores.sum(axis=2)

    [found] = decide(plan(AUC), replace(state, scores=counts))

    assert [*found.judged[0].evidence.values[-1]] == [0.5, 0.5]  # noqa: PD011  (no pandas)
    assert found.judged[0].state == "open"
    assert "auc: no value differs from another" in found.reason


def test_labels_of_one_class_have_no_area() -> None:
    state, _ = scored(4, 1.0)
    counts = state.scores.copy()
    counts[:, 0] = 0

    [found] = decide(plan(AUC), replace(state, scores=counts))

    assert found.reason == "auc: the labels of an arm are all of one class"
    assert verdict_of(plan(AUC), [found]).to_dict()["metrics"][0]["difference"] is None


@pytest.mark.parametrize("values", [[0, 2], [0.5, 0.5], [1, -1]])
def test_a_rate_of_other_values_than_0_and_1_is_refused(values: list[float]) -> None:
    table = users([]).assign(errors=np.tile(values, 5_000))

    for of in (table, users([])):
        with pytest.raises(InputError, match="other values than 0 and 1") as caught:
            judged(table, of=of, guardrails="rate:errors:0.001:lower")
        assert caught.value.where == "errors"


def test_values_outside_the_plans_range_are_refused() -> None:
    table = users([]).assign(loss=np.linspace(0, 1, 10_000))
    settings: dict[str, Any] = {
        "goals": "column:loss:0.1:lower",
        "method": "exact",
        "ranges": ["column:loss=0..1"],
    }

    assert judged(table, **settings).metrics[0].state != "not_measured"
    with pytest.raises(InputError, match="outside the range"):
        judged(table.assign(loss=table["loss"] * 1.5), of=table, **settings)


@pytest.mark.parametrize("odd", [np.inf, -np.inf, np.nan])
def test_covariates_that_are_no_numbers_count_as_none(odd: float) -> None:
    random = np.random.default_rng(5)
    before = random.normal(5, 1, 10_000)
    table = users([]).assign(before=before, loss=before + random.normal(0, 1, 10_000))
    table.loc[::100, "before"] = odd

    found = judged(
        table, goals="column:loss:0.5:lower", covariates={"column:loss": "before"}
    ).metrics[0]

    assert found.difference == pytest.approx(0.0, abs=0.1)
