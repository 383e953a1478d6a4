"""Whether a window differs from its baseline beyond sampling, with a memory of 16 windows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.detection.evidence import strongest

if TYPE_CHECKING:
    from driftkit.comparison.detection.categories import CategoricalReference
    from driftkit.comparison.detection.cells import Cells
    from driftkit.comparison.detection.evidence import Strongest
    from driftkit.comparison.detection.numbers import NumericReference

# Windows that are added up, and the part of the error rate that each sum has. One window and six
# have most: a change is told at once, or within six windows, where a tenth of a deviation at 1,000
# rows can be.
MEMORY = {1: 0.34, 2: 0.03, 4: 0.10, 6: 0.42, 8: 0.03, 16: 0.08}


def difference(history: Cells, baseline: NumericReference | CategoricalReference) -> Strongest:
    """How surely the last window, or a sum of the last ones, differs: by feature.

    Sums of 1, 2, 4, 6, 8 and 16 windows are tested, each with its own number of rows: the
    baseline's sampling error enters every sum, and memory ends so that it cannot pile up.

    Args:
        history: the windows, the last of them the one that is judged.
        baseline: what they are compared with.
    """
    sizes = tuple(size for size in MEMORY if size <= max(1, history.windows))
    weights = np.array([MEMORY[size] for size in sizes])
    return strongest(baseline.tests(history.last(sizes)), weights / weights.sum())
