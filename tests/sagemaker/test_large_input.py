"""Input that is larger than it may be ends in one clear message, in memory that is bounded."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.capture.captures import record
from tests.sagemaker.box import CAPTURE, CSV, HOUR, SCHEDULED

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.sagemaker.box import Box

SOURCE = "/opt/ml/processing/input/endpoint"
BASELINE = "/opt/ml/processing/input/baseline_dataset_input"
JOB = {"dataset_source": SOURCE, "dataset_format": CAPTURE, **SCHEDULED}
LINES = f"{SOURCE}/e/v/{HOUR}/a.jsonl"
TABLE = {"dataset_source": BASELINE, "dataset_format": CSV}
GIGABYTE = 1024**3
# Less than the input, with Python and its libraries.
MOST_MEGABYTES = 700

RUN = """
import os, sys
from pathlib import Path
from driftkit.sagemaker import container as running
from tests.benchmarks.peak import peak_megabytes
code = running.main(os.environ, Path(sys.argv[1]))
print(peak_megabytes())
sys.exit(code)
"""


def long_line(box: Box) -> None:
    with box.at(LINES).open("wb") as file:
        file.truncate(GIGABYTE)


def packed_line(box: Box) -> None:
    pack(box.at(f"{LINES}.gz"), json.dumps(record("1,x", "0.5\n")).encode() + b"\n")


def packed_field(box: Box) -> None:
    pack(box.at(f"{BASELINE}/a.csv.gz"), b'a,b\n1,"')


def pack(path: Path, head: bytes) -> None:
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(head)
        block = b" " * 2**20
        for _ in range(GIGABYTE // len(block)):
            file.write(block)


@pytest.mark.parametrize(
    ("make", "job", "said"),
    [
        (long_line, JOB, "a line is too long"),
        (packed_line, JOB, "a line is too long"),
        (packed_field, TABLE, "a row does not end"),
    ],
)
def test_a_gigabyte_without_an_end(
    box: Box, make: Callable[[Box], None], job: dict[str, str], said: str
) -> None:
    make(box)

    code, error, megabytes = run(box, job)

    assert code == 255, error
    assert said in box.message
    assert box.outputs == set()
    assert megabytes < MOST_MEGABYTES


def test_a_record_of_fifty_megabytes(box: Box) -> None:
    box.put_lines(LINES, [record("1," + "x" * 50 * 1024**2, "0.5\n")] * 2)

    code, error, megabytes = run(box, JOB)

    assert code == 0, error
    assert box.json("statistics.json")["dataset"]["item_count"] == 2
    assert megabytes < 2 * MOST_MEGABYTES


def run(box: Box, job: dict[str, str]) -> tuple[int, str, float]:
    """A job's exit code and what it printed as errors, and the most megabytes that it held."""
    ran = subprocess.run(
        [sys.executable, "-c", RUN, str(box.root)],
        env={**os.environ, **job},
        capture_output=True,
        text=True,
        check=False,
    )
    return ran.returncode, ran.stderr, float(ran.stdout.split()[-1])
