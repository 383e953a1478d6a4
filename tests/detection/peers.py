"""Rules of other tools, written again on the same cells, that judge the same days."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import chdtrc, kolmogorov, ndtri, rel_entr

from driftkit.comparison.detection.false_discoveries import benjamini_hochberg

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftkit.comparison.arrays import Floats, Integers, Truths

_BINS = 10
_LEAST = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Peers:
    """What other tools say of a day; arrays by feature.

    Attributes:
        robust: SageMaker's robust comparison, above its threshold of 0.1.
        stability: population stability index above 0.2.
        evidently: Wasserstein's distance of numbers above 0.1 deviations, here of normal scores, or
            Jensen and Shannon's of categories above 0.1.
        p: p-values of Kolmogorov and Smirnov's test, or of chi-square.
        deviations: NannyML's Jensen-Shannon distance, in deviations of the reference's days from
            their mean; more than 3 is its alarm.
    """

    robust: Truths
    stability: Truths
    evidently: Truths
    p: Floats
    deviations: Floats


def alarms(found: Sequence[Peers]) -> dict[str, bool]:
    """Whether any feature of a table raises an alarm, by rule."""
    p = np.concatenate([each.p for each in found])
    return {
        "SageMaker": any(each.robust.any() for each in found),
        "PSI": any(each.stability.any() for each in found),
        "Evidently": any(each.evidently.any() for each in found),
        "tests": bool(benjamini_hochberg(p, 0.05).any()),
        "NannyML": any((each.deviations > 3).any() for each in found),
    }


def of_numbers(day: Integers, reference: Integers) -> Peers:
    """Rules for numbers.

    Args:
        day: counts, features by cells.
        reference: counts, features by days by cells.
    """
    n, m, q, p = _shares(day, reference)
    below = p.cumsum(axis=1)
    gap = np.abs(q.cumsum(axis=1) - below)
    root, widest = np.sqrt(n * m / (n + m)), gap.max(axis=1)
    normal = ndtri(np.clip(below - p / 2, _LEAST, 1 - _LEAST))
    # Cells of the same tenth of the reference are one bin.
    tenth = np.minimum((below * (_BINS - 1e-3)).astype(np.int64), _BINS - 1)
    bins = np.asarray(tenth[..., None] == np.arange(_BINS), dtype=np.float64)
    return Peers(
        robust=widest - 1.8 / root > 0.1,
        stability=_stability((q[:, None] @ bins)[:, 0], (p[:, None] @ bins)[:, 0]),
        evidently=(gap[:, :-1] * np.diff(normal, axis=1)).sum(axis=1) >= 0.1,
        p=kolmogorov((root + 0.12 + 0.11 / root) * widest),
        deviations=_deviations((day[:, None] @ bins)[:, 0], reference @ bins),
    )


def of_categories(day: Integers, reference: Integers) -> Peers:
    """Rules for categories; the arguments are those of numbers."""
    n, m, q, p = _shares(day, reference)
    r = reference.sum(axis=1)
    both = np.maximum(day + r, _LEAST)
    window, own = (both * (each / (n + m))[:, None] for each in (n, m))
    terms = (day - window) ** 2 / window + (r - own) ** 2 / own
    some = day + r > 0
    return Peers(
        robust=np.abs(q - p).max(axis=1) - 1.8 * np.sqrt((n + m) / (n * m)) > 0.1,
        stability=_stability(q, p),
        evidently=_jensen_shannon(q, p) * np.sqrt(np.log(2)) >= 0.1,
        p=chdtrc(np.maximum(some.sum(axis=1) - 1, 1), (terms * some).sum(axis=1)),
        deviations=_deviations(day.astype(np.float64), reference.astype(np.float64)),
    )


def _shares(day: Integers, reference: Integers) -> tuple[Floats, Floats, Floats, Floats]:
    r = reference.sum(axis=1)
    n, m = (np.maximum(each.sum(axis=1), 1).astype(np.float64) for each in (day, r))
    return n, m, day / n[:, None], r / m[:, None]


def _stability(q: Floats, p: Floats) -> Truths:
    q, p = np.maximum(q, _LEAST), np.maximum(p, _LEAST)
    return np.asarray(((q - p) * np.log(q / p)).sum(axis=1) > 0.2)


def _deviations(day: Floats, reference: Floats) -> Floats:
    mean = reference.sum(axis=1)
    own = _jensen_shannon(reference, mean[:, None])
    deviation = np.maximum(own.std(axis=1), 1e-9)
    return np.asarray((_jensen_shannon(day, mean) - own.mean(axis=1)) / deviation)


def _jensen_shannon(one: Floats, other: Floats) -> Floats:
    """The distance of counts, with the binary logarithm."""
    p, q = (each / np.maximum(each.sum(axis=-1, keepdims=True), 1e-12) for each in (one, other))
    middle = (p + q) / 2
    parts = rel_entr(p, middle) + rel_entr(q, middle)
    return np.asarray(np.sqrt(np.maximum(parts.sum(axis=-1), 0) / 2 / np.log(2)))
