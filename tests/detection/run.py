"""`make detection`: how often drift is found among 500 features where there is none, or some.

Baselines and windows are known by driftkit's sketches, those of windows with the full memory.

python -m tests.detection.run [--windows N] [--seed N]
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.detection.false_discoveries import benjamini_hochberg
from driftkit.comparison.detection.memory import MEMORY, difference
from tests.detection import causes
from tests.detection.drawn import BASELINE, Drawn, categorical, moved
from tests.detection.sketched import Sketched, misread, sketched

if TYPE_CHECKING:
    from collections.abc import Sequence

_RATE = 0.01
# What one of 500 features has to fall below at this rate.
_OF_500 = _RATE / 500
_ROWS = (100, 1_000, 10_000, 100_000, 1_000_000)
# A baseline serves so many windows, each with the full memory behind it.
_WINDOWS_EACH = 10
_MOVES = ((0.25, 1.0, 1_000, 0.95), (0.1, 1.0, 10_000, 0.95), (0.0, 1.2, 1_000, 0.9))
_STREAMS = 1_000
# Sketches of baselines and of windows of a size; a window has as many of them as features.
_POOL = 300


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints both tables; 1 if a promise is broken, else 0."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--windows", type=int, default=1_000, help="of each size")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(arguments)
    kept = [_alike(rows, asked.windows, asked.seed) for rows in _ROWS]
    kept += [_moved(*each, asked.seed) for each in _MOVES]
    kept.append(_within_six(asked.seed))
    return 0 if all(kept) else 1


def _alike(rows: int, windows: int, seed: int) -> bool:
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
    share = alarms / windows
    _say(f"{rows:>9,} rows: {alarms} of {windows:,} windows without drift alarm {dict(kinds)}")
    return share <= 0.02


def _moved(shift: float, scale: float, rows: int, least: float, seed: int) -> bool:
    """How often a moved feature is found in one window at the level of 500 features."""
    drawn = moved(_STREAMS, np.random.default_rng(seed), shift=shift, scale=scale)
    windows = drawn.windows(rows, 1, np.random.default_rng([seed, rows]))
    found = float((difference(windows, drawn.reference).p <= _OF_500).mean())
    _say(f"{rows:>9,} rows, {shift:+.2f} deviations, spread x {scale}: found in {found:.1%}")
    return found >= least


def _within_six(seed: int) -> bool:
    """How often +0.1 deviations at 1,000 rows are found within six windows."""
    drawn = moved(_STREAMS, np.random.default_rng(seed), shift=0.1)
    windows = drawn.windows(1_000, 6, np.random.default_rng([seed, 6]))
    steps = [np.array([index]) for index in range(6)]
    p = [difference(windows.sums(steps[: last + 1]), drawn.reference).p for last in range(6)]
    found = float((np.min(p, axis=0) <= _OF_500).mean())
    _say(f"    1,000 rows, +0.10 deviations: found within 6 windows in {found:.1%}")
    return found >= 0.98


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(max(main(), causes.main([])))
