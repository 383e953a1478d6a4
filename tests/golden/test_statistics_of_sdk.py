"""The statistics of the SDK's 100 rows are AWS's statistics.json, byte for byte."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest

from driftkit.columns.chunk import Column
from driftkit.formats.jackson import dumps
from driftkit.monitors.data_quality.description import describe
from driftkit.states.kernels import choice
from driftkit.states.profile.table import FoldOptions, fold
from tests.golden.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FOLDER = "sdk/tests/data/pipeline/quality_check_step/data_quality"


@pytest.mark.parametrize("form", ["plain", "compiled"])
def test_the_file_is_that_of_the_container(
    form: str, golden: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    loops = choice.compiled() if form == "compiled" else choice.plain_kernels()
    if loops is None:
        pytest.skip("numba is not installed")
    monkeypatch.setattr("driftkit.states.profile.table.kernels", lambda _: loops)
    with golden(f"{FOLDER}/baseline_dataset.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.reader(lines))
    columns = [Column(name=f"_c{place}") for place in range(len(rows[0]))]

    state = fold(columns, [Rows(rows=rows)], FoldOptions(row_order=True))

    content = dumps(describe(state).to_dict(generation="2020"))
    assert content == golden(f"{FOLDER}/statistics.json").read_text(encoding="utf-8")
