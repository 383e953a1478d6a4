"""Units stay few and of a size, whatever the files look like; segments cost one pass."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

from driftkit.compute.engine import Scan
from driftkit.compute.local import LocalRunner
from driftkit.readers import parquet
from driftkit.readers.dataset import FileDataset
from driftkit.readers.opening import open_dataset
from driftkit.settings import Settings
from driftkit.states.partitions.partition import PartitionOptions
from driftkit.states.profile.table import FoldOptions
from tests.compute.samples import LoggedUnit, of_tables, typed_table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

MANY = 10_000


def line(number: int) -> str:
    sides = {
        side: {"data": data, "encoding": "CSV", "observedContentType": "text/csv"}
        for side, data in (("endpointInput", f"{number},x"), ("endpointOutput", "0.5"))
    }
    return json.dumps({"captureData": sides, "eventMetadata": {}, "eventVersion": "0"}) + "\n"


@pytest.fixture
def small_captures(tmp_path: Path) -> Path:
    for number in range(MANY):
        folder = tmp_path / "e/v/2024/03" / f"{1 + number // 24 % 28:02d}" / f"{number % 24:02d}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{number}.jsonl").write_text(line(number))
    return tmp_path


def test_ten_thousand_small_captures_are_few_tasks(small_captures: Path) -> None:
    dataset = open_dataset([str(small_captures)], Settings())

    state = Scan(runner=LocalRunner()).profile(dataset, FoldOptions())

    assert len(dataset.units) <= 64
    assert state.rows == MANY


def test_skewed_files_make_units_of_a_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ["longs", "unsigned.longs", "with nan"]
    pq.write_table(
        typed_table(60_000, 1).select(names), tmp_path / "a.parquet", row_group_size=2000
    )
    for number in range(40):
        table = typed_table(100, 2 + number).select(names)
        pq.write_table(table, tmp_path / f"tiny-{number:02d}.parquet")
    whole = sum(path.stat().st_size for path in tmp_path.iterdir())
    monkeypatch.setattr(parquet, "UNIT_BYTES", whole // 8)

    dataset = open_dataset([str(tmp_path)], Settings())

    sizes = [unit.size for unit in dataset.units]
    assert 6 <= len(sizes) <= 12
    assert max(sizes) <= 2 * sum(sizes) / len(sizes)


def logged(units: Sequence[LoggedUnit], like: FileDataset) -> FileDataset:
    return FileDataset(name=like.name, columns=like.columns, units=tuple(units))


def test_segments_and_blocks_are_kept_in_the_same_pass(tmp_path: Path) -> None:
    dataset = of_tables([typed_table(500, 1), typed_table(400, 2)])
    log = tmp_path / "read"
    units = [LoggedUnit(unit=unit, log=log) for unit in dataset.units]
    partitions = (PartitionOptions(by=("texts",)), PartitionOptions(by=("days",), unit="day"))

    state = Scan(runner=LocalRunner()).profile(
        logged(units, dataset), FoldOptions(partitions=partitions)
    )

    # Threads may take the units in any order.
    assert sorted(log.read_text().splitlines()) == [unit.name for unit in dataset.units]
    assert [sum(part.rows for part in split.parts.values()) for split in state.partitions] == [
        900,
        900,
    ]
