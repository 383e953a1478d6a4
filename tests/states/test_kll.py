"""The sketch equals Deequ's algorithm run one value at a time, level by level, bit by bit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from driftkit.states.profile.kll import KllSketch
from tests.states.plain_sketch import PlainSketch

if TYPE_CHECKING:
    from collections.abc import Callable

    from driftkit.native.arrays import Floats, Values

    Shape = Callable[[np.random.Generator, int], Floats]

ROWS = (0, 1, 2049, 2050, 2051, 3364, 3365, 10_000, 68_385)
RANK_ERROR = 0.005

SHAPES: dict[str, Shape] = {
    "normal": lambda random, rows: random.normal(size=rows),
    "ties": lambda random, rows: random.poisson(3, rows).astype(float),
    "constant": lambda _, rows: np.full(rows, 7.25),
    "ascending": lambda _, rows: np.arange(rows, dtype=float),
    "descending": lambda _, rows: np.arange(rows, 0, -1, dtype=float),
    "signed zeros": lambda random, rows: np.round(random.normal(size=rows), 1),
    "not finite": lambda random, rows: random.choice([np.nan, np.inf, -np.inf, -0.0, 0.0, 5], rows),
    "over 2**31": lambda random, rows: random.integers(2**31, 2**40, rows).astype(float),
    "over 2**53": lambda random, rows: random.integers(2**53, 2**62, rows).astype(float),
}


def bits(levels: object) -> list[bytes]:
    return [np.asarray(level, np.float64).tobytes() for level in levels]  # type: ignore[attr-defined]


def in_pieces(values: Floats, random: np.random.Generator) -> KllSketch:
    sketch = KllSketch()
    for piece in np.split(values, np.sort(random.integers(0, len(values) + 1, 3))):
        sketch = sketch.extended(piece)
    return sketch


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("rows", ROWS)
def test_updates_are_those_of_deequ(shape: Shape, rows: int) -> None:
    random = np.random.default_rng(rows)
    values = shape(random, rows)

    sketch = in_pieces(values, random)

    oracle = PlainSketch().update(values.tolist())
    assert bits(sketch.levels) == bits(oracle.buffers)
    assert list(sketch.compactions) == oracle.compactions


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("seed", range(4))
def test_merges_are_those_of_deequ(shape: Shape, seed: int) -> None:
    random = np.random.default_rng(seed)
    parts = [shape(random, int(rows)) for rows in random.integers(1, 9000, 4)]

    sketch = KllSketch()
    for part in parts:
        sketch += KllSketch().extended(part)
    sketch = sketch.extended(parts[0])

    oracle = PlainSketch().update(parts[0].tolist())
    for part in parts[1:]:
        oracle.merge(PlainSketch().update(part.tolist()))
    oracle.update(parts[0].tolist())
    assert bits(sketch.levels) == bits(oracle.buffers)


def test_a_million_values_are_those_of_deequ() -> None:
    values = np.random.default_rng(0).lognormal(3, 1, 1_000_000)

    sketch = KllSketch().extended(values)

    assert bits(sketch.levels) == bits(PlainSketch().update(values.tolist()).buffers)


@pytest.mark.parametrize("width", [np.int64, np.int16, np.float32, np.uint8])
def test_numbers_of_any_width_are_their_doubles(width: type) -> None:
    values: Values = np.random.default_rng(1).integers(0, 200, 30_000).astype(width)

    assert KllSketch().extended(values) == KllSketch().extended(values.astype(np.float64))


def test_ranks_are_within_the_error_of_the_sketch() -> None:
    values = np.random.default_rng(2).normal(size=300_000)
    bounds = np.linspace(-4, 4, 33)
    parts = [KllSketch().extended(part) for part in np.array_split(values, 7)]

    merged = sum(parts, start=KllSketch())

    for sketch in (KllSketch().extended(values), merged):
        assert sketch.count == len(values)
        true = np.searchsorted(np.sort(values), bounds)
        error = np.abs(sketch.ranks(bounds, inclusive=False) - true).max() / len(values)
        assert error < RANK_ERROR


def test_ranks_of_few_values_are_exact() -> None:
    sketch = KllSketch().extended(np.array([3.0, 1.0, 2.0, 2.0]))

    bounds = np.array([0.0, 1.0, 2.0, 3.0])
    assert sketch.ranks(bounds, inclusive=False).tolist() == [0, 0, 1, 3]
    assert sketch.ranks(bounds, inclusive=True).tolist() == [0, 1, 3, 4]


def test_a_file_gives_the_sketch_back() -> None:
    sketch = KllSketch().extended(np.random.default_rng(3).normal(size=9000))

    again = KllSketch.from_levels([level.tolist() for level in sketch.levels])

    assert bits(again.levels) == bits(sketch.levels)
    assert again.count == 9000
