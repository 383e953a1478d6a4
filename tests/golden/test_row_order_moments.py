"""Sums and deviations in row order are AWS's to the last digit."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from driftkit.columns.chunk import Column
from driftkit.formats import statistics as statistics_file
from driftkit.monitors.data_quality.description import describe
from driftkit.states.profile.table import FoldOptions, fold
from tests.golden.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FOLDER = "sdk/tests/data/pipeline/quality_check_step/data_quality"


def test_moments_are_those_of_the_container(golden: Callable[[str], Path]) -> None:
    expected = statistics_file.read_file(golden(f"{FOLDER}/statistics.json"))
    with golden(f"{FOLDER}/baseline_dataset.csv").open(encoding="utf-8", newline="") as lines:
        rows = Rows(rows=list(csv.reader(lines)))

    columns = [Column(name=feature.name) for feature in expected.features]
    state = fold(columns, [rows], FoldOptions(row_order=True))

    for ours, theirs in zip(describe(state).features, expected.features, strict=True):
        assert ours.numerical is not None
        assert theirs.numerical is not None
        assert ours.numerical.sum == theirs.numerical.sum
        assert ours.numerical.mean == theirs.numerical.mean
        assert ours.numerical.std_dev == theirs.numerical.std_dev
