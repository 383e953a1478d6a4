"""Datasets for the engines: text and typed columns of all kinds, in several units."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest

from driftkit.errors import InputError
from driftkit.readers.arrow import TableUnit, monitored
from driftkit.readers.dataset import FileDataset
from driftkit.readers.opening import open_dataset
from driftkit.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from driftkit.readers.dataset import Dataset, TableChunk, Unit

START = datetime(2020, 1, 1, tzinfo=UTC)


def typed_table(rows: int, seed: int) -> pa.Table:
    """Columns of every declared type, with what each of them makes difficult."""
    random = np.random.default_rng(seed)

    def some(share: float) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        return random.random(rows) < share

    def times(unit: str, count: int) -> list[datetime]:
        return [START + timedelta(**{unit: int(n)}) for n in random.integers(0, count, rows)]

    normal = random.normal(size=rows)
    return pa.table(
        {
            "longs": pa.array(random.integers(2**31, 2**60, rows), mask=some(0.1)),
            "few ints": pa.array(random.integers(0, 5, rows).astype("int32")),
            "bytes": pa.array(random.integers(-3, 5, rows).astype("int8")),
            "unsigned": pa.array(random.integers(0, 60_000, rows).astype("uint16")),
            "unsigned.longs": pa.array(random.integers(2**63, 2**64 - 1, rows, dtype="uint64")),
            "with nan": pa.array(np.where(some(0.05), np.nan, normal), mask=some(0.2)),
            "with `inf`": pa.array(np.where(some(0.05), -np.inf, normal)),
            "floats": pa.array(normal.astype("float32")),
            "decimals": pa.array(
                [Decimal(int(n)) / 100 for n in random.integers(0, 99_999, rows)],
                pa.decimal128(10, 2),
            ),
            "texts": pa.array(
                random.choice(["a", "b'q", "NullValue", "", 'ü"\\'], rows), mask=some(0.1)
            ),
            "many texts": pa.array([f"v{n}" for n in random.integers(0, 3000, rows)]),
            "truths": pa.array(some(0.3), mask=some(0.1)),
            "moments": pa.array(times("milliseconds", 300), pa.timestamp("us")),
            "days": pa.array([date(2020, 1, 1 + int(n)) for n in random.integers(0, 28, rows)]),
            "missing": pa.array([None] * rows, pa.float64()),
            "nothing": pa.nulls(rows),
            "constant": pa.array([7.5] * rows),
        }
    )


def text_table(rows: int, seed: int) -> pa.Table:
    """Columns of text that are typed by their values."""
    random = np.random.default_rng(seed)

    def texts(values: Sequence[object], missing: float = 0.1) -> pa.Array:
        gaps = random.random(rows) < missing
        return pa.array([str(value) for value in values], pa.string(), mask=gaps)

    return pa.table(
        {
            "ints": texts(random.integers(-10, 10**7, rows).tolist()),
            "fractions": texts(random.normal(size=rows).round(4).tolist()),
            "exponents": texts([f"{x:.3e}" for x in random.normal(size=rows)]),
            "texts": texts(random.choice(["x", "y", "z"], rows).tolist()),
            "truths": texts(random.choice(["true", "false"], rows).tolist()),
            "mixed": texts(random.choice(["1", "2.5", "true", "q"], rows).tolist()),
            "missing": pa.nulls(rows, pa.string()),
            "constant": texts(["5"] * rows, missing=0),
            "spaced": texts(random.choice(["+ 3", "7", " 8"], rows).tolist()),
            "too large": texts(random.choice(["1e999", "2.0"], rows).tolist()),
            "identifiers": texts([f"id-{n}" for n in range(rows)], missing=0),
        }
    )


def of_tables(tables: Sequence[pa.Table]) -> FileDataset:
    """A dataset with a unit for each table."""
    columns, set_aside = monitored(tables[0].schema, "tables")
    units = tuple(TableUnit(name=f"table {n}", table=table) for n, table in enumerate(tables))
    return FileDataset(name="tables", columns=columns, units=units, set_aside=set_aside)


def typed_dataset() -> FileDataset:
    """Typed columns in three units, of which one is empty."""
    return of_tables([typed_table(6000, 1), typed_table(0, 2), typed_table(3000, 3)])


def csv_dataset(folder: Path) -> Dataset:
    """Two CSV files, read as strings."""
    for name, rows in (("a.csv", 5000), ("b.csv", 2500)):
        pacsv.write_csv(text_table(rows, rows), folder / name)
    return open_dataset([str(folder)], Settings.from_keywords(format="csv"))


def parquet_dataset(folder: Path) -> Dataset:
    """A Parquet file of several row groups."""
    table = typed_table(8000, 5)
    pq.write_table(table, folder / "rows.parquet", row_group_size=3000)
    return open_dataset([str(folder)], Settings())


def avro_dataset(folder: Path) -> Dataset:
    """Avro files of several blocks, where fastavro is installed."""
    fastavro = pytest.importorskip("fastavro")
    kinds = {"number": "double", "whole": "long", "text": "string"}
    fields = [{"name": name, "type": ["null", kind]} for name, kind in kinds.items()]
    for part in range(2):
        rows = [
            {"number": n / 7 if n % 5 else None, "whole": n * 3, "text": f"v{n % 11}"}
            for n in range(part, 8000, 2)
        ]
        with (folder / f"{part}.avro").open("wb") as file:
            fastavro.writer(file, {"type": "record", "name": "Row", "fields": fields}, rows)
    return open_dataset([str(folder)], Settings())


OF_FILES = {"csv": csv_dataset, "parquet": parquet_dataset, "avro": avro_dataset}


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedUnit:
    """A unit that notes in a file when it is read."""

    unit: Unit
    log: Path

    @property
    def name(self) -> str:
        """Of the unit."""
        return self.unit.name

    @property
    def size(self) -> int:
        """Of the unit."""
        return self.unit.size

    def chunks(self) -> Iterator[TableChunk]:
        """The chunks of the unit."""
        with self.log.open("a") as file:
            file.write(f"{self.name}\n")
        return self.unit.chunks()  # type: ignore[return-value]


@dataclass(frozen=True, slots=True, kw_only=True)
class BadUnit:
    """A unit that cannot be read."""

    how: str
    name: str = "bad unit"
    size: int = 0

    def chunks(self) -> Iterator[TableChunk]:
        """Nothing but trouble."""
        if self.how == "dies":
            os._exit(3)
        if self.how == "is cut off":
            raise InputError("the file is cut off", where=self.name)
        raise ValueError("boom")
