"""CSV is read as Spark reads it: the same rows, missing values and names."""

from __future__ import annotations

import csv
import random
from typing import TYPE_CHECKING

import pytest

from driftkit.records import delimited
from tests.records.reading import names, opened, rows

if TYPE_CHECKING:
    from pathlib import Path

    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark

PIECES = ["a", "é", "1", "0.5", " ", ",", '"', '""', "\n", "true", "null", "NaN", "'", "\\t", "#"]


def random_table(seed: int, rows: int, columns: int) -> list[list[str]]:
    """Text of all kinds, the first column never missing: Spark skips rows without anything."""
    chance = random.Random(seed)  # noqa: S311
    return [
        [
            str(number),
            *("".join(chance.choices(PIECES, k=chance.randrange(4))) for _ in range(columns - 1)),
        ]
        for number in range(rows)
    ]


def write(path: Path, table: list[list[str]], header: list[str] | None) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerows([header, *table] if header else table)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("header", [True, False])
def test_random_tables_have_the_rows_that_spark_reads(
    seed: int,
    *,
    header: bool,
    spark: SparkSession,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / "data.csv"
    write(path, random_table(seed, 300, 5), ["a", "b c", "d.e", "f", ""] if header else None)
    monkeypatch.setattr(delimited, "UNIT_BYTES", 2000)
    # As RFC 4180 has it; Spark escapes by a backslash unless told otherwise.
    reader = spark.read.options(header=header, multiLine=True, escape='"', encoding="UTF-8")

    dataset = opened(path, header=header)
    frame = reader.csv(str(path))

    assert len(dataset.units) > 2
    assert names(dataset) == frame.columns
    assert rows(dataset) == [tuple(row) for row in frame.collect()]
