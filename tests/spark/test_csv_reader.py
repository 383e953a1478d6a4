"""CSV is read as Spark reads it: the same rows, missing values and names."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest

import driftkit
from driftkit.errors import InputError
from driftkit.readers import csv_files
from tests.readers.reading import names, opened, rows

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


def write(path: Path, table: list[list[str]], header: list[str] | None, seed: int) -> None:
    """Fields are quoted where they must be and by chance, empty ones too; maybe no last line's end."""
    chance = random.Random(seed)  # noqa: S311

    def field(text: str) -> str:
        needed = any(sign in text for sign in ',"\n')
        quoted = '"' + text.replace('"', '""') + '"'
        return quoted if needed or chance.random() < 0.4 else text

    lines = [",".join(map(field, row)) for row in ([header, *table] if header else table)]
    path.write_text("\n".join(lines) + "\n" * (seed % 2), encoding="utf-8", newline="")


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
    write(path, random_table(seed, 300, 5), ["a", "b c", "d.e", "f", ""] if header else None, seed)
    monkeypatch.setattr(csv_files, "UNIT_BYTES", 2000)
    # As RFC 4180 has it; Spark escapes by a backslash unless told otherwise.
    reader = spark.read.options(header=header, multiLine=True, escape='"', encoding="UTF-8")

    dataset = opened(path, header=header)
    frame = reader.csv(str(path))

    assert len(dataset.units) > 2
    assert names(dataset) == frame.columns
    assert rows(dataset) == [tuple(row) for row in frame.collect()]


@pytest.mark.parametrize("end", ["", "\n"])
@pytest.mark.parametrize("options", [{}, {"multiLine": True, "escape": '"', "encoding": "UTF-8"}])
def test_a_quoted_empty_field_is_missing_for_spark_too(
    end: str, options: dict[str, bool | str], spark: SparkSession, tmp_path: Path
) -> None:
    path = tmp_path / "data.csv"
    path.write_text('"x","y","z"\n"1.5","1",2\n"","2",3\n4,"x",' + end)

    found = rows(opened(path))

    frame = spark.read.options(header=True, **options).csv(str(path))
    assert found == [tuple(row) for row in frame.collect()]
    assert found[1:] == [(None, "2", "3"), ("4", "x", None)]
    typed = spark.read.options(header=True, inferSchema=True, **options).csv(str(path))
    assert typed.dtypes == [("x", "double"), ("y", "string"), ("z", "int")]


@pytest.mark.usefixtures("spark")
def test_tasks_read_csv_as_this_process_does(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_bytes('a;b\n1,5;é\n"";NA\n2,5;"x\n"'.encode("utf-16-le"))
    said: dict[str, Any] = {
        "separator": ";",
        "encoding": "utf-16-le",
        "decimal": ",",
        "null_values": ["NA"],
    }

    found, local = (
        driftkit.data_quality.baseline(path, runner=runner, engine="scan", **said)
        for runner in ("spark", "local")
    )

    assert found.constraints == local.constraints
    assert found.statistics is not None
    assert local.statistics is not None
    assert found.statistics.features == local.statistics.features
    assert [each.inferred_type for each in found.statistics.features] == ["Fractional", "String"]


@pytest.mark.usefixtures("spark")
def test_an_open_quote_ends_a_task_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_text('a,b\n1,2\n3,"x\n4,5\n')

    with pytest.raises(InputError, match=r"data\.csv:3: a row does not end"):
        driftkit.data_quality.baseline(path, runner="spark", engine="scan")
