"""Captured records mean on Spark what they mean in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.monitors.record_kinds import READABLE, rows
from tests.monitors.record_reading import NAMES, monitor, write

if TYPE_CHECKING:
    from pathlib import Path


pytestmark = pytest.mark.spark
ROWS = rows()
CSV = next(kind for kind in READABLE if kind.name == "CSV")
# Kinds of one shape, that one endpoint could have written.
MIXED = [
    kind
    for kind in READABLE
    if kind.name
    in {
        "CSV",
        "lower-case encodings",
        "CSV without an encoding",
        "BASE64 of CSV",
        "truth in quotes",
        "CSV with line ends",
        "an inferenceId and attributes",
        "a time with an offset",
        "no time",
    }
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.usefixtures("spark")
def test_records_are_the_rows_of_a_table(name: str, tmp_path: Path) -> None:
    for number, kind in enumerate(MIXED):
        some = ROWS[number :: len(MIXED)]
        file = tmp_path / f"in/churn/AllTraffic/2024/03/18/15/{number}.jsonl"
        write(file, kind.records(some), alike=bool(number % 2))
    one = monitor(name, tmp_path)
    window: dict[str, Any] = {"start": "2024-03-18T15:05:00Z", "end": "2024-03-18T15:15:00Z"}

    found = one.of_records(tmp_path / "in", CSV, runner="spark", **window)

    wanted = one.of_table(ROWS)
    assert found.rows == wanted.rows
    assert found.numbers == pytest.approx(wanted.numbers, rel=1e-9, nan_ok=True)
    assert found.rejected == {}
