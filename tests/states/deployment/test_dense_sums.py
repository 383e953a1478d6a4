"""Sums made of arrays are those of rows."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from driftkit.readers.dataset import TableChunk
from driftkit.states.deployment.arms import ArmLayout
from driftkit.states.deployment.arms_fold import ArmFold, buckets_of
from driftkit.states.deployment.dense_sums import DenseSums
from driftkit.states.deployment.metrics import MetricSource

ARMS = ("old", "new", "third")
BEGIN = 1_793_606_400
BUCKETS = 8


def test_sums_of_a_rate_are_those_of_its_rows() -> None:
    random = np.random.default_rng(1)
    arm, block = random.integers(0, 3, 500), random.integers(0, 4, 500)
    event = random.integers(0, 2, 500)
    user = [f"u{number}" for number in random.integers(0, 50, 500)]
    # An arm without requests in a block.
    arm[block == 2] = 0
    table = pa.table(
        {
            "arm": np.array(ARMS)[arm],
            "time": (BEGIN + 3600 * block).astype("datetime64[s]"),
            "unit": user,
            "column:ok": event.astype(float),
        }
    )
    layout = ArmLayout(arms=ARMS, metrics=("rate:ok",), buckets=BUCKETS)
    source = MetricSource(of="column", column="ok")
    fold = ArmFold(names=tuple(table.column_names), layout=layout, sources=(source,))
    whole = fold([TableChunk(table=table)])
    bucket = buckets_of(table.column("unit"), "", BUCKETS)

    counts = np.zeros((2, 4, 3, BUCKETS))
    np.add.at(counts[0], (block, arm, bucket), 1.0)
    np.add.at(counts[1], (block, arm, bucket), event)
    requests, events = counts.sum(axis=-1)
    made = DenseSums.of_rate(
        BEGIN + 3600 * np.arange(4), events, requests, np.stack([counts[1], counts[0]], axis=2)
    ).as_states("rate:ok", ARMS)

    assert made.layout == whole.layout
    for name in ("keys", "requests", "labelled", "sums", "buckets", "scores"):
        np.testing.assert_array_equal(getattr(made, name), getattr(whole, name))


@pytest.mark.parametrize("arms", [None, (0, 2), (2, 0)])
@pytest.mark.parametrize("gaps", [False, True])
def test_sums_by_block_and_arm_are_what_they_were_made_of(
    arms: tuple[int, ...] | None, *, gaps: bool
) -> None:
    trials = np.arange(1.0, 13.0).reshape(4, 3)
    trials[2, 1] = 0.0
    blocks = BEGIN + 3600 * np.arange(4)
    made = DenseSums.of_rate(blocks, trials / 2, trials).as_states("rate:ok", ARMS)
    kept = made.chosen(made.requests > 0) if gaps else made

    found = kept.by_block(kept.sums[:, 0], blocks, arms)

    chosen = [*(arms or range(3))]
    assert found.shape == (4, len(chosen), made.sums.shape[-1])
    np.testing.assert_array_equal(found[..., 0], trials[:, chosen])
    np.testing.assert_array_equal(found[..., 1], trials[:, chosen] / 2)
