"""Tests whether a day differs by more than days differ among themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from driftkit.comparison.detection.calibration import calibrate, unusual
from driftkit.comparison.detection.cells import Cells
from driftkit.comparison.detection.day_scores import categorical_scores, numeric_scores
from driftkit.comparison.detection.memory import difference
from tests.comparison.detection.drawn import edges_of, reference_of, windows_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from driftkit.comparison.arrays import Floats, Truths
    from driftkit.comparison.detection.evidence import Strongest

_DAYS = 61
_ROWS = 500


def _days(means: Floats, seed: int = 0) -> list[Floats]:
    rng = np.random.default_rng(seed)
    return [rng.normal(mean, size=_ROWS) for mean in means]


def _judged(samples: list[Floats], missing: ArrayLike = 0) -> Strongest:
    edges = edges_of(np.concatenate(samples[:-1]))
    cells = windows_of(samples, edges)
    cells = Cells.of(cells.counts, np.broadcast_to(np.asarray(missing), (1, len(samples))))
    reference = _all_but_the_last(len(samples))
    atoms = np.zeros((1, cells.counts.shape[2]), dtype=bool)
    scores = numeric_scores(cells, reference, atoms)
    return unusual(scores, np.arange(len(samples)), reference)


def _all_but_the_last(days: int) -> Truths:
    kept = np.ones((1, days), dtype=bool)
    kept[0, -1] = False
    return kept


def test_days_that_differ_make_a_difference_ordinary() -> None:
    means = np.random.default_rng(1).normal(0, 0.3, _DAYS)
    means[-1] = 0.5
    samples = _days(means)
    base = np.concatenate(samples[:-1])
    edges = edges_of(base)

    of_sampling = difference(windows_of(samples[-1:], edges), reference_of(base, edges))

    assert of_sampling.p[0] < 1e-9
    assert _judged(samples).p[0] > 0.01


def test_a_move_beyond_all_days_is_unusual() -> None:
    means = np.random.default_rng(2).normal(0, 0.1, _DAYS)
    means[-1] = 1.0

    found = _judged(_days(means))

    assert found.p[0] < 1e-3
    assert found.window.tolist() == [1]


def test_few_of_many_ordinary_days_are_unusual() -> None:
    rng = np.random.default_rng(3)
    p = [_judged(_days(rng.normal(0, 0.2, _DAYS), seed)).p[0] for seed in range(60)]

    assert np.mean(np.array(p) < 0.01) <= 0.05
    assert np.mean(np.array(p) < 0.5) > 0.02


def test_weekdays_are_expected() -> None:
    means = np.random.default_rng(4).normal(0, 0.05, 64) + (np.arange(64) % 7 == 0)
    weekly, off = means.copy(), means.copy()
    off[-1] = means[-2]

    assert _judged(_days(weekly)).p[0] > 0.05
    assert _judged(_days(off)).p[0] < 1e-3


def test_a_trend_of_the_reference_may_go_on() -> None:
    rng = np.random.default_rng(5)
    means = np.linspace(0, 0.6, _DAYS) + rng.normal(0, 0.02, _DAYS)
    turned = means.copy()
    turned[-1] = -0.6

    assert _judged(_days(means)).p[0] > 0.05
    assert _judged(_days(turned)).p[0] < 0.01


def test_nulls_that_no_day_had_are_unusual_at_once() -> None:
    missing = np.zeros(_DAYS, dtype=np.int64)
    missing[-1] = 25

    found = _judged(_days(np.random.default_rng(6).normal(0, 0.3, _DAYS)), missing)

    assert found.p[0] < 1e-6
    assert found.kind == ["nulls"]


def test_a_frozen_column_is_unusual() -> None:
    samples = _days(np.random.default_rng(7).normal(0, 0.3, _DAYS))
    samples[-1] = np.full(_ROWS, 0.1)

    found = _judged(samples)

    assert found.p[0] < 1e-3


def test_a_new_category_that_no_day_had_is_unusual_at_once() -> None:
    rng = np.random.default_rng(8)
    shares = rng.dirichlet(np.full(10, 30.0), _DAYS)
    counts = np.array([[*rng.multinomial(_ROWS, each), 0] for each in shares])
    counts[-1, -1] = 8
    reference = _all_but_the_last(_DAYS)

    found = unusual(categorical_scores(Cells.of(counts), reference), np.arange(_DAYS), reference)

    assert found.p[0] < 0.01
    assert found.kind == ["new categories"]


def test_features_are_judged_as_if_alone() -> None:
    """Also where they have different days and numbers of cells."""
    rng = np.random.default_rng(9)
    first = rng.multinomial(300, rng.dirichlet(np.ones(20)), (1, _DAYS))
    second = rng.multinomial(200, rng.dirichlet(np.ones(20)), (1, _DAYS))
    second[..., 12:] = 0
    reference = np.repeat(_all_but_the_last(_DAYS), 2, axis=0)
    reference[1, 5:20] = False
    dates = np.arange(_DAYS)

    together = categorical_scores(Cells.of(np.concatenate([first, second])), reference)

    for index, counts in enumerate((first, second)):
        own = reference[index : index + 1]
        alone = unusual(categorical_scores(Cells.of(counts), own), dates, own)
        both = unusual(together, dates, reference)
        assert both.p[index] == pytest.approx(alone.p[0], rel=1e-12)
        assert both.kind[index] == alone.kind[0]


def test_variance_between_days_is_told_from_sampling() -> None:
    means = np.random.default_rng(10).normal(0, 0.3, 400)
    samples = _days(means)
    edges = edges_of(np.concatenate(samples))
    cells, kept = windows_of(samples, edges), np.ones((1, 400), dtype=bool)

    scores = numeric_scores(cells, kept, np.zeros((1, cells.counts.shape[2]), dtype=bool))
    known = calibrate(scores, np.arange(400), kept)

    shift = scores.kinds.index("shift")
    # Normal scores have the deviation of all rows, that of days and rows together.
    assert known.between[0, shift] == pytest.approx(0.09 / 1.09, rel=0.15)
    assert known.sampling[0, shift] == pytest.approx(1 / _ROWS, rel=0.1)


@pytest.mark.parametrize(("rows", "is_unusual"), [(1, False), (18, True)])
def test_a_row_beside_the_only_value_of_all_days_is_no_alarm_but_many_are(
    rows: int,
    is_unusual: bool,  # noqa: FBT001
) -> None:
    counts = np.tile([0, 24, 0], (61, 1))
    counts[-1] = [0, 24 - rows, rows]
    kept, single = np.arange(61)[None] < 60, np.array([[False, True, False]])

    found = unusual(
        numeric_scores(Cells.of(counts), kept, single, far=~single), np.arange(61), kept
    )

    assert bool(found.p[0] < 1e-3) is is_unusual
