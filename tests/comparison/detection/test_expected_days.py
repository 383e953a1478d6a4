"""Tests what is expected of a day: season, known causes, parts of the week, and days that say little."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from driftkit.comparison.detection.calibration import unusual
from driftkit.comparison.detection.cells import Cells
from driftkit.comparison.detection.day_scores import categorical_scores, numeric_scores
from driftkit.comparison.detection.expectation import Calendar, expectation
from driftkit.comparison.detection.shapes import lengths
from tests.comparison.detection.drawn import CELLS, edges_of, judged, noise, windows_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from driftkit.comparison.arrays import Integers


def test_a_season_is_expected_where_the_reference_has_a_year() -> None:
    means = np.cos(2 * np.pi * np.arange(731) / 365.2425) + noise(731)
    summer = means.copy()
    summer[-1] = -1.0

    assert judged(means).p[0] > 0.01
    assert judged(summer).p[0] < 1e-3


def test_less_than_a_year_is_no_season() -> None:
    means = np.cos(2 * np.pi * np.arange(300) / 365.2425) + noise(300)
    means[-1] = -1.0

    assert judged(means).p[0] > 0.01


def test_a_known_cause_explains_a_change() -> None:
    holiday = (np.arange(91) % 13 == 12).astype(np.float64)
    means = noise(91) + holiday
    assert holiday[-1] == 1
    means[holiday == 1] += np.linspace(-0.1, 0.1, 7)
    calendar = Calendar.of_days(np.arange(91), holiday[:, None])
    ordinary = means.copy()
    ordinary[-1] = 0.0

    assert judged(means, calendar=calendar).p[0] > 0.01
    assert judged(ordinary, calendar=calendar).p[0] < 3e-3
    assert judged(ordinary).p[0] > 0.1


def test_a_cause_that_no_day_had_is_notjudged() -> None:
    means = noise(61)
    means[-1] = 2.0
    first = np.zeros((61, 1))
    first[-1] = 1.0

    assert judged(means).p[0] < 1e-3
    assert judged(means, calendar=Calendar.of_days(np.arange(61), first)).p[0] > 0.5


@pytest.mark.parametrize(
    ("calendar", "cycle"),
    [(Calendar.of_hours, 24), (Calendar.of_days, 7)],
    ids=["hours", "days"],
)
def test_parts_of_the_week_are_expected(
    calendar: Callable[[Integers], Calendar], cycle: int
) -> None:
    count = cycle * 20
    at = np.arange(count) % cycle == 3
    means = noise(count + 4) + np.resize(at, count + 4)
    blocks = np.arange(count + 4)
    off = means.copy()
    off[-1] = 0.0

    assert judged(means, calendar=calendar(blocks)).p[0] > 0.01
    assert judged(off, calendar=calendar(blocks)).p[0] < 1e-3


def test_weeks_have_no_parts() -> None:
    """So that a week in seven that differs is unusual, whatever its number."""
    means = noise(64)
    means[-1] = 1.0

    calendar = Calendar.of_weeks(np.arange(64))

    assert judged(means, calendar=calendar).p[0] < 1e-3
    assert set(calendar.parts) == {0}


def test_a_trend_is_doubted_far_from_the_reference() -> None:
    """By the error of a slope, which grows with the distance; here of 60 days."""
    values = noise(61)[None, :, None]
    kept = np.arange(61)[None, :, None] < 60
    fitted = expectation(values, kept, np.arange(61), Calendar.of_days(np.arange(61)))
    last = np.arange(61)[None, :, None] == 60
    asked = np.ones((1, 1), dtype=bool)

    doubts = [
        fitted.doubt(last.astype(np.float64), np.array([[later / 60]]), asked)[0]
        for later in (0.0, 30.5)
    ]

    squares = ((np.arange(60) - 29.5) ** 2).sum()
    assert doubts == pytest.approx([1 / 60, 1 / 60 + 30.5**2 / squares], rel=1e-6)


def test_what_most_days_do_not_have_is_no_surprise() -> None:
    """Snow on 3 of 60 days, at some hours of them, and again today."""
    counts = np.tile([12, 12, 0], (61, 1))
    counts[[10, 11, 30, 60]] = [[8, 8, 8], [10, 10, 4], [9, 9, 6], [4, 4, 16]]
    kept = np.arange(61)[None] < 60

    found = unusual(categorical_scores(Cells.of(counts), kept), np.arange(61), kept)

    assert found.p[0] > 1e-3


def test_values_far_beyond_all_others_are_unusual_at_once() -> None:
    rng = np.random.default_rng(2)
    samples = [rng.normal(mean, size=1_000) for mean in noise(61, 0.3)]
    samples[-1][:10] *= 1_000
    edges = edges_of(np.concatenate(samples[:-1]))
    cells = windows_of(samples, edges)
    kept = np.arange(61)[None] < 60
    ends = np.isin(np.arange(len(edges) + 1), (0, len(edges)))[None]
    atoms = np.zeros_like(ends)

    without = unusual(numeric_scores(cells, kept, atoms), np.arange(61), kept)
    found = unusual(numeric_scores(cells, kept, atoms, far=ends), np.arange(61), kept)

    assert without.p[0] > 1e-3
    assert found.p[0] < 1e-4
    assert found.kind == ["far values"]


def test_days_without_rows_are_left_out() -> None:
    """Also when they are among the last ones, which are pooled."""
    rng = np.random.default_rng(3)
    counts = rng.multinomial(300, np.full(CELLS, 1 / CELLS), 61)
    empty, kept = np.array([5, 6, 7, 20, 58]), np.arange(61)[None] < 60
    holes = counts.copy()
    holes[empty] = 0
    rest = np.setdiff1d(np.arange(61), empty)
    atoms = np.zeros((1, CELLS), dtype=bool)

    whole = numeric_scores(Cells.of(holes), kept, atoms)
    fewer = numeric_scores(Cells.of(counts[rest]), kept[:, rest], atoms)
    one = {1: 1.0}

    found = unusual(
        whole, np.arange(61), kept, calendar=Calendar(parts=np.arange(61) % 7, pools=one)
    )
    known = unusual(fewer, rest, kept[:, rest], calendar=Calendar(parts=rest % 7, pools=one))
    assert found.p[0] == pytest.approx(known.p[0], rel=1e-9)
    assert 0 < unusual(whole, np.arange(61), kept).p[0] <= 1


@pytest.mark.parametrize("rows", [0, 1, 19])
def test_few_rows_are_notjudged(rows: int) -> None:
    counts = np.random.default_rng(4).multinomial(300, np.full(CELLS, 1 / CELLS), 61)
    counts[-1] = 0
    counts[-1, 0] = rows
    kept = np.arange(61)[None] < 60
    scores = numeric_scores(Cells.of(counts), kept, np.zeros((1, CELLS), dtype=bool))

    assert unusual(scores, np.arange(61), kept).p.tolist() == [1.0]


def test_a_day_of_nulls_alone_is_unusual() -> None:
    counts = np.random.default_rng(5).multinomial(300, np.full(CELLS, 1 / CELLS), 61)
    counts[-1] = 0
    missing = np.append(np.zeros(60, dtype=np.int64), 300)
    kept = np.arange(61)[None] < 60
    scores = numeric_scores(Cells.of(counts, missing), kept, np.zeros((1, CELLS), dtype=bool))

    found = unusual(scores, np.arange(61), kept)

    assert found.p[0] < 1e-9
    assert found.kind == ["nulls"]


@pytest.mark.filterwarnings("error")
def test_features_without_values_are_ordinary() -> None:
    cells = Cells.of(np.zeros((2, 61, CELLS), dtype=np.int64), np.full(61, 300))
    kept = np.arange(61)[None].repeat(2, axis=0) < 60
    atoms = np.zeros((2, CELLS), dtype=bool)

    numbers = unusual(numeric_scores(cells, kept, atoms), np.arange(61), kept)
    categories = unusual(categorical_scores(cells, kept), np.arange(61), kept)

    assert numbers.p.tolist() == categories.p.tolist() == [1.0, 1.0]


def test_many_features_are_scored_as_if_alone() -> None:
    """They are worked on a few at a time."""
    rng = np.random.default_rng(6)
    cells = Cells.of(rng.multinomial(100, np.full(CELLS, 1 / CELLS), (70, 20)))
    kept, atoms = np.ones((70, 20), dtype=bool), np.zeros((70, CELLS), dtype=bool)

    together = numeric_scores(cells, kept, atoms)

    alone = numeric_scores(Cells.of(cells.counts[69:]), kept[:1], atoms[:1])
    np.testing.assert_allclose(together.values[69], alone.values[0], rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(together.effects[69], alone.effects[0], rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("kind", ["one value", "shape"])
def test_days_of_few_rows_are_no_further_away(kind: str) -> None:
    """By sampling alone, from what the mean day is."""
    rng = np.random.default_rng(7)
    shares = np.full(CELLS, 1 / CELLS)
    counts = np.concatenate([rng.multinomial(rows, shares, 200) for rows in (30, 3_000)])
    scores = numeric_scores(
        Cells.of(counts), np.ones((1, 400), dtype=bool), np.zeros((1, CELLS), dtype=bool)
    )

    values = scores.values[0, :, scores.kinds.index(kind)]

    assert values[:200].mean() - values[200:].mean() < 0.12


def test_a_shape_that_no_day_had_is_unusual() -> None:
    """Every other tenth is empty, which moves no mean of the ranks by much."""
    rng = np.random.default_rng(8)
    days = rng.multinomial(1_000, np.full(100, 0.01), 61)
    odd = np.arange(100) // 10 % 2 == 1
    days[-1] = rng.multinomial(1_000, np.where(odd, 0.02, 0.0))
    kept = np.arange(61)[None] < 60
    scores = numeric_scores(Cells.of(days), kept, np.zeros((1, 100), dtype=bool))

    found = unusual(scores, np.arange(61), kept)

    assert found.p[0] < 1e-4
    assert found.kind == ["shape"]


def test_days_that_differ_in_one_way_do_not_hide_another() -> None:
    """Storms move many rows to the upper half; the last day has more in the middle, far less."""
    rng = np.random.default_rng(11)
    ramp = np.linspace(-1, 1, 100)
    storms = rng.normal(0, 0.4, 61).clip(-0.9, 0.9)
    shares = 1 + storms[:, None] * ramp
    shares[-1] = 1 + 0.25 * np.where(np.abs(ramp) < 0.5, 1, -1)
    days = np.stack([rng.multinomial(2_000, each / each.sum()) for each in shares])
    kept, atoms = np.arange(61)[None] < 60, np.zeros((1, 100), dtype=bool)

    scores = numeric_scores(Cells.of(days), kept, atoms)
    found = unusual(scores, np.arange(61), kept)

    far = scores.effects[0, :, scores.kinds.index("shape")]
    assert far[-1] < np.quantile(far[:-1], 0.8)
    assert found.p[0] < 1e-3


def test_the_length_of_a_day_is_that_by_the_other_days() -> None:
    rng = np.random.default_rng(12)
    days = rng.normal(size=(40, 5)) * [1.0, 2.0, 3.0, 4.0, 5.0]
    values, directions = np.linalg.eigh(days.T @ days / 40)
    kept = np.append(np.ones(40, dtype=bool), False)[None]
    turned = np.append(days @ directions / np.sqrt(values), np.full((1, 5), 9.0), axis=0)

    known, own = lengths(turned[None], kept)

    others = [np.delete(days, day, axis=0) for day in range(40)]
    expected = [
        float(day @ np.linalg.inv(rest.T @ rest / 40) @ day)
        for day, rest in zip(days, others, strict=True)
    ]
    found = own[0, :40] * known.deviation[0] + known.mean[0]
    np.testing.assert_allclose(found**2, expected, rtol=1e-10)
    assert own[0, 40] == 0.0
    assert known.of(np.full((1, 5), 2.0))[0] == pytest.approx(
        (np.sqrt(20) - np.sqrt(expected).mean()) / np.sqrt(expected).std()
    )


def test_new_categories_are_ordinary_where_many_days_have_one_of_their_own() -> None:
    counts = np.zeros((61, 62), dtype=np.int64)
    counts[:, 0] = 300
    for day in [*range(0, 60, 2), 60]:
        counts[day, day + 1] = 6
    kept = np.arange(61)[None] < 60
    settled = counts.copy()
    settled[:60, 1:] = 0

    often, never = (
        unusual(categorical_scores(Cells.of(each), kept), np.arange(61), kept)
        for each in (counts, settled)
    )

    assert often.p[0] > 0.02
    assert never.p[0] < 0.01


@pytest.mark.parametrize(("share", "asked"), [(0.6, False), (0.4, True)])
def test_the_distance_is_not_asked_where_one_value_has_half(share: float, *, asked: bool) -> None:
    """As of rain, whose distance is the share of dry hours again."""
    shares = np.append(share, np.full(CELLS - 1, (1 - share) / (CELLS - 1)))
    counts = np.random.default_rng(9).multinomial(1_000, shares, 61)
    kept = np.arange(61)[None] < 60

    scores = numeric_scores(Cells.of(counts), kept, np.zeros((1, CELLS), dtype=bool))

    assert (scores.weights[0, scores.kinds.index("shape")] > 0) == asked
