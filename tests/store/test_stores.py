"""Stores of every kind keep each run once, show it as a whole, and say what is wrong with them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from driftkit.errors import DriftkitError, FormatError, InputError, OutputError
from driftkit.store.history import history
from driftkit.store.opening import open_store
from driftkit.store.rows import key_of, tables_of
from driftkit.store.schema import OF_RUNS
from driftkit.store.store import Query, RunKey, keep
from tests.house.conftest import ROOT
from tests.store.facts import facts, quality_facts

if TYPE_CHECKING:
    from pathlib import Path

    from driftkit.store.store import Store

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
KEEPING = """
import sys
from driftkit.store.opening import open_store
from driftkit.store.store import keep
from tests.store.facts import facts
first = int(sys.argv[2])
made = [facts(hour=first + number) for number in range(int(sys.argv[3]))]
print("ready", flush=True)
for each in made:
    keep(open_store(sys.argv[1]), each)
"""


def contents(store: Store) -> dict[str, list[dict[str, Any]]]:
    """All rows of a store in an order of their own."""
    return {
        name: sorted(
            ({**row, "seconds": 0} for row in store.read(name).to_pylist()),
            key=repr,
        )
        for name in OF_RUNS
    }


def test_a_run_kept_twice_is_there_once(address: str) -> None:
    store = open_store(address)
    first = keep(store, facts(shift=50.0))
    before = contents(store)

    again = keep(store, facts(shift=50.0, minute=30))

    assert contents(store) == before
    assert again.evaluated_at == first.evaluated_at
    assert len(before["violations"]) == len(first.findings)


def test_rows_come_back_as_they_were_given(address: str) -> None:
    store = open_store(address)
    kept = keep(store, facts(shift=50.0))

    for name, table in tables_of(kept).items():
        found = store.read(name, Query(model="churn"))
        assert sorted(map(repr, found.to_pylist())) == sorted(map(repr, table.to_pylist()))


def test_late_labels_stand_beside_what_they_supersede(address: str) -> None:
    store = open_store(address)
    made = [quality_facts(labels, minute) for labels, minute in ((80, 0), (100, 5), (120, 5))]
    kept = [keep(store, each) for each in made]

    runs = store.read("runs").to_pylist()
    (last,) = history(store, model="churn").to_dict("records")

    assert len(runs) == 3
    assert last["run_id"] == kept[2].run_id
    assert (last["supersedes"], last["reason"]) == (kept[1].run_id, "late_labels")
    # The clock had not moved on, and still the order is that in which they came.
    assert kept[2].evaluated_at > kept[1].evaluated_at


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"baseline_digest": "b"}, "new_baseline"),
        ({"settings_digest": "s"}, "new_settings"),
        ({"input_digest": "i"}, "rerun"),
    ],
)
def test_why_a_run_was_made_is_kept(tmp_path: Path, changed: dict[str, Any], reason: str) -> None:
    store = open_store(tmp_path / "store")
    keep(store, facts())

    keep(store, replace(facts(minute=1), run_id="f" * 32, **changed))

    assert history(store)["reason"].to_list() == [reason]


def test_what_has_no_window_is_a_point_in_time(address: str) -> None:
    store = open_store(address)
    whole: dict[str, Any] = {"start": None, "end": None, "granularity": "snapshot"}

    for minute, shift in ((0, 0.0), (1, 50.0), (2, 0.0)):
        keep(store, facts(minute=minute, shift=shift, **whole))

    found = history(store)
    assert found["status"].to_list() == ["ok", "violated"]
    assert found["reason"].to_list() == ["first", "first"]


def test_only_what_is_asked_for_is_read(address: str) -> None:
    store = open_store(address)
    for hour in range(3):
        keep(store, facts(hour=hour))
        keep(store, facts(hour=hour, model="other/model", variant="b"))

    found = history(store, model="other/model", table="drift_metrics", last=2)

    assert set(found["model"]) == {"other/model"}
    assert found["window_start"].is_monotonic_increasing
    assert found["window_start"].nunique() == 2
    assert len(history(store, variant="b")) == 3
    assert len(history(store, model="churn", monitor="data_quality", last=1)) == 1
    assert len(store.read("profile_metrics", Query(model="churn")).to_pylist()) == 9


def test_a_store_that_is_not_there_yet_is_empty(address: str) -> None:
    assert history(open_store(address)).empty


def test_processes_at_once_lose_nothing_and_double_nothing(address: str) -> None:
    open_store(address).ensure()
    each, processes = 3, 3
    # Two of them keep the same runs.
    started = [_keeping(address, first, each) for first in (0, each, each)]

    ended = [(one.communicate(timeout=300), one.returncode) for one in started]

    assert [code for _, code in ended] == [0] * processes, ended
    store = open_store(address)
    assert len(store.read("runs").to_pylist()) == each * 2
    assert len(store.read("profile_metrics").to_pylist()) == each * 2 * 3


@pytest.mark.parametrize("late", [0.0, 0.01, 0.03, 0.1])
def test_a_run_that_is_killed_is_there_as_a_whole_or_not_at_all(address: str, late: float) -> None:
    open_store(address).ensure()
    running = _keeping(address, 0, 40)
    assert running.stdout is not None
    running.stdout.readline()
    time.sleep(late)
    running.send_signal(signal.SIGKILL)
    running.communicate(timeout=60)

    store = open_store(address)
    runs = {row["run_id"] for row in store.read("runs").to_pylist()}
    profiles = store.read("profile_metrics").to_pylist()
    assert {row["run_id"] for row in profiles} == runs
    assert len(profiles) == 3 * len(runs)

    keep(store, facts())
    keep(store, facts())
    assert [row["run_id"] for row in store.read("runs").to_pylist()].count(facts().run_id) == 1


def test_a_run_without_its_row_is_not_there(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    keep(store, facts())
    tables = {name: rows for name, rows in tables_of(facts(hour=1)).items() if name != "runs"}

    store.replace_run(RunKey.of(key_of(facts(hour=1))), tables)

    assert len(store.read("runs").to_pylist()) == 1
    assert len(store.read("profile_metrics").to_pylist()) == 3


def test_columns_of_a_later_driftkit_are_left_alone(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    keep(store, facts())
    (file,) = tmp_path.glob("runs/*/*/*.parquet")
    known = pq.read_table(file)
    later = known.append_column("mood", pa.array(["good"])).drop_columns(["tags", "error"])
    pq.write_table(later, file)

    keep(store, facts(hour=1))

    assert len(history(store)) == 2
    assert "mood" not in history(store).columns


def _keeping(address: str, first: int, count: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", KEEPING, address, str(first), str(count)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def damage(tmp_path: Path) -> str:
    store = open_store(tmp_path / "s")
    keep(store, facts())
    (file,) = (tmp_path / "s").glob("runs/*/*/*.parquet")
    file.write_bytes(file.read_bytes()[:100])
    return str(tmp_path / "s")


def later_layout(tmp_path: Path) -> str:
    keep(open_store(tmp_path / "s"), facts())
    (tmp_path / "s/driftkit_store.json").write_text(json.dumps({"kind": "parquet", "layout": 3}))
    return str(tmp_path / "s")


def other_mark(tmp_path: Path) -> str:
    (tmp_path / "driftkit_store.json").write_text("nonsense")
    return str(tmp_path)


def other_kind(tmp_path: Path) -> str:
    (tmp_path / "driftkit_store.json").write_text(json.dumps({"kind": "delta", "layout": 2}))
    return str(tmp_path)


def later_layout_of_duckdb(tmp_path: Path) -> str:
    duckdb = pytest.importorskip("duckdb")
    file = str(tmp_path / "s.duckdb")
    keep(open_store(file), facts())
    with duckdb.connect(file) as connection:
        connection.execute("update driftkit_store set layout = 3")
    return file


def file_in_the_way(tmp_path: Path) -> str:
    (tmp_path / "file").write_text("")
    return str(tmp_path / "file")


@pytest.mark.parametrize(
    ("broken", "kind", "said"),
    [
        (damage, InputError, "the metrics store cannot be read"),
        (later_layout, FormatError, "expected: layout 1 or 2; found: layout 3"),
        (other_mark, FormatError, "the folder is no metrics store of this kind"),
        (other_kind, FormatError, "Write delta: before the address of Delta tables"),
        (later_layout_of_duckdb, FormatError, "expected: layout 1 or 2; found: layout 3"),
        (file_in_the_way, OutputError, "the metrics store cannot be written"),
    ],
)
def test_a_store_that_cannot_be_used_is_one_clear_error(
    tmp_path: Path, broken: Any, kind: type[DriftkitError], said: str
) -> None:
    address = broken(tmp_path)

    with pytest.raises(kind) as error:
        keep(open_store(address), facts())

    assert said in str(error.value)
    assert str(tmp_path) in str(error.value)


def test_a_catalogue_is_compacted_and_rid_of_old_runs(catalogue: str) -> None:
    store: Any = open_store(catalogue)
    for hour in range(3):
        keep(store, facts(hour=hour))
    before = contents(store)

    assert store.compact() == 3 * len([rows for rows in before.values() if rows])
    assert store.compact() == 0
    assert contents(store) == before

    assert store.expire(facts(hour=2).subject.end) == 2
    assert {row["window_start"] for row in store.read("profile_metrics").to_pylist()} == {
        facts(hour=2).subject.start
    }


def test_a_catalogue_that_a_later_driftkit_has_laid_out_is_refused(catalogue: str) -> None:
    pyiceberg = pytest.importorskip("pyiceberg.catalog")
    open_store(catalogue).ensure()
    name, _, namespace = catalogue.removeprefix("iceberg:").partition(".")
    table = pyiceberg.load_catalog(name).load_table(f"{namespace}.driftkit_runs")
    with table.transaction() as changed:
        changed.set_properties({"driftkit.layout": "99"})

    with pytest.raises(FormatError, match="found: layout 99"):
        keep(open_store(catalogue), facts())


def test_a_catalogue_that_is_not_configured_is_one_clear_error() -> None:
    pytest.importorskip("pyiceberg")

    with pytest.raises(OutputError, match="catalogue that pyiceberg is configured for"):
        keep(open_store("iceberg:nowhere.monitoring"), facts())


@pytest.mark.skipif(find_spec("duckdb") is None, reason="duckdb is not installed")
def test_a_file_that_another_process_has_open_is_one_clear_error(tmp_path: Path) -> None:
    from driftkit.store.duck import DuckStore  # noqa: PLC0415

    file = tmp_path / "s.duckdb"
    keep(open_store(str(file)), facts())
    code = f"import duckdb; c = duckdb.connect({str(file)!r}); print(1, flush=True); input()"
    holder = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdout is not None
    holder.stdout.readline()

    with pytest.raises(OutputError, match=r"end what has it open"):
        keep(DuckStore(str(file), patience=0.2), facts(hour=1))

    holder.communicate(b"\n", timeout=60)
    keep(open_store(str(file)), facts(hour=1))


@pytest.mark.parametrize("address", ["postgresql://me:secret@host/db", "postgres://h/d?password=x"])
def test_an_address_has_no_password(address: str) -> None:
    with pytest.raises(DriftkitError) as error:
        open_store(address)

    assert "secret" not in str(error.value)
    assert "PGPASSWORD" in str(error.value)
