"""The protocol of explainers, and the attributions that they return."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from driftkit.explain.rows import Rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Attributions:
    """Why a model predicted what it predicted.

    Attributes:
        values: shape (rows, features, outputs); what each feature added, NaN in a row that the
            model could not answer.
        expected: shape (outputs,); the prediction when no feature is known.
    """

    values: NDArray[np.float64]
    expected: NDArray[np.float64]

    @property
    def rejected(self) -> NDArray[np.bool_]:
        """Which rows could not be explained, shape (rows,)."""
        return np.asarray(np.isnan(self.values).any(axis=(1, 2)), dtype=np.bool_)


class Explainer(Protocol):
    """Attributes predictions to features. It is pickled and sent to the workers."""

    @property
    def name(self) -> str:
        """What people call the method."""

    @property
    def outputs(self) -> int:
        """Numbers that the model gives for a row."""

    @property
    def expected(self) -> NDArray[np.float64]:
        """The prediction when no feature is known, shape (outputs,)."""

    def explain(self, rows: Rows) -> Attributions:
        """The attributions of some rows."""
