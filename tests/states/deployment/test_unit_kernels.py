"""Sums of metrics and hashes of units' ids: compiled as in numpy, and whatever type an id has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest

from driftkit.native.hashing import hash_texts_in_order
from driftkit.states.deployment.arms import IN_BUCKETS, SUMS
from driftkit.states.kernels.choice import compiled, plain_kernels
from driftkit.states.kernels.plain_units import Cells
from driftkit.states.kernels.texts import buffers

if TYPE_CHECKING:
    from driftkit.native.arrays import Floats
    from driftkit.states.kernels.choice import Kernels
    from driftkit.states.kernels.plain_units import Told

ROWS, CELLS, BUCKETS = 1_000, 5, 16
RANDOM = np.random.default_rng(11)
CODES, BUCKET = RANDOM.integers(0, CELLS, ROWS), RANDOM.integers(0, BUCKETS, ROWS)
ODD = np.array([np.nan, np.inf, -np.inf, -0.0, 0.0, -1.0])
LOOPS = [plain_kernels(), *filter(None, [compiled()])]


def values(seed: int) -> Floats:
    """Numbers, a tenth of them odd."""
    random = np.random.default_rng(seed)
    return np.where(random.random(ROWS) < 0.1, random.choice(ODD, ROWS), random.normal(size=ROWS))


TOLD: dict[str, Told] = {
    "means": (values(1), None, None),
    "ratios": (values(1), values(2), None),
    "with covariates": (values(1), values(2), values(3)),
}


def cells(loops: Kernels, *, in_buckets: bool) -> Cells:
    """All rows."""
    counts = np.zeros((CELLS, BUCKETS), np.int64)
    loops.count_rows(CODES, BUCKET, counts)
    rows = counts.sum(axis=1)
    if not in_buckets:
        return Cells(codes=CODES, rows=rows)
    return Cells(codes=CODES, rows=rows, buckets=BUCKET, in_buckets=counts)


def summed(loops: Kernels, told: Told) -> tuple[Floats, Floats]:
    """All sums of the rows."""
    width = len(IN_BUCKETS) - (told[2] is None)
    sums, in_buckets = np.zeros((CELLS, len(SUMS))), np.zeros((CELLS, width, BUCKETS))
    loops.add_sums(cells(loops, in_buckets=True), told, sums, in_buckets)
    return sums, in_buckets


@pytest.mark.parametrize("loops", LOOPS)
def test_rows_are_counted_by_cell_and_value(loops: Kernels) -> None:
    expected = [[int(np.sum((i == CODES) & (j == BUCKET))) for j in range(16)] for i in range(5)]

    assert np.asarray(cells(loops, in_buckets=True).in_buckets).tolist() == expected
    counts = np.ones((CELLS, 2), np.int64)
    loops.count_rows(CODES, np.equal(BUCKET, 3), counts)
    assert counts[:, 1].tolist() == [1 + row[3] for row in expected]
    assert counts.sum() == ROWS + 2 * CELLS


@pytest.mark.parametrize("told", TOLD.values(), ids=TOLD)
@pytest.mark.parametrize("loops", LOOPS)
def test_sums_are_the_same_without_buckets(loops: Kernels, told: Told) -> None:
    sums = np.zeros((CELLS, len(SUMS)))

    loops.add_sums(cells(loops, in_buckets=False), told, sums, None)

    assert sums.tobytes() == summed(loops, told)[0].tobytes()


@pytest.mark.skipif(compiled() is None, reason="the plain kernels take all rows at once")
def test_sums_of_a_part_are_added_to_those_before_it() -> None:
    loops, told = LOOPS[-1], TOLD["means"]
    sums, in_buckets = summed(loops, told)

    loops.add_sums(cells(loops, in_buckets=True), told, sums, in_buckets)

    once = summed(loops, told)
    assert sums[:, 0].tolist() == (2 * once[0][:, 0]).tolist()
    assert in_buckets[:, 1].tolist() == (2 * once[1][:, 1]).tolist()


@pytest.mark.parametrize("told", TOLD.values(), ids=TOLD)
def test_sums_have_the_same_bits(told: Told) -> None:
    plain, *others = (summed(loops, told) for loops in LOOPS)

    for other in others:
        assert [each.tobytes() for each in other] == [each.tobytes() for each in plain]


@pytest.mark.parametrize("loops", LOOPS)
def test_scores_are_counted_by_class_and_bin(loops: Kernels) -> None:
    scores = np.where(RANDOM.random(ROWS) < 0.1, np.nan, RANDOM.integers(0, 9, ROWS) / 8)
    positive = RANDOM.choice([0.0, 1.0, np.nan], ROWS)
    counts = np.ones((CELLS, 3, 8), np.int64)

    loops.count_scores(CODES, scores, positive, counts)

    expected = np.ones_like(counts)
    for code, score, label in zip(CODES, scores, positive, strict=True):
        if not np.isnan(score):
            kind = 2 if np.isnan(label) else int(label)
            expected[code, kind, min(int(score * 8), 7)] += 1
    assert counts.tolist() == expected.tolist()


@pytest.mark.parametrize("told", TOLD.values(), ids=TOLD)
@pytest.mark.parametrize("loops", LOOPS)
def test_sums_are_those_of_rows_that_have_a_value(loops: Kernels, told: Told) -> None:
    s = told[0]
    n = np.ones(ROWS) if told[1] is None else told[1]
    known = np.isfinite(s) & np.isfinite(n)
    x = np.zeros(ROWS) if told[2] is None else np.where(np.isfinite(told[2]), told[2], 0.0)
    s, n, x = (np.where(used, each, 0.0) for used, each in ((known, s), (known, n), (n > 0, x)))

    sums, in_buckets = summed(loops, told)

    expected = (n > 0, s, s * s, n, n * n, s * n, x, x * x, x * s)
    for cell in range(CELLS):
        rows = known & np.equal(CODES, cell)
        assert sums[cell] == pytest.approx([each[rows].sum() for each in expected])
        rows &= BUCKET == 3
        assert in_buckets[cell, :2, 3] == pytest.approx([s[rows].sum(), n[rows].sum()])


ODD_IDS = [0, -1, 9, 10, None, -128, 127, 99, 100]
# Of every number of digits, the least and the greatest.
FEW_DIGITS = [
    0,
    *(number for power in range(1, 8) for number in (10**power - 1, 10**power)),
    10**8 - 1,
]
WIDE = [*ODD_IDS, -(2**63), 2**63 - 1, 10**18, 1234567890123456789, 10**8, -(10**8), *FEW_DIGITS]
IDS = {
    pa.string(): ODD_IDS,
    pa.large_string(): ODD_IDS,
    pa.int8(): ODD_IDS,
    pa.dictionary(pa.int8(), pa.string()): ODD_IDS,
    pa.int64(): WIDE,
    # Of which several are hashed at once.
    pa.int32(): [*FEW_DIGITS, None, *range(0, 10**8, 999_983)],
}


@pytest.mark.parametrize("loops", LOOPS)
@pytest.mark.parametrize("salt", ["", "s", "deployment", "0123456789abcdef", "x" * 23, "é" * 20])
@pytest.mark.parametrize("kind", IDS)
def test_hashes_are_of_texts(loops: Kernels, salt: str, kind: pa.DataType) -> None:
    ids = IDS[kind]
    texts = pa.array(["" if each is None else str(each) for each in ids])
    array = pa.array(ids) if pa.types.is_integer(kind) else pa.array(map(_text, ids))

    found = loops.salted_hashes(salt, array.cast(kind).slice(2))

    offsets, data = buffers(pa.array([salt + each for each in texts.to_pylist()]))
    expected = hash_texts_in_order(offsets.astype(np.int64), data)
    assert found.tolist() == expected.tolist()[2:]


def _text(value: int | None) -> str | None:
    return None if value is None else str(value)
