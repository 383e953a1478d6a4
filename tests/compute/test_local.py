"""The local runner folds units in their order and tells how far it is."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest

from driftkit.compute import engine
from driftkit.compute.engine import Scan, profile_job
from driftkit.compute.local import LocalRunner
from driftkit.errors import InputError
from driftkit.readers.dataset import FileDataset
from driftkit.states.profile.table import FoldOptions
from tests.compute.samples import BadUnit, of_tables, typed_dataset, typed_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftkit.columns.chunk import Chunk
    from driftkit.readers.dataset import Unit


@dataclass
class Noted:
    """A unit that notes which thread reads it."""

    unit: Unit
    thread: str = ""

    @property
    def name(self) -> str:
        """What is read."""
        return self.unit.name

    @property
    def size(self) -> int:
        """Its bytes."""
        return self.unit.size

    def chunks(self) -> Iterator[Chunk]:
        """Its rows."""
        self.thread = threading.current_thread().name
        return self.unit.chunks()


def test_state_is_the_sum_of_the_units_from_left_to_right() -> None:
    dataset = typed_dataset()
    fold = profile_job(dataset.columns, FoldOptions()).fold
    first, second, third = (fold(unit.chunks()) for unit in dataset.units)

    state = Scan(runner=LocalRunner()).profile(dataset, FoldOptions())

    assert state == first + second + third


def test_progress_counts_units_and_rows() -> None:
    seen: list[tuple[int, int, int]] = []

    def note(done: int, units: int, rows: int) -> None:
        seen.append((done, units, rows))

    Scan(runner=LocalRunner()).profile(
        of_tables([typed_table(20, 1), typed_table(30, 2)]), FoldOptions(), note
    )

    assert seen == [(1, 2, 20), (2, 2, 50)]


def test_no_units_give_the_empty_state() -> None:
    dataset = FileDataset(name="nothing", columns=typed_dataset().columns, units=())

    state = Scan(runner=LocalRunner()).profile(dataset, FoldOptions())

    assert state.rows == 0
    assert [column.name for column in state.columns] == [each.name for each in dataset.columns]


def test_unreadable_unit_is_an_input_error() -> None:
    dataset = FileDataset(
        name="bad", columns=typed_dataset().columns, units=(BadUnit(how="is cut off"),)
    )

    with pytest.raises(InputError, match="cut off"):
        Scan(runner=LocalRunner()).profile(dataset, FoldOptions())


def test_units_are_folded_by_several_threads_unless_a_script_reads_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    monkeypatch.setattr(engine, "find_spec", lambda _: True)
    dataset = of_tables([typed_table(20, number) for number in range(6)])
    units = tuple(Noted(unit) for unit in dataset.units)
    together, alone = (replace(dataset, units=units, one_by_one=each) for each in (False, True))

    state = Scan(runner=LocalRunner()).profile(together, FoldOptions())

    assert threading.current_thread().name not in {unit.thread for unit in units}
    assert Scan(runner=LocalRunner()).profile(alone, FoldOptions()) == state
    assert {unit.thread for unit in units} == {threading.current_thread().name}


def test_local_runner_suggests_nothing() -> None:
    dataset = of_tables([typed_table(20, 1)])

    suggested = Scan(runner=LocalRunner()).suggestions(
        dataset, Scan(runner=LocalRunner()).profile(dataset, FoldOptions())
    )

    assert suggested is None
