"""Writers that are killed, and many at once: no run is lost, none is there twice or in part.

A few for a folder of Parquet; `make test-stores` has all kinds that can be had, and many.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from driftkit.store.opening import open_store
from driftkit.store.schema import OF_RUNS
from driftkit.store.store import keep
from tests.store.facts import facts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from multiprocessing.connection import Connection
    from pathlib import Path

    from driftkit.results.facts import Facts
    from driftkit.store.store import Store

IS_WHOLE = "DRIFTKIT_TEST_STORES" in os.environ
POINTS = 20 if IS_WHOLE else 3
PROCESSES, RUNS_EACH = (8, 20) if IS_WHOLE else (3, 4)
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["driftkit.store.parquet", "tests.store.facts"])
KINDS = ["parquet", "duckdb", "postgres", "delta"] if IS_WHOLE else ["parquet"]
of_all_kinds = pytest.mark.parametrize("address", KINDS, indirect=True)


def contents(store: Store) -> dict[str, list[str]]:
    """All rows of a store in an order of their own."""
    return {name: sorted(map(repr, store.read(name).to_pylist())) for name in OF_RUNS}


def keeping(address: str, runs: Sequence[Facts], said: Connection) -> None:
    """Keeps runs, and says when it begins and when each one is kept."""
    said.send("begins")
    for each in runs:
        keep(open_store(address), each)
        said.send(each.run_id)


def started(address: str, runs: Sequence[Facts]) -> tuple[Any, Connection]:
    """A process that has begun to keep runs."""
    told, said = FORKS.Pipe(duplex=False)
    process = FORKS.Process(target=keeping, args=(address, runs, said))
    process.start()
    said.close()
    assert told.recv() == "begins"
    return process, told


@of_all_kinds
def test_a_run_is_there_once_wherever_its_writer_is_killed(address: str) -> None:
    store, run, chance = open_store(address), facts(shift=50.0), np.random.default_rng(7)
    keep(store, run)
    process, told = started(address, [run, run])
    begun = time.perf_counter()
    told.recv()
    once = time.perf_counter() - begun
    process.join()
    one = contents(store)

    for _ in range(POINTS):
        process, _ = started(address, [run, run])
        time.sleep(chance.uniform(0.0, 2 * once))
        process.kill()
        process.join()
        assert contents(store) == one

    keep(store, run)
    assert contents(store) == one


@of_all_kinds
def test_a_first_run_is_there_as_a_whole_or_not_at_all(address: str) -> None:
    store, chance = open_store(address), np.random.default_rng(8)
    keep(store, facts(hour=-1))
    before = time.perf_counter()
    keep(store, facts(hour=-2))
    once = time.perf_counter() - before

    for hour in range(POINTS):
        process, _ = started(address, [facts(hour=hour)])
        time.sleep(chance.uniform(0.0, once))
        process.kill()
        process.join()
        runs = Counter(row["run_id"] for row in store.read("runs").to_pylist())
        profiles = Counter(row["run_id"] for row in store.read("profile_metrics").to_pylist())
        assert profiles == dict.fromkeys(runs, 3)
        assert set(runs.values()) == {1}


@of_all_kinds
def test_writers_at_once_lose_nothing_and_double_nothing(address: str) -> None:
    # Each run is kept by two of them.
    shares = [
        [facts(hour=number // 2 * RUNS_EACH + at) for at in range(RUNS_EACH)]
        for number in range(PROCESSES)
    ]

    processes = [started(address, share) for share in shares]

    for process, told in processes:
        kept = [told.recv() for _ in range(RUNS_EACH)]
        process.join()
        assert process.exitcode == 0
        assert len(set(kept)) == RUNS_EACH
    store = open_store(address)
    found = Counter(row["run_id"] for row in store.read("runs").to_pylist())
    assert found == {each.run_id: 1 for share in shares for each in share}
    profiles = Counter(row["run_id"] for row in store.read("profile_metrics").to_pylist())
    assert profiles == dict.fromkeys(found, 3)


def test_tables_that_are_made_at_the_same_time_have_each_run_once(tmp_path: Path) -> None:
    pytest.importorskip("deltalake")
    made = [facts(), facts(), facts(hour=1)]

    for number in range(12):
        address = f"delta:{tmp_path / str(number)}"
        open_store(address).ensure()
        together = Barrier(len(made))

        def keep_one(one: Facts, address: str = address, together: Barrier = together) -> None:
            together.wait()
            keep(open_store(address), one)

        with ThreadPoolExecutor(len(made)) as threads:
            list(threads.map(keep_one, made))

        assert open_store(address).read("runs").num_rows == 2
        assert open_store(address).read("profile_metrics").num_rows == 2 * 3
