"""Numbers as sketches know them, for the tests of causes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.causes.samples import Numbers
from driftkit.states.profile.kll import KllSketch

if TYPE_CHECKING:
    from collections.abc import Callable

    from driftkit.comparison.arrays import Floats


def numbers(values: Floats, missing: int = 0) -> Numbers:
    """What a sketch keeps of them."""
    levels = KllSketch().extended(np.asarray(values, dtype=np.float64)).levels
    return Numbers.of([level.tolist() for level in levels], missing)


def some_rows(values: Floats, share: float, change: Callable[[Floats], Floats]) -> Floats:
    """The values after a change of a share of the rows."""
    changed = values.copy()
    rows = np.random.default_rng(3).random(len(values)) < share
    changed[rows] = change(changed[rows])
    return changed
