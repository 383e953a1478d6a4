"""A job runs here in one pass and adds up in order, whatever the threads do."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from driftkit.compute.job import Job
from driftkit.compute.local import LocalRunner
from driftkit.errors import InputError
from driftkit.readers.dataset import FileDataset, FileUnit
from driftkit.readers.opening import open_dataset
from driftkit.settings import Settings
from driftkit.states.groups.fold import count, count_chunk
from driftkit.states.groups.rows import sample
from tests.monitors.bias.tables import flights_table
from tests.states.groups.group_cases import Case, TableChunk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CASE = Case(
    names=("facet", "label"),
    dtypes=("object", "int64"),
    rows=[(f"v{row % 7}", row % 2) for row in range(100)],
    facet="facet",
    facet_values=None,
    label="label",
    positives=[1],
)
COUNT = Job(fold=partial(count, CASE.plan()), divisible=True)


@dataclass(frozen=True)
class Slow:
    """A unit that takes the longer the earlier it comes, and counts how often it is read."""

    place: int
    reads: list[int] = field(default_factory=list)
    name: str = "slow"
    size: int = 1

    def chunks(self) -> Iterator[TableChunk]:
        """Ten rows."""
        self.reads.append(1)
        time.sleep(0.01 / (self.place + 1))
        if self.place > 9:
            raise InputError("the unit cannot be read")
        yield CASE.chunk().slice(10 * self.place, 10 * self.place + 10)


def _dataset(units: int) -> FileDataset:
    slow = tuple(Slow(place) for place in range(units))
    return FileDataset(name="slow", columns=(), units=slow)


def test_units_are_read_once_and_added_up_in_order() -> None:
    dataset = _dataset(10)
    told: list[tuple[int, int, int]] = []

    found = LocalRunner().run(dataset, COUNT, lambda *numbers: told.append(numbers))

    assert found == count_chunk(CASE.plan(), CASE.chunk())
    assert [len(unit.reads) for unit in dataset.units] == [1] * 10  # type: ignore[attr-defined]
    assert told[-1] == (10, 10, 100)


def test_an_error_of_a_unit_ends_the_run() -> None:
    with pytest.raises(InputError, match="the unit cannot be read"):
        LocalRunner().run(_dataset(11), COUNT)


def test_pieces_of_parquet_hold_every_row_group_once(tmp_path: Path) -> None:
    flights_table(1000).to_parquet(tmp_path / "rows.parquet", row_group_size=100)
    dataset = open_dataset([str(tmp_path)], Settings())

    cut, whole = COUNT.units(dataset, 1), replace(COUNT, divisible=False).units(dataset, 1)

    assert len(dataset.units) == 1
    assert whole == dataset.units
    assert [next(unit.chunks()).num_rows for unit in cut] == [100] * 10


@pytest.mark.parametrize("cores", [1, 2, 3, 4])
def test_every_core_gets_as_much_parquet_as_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cores: int
) -> None:
    flights_table(2400).to_parquet(tmp_path / "rows.parquet", row_group_size=100)
    (whole,) = open_dataset([str(tmp_path)], Settings()).units
    assert isinstance(whole, FileUnit)
    groups = list(whole.pieces)
    # As units are: the first ones full, the last one of what is left.
    units = [replace(whole, pieces=tuple(some)) for some in (groups[:15], groups[15:])]
    monkeypatch.setattr("os.cpu_count", lambda: cores)

    pieces = COUNT.units(FileDataset(name="", columns=(), units=tuple(units)), whole.size)

    assert [len(unit.pieces) for unit in pieces] == [24 // cores] * cores  # type: ignore[attr-defined]
    assert [group for unit in pieces for group in unit.pieces] == groups  # type: ignore[attr-defined]


@pytest.mark.parametrize("cuts", [[], [50], [3, 30, 77]])
def test_a_sample_does_not_depend_on_how_rows_are_split(cuts: list[int]) -> None:
    bounds = [0, *cuts, 100]
    chunks = [CASE.chunk().slice(a, b) for a, b in pairwise(bounds)]

    parts = [sample(CASE.names, [chunk], 20) for chunk in chunks]
    total = sample(CASE.names, [], 20)
    for part in parts:
        total = total + part

    whole = sample(CASE.names, [CASE.chunk()], 20)
    assert total.rows == 100
    assert total.table.to_pylist() == whole.table.to_pylist()
    assert total.table.num_rows == 20
