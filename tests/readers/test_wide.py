"""Many columns take bounded memory, and too many are refused."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from driftkit.errors import InputError
from driftkit.readers import dataset
from tests.capture.captures import record, side
from tests.readers.reading import opened

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

COLUMNS = 30_000
MEASURE = """
import resource, sys
import driftkit
driftkit.data_quality.baseline({"a": [1]})
driftkit.data_quality.baseline(sys.argv[1])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
from driftkit.readers.opening import open_dataset
from driftkit.settings import Settings
found = open_dataset([sys.argv[2]], Settings())
rows = sum(chunk.num_rows for unit in found.units for chunk in unit.chunks())
print(len(found.columns), rows, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_a_header_of_many_columns_takes_little_memory(tmp_path: Path) -> None:
    wide, small = tmp_path / "wide.csv", tmp_path / "small.csv"
    row = ",".join(str(n % 7) for n in range(COLUMNS))
    wide.write_text(",".join(f"c{n}" for n in range(COLUMNS)) + "\n" + f"{row}\n" * 5)
    small.write_text("a,b\n1,2\n")

    command = [sys.executable, "-c", MEASURE, str(small), str(wide)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)

    columns, rows, kilobytes = map(int, done.stdout.split())
    assert (columns, rows) == (COLUMNS, 5)
    assert kilobytes / COLUMNS < 7


def as_csv(path: Path) -> Path:
    (path / "a.csv").write_text("a,b,c,d\n1,2,3,4\n")
    return path / "a.csv"


def quoted(path: Path) -> Path:
    (path / "a.csv").write_text('"a",b,c,d\n1,2,3,4\n')
    return path / "a.csv"


def document(path: Path) -> Path:
    (path / "a.json").write_text(json.dumps([{"a": 1, "b": 2}, {"c": 3, "d": 4}]))
    return path / "a.json"


def lines(path: Path) -> Path:
    (path / "a.jsonl").write_text('{"a": [1, 2, 3, 4]}\n')
    return path / "a.jsonl"


def parquet(path: Path) -> Path:
    pq.write_table(pa.table({name: [1] for name in "abcd"}), path / "a.parquet")
    return path / "a.parquet"


def captured(path: Path) -> Path:
    sent, answer = json.dumps({"a": 1, "b": 2, "c": 3}), json.dumps({"p": 0.5})
    line = json.dumps(record(side(sent, "JSON"), side(answer, "JSON")))
    (path / "a.jsonl").write_text(f"{line}\n")
    return path / "a.jsonl"


@pytest.mark.parametrize("write", [as_csv, quoted, document, lines, parquet, captured])
def test_too_many_columns_are_refused(
    write: Callable[[Path], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path)
    assert len(opened(path).columns) == 4

    monkeypatch.setattr(dataset, "MOST_COLUMNS", 3)

    with pytest.raises(InputError, match=r"too many columns \(expected: at most 3; found: 4\)"):
        opened(path)
