"""The weighted least squares of KernelSHAP, factorised once for all rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from driftkit.errors import SettingsError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from driftkit.explain.coalitions import Coalitions


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection:
    """Turns what the model answered to each coalition into attributions.

    The weighted least squares with the constraint that attributions sum up to the prediction
    less the expected value have a solution linear in the answers (Covert, Lee, "Improving
    KernelSHAP", 2021, equation 7), so that rows only cost a product of matrices.

    Attributes:
        of_answers: shape (features, coalitions).
        of_total: shape (features,).
    """

    of_answers: NDArray[np.float64]
    of_total: NDArray[np.float64]

    def attributions(
        self, answers: NDArray[np.float64], totals: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Shapley values.

        Args:
            answers: shape (rows, coalitions, outputs); less the expected value.
            totals: shape (rows, outputs); prediction less the expected value.

        Returns:
            Shape (rows, features, outputs).
        """
        values = np.matmul(self.of_answers, answers)
        return np.asarray(values + self.of_total[:, None] * totals[:, None, :])


def projection(chosen: Coalitions) -> Projection:
    """The projection of some coalitions.

    Raises:
        SettingsError: there are too few coalitions to tell the features apart.
    """
    members = chosen.members.astype(np.float64)
    features = members.shape[1]
    if features == 1:
        return Projection(of_answers=np.zeros((1, len(members))), of_total=np.ones(1))
    weighted = members * chosen.weights[:, None]
    normal = members.T @ weighted
    if np.linalg.matrix_rank(normal) < features:
        raise SettingsError(
            "so few coalitions cannot tell the features apart",
            where="num_samples",
            expected=f"at least {2 * features} for {features} features",
            found=str(len(members)),
            todo="Raise num_samples, or leave it out",
        )
    inverse = np.linalg.inv(normal)
    # The multiplier of the constraint shares out evenly what plain least squares leave.
    share = inverse.sum(axis=1) / inverse.sum()
    plain = inverse @ weighted.T
    return Projection(of_answers=plain - np.outer(share, plain.sum(axis=0)), of_total=share)
