"""Fits a model of errors to labelled rows: boosted trees that ask one question at each level."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.estimation.loss_model import TEXTS, codes_of, leaves_of, order_of
from driftkit.comparison.estimation.loss_parts import Feature, Member, Tree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftkit.comparison.arrays import Floats, Integers
    from driftkit.comparison.estimation.loss_model import Codes

TREES = 60
_DEPTH = 3
_RATE = 0.2
# A leaf's mean counts as if so many rows more had no error left.
_SHRINK = 5.0
_LEAST_ROWS = 20.0
# Codes of a feature; the first is of missing values.
_CODES = 64
# Shares of the rows between the edges of numbers, and beyond the outer ones.
_MIDDLE, _ENDS = 48, 2.0 ** -np.arange(11, 5, -1)
# Of more features each tree looks at so many, drawn anew: the time is bounded.
_LOOKED_AT = 16
_SEED = 53


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LossRows:
    """Labelled rows and their errors.

    Attributes:
        names: of the features, the prediction's first.
        columns: their values; NaN where there is none.
        absolute: the absolute error of each row.
        squared: the squared error.
        weights: how many rows each stands for.
    """

    names: tuple[str, ...]
    columns: tuple[Floats, ...]
    absolute: Floats
    squared: Floats
    weights: Floats

    @property
    def errors(self) -> Floats:
        """Both errors of each row, shape (rows, 2)."""
        return np.column_stack([self.absolute, self.squared])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Coded:
    """The same rows as trees look at them.

    Attributes:
        rows: with their errors.
        features: how their values are told apart.
        codes: of numbers, and the indices of categories; shape (features, rows).
    """

    rows: LossRows
    features: tuple[Feature, ...]
    codes: Codes

    @classmethod
    def of(cls, rows: LossRows) -> Coded:
        """The codes of rows, whatever their errors are."""
        features = tuple(map(_feature, rows.names, rows.columns))
        codes = np.array([*map(codes_of, features, rows.columns)], np.uint8)
        return cls(rows=rows, features=features, codes=codes)

    def ordered(self, member: Member) -> Codes:
        """The codes with those that a member gives to categories."""
        codes = self.codes.copy()
        for at, each in enumerate(member.codes):
            if each:
                codes[at] = order_of(each)[self.codes[at]]
        return codes


def fitted(coded: Coded, weights: Floats) -> Member:
    """A sum of trees, as many as find something to ask for, up to `TREES`.

    Least squares by gradient boosting (Friedman 2001) with the symmetric trees of CatBoost
    (Prokhorenkova and others 2018), of quantile codes. The absolute errors choose the questions,
    for squares are of a few rows; both have values of their own.

    Args:
        coded: the rows.
        weights: how often each counts; 0 where it is held out.
    """
    base = np.average(coded.rows.errors, axis=0, weights=weights)
    left, random = coded.rows.errors - base, np.random.default_rng(_SEED)
    none = Member(
        absolute=float(base[0]),
        squared=float(base[1]),
        codes=_orders(coded, weights, left[:, 0]),
        trees=(),
    )
    codes, made = coded.ordered(none), []
    for _ in range(TREES):
        looked_at = np.sort(random.permutation(len(codes))[:_LOOKED_AT])
        questions = _questions(codes, looked_at, weights, left[:, 0])
        if not questions:
            break
        leaves, count = leaves_of(questions, codes), 1 << len(questions)
        many = np.bincount(leaves, weights, count) + _SHRINK
        absolute, squared = (
            np.bincount(leaves, weights * each, count) / many * _RATE for each in left.T
        )
        left -= np.column_stack([absolute[leaves], squared[leaves]])
        asked, above = zip(*questions, strict=True)
        made.append(
            Tree(
                features=asked,
                above=above,
                absolute=tuple(absolute.tolist()),
                squared=tuple(squared.tolist()),
            )
        )
    return replace(none, trees=tuple(made))


def stages_of(member: Member, coded: Coded) -> Iterator[Floats]:
    """Both errors that are expected of rows by no tree, by the first, the first two, and so on."""
    codes = coded.ordered(member)
    total = np.tile((member.absolute, member.squared), (codes.shape[1], 1))
    yield total
    for tree in member.trees:
        values = np.column_stack([tree.absolute, tree.squared])
        total = total + values[leaves_of([*zip(tree.features, tree.above, strict=True)], codes)]
        yield total


def _questions(
    codes: Codes, looked_at: Integers, weights: Floats, left: Floats
) -> list[tuple[int, int]]:
    """At each level the feature and code that leave the least of what is left."""
    width, rows = len(looked_at), codes.shape[1]
    indices = codes[looked_at] + (np.arange(width) * _CODES)[:, None]
    leaves, found = np.zeros(rows, np.int64), []
    many, lost = np.tile(weights, width), np.tile(weights * left, width)
    for level in range(_DEPTH):
        parts = 1 << level
        cells = (indices + leaves * (width * _CODES)).ravel()
        below, sums = (
            np.bincount(cells, each, parts * width * _CODES).reshape(parts, width, _CODES).cumsum(2)
            for each in (many, lost)
        )
        all_rows, all_lost = below[..., -1:], sums[..., -1:]
        beyond = all_rows - below
        gains = (
            sums**2 / (below + _SHRINK)
            + (all_lost - sums) ** 2 / (beyond + _SHRINK)
            - all_lost**2 / (all_rows + _SHRINK)
        )
        enough = (below >= _LEAST_ROWS) & (beyond >= _LEAST_ROWS)
        gain = np.where(enough, gains, 0.0).sum(axis=0)
        best, above = (int(at) for at in np.unravel_index(gain.argmax(), gain.shape))
        if gain[best, above] <= 0:
            break
        feature = int(looked_at[best])
        found.append((feature, above))
        leaves = leaves * 2 + (codes[feature] > above)
    return found


def _feature(name: str, values: Floats) -> Feature:
    """How a column's values are told apart: numbers by quantiles, finer at both ends."""
    present = ~np.isnan(values)
    texts = present & (values >= TEXTS)
    if 2 * np.count_nonzero(texts) > np.count_nonzero(present):
        return _categories(name, values[present], missing=not present.all())
    numbers = values[present & ~texts]
    if not len(numbers):
        return Feature(name=name, low=0.0, high=0.0, missing=True)
    # Windows move into what are few rows of the reference.
    ends = [each for each in _ENDS if each * len(numbers) >= _LEAST_ROWS]
    shares = [*ends, *np.linspace(0, 1, _MIDDLE + 1)[1:-1], *(1 - each for each in ends)]
    edges = np.unique(np.quantile(numbers, shares, method="lower"))
    return Feature(
        name=name,
        edges=tuple(edges.tolist()),
        low=float(numbers.min()),
        high=float(numbers.max()),
        missing=len(numbers) < len(values),
    )


def _categories(name: str, values: Floats, *, missing: bool) -> Feature:
    """The most frequent categories, of rows enough each."""
    found, counts = np.unique(values, return_counts=True)
    kept = np.sort(np.argsort(-counts, kind="stable")[: _CODES - 2])
    kept = kept[counts[kept] >= _LEAST_ROWS]
    return Feature(
        name=name,
        categories=tuple(found[kept].tolist()),
        others=len(kept) < len(found),
        missing=missing,
    )


def _orders(coded: Coded, weights: Floats, left: Floats) -> tuple[tuple[int, ...], ...]:
    """The codes of categories by their mean error; that of all others is between them."""
    orders: list[tuple[int, ...]] = []
    for feature, indices in zip(coded.features, coded.codes, strict=True):
        known = len(feature.categories)
        many, sums = (
            np.bincount(indices, each, known + 2)[:known] for each in (weights, weights * left)
        )
        # A category of few rows is near the mean of all, which is 0.
        ranks = np.append(sums / (many + _LEAST_ROWS), 0.0).argsort(kind="stable").argsort()
        orders.append(tuple((1 + ranks).tolist()) if feature.is_text else ())
    return tuple(orders)
