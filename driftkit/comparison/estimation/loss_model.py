"""Evaluates a model of a regression's errors: the error that is to be expected of each row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from driftkit.comparison.arrays import Floats, Truths
    from driftkit.comparison.estimation.loss_parts import Feature, LossModel, Member, Tree

    Codes = NDArray[np.uint8]
    Indices = NDArray[np.intp]

# Numbers from here on stand for texts; no quantity is so large.
TEXTS = 2.0**1000
_EXPONENT = np.uint64(0x7E7 << 52)
_SHIFT = np.uint64(12)
# Rows that stay in the processor's cache.
_ROWS = 16_384


def text_numbers(hashes: NDArray[np.uint64]) -> Floats:
    """The numbers that stand for texts, by 52 bits of their hashes: from 2**1000 to 2**1001.

    A table of texts and numbers is an array of doubles by it.
    """
    return ((hashes >> _SHIFT) | _EXPONENT).view(np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What is expected of rows.

    Attributes:
        absolute: the absolute error of each row, as each member of the model says; shape (members,
            rows).
        squared: the squared error likewise.
        outside: whether its inputs are beyond all of the reference's.
    """

    absolute: Floats
    squared: Floats
    outside: Truths


def expected_of(model: LossModel, columns: Sequence[Floats]) -> Expected:
    """The errors that are to be expected of rows.

    Args:
        model: of the errors.
        columns: the values of each of its features; NaN where there is none.
    """
    outside = np.zeros(len(columns[0]), np.bool_)
    for feature, values in zip(model.features, columns, strict=True):
        outside |= _outside(feature, values)
    inputs = [
        indices_of(feature, values) if feature.is_text else np.where(values < TEXTS, values, np.nan)
        for feature, values in zip(model.features, columns, strict=True)
    ]
    sums = np.array([_sums(model, each, inputs) for each in model.members])
    # Sums of trees may be below what an error can be.
    np.maximum(sums, 0.0, out=sums)
    return Expected(absolute=sums[:, 0], squared=sums[:, 1], outside=outside)


def _sums(model: LossModel, member: Member, inputs: Sequence[Floats | Indices]) -> Floats:
    """Both errors of each row as a member says, shape (2, rows)."""
    asked = [
        order_of(codes)[values] if feature.is_text else values
        for feature, codes, values in zip(model.features, member.codes, inputs, strict=True)
    ]
    trees = [
        (_questions(model, each), np.array(each.absolute), np.array(each.squared))
        for each in member.trees
    ]
    sums = np.empty((2, len(inputs[0])))
    sums[0], sums[1] = member.absolute, member.squared
    for start in range(0, sums.shape[1], _ROWS):
        rows = slice(start, start + _ROWS)
        some = [each[rows] for each in asked]
        for questions, absolute, squared in trees:
            leaves = leaves_of(questions, some)
            sums[0, rows] += absolute.take(leaves)
            sums[1, rows] += squared.take(leaves)
    return sums


def leaves_of(
    questions: Sequence[tuple[int, float]], columns: Sequence[NDArray[Any]] | Codes
) -> Indices:
    """The number of each row's leaf.

    Args:
        questions: of each level of a tree: the feature, and what a greater value adds a bit 1 for.
        columns: the values of each feature, or their codes.
    """
    leaves = np.zeros(len(columns[0]), np.uint8)
    for feature, above in questions:
        leaves <<= 1
        leaves |= columns[feature] > above
    return leaves.astype(np.intp)


def _questions(model: LossModel, tree: Tree) -> list[tuple[int, float]]:
    """A tree's questions, of numbers by the edge that a greater code is beyond.

    It is sooner to compare numbers than to find their codes; what is missing is above nothing.
    """
    found = []
    for at, above in zip(tree.features, tree.above, strict=True):
        feature = model.features[at]
        edges = (-np.inf, *feature.edges)
        found.append((at, float(above) if feature.is_text else edges[above]))
    return found


def codes_of(feature: Feature, values: Floats) -> Codes:
    """The codes of numbers; of categories their indices."""
    if feature.is_text:
        return indices_of(feature, values).astype(np.uint8)
    # Texts among numbers say nothing.
    present = values < TEXTS
    codes = np.zeros(len(values), np.uint8)
    codes[present] = 1 + np.searchsorted(feature.edges, values[present], side="left")
    return codes


def indices_of(feature: Feature, values: Floats) -> Indices:
    """The index of each value among the categories, then of all others, then of a missing value."""
    categories = np.array([*feature.categories, np.inf])
    at = np.searchsorted(categories[:-1], values)
    other = len(feature.categories)
    return np.where(np.isnan(values), other + 1, np.where(categories[at] == values, at, other))


def order_of(codes: Sequence[int]) -> Codes:
    """The code of each place."""
    return np.array([*codes, 0], np.uint8)


def _outside(feature: Feature, values: Floats) -> Truths:
    """Whether each value is one that no row of the reference has."""
    if feature.low is None or feature.high is None:
        indices, other = indices_of(feature, values), len(feature.categories)
        beyond, missing = (indices == other) & (not feature.others), indices > other
    else:
        beyond = (values < feature.low) | ((values > feature.high) & (values < TEXTS))
        missing = ~(values < TEXTS)
    found: Truths = beyond if feature.missing else beyond | missing
    return found
