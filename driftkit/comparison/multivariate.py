"""Tells two tables of rows apart by all columns together: classifier, kernel, reconstruction.

Distances of single columns do not see columns that change together; these do, and need rows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.cell_counts import Measured
from driftkit.comparison.probabilities import normal_two_sided
from driftkit.comparison.quality_intervals import hanley_mcneil
from driftkit.extras import library

if TYPE_CHECKING:
    from driftkit.comparison.arrays import Floats, Truths

_SEED = 20_301
_NORMAL_95 = 1.959963984540054
# Rows of a side: a kernel compares every row with every other.
_CLASSIFIED, _COMPARED = 5_000, 1_000
_PERMUTATIONS = 500
_FOLDS = 5
# Categories that a classifier of scikit-learn can tell apart.
_CATEGORIES = 254
# The share of the variance that the components keep: NannyML's.
_KEPT = 0.65


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rows:
    """Rows of a window and of its baseline as numbers.

    Attributes:
        now: rows by columns; NaN where there is no value. Text is the number of its category, by
            their order in the baseline from 0 on, and -1 where the baseline has it not.
        before: the same of the baseline.
        texts: by column, whether it is text.
    """

    now: Floats
    before: Floats
    texts: Truths

    def sampled(self, most: int) -> Rows:
        """At most so many rows of either side, drawn with a fixed seed."""
        random = np.random.default_rng(_SEED)
        now, before = (
            each if len(each) <= most else each[random.choice(len(each), most, replace=False)]
            for each in (self.now, self.before)
        )
        return Rows(now=now, before=before, texts=self.texts)

    def scaled(self) -> tuple[Floats, Floats]:
        """Both sides in standard deviations of the baseline from its mean.

        A category is its share in the baseline, what is missing the mean or most frequent one.
        """
        columns = [self._column(at) for at in range(len(self.texts))]
        now, before = (np.column_stack(each) for each in zip(*columns, strict=True))
        mean, deviation = before.mean(axis=0), before.std(axis=0)
        unit = np.where(deviation > 0, deviation, 1.0)
        return (now - mean) / unit, (before - mean) / unit

    def _column(self, at: int) -> tuple[Floats, Floats]:
        now, before = self.now[:, at], self.before[:, at]
        known = before[np.isfinite(before)]
        if not self.texts[at]:
            mean = float(known.mean()) if len(known) else 0.0
            filled = (np.where(np.isfinite(each), each, mean) for each in (now, before))
            return next(filled), next(filled)
        counts = np.bincount(known.astype(np.int64)) if len(known) else np.zeros(1)
        usual = float(counts.argmax())
        codes = [np.where(np.isfinite(e), e, usual).astype(np.int64) for e in (now, before)]
        shares = np.append(np.bincount(codes[1], minlength=len(counts)) / len(before), 0.0)
        # The last share is that of categories which are not among these rows.
        seen = [np.minimum(each, len(shares) - 1) for each in codes]
        return shares[seen[0]], shares[seen[1]]


def domain_classifier(rows: Rows) -> Measured:
    """AUC of a classifier that tells the window's rows from the baseline's, of rows it did not see.

    0.5 where nothing tells them apart, 1 where everything does (Lopez-Paz and Oquab, "Revisiting
    classifier two-sample tests", ICLR 2017). Gradient boosted trees of scikit-learn, five folds, at
    most 5,000 rows of either side; the interval is Hanley and McNeil's, the p-value that of Mann and Whitney.

    Raises:
        SettingsError: scikit-learn is not installed.
    """
    ensemble, selection = (
        library(f"sklearn.{name}", "science", "the domain classifier")
        for name in ("ensemble", "model_selection")
    )
    some = rows.sampled(_CLASSIFIED)
    table = np.concatenate([some.now, some.before])
    table[:, some.texts] = np.minimum(table[:, some.texts], _CATEGORIES - 1)
    # Unseen categories are one more.
    table[:, some.texts] = np.where(table[:, some.texts] < 0, _CATEGORIES, table[:, some.texts])
    is_now = np.arange(len(table)) < len(some.now)
    model = ensemble.HistGradientBoostingClassifier(
        max_iter=50, categorical_features=some.texts, random_state=_SEED
    )
    folds = selection.StratifiedKFold(_FOLDS, shuffle=True, random_state=_SEED)
    # Threads that wait for each other cost more than they save on small tables.
    with library("threadpoolctl", "science", "the domain classifier").threadpool_limits(1):
        scores = selection.cross_val_predict(model, table, is_now, cv=folds, method="predict_proba")
    n, m = len(some.now), len(some.before)
    auc = _auc(scores[:n, 1], scores[n:, 1])
    half = _NORMAL_95 * math.sqrt(max(hanley_mcneil(auc, n, m), 0.0))
    z = (auc - 0.5) / math.sqrt((n + m + 1) / (12 * n * m))
    p_value = float(normal_two_sided(z)) / 2
    return Measured(
        value=auc,
        interval=(max(0.0, auc - half), min(1.0, auc + half)),
        p_value=p_value if z > 0 else 1 - p_value,
    )


def _auc(now: Floats, before: Floats) -> float:
    """The share of pairs of rows in which the window's has the higher score, ties counted half."""
    ordered = np.sort(before)
    lower = ordered.searchsorted(now, side="left") + ordered.searchsorted(now, side="right")
    return float(lower.mean()) / (2 * len(ordered))


def kernel_discrepancy(rows: Rows) -> Measured:
    """The squared maximum mean discrepancy, 0 on the mean where both sides are of one law.

    Gretton and others, "A kernel two-sample test", JMLR 13, 2012, lemma 6: unbiased, with a Gaussian
    kernel as wide as the median distance of two rows, of at most 1,000 rows of either side. The
    p-value is of 500 permutations; the interval has the variance of the rows' own means, or of the
    permutations where that is greater.
    """
    now, before = rows.sampled(_COMPARED).scaled()
    kernel = _gaussian(np.concatenate([now, before]))
    n, m = len(now), len(before)
    random = np.random.default_rng(_SEED)
    first = np.arange(n + m) < n
    labels = np.stack([first, *(random.permutation(first) for _ in range(_PERMUTATIONS))], axis=1)
    value, *permuted = _discrepancies(kernel, labels.astype(np.float64)).tolist()
    within = kernel[:n, :n].sum(axis=1) / (n - 1) - kernel[:n, n:].mean(axis=1)
    without = kernel[n:, n:].sum(axis=1) / (m - 1) - kernel[n:, :n].mean(axis=1)
    own = 4 * float(within.var()) / n + 4 * float(without.var()) / m
    half = _NORMAL_95 * math.sqrt(max(own, float(np.var(permuted))))
    beaten = sum(each >= value for each in permuted)
    return Measured(
        value=value,
        interval=(value - half, value + half),
        p_value=(beaten + 1) / (_PERMUTATIONS + 1),
    )


def _gaussian(points: Floats) -> Floats:
    """The kernel of all pairs, 0 of a row with itself."""
    norms = (points**2).sum(axis=1)
    squares = np.maximum(norms[:, None] + norms - 2 * points @ points.T, 0.0)
    apart = squares[np.triu_indices(len(points), 1)]
    width = float(np.median(apart)) or float(apart.mean()) or 1.0
    kernel = np.exp(-squares / width)
    np.fill_diagonal(kernel, 0.0)
    return np.asarray(kernel)


def _discrepancies(kernel: Floats, labels: Floats) -> Floats:
    """The squared discrepancy of each way to tell the rows apart, a column each."""
    n, m = labels[:, 0].sum(), (1 - labels[:, 0]).sum()
    sums = kernel @ labels
    within, across = (labels * sums).sum(axis=0), ((1 - labels) * sums).sum(axis=0)
    others = kernel.sum() - within - 2 * across
    return np.asarray(within / (n * (n - 1)) + others / (m * (m - 1)) - 2 * across / (n * m))


def reconstruction_error(rows: Rows) -> Measured:
    """How far the window's rows are, on the mean, from the plane of the baseline's main components.

    Columns in the baseline's standard deviations; the first principal components that explain 65 %
    of its variance. NannyML's number (version 0.13.1, Apache-2.0). As rows are near the plane that
    was fitted to them, the p-value is of another plane, of one half of the baseline, from which
    the window's rows and those of the other half are compared.
    """
    errors = _errors(*rows.scaled())
    value = float(errors.mean())
    half = _NORMAL_95 * math.sqrt(float(errors.var()) / len(errors))
    order = np.random.default_rng(_SEED).permutation(len(rows.before))
    fitted, other = np.array_split(rows.before[order], 2)
    both = Rows(now=np.concatenate([rows.now, other]), before=fitted, texts=rows.texts)
    apart = _errors(*both.scaled())
    now, before = apart[: len(rows.now)], apart[len(rows.now) :]
    deviation = math.sqrt(float(now.var()) / len(now) + float(before.var()) / len(before))
    z = float(now.mean() - before.mean()) / deviation if deviation else 0.0
    return Measured(
        value=value,
        interval=(max(0.0, value - half), value + half),
        p_value=float(normal_two_sided(z)),
    )


def _errors(now: Floats, before: Floats) -> Floats:
    """The distance of each row of the first from the plane of the second's components."""
    variances, components = np.linalg.eigh(before.T @ before / len(before))
    order = variances.argsort()[::-1]
    explained = variances[order].cumsum() / max(float(variances.sum()), 1e-300)
    kept = components[:, order[: int(np.searchsorted(explained, _KEPT, side="right")) + 1]]
    return np.asarray(np.linalg.norm(now - now @ kept @ kept.T, axis=1))
