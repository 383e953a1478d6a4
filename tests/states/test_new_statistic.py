"""A further statistic of numbers is one file and three rows: a copy of the package is given one."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import driftkit
from driftkit.states.storage import dumps

PACKAGE = Path(driftkit.__file__).parent
EARLIER = Path(__file__).parent / "written_by_0.1.0" / "many" / "report" / "states.arrow"

STATISTIC = '''
"""Root mean square of numbers."""

from dataclasses import dataclass, replace
from math import sqrt

from driftkit.states.schemas import COUNT, NUMBER, Field, plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Squares:
    n: int = 0
    total: float = 0.0

    def __add__(self, other):
        return Squares(n=self.n + other.n, total=self.total + other.total)


def of_block(block):
    return Squares(n=block.n, total=block.m2 + block.n * block.average**2)


def told(state, n):
    return {"rms": sqrt(state.total / n)} if n and n == state.n else {}


def check(table):
    yield "squares", "0 or more", table.numbers("squares") < 0


FIELDS = (
    Field(name="squares_n", type=COUNT, attribute="n", since=4),
    Field(name="squares", type=NUMBER, attribute="total", since=4),
)
SQUARES = replace(plain(Squares(), FIELDS, check=check), of_block=of_block, told=told)
'''
# What stands in `profile/column.py`, and what is written behind it.
ROWS = {
    "from driftkit.states.profile.sketches import SKETCHES\n": (
        "from driftkit.states.profile.squares import SQUARES, Squares\n"
    ),
    '    "third_moment": SKEWNESS,\n': '    "squares": SQUARES,\n',
    "    third_moment: ThirdMoment = SKEWNESS.empty\n": "    squares: Squares = SQUARES.empty\n",
}
PROGRAM = """
import json
import numpy as np
import driftkit
from driftkit.states.storage import dumps

quality = driftkit.data_quality
values = np.load("values.npy")
tables = {}

def show(name, states):
    table = quality.baseline(states).statistics_table()
    tables[name] = table.get("rms", table["mean"] * np.nan).tolist()[:2]

def rows(values):
    return {"a": values, "b": ["x"] * len(values)}

show("whole", rows(values))
halves = [quality.baseline(rows(half)).states for half in np.split(values, 2)]
for number, half in enumerate(halves):
    with open(f"{number}.arrow", "wb") as file:
        file.write(dumps(half))
files = [f"{number}.arrow" for number in range(2)]
show("halves", quality.combine(*files))
show("with an earlier one", quality.combine(*files, "earlier.arrow"))
show("of the first version", quality.combine("first.arrow"))
print(json.dumps(tables))
"""


def test_a_further_statistic_is_one_file_and_three_rows(tmp_path: Path) -> None:
    values = np.random.default_rng(7).gamma(2.0, size=40_000)
    shutil.copytree(PACKAGE, tmp_path / "driftkit", ignore=shutil.ignore_patterns("__pycache__"))
    profile = tmp_path / "driftkit" / "states" / "profile"
    (profile / "squares.py").write_text(STATISTIC)
    _add_rows(profile / "column.py")
    earlier = driftkit.data_quality.baseline({"a": values[:9] + 1, "b": ["x"] * 9}).states
    assert earlier is not None
    (tmp_path / "earlier.arrow").write_bytes(dumps(earlier))
    shutil.copy(EARLIER, tmp_path / "first.arrow")

    np.save(tmp_path / "values.npy", values)

    found = _run(tmp_path)

    expected = np.sqrt(np.mean(values**2))
    for way in ("whole", "halves"):
        number, text = found[way]
        assert number == pytest.approx(expected, rel=1e-12)
        assert text is None or np.isnan(text)
    for way in ("with an earlier one", "of the first version"):
        assert all(np.isnan(found[way]))


def _add_rows(path: Path) -> None:
    text = path.read_text()
    for before, row in ROWS.items():
        assert text.count(before) == 1
        text = text.replace(before, before + row)
    path.write_text(text)


def _run(folder: Path) -> dict[str, Any]:
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    command = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(command, env=environment, cwd=folder, check=True, stdout=subprocess.PIPE)
    return dict(json.loads(done.stdout))
