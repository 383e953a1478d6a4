"""KernelSHAP: Shapley values of any model, by weighted least squares over coalitions."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from driftkit.errors import InputError, SettingsError
from driftkit.explain.coalitions import Coalitions, coalitions
from driftkit.explain.explainer import Attributions
from driftkit.explain.predictor import answers_or_nan

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from driftkit.explain.coalitions import Coalitions
    from driftkit.explain.predictor import Predictor
    from driftkit.explain.rows import Rows

# Values of mixed rows that are in memory at a time.
BATCH_VALUES = 1_000_000
SMALLEST_ODDS = 1e-15


@dataclass(frozen=True, kw_only=True)
class KernelExplainer:
    """Mixes each row with background rows and asks the model.

    Attributes:
        predictor: the model.
        background: rows whose values stand for "unknown"; their predictions are averaged.
        samples: coalitions asked about; None for the default.
        seed: of the coalitions, which are the same for all rows.
        logit: whether log-odds of the predictions are explained.
        explained: features to explain; the others always keep their value. None for all.
    """

    predictor: Predictor
    background: Rows
    samples: int | None = None
    seed: int = 0
    logit: bool = False
    explained: tuple[int, ...] | None = None
    batch_values: int = field(default=BATCH_VALUES, repr=False)

    @property
    def name(self) -> str:
        """The method's name."""
        exact = "exact, all coalitions" if self.coalitions.complete else "KernelSHAP"
        return f"{exact} ({len(self.coalitions.members):,} coalitions)"

    @property
    def outputs(self) -> int:
        """Numbers that the model gives for a row."""
        return len(self.expected)

    @cached_property
    def players(self) -> NDArray[np.intp]:
        """Places of the features that are explained."""
        indices = range(len(self.background.names)) if self.explained is None else self.explained
        return np.array(list(indices), dtype=np.intp)

    @cached_property
    def coalitions(self) -> Coalitions:
        """The questions, the same for all rows."""
        return coalitions(len(self.players), self.samples, self.seed)

    @cached_property
    def solver(self) -> Projection:
        """From answers to attributions."""
        return projection(self.coalitions)

    @cached_property
    def expected(self) -> NDArray[np.float64]:
        """The mean prediction of the background, shape (outputs,).

        Raises:
            InputError: the model cannot answer it.
        """
        answered = self.predictor.predict(self.background)
        if not np.isfinite(answered).all():
            raise InputError(
                "the model cannot answer the baseline rows",
                where="methods.shap.baseline",
                expected="a number for each row",
                found=f"{np.count_nonzero(~np.isfinite(answered))} missing or infinite answers",
                todo="Give baseline rows that the model can answer",
            )
        return self._linked(answered.mean(axis=0))

    def explain(self, rows: Rows) -> Attributions:
        """Shapley values of some rows, in batches that bound the memory."""
        per_row = (len(self.coalitions.members) + 1) * len(self.background) * len(rows.names)
        step = max(1, self.batch_values // max(per_row, 1))
        parts = [
            self._batch(rows.with_values(rows.values[at : at + step]))
            for at in range(0, len(rows), step)
        ]
        self._check(rows)
        shape = (0, len(rows.names), self.outputs)
        values = np.concatenate(parts) if parts else np.zeros(shape)
        return Attributions(values=values, expected=self.expected)

    def _check(self, rows: Rows) -> None:
        if rows.names != self.background.names:
            raise InputError(
                "the rows have other features than the baseline",
                where="data",
                expected=", ".join(self.background.names[:10]),
                found=", ".join(rows.names[:10]),
                todo="Give the baseline the data's features, in the same order",
            )

    def _batch(self, rows: Rows) -> NDArray[np.float64]:
        """Attributions, NaN in rows that the model does not answer."""
        answered = answers_or_nan(self.predictor.predict, rows, self.outputs)
        known = np.isfinite(answered).all(axis=1)
        values = np.full((len(rows), len(rows.names), self.outputs), np.nan)
        if known.any():
            values[known] = self._known(
                rows.with_values(rows.values[known]), self._linked(answered[known])
            )
        return values

    def _known(self, rows: Rows, plain: NDArray[np.float64]) -> NDArray[np.float64]:
        if self.explained is None:
            empty = np.broadcast_to(self.expected, plain.shape)
        else:
            empty = self._answers(rows, np.zeros((1, len(self.players)), dtype=bool))[:, 0]
        answers = self._answers(rows, self.coalitions.members) - empty[:, None, :]
        found = self.solver.attributions(answers, plain - empty)
        values = np.zeros((len(rows), len(rows.names), plain.shape[1]))
        values[:, self.players] = found
        return values

    def _answers(self, rows: Rows, members: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Mean predictions with the members' values, shape (rows, coalitions, outputs)."""
        if not len(members):
            return np.zeros((len(rows), 0, self.outputs))
        keeps = np.ones((len(members), len(rows.names)), dtype=bool)
        keeps[:, self.players] = members
        total = None
        for other in self.background.values:
            mixed = np.where(keeps, rows.values[:, None, :], other)
            asked = rows.with_values(mixed.reshape(-1, len(rows.names)))
            flat = answers_or_nan(self.predictor.predict, asked, self.outputs)
            answered = flat.reshape(len(rows), len(members), -1)
            total = answered if total is None else total + answered
        assert total is not None  # noqa: S101  (there is at least one background row)
        return self._linked(total / len(self.background))

    def _linked(self, predictions: NDArray[np.float64]) -> NDArray[np.float64]:
        if not self.logit:
            return predictions
        kept = np.clip(predictions, SMALLEST_ODDS, 1 - SMALLEST_ODDS)
        return np.asarray(np.log(kept / (1 - kept)))


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
