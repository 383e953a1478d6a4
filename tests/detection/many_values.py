"""How often columns of text with too many values to count each are found different, and what is found.

Values fall into buckets by their hash, as they do in a column's state. Part of `make detection`.

python -m tests.detection.many_values [--windows N] [--seed N]
"""

from __future__ import annotations

import argparse
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from driftkit.comparison.detection.categories import CategoricalReference
from driftkit.comparison.detection.cells import Cells
from driftkit.comparison.detection.false_discoveries import benjamini_hochberg
from driftkit.comparison.detection.memory import MEMORY, difference
from driftkit.formats.drift import RATE
from driftkit.native.hashing import BUCKETS, buckets_of, hash_texts_in_order
from driftkit.states.kernels.texts import buffers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.random import Generator

    from driftkit.comparison.arrays import Floats, Integers

BASELINE = 20_000
ROWS = (100, 1_000, 10_000, 100_000)
# Columns by the law of their values: how many values, and the exponent of Zipf's law.
_LAWS = [(values, power) for values in (1_000, 30_000) for power in (0.6, 1.0, 1.4)]
_COLUMNS = 4 * len(_LAWS)
_WINDOWS_EACH = 10
# A value by its place in the order of how frequent values are, and by how much its share rises.
_PLANTED = ((0, 0.05), (20, 0.05), (20, 0.02), (5_000, 0.02), (5_000, 0.01))
_SESSIONS = (2, 20)


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints what was measured; 1 if windows without drift alarm too often, else 0."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--windows", type=int, default=1_000, help="of each size")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(arguments)
    kept = True
    for rows in ROWS:
        random = np.random.default_rng((asked.seed, rows))
        alarms = sum(_alarms(rows, random) for _ in range(asked.windows // _WINDOWS_EACH))
        kept &= alarms <= max(2, 0.02 * asked.windows)
        print(f"{rows:,} rows: {alarms:,} of {asked.windows:,} windows of {_COLUMNS} columns alarm")  # noqa: T201
    for place, rise in _PLANTED:
        for rows in ROWS[1:3]:
            random = np.random.default_rng((asked.seed, place, rows))
            found = np.mean([_found(place, rise, rows, random) for _ in range(asked.windows // 10)])
            print(f"value {place:,} of 30,000, {rise:+.0%}, {rows:,} rows: found in {found:.0%}")  # noqa: T201
    for length in _SESSIONS:
        for rows in ROWS[1:3]:
            random = np.random.default_rng((asked.seed, length, rows))
            found = np.mean(
                [_of_sessions(length, rows, random) for _ in range(asked.windows // 10)]
            )
            print(f"new ids of {length} rows each, {rows:,} rows: different in {found:.0%}")  # noqa: T201
    return 0 if kept else 1


@cache
def shares(values: int, power: float) -> Floats:
    """The share of rows of each bucket, of values whose shares follow Zipf's law."""
    own = np.arange(1, values + 1) ** -power
    return np.bincount(_bucket(values), own / own.sum(), BUCKETS).astype(np.float64)


@cache
def _bucket(values: int) -> Integers:
    names = pa.array([f"merchant {number}" for number in range(values)])
    return buckets_of(hash_texts_in_order(*buffers(names)))


def _alarms(rows: int, random: Generator) -> int:
    """Windows in which any column alarms by itself or with those before; of ids every row is another."""
    laws = [shares(*law) for law in _LAWS] * (_COLUMNS // len(_LAWS))
    laws[-1] = np.full(BUCKETS, 1 / BUCKETS)
    expected = Cells.of(np.stack([random.multinomial(BASELINE, law)[None] for law in laws]))
    reference = CategoricalReference(cells=expected, all_known=True, in_clumps=True)
    found, past = 0, max(MEMORY) - 1
    seen = np.stack([random.multinomial(rows, law, past + _WINDOWS_EACH) for law in laws])
    for last in range(past, past + _WINDOWS_EACH):
        window = Cells.of(seen[:, last - past : last + 1])
        found += bool(benjamini_hochberg(difference(window, reference).p, RATE).any())
    return found


def _found(place: int, rise: float, rows: int, random: Generator) -> bool:
    """Whether a value's rise is found in one window at the level of 500 columns."""
    law = shares(30_000, 1.0)
    moved = (1 - rise) * law
    moved[_bucket(30_000)[place]] += rise
    return _p(random.multinomial(rows, moved), random.multinomial(BASELINE, law)) <= RATE / 500


def _of_sessions(length: int, rows: int, random: Generator) -> bool:
    """Whether ids that come some times in a row and never again are different as a column by itself."""
    sides = (random.integers(0, BUCKETS, total // length) for total in (rows, BASELINE))
    window, baseline = (length * np.bincount(each, minlength=BUCKETS) for each in sides)
    return _p(window, baseline) <= RATE


def _p(window: Integers, baseline: Integers) -> float:
    cells = Cells.of(baseline[None, None])
    reference = CategoricalReference(cells=cells, all_known=True, in_clumps=True)
    return float(difference(Cells.of(window[None, None]), reference).p[0])


if __name__ == "__main__":
    raise SystemExit(main())
