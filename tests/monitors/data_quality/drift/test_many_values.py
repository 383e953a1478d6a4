"""Columns of text with more different values than are counted one by one are judged by the hash of these."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import driftkit
from driftkit.native.hashing import buckets_of, hash_texts_in_order
from driftkit.states.cells import counted
from driftkit.states.kernels.texts import buffers

if TYPE_CHECKING:
    from pathlib import Path

    from driftkit.formats.drift import Verdict
    from driftkit.monitors.data_quality.monitor import MonitoringResult

KNOWN = 20_000


def shops(rows: int, seed: int, *, often: str = "", share: float = 0.0) -> pd.DataFrame:
    """Rows of 5,000 shops by Zipf's law, of visits of some rows each, and of ids.

    Args:
        rows: how many.
        seed: of what is drawn.
        often: a shop that has more of the rows.
        share: how much more.
    """
    rng = np.random.default_rng(seed)
    weights = 1 / np.arange(1, 5_001)
    shop = np.array([f"shop {n}" for n in rng.choice(5_000, rows, p=weights / weights.sum())])
    shop = np.where(rng.random(rows) < share, often, shop)
    visits = rng.integers(0, 1 << 60, rows // 10)
    ids = [f"{n:x}" for n in rng.integers(0, 1 << 60, rows)]
    return pd.DataFrame({"shop": shop, "visit": visits.repeat(10).astype(str), "id": ids})


@pytest.fixture(scope="module")
def baseline(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A baseline of these rows."""
    folder = tmp_path_factory.mktemp("baseline")
    driftkit.data_quality.baseline(shops(KNOWN, 1)).write(folder, keep_states=True)
    return folder


def judged(baseline: Any, rows: Any) -> MonitoringResult:
    return driftkit.data_quality.monitor(rows, baseline, alarm_on="different")


def verdicts(result: MonitoringResult) -> dict[str, Verdict]:
    assert result.drift is not None
    return {each.feature: each for each in result.drift.features}


def test_rows_of_the_same_population_are_ordinary(baseline: Path) -> None:
    """Ids are all new, and visits never come again: neither is a change."""
    for seed, rows in ((2, 100), (3, 2_000), (4, 20_000)):
        found = verdicts(judged(baseline, shops(rows, seed)))

        assert {name: each.verdict for name, each in found.items()} == dict.fromkeys(
            ("shop", "visit", "id"), "ordinary"
        )


@pytest.mark.parametrize(
    ("often", "share", "shares"),
    [
        ("shop 7", 0.05, (6.3, 1.4)),
        ("robot", 0.03, (3.0, 0.0)),
    ],
)
def test_a_value_that_comes_more_often_is_named(
    baseline: Path, often: str, share: float, shares: tuple[float, float]
) -> None:
    found = verdicts(judged(baseline, shops(4_000, 5, often=often, share=share)))

    assert [name for name, each in found.items() if each.alarm] == ["shop"]
    (cause,) = found["shop"].causes
    assert cause.about[0] == often
    told = [float(word.strip("<%")) for word in cause.message.split() if word.endswith("%")]
    assert told == pytest.approx(shares, abs=0.6)


def test_rare_values_are_not_named(baseline: Path) -> None:
    """Two hundred values of one bucket, none of which has many of its rows."""
    names = np.array([f"x{n}" for n in range(150_000)])
    alike = names[buckets_of(hash_texts_in_order(*buffers(pa.array(names)))) == 7]
    rows = shops(4_000, 5)
    rows.loc[:199, "shop"] = alike[:200]

    (cause,) = verdicts(judged(baseline, rows))["shop"].causes

    assert cause.about == ()
    assert cause.message.startswith("a group of rare values, told apart by their hash, has 5.")


def test_kept_states_say_what_rows_do(baseline: Path, tmp_path: Path) -> None:
    rows = shops(3_000, 6, often="robot", share=0.05)
    of_rows = judged(baseline, rows)
    of_rows.write(tmp_path)
    halves = [judged(baseline, rows[start : start + 1_500]).states for start in (0, 1_500)]

    of_states = judged(baseline, driftkit.data_quality.combine(tmp_path))
    of_halves = judged(baseline, driftkit.data_quality.combine(*halves))

    assert of_states.drift == of_rows.drift == of_halves.drift
    assert of_rows.cells is not None
    assert (
        of_rows.cells.dumps() == counted.loads((tmp_path / counted.FILE).read_bytes(), "").dumps()
    )


def test_days_are_judged_by_those_of_the_reference(tmp_path: Path) -> None:
    days = [
        shops(600, 100 + day, often="robot", share=0.05 * (day == 40)).assign(
            t=pd.Timestamp("2026-01-01") + pd.Timedelta(days=day)
        )
        for day in range(41)
    ]
    known = driftkit.data_quality.baseline(pd.concat(days[:40]), time_column="t", time_unit="day")
    known.write(tmp_path)

    found = driftkit.data_quality.monitor(days[40], tmp_path)

    assert [name for name, each in verdicts(found).items() if each.verdict == "unusual"] == ["shop"]
    assert verdicts(found)["shop"].causes[0].about[0] == "robot"


def test_baselines_that_did_not_count_so_say_it(baseline: Path) -> None:
    known = driftkit.data_quality.Baseline.read(baseline)
    result = judged(replace(known, cells=None), shops(1_000, 7))

    assert verdicts(result) == {}
    assert result.run is not None
    (remark,) = result.run.remarks
    assert remark.startswith("no verdict of drift on shop, visit, id: too many different values")


def test_the_dialect_aws_writes_no_cells(tmp_path: Path) -> None:
    driftkit.data_quality.baseline(shops(1_000, 1), dialect="aws").write(tmp_path)

    assert not (tmp_path / counted.FILE).exists()


@pytest.mark.spark
def test_spark_counts_the_same(tmp_path: Path) -> None:
    rows = shops(3_000, 8, often="robot", share=0.05)
    rows.to_parquet(tmp_path / "rows.parquet", row_group_size=700)

    local, spark = (
        driftkit.data_quality.baseline(tmp_path / "rows.parquet", runner=runner, engine="scan")
        for runner in ("local", "spark")
    )

    assert local.cells is not None
    assert spark.cells is not None
    assert local.cells.grids == spark.cells.grids
    for mine, theirs in zip(local.cells.counts, spark.cells.counts, strict=True):
        np.testing.assert_array_equal(mine, theirs)
