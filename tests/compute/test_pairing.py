"""Pairs in this process: halves wait in memory or on disk, and are paired part by part."""

from __future__ import annotations

import gc
import tempfile
from collections import defaultdict
from dataclasses import dataclass, field, replace
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, Self

import pyarrow as pa
import pytest

from driftkit.compute.job import Job
from driftkit.compute.local import LocalRunner
from driftkit.compute.pairing import local
from driftkit.compute.worker import unpacked
from driftkit.states.deployment import pair_sums
from driftkit.states.deployment.halves import ArmChunk, Halves, halves_of
from driftkit.states.deployment.keyed_sums import KeyedSums
from driftkit.states.deployment.pairing import Pairing
from driftkit.states.deployment.pairs import Count, PairState
from tests.compute.samples import of_tables

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from driftkit.columns.chunk import Chunk
    from driftkit.readers.dataset import FileDataset

PAIRING = Pairing(champion="old", challenger="new")


@dataclass(frozen=True, kw_only=True)
class Counted:
    """Rows, beside halves of pairs."""

    rows: int = 0
    halves: Halves = field(default_factory=Halves)

    def without_halves(self) -> Self:
        """The rows alone."""
        return replace(self, halves=Halves())

    def __add__(self, other: Counted) -> Counted:
        return Counted(rows=self.rows + other.rows)


def fold(pairing: Pairing, chunks: Iterable[Chunk]) -> Counted:
    found = [
        ArmChunk(arms=chunk.column(0), ids=chunk.column(1), blocks=chunk.column(2).to_numpy())
        for chunk in chunks
    ]
    return Counted(rows=sum(len(chunk.blocks) for chunk in found), halves=halves_of(found, pairing))


JOB = Job(fold=partial(fold, PAIRING))


def dataset() -> FileDataset:
    """Twenty files of both arms; every third id is the champion's alone, and one is there twice."""
    files = []
    for number in range(20):
        ids = [f"{number}-{row}" for row in range(50)]
        rows = [("old", key) for key in ids] + [("new", key) for key in ids[::3]]
        rows += [("new", "0-0")] if number == 7 else []
        arms, keys = zip(*rows, strict=True)
        blocks = [3600 * (number % 3)] * len(rows)
        files.append(pa.table({"arm": arms, "id": keys, "block": blocks}))
    return of_tables(files)


def test_halves_are_paired_over_all_units() -> None:
    total, state = LocalRunner().run_paired(dataset(), JOB, PAIRING)

    assert total == Counted(rows=20 * 67 + 1)
    assert state.rows == total.rows
    assert state.pairs == 20 * 17 - 1
    assert state.total(Count.AMBIGUOUS_IDS) == 1
    assert state.unmatched == (20 * 33, 0)


def test_on_disk_or_not_is_the_same_to_the_bit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(pair_sums, "PART_ROWS", 64)
    held = LocalRunner().run_paired(dataset(), JOB, PAIRING)
    used: list[int] = []

    def look(_done: int, _count: int, _rows: int) -> None:
        used.append(len(list(tmp_path.rglob("*.arrow"))))

    monkeypatch.setattr(local, "HELD_BYTES", 10_000)
    spilled = LocalRunner().run_paired(dataset(), JOB, PAIRING, look)

    assert 10 < max(used) < 20
    assert spilled == held
    del held, spilled
    gc.collect()
    assert not list(tmp_path.iterdir())


def test_nothing_is_paired_where_there_are_no_rows() -> None:
    nothing = of_tables([pa.table({"arm": ["old"], "id": ["a"], "block": [0]}).slice(1)])

    total, state = LocalRunner().run_paired(nothing, JOB, PAIRING)

    assert (total, state.pairs, state.unmatched) == (Counted(), 0, (0, 0))


def test_workers_pair_the_same_to_the_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    """What tasks of Spark do, one after the other, and a shuffle by hand."""
    monkeypatch.setattr(pair_sums, "PART_ROWS", 64)
    # Not the module: where it cannot be imported, what is left of it may be found.
    pytest.importorskip("pyspark")
    spark: Any = import_module("driftkit.compute.pairing.spark")
    data, together, bits = dataset(), 3, 5
    _, expected = LocalRunner().run_paired(data, JOB, PAIRING)
    monkeypatch.setattr(spark, "settle_worker", lambda: None)
    units = [JOB.packed_state(unit.chunks) for unit in data.units]
    assert bits == pair_sums.bits_of(expected.rows)

    summaries: list[Any] = [unpacked(content) for content in spark._summaries(units)]
    tasks: defaultdict[int, list[tuple[int, bytes]]] = defaultdict(list)
    for unit in reversed(units):
        for part, content in spark._cut(bits, unit):
            tasks[spark._task(together, part)].append((part, content))
    found: list[Any] = [
        unpacked(content)
        for task in sorted(tasks)
        for content in spark._paired(PAIRING, tasks[task])
    ]

    counts = KeyedSums.together(counts for _, _, counts in summaries)
    states = [state for states in found for state in states]
    assert len(tasks) == 11
    assert PairState.together([pair_sums.counted(counts, PAIRING), *states]) == expected
    assert sum(rows for _, rows, _ in summaries) == expected.rows
