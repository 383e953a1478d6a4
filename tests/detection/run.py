"""`make detection`: how often drift is found among 500 features where there is none, or some.

Baselines and windows are known by driftkit's sketches, those of windows with the full memory.

python -m tests.detection.run [--windows N] [--seed N] [--processes N]
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.detection.cells import Cells
from driftkit.comparison.detection.false_discoveries import benjamini_hochberg
from driftkit.comparison.detection.memory import MEMORY, difference
from driftkit.comparison.detection.numbers import NumericReference
from tests.detection import causes
from tests.detection.counting import edges_of
from tests.detection.drawn import (
    BASELINE,
    Drawn,
    categorical,
    moved,
    with_new_category,
    with_nulls,
)
from tests.detection.sketched import Sketched, misread, sketched
from tests.detection.tables import there
from tests.detection.telling import told

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.random import Generator

    from driftkit.comparison.arrays import Floats

_RATE = 0.01
# What one of 500 features has to fall below at this rate.
_OF_500 = _RATE / 500
_ROWS = (100, 1_000, 10_000, 100_000, 1_000_000)
# A baseline serves so many windows, each with the full memory behind it.
_WINDOWS_EACH = 10
# What is planted into one window: how it is drawn, of how many rows, and how often it is found.
_PLANTED: dict[str, tuple[Callable[[int, Generator], Drawn], int, float]] = {
    "+0.25 deviations": (partial(moved, shift=0.25), 1_000, 0.95),
    "+0.1 deviations": (partial(moved, shift=0.1), 10_000, 0.95),
    "spread x 1.2": (partial(moved, scale=1.2), 1_000, 0.9),
    "nulls 5 %": (partial(with_nulls, share=0.05), 1_000, 0.99),
    "a new category 1 %": (partial(with_new_category, share=0.01), 1_000, 0.95),
    "1 % of normal numbers x 100": (partial(moved, scale=100.0, part=0.01), 1_000, 0.87),
}
_STREAMS = 1_000
# So many times as many, since what is found within six windows is close to what is promised.
_OF_SIX = 4
# Sketches of baselines and of windows of a size; a window has as many of them as features.
_POOL = 300


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints both tables; 1 if a promise is broken, else 0."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--windows", type=int, default=1_000, help="of each size")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    asked = parser.parse_args(arguments)
    # Those that take longest come first.
    measures = [partial(_alike, rows, asked.windows, asked.seed) for rows in _ROWS[::-1]]
    measures += [partial(_found, name, asked.seed) for name in _PLANTED]
    measures += [partial(_within_six, asked.seed, before) for before in (0, max(MEMORY) - 1)]
    delays = there("flights")
    if delays is not None:
        measures.append(partial(_wrong_units, delays.numbers["arr_delay"], asked.seed))
    return 0 if told(measures, asked.processes) else 1


def _alike(rows: int, windows: int, seed: int) -> tuple[str, bool]:
    """Windows without drift in which any of 500 features raises an alarm: at most 2 %."""
    rng, alarms = np.random.default_rng([seed, rows]), 0
    kinds: Counter[str] = Counter()
    baselines, pool = ([misread(size, rng) for _ in range(_POOL)] for size in (BASELINE, rows))
    for _ in range(windows // _WINDOWS_EACH):
        drawn: tuple[Sketched | Drawn, ...] = (
            sketched(300, baselines, pool, rng, atoms=100),
            categorical(200, rng),
        )
        seen = [each.windows(rows, max(MEMORY) - 1 + _WINDOWS_EACH, rng) for each in drawn]
        for last in range(max(MEMORY) - 1, seen[0].windows):
            groups = [np.array([index]) for index in range(last - max(MEMORY) + 1, last + 1)]
            found = [
                difference(cells.sums(groups), each.reference)
                for each, cells in zip(drawn, seen, strict=True)
            ]
            hit = benjamini_hochberg(np.concatenate([each.p for each in found]), _RATE)
            alarms += bool(hit.any())
            named = [kind for each in found for kind in each.kind]
            kinds.update(named[index] for index in np.flatnonzero(hit).tolist())
    line = f"{rows:>9,} rows: {alarms} of {windows:,} windows without drift alarm {dict(kinds)}"
    return line, alarms / windows <= 0.02


def _found(name: str, seed: int) -> tuple[str, bool]:
    """How often a planted change is found in one window at the level of 500 features."""
    draw, rows, least = _PLANTED[name]
    drawn = draw(_STREAMS, np.random.default_rng(seed))
    windows = drawn.windows(rows, 1, np.random.default_rng([seed, rows]))
    found = float((difference(windows, drawn.reference).p <= _OF_500).mean())
    return f"{rows:>9,} rows, {name}: found in {found:.1%}", found >= least


def _within_six(seed: int, before: int) -> tuple[str, bool]:
    """How often +0.1 deviations at 1,000 rows are found within six windows, after ordinary ones."""
    features, rng = _OF_SIX * _STREAMS, np.random.default_rng([seed, 6, before])
    alike, drawn = (moved(features, np.random.default_rng(seed), shift=far) for far in (0, 0.1))
    both = alike.windows(1_000, before, rng), drawn.windows(1_000, 6, rng)
    counts = np.concatenate([each.counts for each in both], axis=1)
    p = [
        difference(Cells.of(counts[:, : before + last]), drawn.reference).p for last in range(1, 7)
    ]
    found = float((np.min(p, axis=0) <= _OF_500).mean())
    line = f"    1,000 rows, +0.10 deviations after {before} windows: found within 6 in {found:.1%}"
    return line, found >= 0.985


def _wrong_units(values: Floats, seed: int) -> tuple[str, bool]:
    """How often 1 % of delays on arrival, times 100, are found among 1,000; of real flights."""
    rng, p = np.random.default_rng(seed), []
    known = values[~np.isnan(values)]
    for _ in range(_STREAMS // _WINDOWS_EACH):
        base = rng.choice(known, BASELINE)
        edges, single = edges_of(base)
        windows = rng.choice(known, (_WINDOWS_EACH, 1_000))
        windows = np.where(rng.random(windows.shape) < 0.01, windows * 100, windows)
        counts = [
            np.bincount(np.searchsorted(edges, each), minlength=len(single))
            for each in (base, *windows)
        ]
        own = Cells.of(np.stack([counts[0]] * _WINDOWS_EACH)[:, None])
        reference = NumericReference(cells=own, atoms=np.stack([single] * _WINDOWS_EACH))
        p.append(difference(Cells.of(np.stack(counts[1:])[:, None]), reference).p)
    found = float((np.concatenate(p) <= _OF_500).mean())
    return f"    1,000 rows, 1 % of arr_delay x 100: found in {found:.1%}", found >= 0.85


if __name__ == "__main__":
    sys.exit(max(main(), causes.main([])))
