"""Predicts with ONNX models: input columns by type, an output for each target."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from driftkit.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from driftkit.explain.rows import Rows

# What ONNX calls types, in numpy's words.
_TYPES = {"bool": "bool", "double": "float64", "float": "float32", "float16": "float16"}
_TYPES |= {f"{sign}int{bits}": f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)}


def ask_onnx(session: Any, rows: Rows) -> NDArray[Any]:
    """A model's answers, shape (rows, outputs).

    Of a classifier, which gives labels first, the probabilities, of one class where there are two;
    of several targets those of each; of what has no labels all numbers.

    Raises:
        InputError: it takes a type that features do not have, or answers with no numbers.
    """
    wanted = session.get_inputs()
    if len(wanted) == 1:
        columns = [rows.column(index) for index in range(len(rows.names))]
        given = {wanted[0].name: np.column_stack([_typed(each, wanted[0]) for each in columns])}
    else:
        given = {
            each.name: _typed(rows.column(index), each)[:, None]
            for index, each in enumerate(wanted)
        }
    return np.column_stack(_scores(session.run(None, given), len(rows)))


def _typed(values: NDArray[Any], wanted: Any) -> NDArray[Any]:
    """A column of a type that an input takes.

    Raises:
        ValueError: a value is none of it, such as a missing one among integers.
    """
    kind = str(wanted.type).removeprefix("tensor(").removesuffix(")")
    if kind == "string":
        return np.array(["" if each is None else _text(each) for each in values.tolist()], object)
    if kind not in _TYPES:
        raise InputError(
            "the ONNX model takes an input that no feature is",
            where=f"input {wanted.name!r}",
            expected="tensors of numbers, truth values or strings",
            found=str(wanted.type),
            todo="Export the model with an input for each feature, or one for all",
        )
    numbers = np.array(values, dtype=np.float64)
    if "float" in _TYPES[kind]:
        return numbers.astype(_TYPES[kind])
    if not (numbers == np.floor(numbers)).all() or np.isinf(numbers).any():
        raise ValueError(f"input {wanted.name!r} takes {kind}, and a value is broken or missing")
    return numbers.astype(_TYPES[kind])


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _scores(answered: Sequence[Any], rows: int) -> list[NDArray[Any]]:
    """What is explained, shapes (rows, ...): of classifiers the probabilities, which come last."""
    first, last = answered[0], answered[-1]
    labels = None if isinstance(first, list) else np.asarray(first)
    if len(answered) == 1 or labels is None or labels.dtype.kind not in "iuOUSb":
        return [np.asarray(each).reshape(rows, -1) for each in answered]
    if isinstance(last, list) and last and isinstance(last[0], dict):
        return [positive(np.array([[*each.values()] for each in last]))]
    targets = labels.reshape(rows, -1).shape[1]
    if targets == 1:
        return [positive(np.asarray(last).reshape(rows, -1))]
    # Of several targets each has its own classes, or the probability of being there.
    plain = not isinstance(last, list) and np.asarray(last).ndim == 2
    return [np.asarray(last)] if plain else [positive(np.asarray(each)) for each in last]


def positive(probabilities: NDArray[Any]) -> NDArray[Any]:
    """The second of two classes, which says all; more classes as they are."""
    two = probabilities.ndim == 2 and probabilities.shape[1] == 2
    return probabilities[:, 1] if two else probabilities
