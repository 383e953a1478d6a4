"""How long one window of 500 features takes beside 60 days, and how much memory.

python -m tests.detection.speed [FEATURES]
"""

from __future__ import annotations

import resource
import sys
import time
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.detection.calibration import unusual
from driftkit.comparison.detection.cells import Cells
from driftkit.comparison.detection.day_scores import numeric_scores

if TYPE_CHECKING:
    from collections.abc import Sequence

_DAYS = 61
_CELLS = 258


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints seconds, and MB of the whole process at most."""
    asked = sys.argv[1:] if arguments is None else arguments
    features = int(asked[0]) if asked else 500
    rng = np.random.default_rng(1)
    # Days differ, so that most of the scores matter.
    weights = rng.dirichlet(np.full(_CELLS, 50.0), _DAYS)
    counts = rng.multinomial(1_000, weights, (features, _DAYS))
    cells = Cells.of(counts)
    kept = np.broadcast_to(np.arange(_DAYS) < _DAYS - 1, (features, _DAYS))
    atoms = np.zeros((features, _CELLS), dtype=bool)
    began = time.process_time()
    unusual(numeric_scores(cells, kept, atoms), np.arange(_DAYS), kept)
    seconds = time.process_time() - began
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(f"{features:,} features x 60 days: {seconds:.2f} s, {most:.0f} MB\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
