"""A store that the first version wrote is read, and written further, by every later one."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from driftkit.store.history import history
from driftkit.store.opening import open_store
from driftkit.store.store import keep
from tests.house.conftest import ROOT
from tests.store.facts import facts

if TYPE_CHECKING:
    from pathlib import Path

GOLDEN = ROOT / "tests/store/golden"


def test_what_the_first_version_kept_is_read() -> None:
    runs = history(GOLDEN, model="churn")
    drift = history(GOLDEN, "drift_metrics").set_index(["window_start", "column_name"])
    quality = history(GOLDEN, "metrics").set_index("metric_name")

    assert runs["status"].to_list() == ["ok", "ok", "violated"]
    assert runs["reason"].to_list() == ["first", "late_labels", "first"]
    assert set(runs["schema_version"]) == {1}
    moved = drift.xs("age", level="column_name")["distance"].to_list()
    assert moved == pytest.approx([0.0, 0.7153950105848459])
    assert quality.loc["recall", "value"] == pytest.approx(1 / 3)
    assert history(GOLDEN, "violations")["level"].isna().to_list() == [True]
    assert set(history(GOLDEN, "profile_metrics")["column_name"]) == {":table", "age", "city"}
    assert set(history(GOLDEN, "distributions")["kind"]) >= {"buckets", "categories", "confusion"}


def test_a_store_of_the_first_version_is_written_further(tmp_path: Path) -> None:
    shutil.copytree(GOLDEN, tmp_path / "store")

    keep(open_store(tmp_path / "store"), facts(hour=2))

    assert len(history(tmp_path / "store")) == 4
