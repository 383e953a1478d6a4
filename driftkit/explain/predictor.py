"""The protocol of predictors, and predictions that go on where a model fails for some rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from driftkit.errors import DriftkitError, InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from driftkit.explain.rows import Rows

    Check = Callable[[Any, int, str], NDArray[Any]]


class Predictor(Protocol):
    """A model. It is pickled and sent to the workers, where it is loaded once."""

    def predict(self, rows: Rows) -> NDArray[np.float64]:
        """Predictions, shape (rows, outputs); NaN where the model cannot answer."""


class UnansweredError(InputError):
    """A model fails for every row that it was asked about."""


class RefusedError(Exception):
    """A model was reached but refuses these rows, of which some may be answered alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a model answered.

    Attributes:
        answers: shape (rows, outputs); None where it failed for every row.
        error: of the first row that it failed for.
    """

    answers: NDArray[Any] | None
    error: Exception | None = None


def answers(
    ask: Callable[[Rows], Any], rows: Rows, name: str, check: Check | None = None
) -> NDArray[Any]:
    """The answers of a model to some rows, those that it fails for as NaN.

    A model that fails is asked again about each half, so that one bad row costs itself only.

    Args:
        ask: the model.
        rows: what it is asked about.
        name: of the model, for messages.
        check: makes an array of shape (rows, outputs) of an answer; None for one of numbers.

    Raises:
        UnansweredError: it fails for every row.
        InputError: its answers are no numbers or too few.
    """
    found = _halved(ask, rows, name, check or checked)
    if found.answers is None:
        raise UnansweredError(
            "the model fails for every row",
            where=name,
            expected="predictions",
            found=f"{type(found.error).__name__}: {found.error}",
            todo="Check that it takes these features in this order: " + ", ".join(rows.names[:10]),
        ) from found.error
    return found.answers


def answers_or_nan(
    ask: Callable[[Rows], NDArray[np.float64]], rows: Rows, outputs: int
) -> NDArray[np.float64]:
    """As `answers`, with NaN where a model that can answer fails for every one of these rows.

    Args:
        ask: gives an array of shape (rows, outputs), or raises UnansweredError.
        rows: what it is asked about.
        outputs: numbers that it gives for a row.
    """
    try:
        return ask(rows)
    except UnansweredError:
        return np.full((len(rows), outputs), np.nan)


def _halved(ask: Callable[[Rows], Any], rows: Rows, name: str, check: Check) -> Asked:
    try:
        return Asked(answers=check(ask(rows), len(rows), name))
    except DriftkitError:
        raise
    except Exception as error:  # noqa: BLE001  (a user's model may raise anything)
        if len(rows) <= 1:
            return Asked(answers=None, error=error)
    middle = len(rows) // 2
    halves = [
        (len(part), _halved(ask, rows.with_values(part), name, check))
        for part in (rows.values[:middle], rows.values[middle:])
    ]
    known = [found.answers for _, found in halves if found.answers is not None]
    failed = next((found.error for _, found in halves if found.error is not None), None)
    if not known:
        return Asked(answers=None, error=failed)
    outputs = known[0].shape[1]
    parts = [
        np.full((count, outputs), np.nan) if found.answers is None else found.answers
        for count, found in halves
    ]
    return Asked(answers=np.concatenate(parts), error=failed)


def checked(answered: Any, rows: int, name: str) -> NDArray[np.float64]:
    """Answers as numbers, shape (rows, outputs).

    Raises:
        InputError: they are no numbers, or not one a row.
    """
    try:
        values = np.asarray(answered, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(
            "the model's answers are no numbers",
            where=name,
            expected="a number, or a number a label, for each row",
            found=repr(answered)[:80],
            todo="Let it answer with scores or probabilities",
        ) from error
    if values.ndim == 1:
        values = values[:, None]
    if values.ndim != 2 or len(values) != rows:
        raise InputError(
            "the model's answers have another shape",
            where=name,
            expected=f"({rows},) or ({rows}, labels)",
            found=str(np.asarray(answered).shape),
            todo="Let it answer each row, in their order",
        )
    return values
