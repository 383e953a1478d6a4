"""Counts of features on the cells of their baseline."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftkit.comparison.distributions import distribution
from driftkit.errors import FormatError
from driftkit.states.cells.counted import Block, CellCounts, loads
from driftkit.states.cells.grids import categorical_grid, numeric_grid

FEW = [0.0, 1.0, 1.0, 2.5, 7.0]
MANY = np.random.default_rng(1).normal(size=1_900).tolist()
OFTEN = [*MANY[:800], *([3.0] * 100)]


@pytest.mark.parametrize("values", [FEW, MANY, OFTEN], ids=["few", "many", "a frequent value"])
def test_counts_of_parts_are_those_of_all_rows(values: list[float]) -> None:
    grid = numeric_grid("x", distribution([values], distinct_ranks=False))
    window = [*values[::2], -99.0, 99.0, float(np.nextafter(min(values), -np.inf))]
    parts = [window[:7], window[7:]]

    counts = grid.of_sketches([[each] for each in parts])

    whole = grid.of_sketches([[window]])[0]
    assert (counts[0] + counts[1]).tolist() == whole.tolist()
    assert int(whole.sum()) == len(window)
    # Far below, just below, just above and far above all of the baseline.
    assert (*whole[:2], *whole[-2:]) == (1, 1, 0, 1)


def test_a_kept_value_counts_as_many_rows_as_it_stands_for() -> None:
    grid = numeric_grid("x", distribution([FEW], distinct_ranks=False))
    levels = [[0.0, 2.5], [1.0], [2.5, float("nan")]]

    counts = grid.of_sketches([[], levels, [[]]])

    rows = [0.0, 2.5, *[1.0] * 2, *[2.5] * 4, *[float("nan")] * 4]
    assert counts.tolist() == grid.of_sketches([[], [rows], []]).tolist()
    assert counts.sum(axis=1).tolist() == [0, 12, 0]


def test_a_frequent_value_has_a_cell_of_its_own() -> None:
    grid = numeric_grid("x", distribution([OFTEN], distinct_ranks=False))

    counts = grid.of_sketches([[[2.999999, 3.0, 3.0, 3.000001]]])[0]

    assert counts[grid.atoms].tolist() == [2]


def test_rare_categories_share_a_cell_and_unknown_ones_another() -> None:
    known = {f"c{number:03}": 1_000 - number for number in range(200)}
    grid = categorical_grid("c", known)

    counts = grid.of_categories({"c000": 5, "c150": 3, "c199": 2, "new": 4}, total=14)

    assert grid.cells == 121
    assert (counts[0], counts[-2], counts[-1], counts.sum()) == (5, 5, 4, 14)


def _counts(name: str = "x", day: int = 1) -> CellCounts:
    grid = numeric_grid(name, distribution([FEW], distinct_ranks=False))
    return CellCounts(
        unit="day",
        by="t",
        grids=(grid, categorical_grid("c", {"a": 2, "b": 1})),
        blocks=(
            Block(start=datetime(2026, 1, day, tzinfo=UTC), standing="alarmed", unusual=("x",)),
        ),
        counts=(np.arange(grid.cells)[None], np.array([[4, 0, 1]])),
        missing=np.array([[3], [0]]),
        allowance=np.array([[0.001], [0.0]]),
    )


@given(st.lists(st.integers(1, 4), min_size=1, max_size=119))
def test_categories_of_a_single_row_are_counted(rows: list[int]) -> None:
    counts = {f"v{number}": count for number, count in enumerate(rows)}
    grid = categorical_grid("x", counts)

    assert grid.seen_once(grid.of_categories(counts, sum(rows))) == rows.count(1)


@pytest.mark.parametrize("exponent", [1.5, 2.0, 3.0])
def test_of_categories_that_share_a_cell_about_as_many_have_a_single_row(exponent: float) -> None:
    drawn = np.minimum(np.random.default_rng(3).zipf(exponent, 20_000), 2_000)
    counts = {str(value): count for value, count in Counter(drawn.tolist()).items()}
    grid = categorical_grid("x", counts)

    found = grid.seen_once(grid.of_categories(counts, len(drawn)))

    once = sum(count == 1 for count in counts.values())
    assert once / 3 <= found <= 3 * once


def test_a_file_gives_back_what_was_written() -> None:
    written = _counts() + _counts(day=2)

    read = loads(written.dumps(), "cells.arrow")

    assert (read.unit, read.by, read.blocks, read.grids) == (
        "day",
        "t",
        written.blocks,
        written.grids,
    )
    assert [each.tolist() for each in read.counts] == [each.tolist() for each in written.counts]
    assert read.missing.tolist() == [[3, 3], [0, 0]]
    assert read.allowance.tolist() == written.allowance.tolist()
    assert read.dumps() == written.dumps()


def test_a_feature_on_other_cells_has_no_rows_where_counts_are_joined() -> None:
    other = _counts("y", day=2)

    both = _counts() + other

    assert [grid.name for grid in both.grids] == ["x", "c"]
    assert both.counts[0][1].sum() == 0
    assert both.counts[1].tolist() == [[4, 0, 1], [4, 0, 1]]


def test_a_window_that_is_accepted_stands_so_until_it_is_read_again() -> None:
    accepted = loads(_counts().standing("accepted").dumps(), "cells.arrow")

    assert [each.standing for each in accepted.blocks] == ["accepted"]


@pytest.mark.parametrize("at", range(-400, -8, 31))
def test_a_damaged_file_is_told(at: int) -> None:
    content = bytearray(_counts().dumps())
    content[at] ^= 0x41

    with pytest.raises(FormatError, match=r"kept/cells.arrow"):
        loads(bytes(content), "kept/cells.arrow")


def test_a_file_that_is_cut_off_is_told() -> None:
    content = _counts().dumps()

    with pytest.raises(FormatError, match=r"cells.arrow"):
        loads(content[: len(content) - 300], "cells.arrow")


@pytest.mark.parametrize("rows", [-1, -256, -65_536])
def test_counts_below_zero_are_told(rows: int) -> None:
    wrong = replace(_counts(), counts=(_counts().counts[0], np.array([[4, rows, 1]])))

    with pytest.raises(FormatError, match="0 or more"):
        loads(wrong.dumps(), "cells.arrow")
