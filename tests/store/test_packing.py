"""Files of runs are packed by month, whoever is killed, writes or reads meanwhile."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import datetime, timedelta
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pytest

from driftkit.errors import OutputError
from driftkit.io.locking import writer_lock
from driftkit.store import packing, run_files
from driftkit.store.connection import connect
from driftkit.store.history import history, windows
from driftkit.store.opening import open_store
from driftkit.store.parquet import ParquetStore
from driftkit.store.schema import OF_RUNS, table_of
from driftkit.store.store import Query, RunKey, keep
from tests.store.facts import START, facts, quality_facts
from tests.store.test_golden import GOLDEN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from driftkit.store.store import Store

HOURS = 4
DAY = timedelta(days=1)


def contents(store: Store) -> dict[str, list[str]]:
    """All rows of a store in an order of their own."""
    return {name: sorted(map(repr, store.read(name).to_pylist())) for name in OF_RUNS}


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with some hours, the labels of one of which came late."""
    folder = tmp_path_factory.mktemp("original") / "store"
    fill(ParquetStore(folder))
    return folder


def fill(store: Store) -> None:
    for hour in range(HOURS):
        keep(store, facts(hour=hour, shift=30.0 * (hour % 2)))
    keep(store, quality_facts(80, 0))
    keep(store, quality_facts(120, 1))


@pytest.fixture
def store(tmp_path: Path, original: Path) -> ParquetStore:
    """A copy of it."""
    return ParquetStore(shutil.copytree(original, tmp_path / "store"))


def files(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.rglob("*.parquet"))


def test_what_is_packed_is_as_it_was(tmp_path: Path, store: ParquetStore) -> None:
    before, count = contents(store), len(files(tmp_path))
    told = windows(store, Query(model="churn", monitor="data_quality"))

    done = store.compact()

    assert done == count
    assert set(files(tmp_path)) == {"packed.parquet"}
    assert contents(store) == before
    assert windows(store, Query(model="churn", monitor="data_quality")) == told
    assert store.compact() == 0


def test_a_run_is_kept_again_beside_its_packed_rows(store: ParquetStore) -> None:
    store.compact()
    before = contents(store)

    again = keep(store, replace(facts(minute=9), seconds=7.0))

    assert again.evaluated_at == facts().evaluated_at
    found = contents(store)
    assert {name: rows for name, rows in found.items() if name != "runs"} == {
        name: rows for name, rows in before.items() if name != "runs"
    }
    seconds = [row["seconds"] for row in store.read("runs").to_pylist()]
    assert seconds.count(7.0) == 1
    store.compact()
    assert contents(store) == found


def test_rows_that_a_run_no_longer_has_are_gone_though_packed(store: ParquetStore) -> None:
    store.compact()
    (run,) = store.read("violations", Query(monitor="data_quality")).to_pylist()[:1]

    store.replace_run(RunKey.of(run), {"violations": table_of("violations", [])})

    left = store.read("violations").to_pylist()
    assert run["run_id"] not in {each["run_id"] for each in left}
    store.compact()
    assert store.read("violations").to_pylist() == left


class Killed(BaseException):
    """In place of SIGKILL."""


@pytest.mark.parametrize("point", range(0, 33, 4))
def test_whoever_packs_can_be_killed_at_any_point(
    tmp_path: Path, store: ParquetStore, point: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = contents(store)
    steps = iter(range(point))

    def killing(step: Callable[..., Any]) -> Callable[..., Any]:
        def stepped(*args: Any) -> Any:
            if next(steps, None) is None:
                raise Killed
            return step(*args)

        return stepped

    with monkeypatch.context() as patched:
        patched.setattr(packing, "_remove", killing(packing._remove))
        patched.setattr(ParquetStore, "_write_one", killing(ParquetStore._write_one))
        with pytest.raises(Killed):
            store.compact()

    assert contents(store) == before
    if find_spec("duckdb"):
        assert by_sql(tmp_path / "store") == {name: len(rows) for name, rows in before.items()}
    store.compact()
    assert contents(store) == before
    assert set(files(tmp_path)) == {"packed.parquet"}


def by_sql(folder: Path) -> dict[str, int]:
    """How many rows DuckDB sees."""
    with connect(folder) as connection:
        return {
            name: len(connection.sql(f"from driftkit_{name}").to_arrow_table()) for name in OF_RUNS
        }


def test_readers_read_again_what_is_packed_meanwhile(
    tmp_path: Path, store: ParquetStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = contents(store)
    reading = run_files.Folder._read
    packs = iter([True])

    def disturbed(*args: Any) -> Any:
        if next(packs, False):
            ParquetStore(tmp_path / "store").compact()
        return reading(*args)

    monkeypatch.setattr(run_files.Folder, "_read", disturbed)

    assert contents(store) == before


def test_a_month_is_packed_by_itself_when_it_has_many_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packing, "_MANY", 3)
    store = ParquetStore(tmp_path)

    fill(store)

    packed = [each for each in files(tmp_path) if each == "packed.parquet"]
    assert len(packed) == len(OF_RUNS)
    assert len(store.read("runs").to_pylist()) == HOURS + 2


def test_a_run_does_not_wait_for_one_that_packs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packing, "_MANY", 1)
    store = ParquetStore(tmp_path)
    store.ensure()

    with writer_lock(tmp_path):
        keep(store, facts())

    assert "packed.parquet" not in files(tmp_path)
    assert len(history(store)) == 1


def test_two_do_not_pack_at_once(
    tmp_path: Path, store: ParquetStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("driftkit.store.parquet._WAIT_SECONDS", 0.0)

    with writer_lock(tmp_path / "store"), pytest.raises(OutputError, match="another run"):
        store.compact()


def test_a_store_of_the_first_version_is_packed(tmp_path: Path) -> None:
    shutil.copytree(GOLDEN, tmp_path / "store")
    store = ParquetStore(tmp_path / "store")
    before = contents(store)
    # By its first name, so that it is not there twice.
    keep(store, facts())
    kept = contents(store)
    assert len(kept["profile_metrics"]) == len(before["profile_metrics"])

    store.compact()

    assert set(files(tmp_path)) == {"packed.parquet"}
    found = contents(store)
    assert {name: len(rows) for name, rows in found.items()} == {
        name: len(rows) for name, rows in kept.items()
    }


def months(count: int) -> Iterator[datetime]:
    return (datetime(2026, month, 15, tzinfo=START.tzinfo) for month in range(1, count + 1))


def test_old_runs_are_removed_and_later_ones_stay(address: str) -> None:
    store = open_store(address)
    for start in months(4):
        keep(store, facts(start=start, end=start + DAY, granularity="1 day"))
    before = store.read("runs").to_pylist()

    done = store.expire(datetime(2026, 3, 1, tzinfo=START.tzinfo))

    left = [row for row in before if row["window_start"].month >= 3]
    assert done == 2
    assert sorted(map(repr, store.read("runs").to_pylist())) == sorted(map(repr, left))
    for name in OF_RUNS:
        runs = {row["run_id"] for row in store.read(name).to_pylist()}
        assert runs <= {row["run_id"] for row in left}
    assert len(history(store, "profile_metrics")) == 2 * 3
