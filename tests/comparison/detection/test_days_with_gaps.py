"""Days that do not follow each other, such as those of batches, are judged by the time between them."""

from __future__ import annotations

import numpy as np
import pytest

from driftkit.comparison.detection.calibration import unusual
from driftkit.comparison.detection.cells import Cells
from driftkit.comparison.detection.day_scores import categorical_scores
from driftkit.comparison.detection.expectation import Calendar
from tests.comparison.detection.drawn import judged, noise


@pytest.mark.parametrize("later", [0, 25], ids=["the next one", "with a gap"])
@pytest.mark.parametrize("count", [61, 120], ids=["half a year and more", "years"])
def test_batches_of_every_seventh_day_are_judged_as_weeks(count: int, later: int) -> None:
    """Their trend, season and correlation are told by what lies between them."""
    blocks = np.arange(count)
    blocks[-1] += later
    means = np.cos(2 * np.pi * blocks / 52.18) + blocks / 100 + noise(count, 0.2)
    means[1:] += means[:-1] / 2

    weeks = judged(means, blocks, Calendar.of_weeks(blocks))
    days = judged(means, 7 * blocks + 4)

    assert days.p[0] == pytest.approx(weeks.p[0], rel=1e-6)
    assert (days.kind, days.window.tolist()) == (weeks.kind, weeks.window.tolist())


@pytest.mark.parametrize("apart", [False, True], ids=["in a row", "with gaps"])
def test_a_trend_may_go_on_after_the_reference(*, apart: bool) -> None:
    """For half of its length; sixty days of two hundred have the length of two hundred."""
    length = 200 if apart else 60

    def p(seed: int, turns: float) -> float:
        rng = np.random.default_rng(seed)
        days = np.sort(rng.choice(length, 60, replace=False))
        dates = np.array([*days, *range(length * 6 // 5, length * 6 // 5 + 8)])
        kept = np.arange(68)[None] < 60
        far = np.where(kept[0], dates, turns * dates) / length
        hits = rng.binomial(1_000, 0.5 + 0.25 * far + rng.normal(0, 0.02, 68))
        scores = categorical_scores(Cells.of(np.stack([hits, 1_000 - hits], axis=1)), kept)
        return float(unusual(scores, dates, kept).p[0])

    assert np.quantile([p(seed, turns=1.0) for seed in range(12)], 0.25) > 0.04
    assert max(p(seed, turns=-1.0) for seed in range(12)) < 0.02
