"""Tables of counts from a few rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.bias.table import GroupTable

if TYPE_CHECKING:
    from numpy.typing import NDArray


def single(
    facet: NDArray[np.bool_],
    label: NDArray[np.bool_] | None = None,
    prediction: NDArray[np.bool_] | None = None,
) -> GroupTable:
    """The table of rows without groups; each array says what holds of every row."""
    empty = np.zeros(len(facet), dtype=bool)
    label = empty if label is None else label
    prediction = empty if prediction is None else prediction
    codes = (facet * 4 + label * 2 + prediction).astype(np.int64)
    counts = np.bincount(codes, minlength=8).astype(np.float64).reshape(2, 2, 2, 1)
    return GroupTable(counts=counts, weighted=np.ones(1, dtype=bool))
