"""Sums of metrics and hashes of units' ids: compiled as in numpy, and whatever type an id has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest

from driftkit.native.hashing import hash_texts_in_order
from driftkit.states.deployment.arms import IN_BUCKETS, SUMS
from driftkit.states.kernels.choice import compiled, plain_kernels
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


def summed(loops: Kernels, told: Told) -> tuple[Floats, Floats]:
    """All sums of the rows."""
    width = len(IN_BUCKETS) - (told[2] is None)
    sums, in_buckets = np.zeros((CELLS, len(SUMS))), np.zeros((CELLS, width, BUCKETS))
    loops.add_sums(CODES, told, sums)
    loops.add_in_buckets(CODES, BUCKET, told, in_buckets)
    return sums, in_buckets


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


@pytest.mark.parametrize("loops", LOOPS)
@pytest.mark.parametrize("salt", ["", "0123456789abcdef", "é" * 20])
@pytest.mark.parametrize(
    "kind",
    [pa.string(), pa.large_string(), pa.int8(), pa.int64(), pa.dictionary(pa.int8(), pa.string())],
)
def test_hashes_are_of_texts(loops: Kernels, salt: str, kind: pa.DataType) -> None:
    ids = [0, -1, 9, 10, None, -128, 127, 99, 100]
    wide = (
        [
            *ids,
            -(2**63),
            2**63 - 1,
            10**18,
            1234567890123456789,
            10**8,
            10**8 - 1,
            -(10**8),
            12345678,
            10**7,
        ]
        if kind == pa.int64()
        else ids
    )
    texts = pa.array(["" if each is None else str(each) for each in wide])
    array = pa.array(wide) if pa.types.is_integer(kind) else pa.array(map(_text, wide))

    found = loops.salted_hashes(salt, array.cast(kind).slice(2))

    offsets, data = buffers(pa.array([salt + each for each in texts.to_pylist()]))
    expected = hash_texts_in_order(offsets.astype(np.int64), data)
    assert found.tolist() == expected.tolist()[2:]


def _text(value: int | None) -> str | None:
    return None if value is None else str(value)
