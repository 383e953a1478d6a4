"""Sums of logged requests: against pandas, and the laws of states."""

from __future__ import annotations

from functools import reduce
from itertools import pairwise
from operator import add
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as some

from driftkit.readers.dataset import TableChunk
from driftkit.states.deployment import logged
from driftkit.states.deployment.logged import BY_WEIGHTS, KEYS, LOGGED, LoggedSums
from driftkit.states.deployment.logged_fold import KnownShares, LoggedFold, RewardSource
from driftkit.states.deployment.metrics import MetricSource

if TYPE_CHECKING:
    from collections.abc import Sequence

NAMES = ("arm", "time", "unit", "propensity", "reward", "column:carrier", "forced")
ARMS = ("old", "new")
NOON, ONE = 1_793_620_800, 1_793_624_400
SHARES = KnownShares(starts=(NOON, ONE), shares=((0.9, 0.1), (0.5, 0.5)))
FOLD = LoggedFold(
    names=NAMES,
    arms=ARMS,
    reward=RewardSource(),
    shares=SHARES,
    segment_by="carrier",
    segments=("AA", "UA"),
)
ROWS = some.lists(
    some.tuples(
        some.sampled_from(ARMS),
        some.sampled_from(["2026-11-02T12:10:00Z", "2026-11-02T13:00:00Z", None]),
        some.sampled_from(["ann", "bob", "cy", None]),
        some.sampled_from(["0.25", "0.5", "many", None]),
        some.sampled_from([0.0, 1.0, 0.125, float("inf"), None]),
        some.sampled_from(["AA", "UA", "DL", None]),
        some.sampled_from([True, False, None]),
    ),
    max_size=40,
)


def chunk(rows: Sequence[Sequence[Any]]) -> TableChunk:
    """Rows as a chunk."""
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(NAMES)
    kinds = [*[pa.string()] * 4, pa.float64(), pa.string(), pa.bool_()]
    arrays = [pa.array(c, kind) for c, kind in zip(columns, kinds, strict=True)]
    return TableChunk(table=pa.Table.from_arrays(arrays, names=list(NAMES)))


def cells(sums: LoggedSums) -> dict[tuple[Any, ...], tuple[float, ...]]:
    """The sums by key, propensities as text."""
    keys = [
        (*key[:-1], f"{p:.9g}")
        for key, p in zip(sums.keys.tolist(), sums.propensities, strict=True)
    ]
    return dict(zip(keys, map(tuple, sums.sums.tolist()), strict=True))


@given(ROWS)
def test_sums_are_those_of_pandas(rows: list[tuple[Any, ...]]) -> None:
    found = FOLD([chunk(rows)])

    table = pd.DataFrame(rows, columns=list(NAMES))
    table = table[~table["forced"].fillna(value=False).astype(bool)]
    reward = table["reward"].where(np.isfinite(table["reward"].astype(float)))
    assert found.without_reward == reward.isna().sum()
    kept = table[reward.notna()].assign(reward=reward.dropna().astype(float))
    assert found.sums[:, 0].sum() == len(kept)
    by_arm = [
        found.sums[found.keys[:, 0] == index].sum(axis=0).tolist() for index in range(len(ARMS))
    ]
    assert by_arm == [
        [len(of), of["reward"].sum(), (of["reward"] ** 2).sum()]
        for of in (kept[kept["arm"] == arm] for arm in ARMS)
    ]
    source = found.keys[:, KEYS.index("source")]
    assert found.sums[source == LOGGED, 0].sum() == kept["propensity"].notna().sum()
    segment = found.keys[:, KEYS.index("segment")]
    assert found.sums[segment == 2, 0].sum() == (~kept["column:carrier"].isin(["AA", "UA"])).sum()


@given(ROWS, some.lists(some.integers(0, 40), max_size=3))
def test_any_split_has_the_same_sums(rows: list[tuple[Any, ...]], cuts: list[int]) -> None:
    ends = [0, *sorted(min(cut, len(rows)) for cut in cuts), len(rows)]

    parts = [FOLD([chunk(rows[i:j])]) for i, j in pairwise(ends)]

    whole = FOLD([chunk(rows)])
    together = reduce(add, reversed(parts), FOLD(()))
    assert cells(together) == cells(whole)
    assert (together.span, together.without_reward) == (whole.span, whole.without_reward)
    assert (together.rejected, together.rows) == (whole.rejected, whole.rows)


def test_a_request_that_says_no_propensity_has_its_arms_share_at_its_time() -> None:
    rows = [
        ("old", "2026-11-02T12:59:59Z", "ann", None, 1.0, "AA", None),
        ("new", "2026-11-02T13:00:00Z", "ann", None, 1.0, "AA", None),
        ("new", "2026-11-02T11:00:00Z", "ann", None, 1.0, "AA", None),
        ("new", None, "ann", None, 1.0, "AA", None),
        ("new", "2026-11-02T13:00:00Z", "ann", "0.7", 1.0, "AA", None),
    ]

    found = [FOLD([chunk([row])]) for row in rows]

    assert [each.propensities.tolist() for each in found[:3]] == [[0.9], [0.5], [0.1]]
    assert np.isnan(found[3].propensities).all()
    assert found[4].propensities.tolist() == [0.7]
    source = KEYS.index("source")
    assert [each.keys[0, source] for each in found] == [BY_WEIGHTS] * 4 + [LOGGED]


def test_requests_of_a_user_are_in_one_half() -> None:
    rows = [
        ("old", f"2026-11-02T12:00:{second:02}Z", user, "0.5", 1.0, "AA", None)
        for user in ("ann", "bob", "cy", "dan")
        for second in range(20)
    ]

    halves = {
        user: {int(h) for h in FOLD([chunk([r for r in rows if r[2] == user])]).keys[:, 2]}
        for user in ("ann", "bob", "cy", "dan")
    }

    assert all(len(each) == 1 for each in halves.values())
    assert set().union(*halves.values()) == {0, 1}


def test_a_metric_that_is_better_when_lower_is_turned() -> None:
    fold = LoggedFold(
        names=("arm", "column:errors"),
        arms=ARMS,
        reward=RewardSource(metric=MetricSource(of="column", column="errors"), offset=1, sign=-1),
        shares=KnownShares(starts=(0,), shares=((0.5, 0.5),)),
    )
    table = pa.table({"arm": ["old"] * 4, "column:errors": [1.0, 0.0, 0.0, None]})

    found = fold([TableChunk(table=table)])

    assert found.sums.tolist() == [[3.0, 2.0, 2.0]]
    assert (found.without_reward, found.propensities.tolist()) == (1, [0.5])


@pytest.mark.parametrize("parts", [1, 2, 7])
def test_too_many_propensities_are_rounded_the_same_for_every_split(
    parts: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logged, "MOST_CELLS", 500)
    random = np.random.default_rng(1)
    propensities = random.uniform(0.4, 0.5, 4_000)
    rows = [("old", None, "ann", repr(float(p)), 1.0, "AA", None) for p in propensities]

    states = [FOLD([chunk(rows[index::parts])]) for index in range(parts)]
    found = reduce(add, states)

    assert found.digits == 3
    assert len(found.keys) <= 500
    assert cells(found) == cells(FOLD([chunk(rows)]))
    weights = (found.sums[:, 0] / found.propensities).sum()
    assert weights == pytest.approx((1 / propensities).sum(), rel=2**-10)
