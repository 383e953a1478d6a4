"""A change of all numbers and a default value in some rows are told from each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from driftkit.comparison.causes.cause import Kind
from driftkit.comparison.causes.numbers import causes_of_numbers
from driftkit.comparison.causes.pair import Pair
from tests.comparison.causes.sketched import numbers, some_rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from driftkit.comparison.arrays import Floats

_RNG = np.random.default_rng(14)
_OFTEN_ZERO = np.where(_RNG.random(22_000) < 0.12, 0.0, np.round(_RNG.gamma(4.0, 6.0, 22_000)))


@pytest.mark.parametrize(
    ("change", "kind"),
    [(lambda rows: rows + 7, Kind.SHIFT), (lambda rows: rows * 60, Kind.UNITS)],
    ids=["shift", "units"],
)
@pytest.mark.parametrize(("default", "share"), [(0.0, 0.09), (0.0, 0.04), (9_999.0, 0.04)])
def test_a_default_value_is_named_beside_a_change_of_all_rows(
    change: Callable[[Floats], Floats], kind: Kind, default: float, share: float
) -> None:
    """Also one that many rows had, where the change leaves none of them there, and one of few rows."""
    before = _OFTEN_ZERO[:20_000] + (kind is Kind.UNITS)
    now = some_rows(
        change(_OFTEN_ZERO[20_000:] + (kind is Kind.UNITS)), share, lambda rows: 0 * rows + default
    )

    found = causes_of_numbers(numbers(before), numbers(now))

    assert [each.kind for each in found] == [kind, Kind.DEFAULT_VALUE]
    assert found[1].size == default
    assert found[1].rows == pytest.approx(share, abs=0.015)


@pytest.mark.parametrize(
    "change",
    [lambda rows: rows + 7, lambda rows: rows * 60, lambda rows: rows * 1.4],
    ids=["shift", "units", "spread"],
)
def test_values_that_move_with_all_others_are_no_default(
    change: Callable[[Floats], Floats],
) -> None:
    """The many rows of 0 have a value that nobody had."""
    before, now = _OFTEN_ZERO[:20_000] + 3, change(_OFTEN_ZERO[20_000:] + 3)

    (found,) = causes_of_numbers(numbers(before), numbers(now))

    assert found.kind is not Kind.DEFAULT_VALUE


def test_distributions_are_apart_as_levys_metric_has_it() -> None:
    """The widest gap of the window's at a value and the other's a little further, or the reverse."""
    rng = np.random.default_rng(12)
    for _ in range(30):
        before, now = (rng.integers(0, 6, size).astype(float) for size in (50, 20))
        pair = Pair(before=numbers(before), now=numbers(now))
        model, step = 1.1 * before + 0.3, 0.01 * pair.now.deviation
        points = np.concatenate([x + y for x in (model, now) for y in (-step, 0.0, step, 1e-9)])
        gaps = [
            np.mean(one <= point) - np.mean(other <= point + step)
            for point in points
            for one, other in ((model, now), (now, model))
        ]

        assert pair.apart(1.1, 0.3) == pytest.approx(max(*gaps, 0.0), abs=1e-12)
