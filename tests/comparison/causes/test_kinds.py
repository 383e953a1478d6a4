"""The kind of a change is named from sketches and counts, with its size."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from driftkit.comparison.causes.categories import causes_of_categories
from driftkit.comparison.causes.cause import Cause, Kind
from driftkit.comparison.causes.hours import time_zone
from driftkit.comparison.causes.numbers import causes_of_numbers
from driftkit.comparison.causes.ordinary import Ordinary
from driftkit.comparison.causes.samples import Categories
from driftkit.monitors.data_quality.checks.cause_wording import of_cause
from tests.comparison.causes.sketched import numbers, some_rows

if TYPE_CHECKING:
    from driftkit.comparison.arrays import Floats, Integers

_RNG = np.random.default_rng(7)
_DELAYS = np.round(_RNG.gamma(2.0, 12.0, size=20_000) - 5, 1)
_OTHERS = np.round(_RNG.gamma(2.0, 12.0, size=2_000) - 5, 1)
_BY_HOUR = np.arange(1, 25) ** 2 / np.sum(np.arange(1, 25) ** 2)
_HOURS = _RNG.choice(24, size=22_000, p=_BY_HOUR).astype(np.float64)


@pytest.mark.parametrize(
    ("values", "kind", "size"),
    [
        pytest.param(_OTHERS * 60, Kind.UNITS, 60.0, id="seconds"),
        pytest.param(_OTHERS / 1000, Kind.UNITS, 0.001, id="thousandth"),
        pytest.param(_OTHERS * 0.4536, Kind.UNITS, 1 / 2.20462262, id="pounds of few digits"),
        pytest.param(_OTHERS * 1.8 + 32, Kind.UNITS, 1.8, id="Fahrenheit"),
        pytest.param(_OTHERS + 8.3, Kind.SHIFT, pytest.approx(8.3, abs=1), id="shift"),
        pytest.param(
            (_OTHERS - 15) * 1.5 + 15, Kind.SPREAD, pytest.approx(1.5, abs=0.1), id="spread"
        ),
        pytest.param(np.round(_OTHERS, -1), Kind.ROUNDING, 10.0, id="rounding"),
        pytest.param(np.full(2_000, 3.0), Kind.FROZEN, 3.0, id="frozen"),
        pytest.param(
            some_rows(_OTHERS, 0.05, lambda rows: 0 * rows - 999),
            Kind.DEFAULT_VALUE,
            -999.0,
            id="default",
        ),
        pytest.param(
            some_rows(_OTHERS, 0.02, lambda rows: rows * 100),
            Kind.UNIT_ERRORS,
            None,
            id="unit errors",
        ),
        pytest.param(
            some_rows(_OTHERS, 0.25, lambda rows: 45 + rows / 20), Kind.MIXTURE, None, id="mixture"
        ),
    ],
)
def test_a_change_of_numbers_is_named_first(values: Floats, kind: Kind, size: float | None) -> None:
    found = causes_of_numbers(numbers(_DELAYS), numbers(values))

    assert (found[0].kind, found[0].size) == (kind, size)


@pytest.mark.parametrize(
    ("factor", "said"),
    [
        (1.25, "values are 25.0% larger"),
        (1 / 1.25, "values are 20.0% smaller"),
        (2.3, "values look multiplied by about 2.3"),
    ],
)
def test_a_factor_about_zero_is_told_as_a_share_where_it_is_small(factor: float, said: str) -> None:
    spread = Cause(kind=Kind.SPREAD, size=factor, rows=1.0, model=(factor, 0.0))

    assert of_cause(spread) == said


@pytest.mark.parametrize("hours", [-9, -3.5, 1, 5.5, 12])
def test_a_time_zone_is_told_to_half_an_hour(hours: float) -> None:
    """Of minutes that are spread over the hour, and never as half an hour alone."""
    rng = np.random.default_rng(11)
    moments = rng.choice(24, size=22_000, p=_BY_HOUR) + rng.random(22_000)
    before, now = moments[:20_000], moments[20_000:]

    def counted(values: Floats) -> Integers:
        return np.bincount((values % 24).astype(int), minlength=24)

    found = time_zone(counted(before), counted(now + hours))

    assert found is not None
    assert found.size == hours
    assert time_zone(counted(before), counted(now + 0.5)) is None


def test_rounding_that_leaves_nearly_one_value_is_no_frozen_column() -> None:
    rng = np.random.default_rng(13)
    before = numbers(np.round(rng.normal(1015, 5, 5_000), 1))
    day = np.append(rng.normal(1015.2, 0.7, 67), np.full(5, 1018.2))

    ordinary = Ordinary(gap=0.4, misfit=1.0, slope=0.9, move=4.0)

    (rounded,) = causes_of_numbers(before, numbers(np.round(day / 5) * 5), ordinary)
    (of_one,) = causes_of_numbers(before, numbers(np.full(72, 1015.0)), ordinary)
    (frozen,) = causes_of_numbers(before, numbers(np.full(72, 1015.6)), ordinary)
    (zeros,) = causes_of_numbers(numbers(_DELAYS), numbers(np.zeros(72)))

    assert (rounded.kind, rounded.size) == (Kind.ROUNDING, 5.0)
    assert (frozen.kind, frozen.size) == (Kind.FROZEN, 1015.6)
    assert (of_one.kind, zeros.kind) == (Kind.FROZEN, Kind.FROZEN)


@pytest.mark.parametrize("scale", [1e-5, 1e-3, 1.0, 1e4])
def test_rounding_is_named_whatever_the_unit(scale: float) -> None:
    (found,) = causes_of_numbers(numbers(_DELAYS * scale), numbers(np.round(_OTHERS, -1) * scale))

    assert found.kind is Kind.ROUNDING
    assert found.size == pytest.approx(10 * scale)


@pytest.mark.parametrize(
    ("value", "often"),
    [
        pytest.param(0.0, 0.5, id="half have it"),
        pytest.param(30.0, 0.06, id="few have it"),
    ],
)
@pytest.mark.parametrize("more", [0.07, 0.1, -0.058], ids=["more", "many more", "fewer"])
def test_more_rows_with_a_frequent_value_are_no_default_value(
    value: float, often: float, more: float
) -> None:
    before = some_rows(_DELAYS, often, lambda rows: 0 * rows + value)
    now = some_rows(_OTHERS, often + more, lambda rows: 0 * rows + value)

    (found,) = causes_of_numbers(numbers(before), numbers(now))

    assert (found.kind, found.size) == (Kind.SHARE, value)
    assert found.fit == 1
    assert (found.before, found.now) == pytest.approx((often, often + more), abs=0.02)


def test_a_value_whose_neighbours_are_as_often_is_no_default_value() -> None:
    # A tenth of the rows is of one place, whose values are three.
    now = some_rows(_OTHERS, 0.1, lambda rows: np.resize(np.array([95.0, 96.0, 97.0]), len(rows)))

    found = causes_of_numbers(numbers(_DELAYS), numbers(now))

    assert Kind.DEFAULT_VALUE not in {each.kind for each in found}


def test_of_codes_the_one_that_moved_most_is_named() -> None:
    rng = np.random.default_rng(2)
    before, now = (
        rng.choice(7, size=rows, p=shares).astype(np.float64)
        for rows, shares in (
            (20_000, np.full(7, 1 / 7)),
            (5_000, [0.12, 0.14, 0.19, 0.15, 0.16, 0.12, 0.12]),
        )
    )

    (found,) = causes_of_numbers(numbers(before), numbers(now))

    assert (found.kind, found.size) == (Kind.SHARE, 2.0)
    assert found.fit is not None
    assert 0.2 < found.fit < 0.9


@pytest.mark.parametrize(
    ("values", "kind", "size"),
    [
        pytest.param(_OTHERS * 1000, Kind.UNITS, 1000.0, id="units"),
        pytest.param(
            (_OTHERS + 5) / 60, Kind.UNITS, pytest.approx(1 / 60, rel=0.3), id="units of a late day"
        ),
        pytest.param(_OTHERS + 60, Kind.SHIFT, pytest.approx(60, abs=3), id="shift"),
        pytest.param(
            _OTHERS * 1.3 + 20, Kind.SHIFT, pytest.approx(20, abs=8), id="shift of a wide day"
        ),
        pytest.param(np.round(_OTHERS * 0.7 + 9, -1), Kind.ROUNDING, 10.0, id="rounding"),
        pytest.param(
            some_rows(_OTHERS * 1.5, 0.08, lambda rows: 0 * rows - 999),
            Kind.DEFAULT_VALUE,
            -999.0,
            id="default value on a wide day",
        ),
    ],
)
def test_what_ordinary_windows_differ_is_no_change_of_its_own(
    values: Floats, kind: Kind, size: float | None
) -> None:
    # Some days are early and alike, others late and far apart.
    days = [numbers(_OTHERS * scale + later) for scale in (0.6, 1, 1.7) for later in (-6, 0, 6)]
    before = numbers(_DELAYS)

    found = causes_of_numbers(before, numbers(values), Ordinary.of(before, days))

    assert [each.kind for each in found] == [kind]
    assert found[0].size == size


def test_hours_that_are_turned_are_another_time_zone() -> None:
    found = causes_of_numbers(numbers(_HOURS[:20_000]), numbers((_HOURS[20_000:] - 5) % 24))

    assert [(each.kind, each.size) for each in found] == [(Kind.TIME_ZONE, -5.0)]


@pytest.mark.parametrize(
    ("values", "kinds"),
    [
        pytest.param(_OTHERS, {Kind.NULLS}, id="nulls alone"),
        pytest.param(np.sort(_OTHERS)[150:], {Kind.NULLS}, id="nulls of the smallest values"),
        pytest.param(_OTHERS * 60, {Kind.NULLS, Kind.UNITS}, id="with units"),
        pytest.param(
            some_rows(_OTHERS + 30, 0.08, lambda rows: 0 * rows - 999),
            {Kind.NULLS, Kind.SHIFT, Kind.DEFAULT_VALUE},
            id="with a shift of all but those of a default value",
        ),
        pytest.param(
            some_rows(_OTHERS * 0.4536, 0.08, lambda rows: 0 * rows + 999),
            {Kind.NULLS, Kind.UNITS, Kind.DEFAULT_VALUE},
            id="with units of all but those of a default value",
        ),
        pytest.param(
            some_rows(_OTHERS + 8.3, 0.08, lambda rows: 0 * rows),
            {Kind.NULLS, Kind.SHIFT, Kind.DEFAULT_VALUE},
            id="with a shift and a default value among the others",
        ),
    ],
)
def test_changes_at_once_are_told_each(values: Floats, kinds: set[Kind]) -> None:
    found = causes_of_numbers(numbers(_DELAYS), numbers(values, missing=150))

    assert {each.kind for each in found} == kinds


def test_sizes_are_told_in_deviations_and_rows() -> None:
    (shift,) = causes_of_numbers(numbers(_DELAYS), numbers(_OTHERS + 16))

    assert shift.moved == pytest.approx(1.0, abs=0.1)
    assert shift.rows == 1
    assert shift.fit is not None
    assert shift.fit > 0.9


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("size", [1e-308, 1e160, 1e303])
def test_very_small_and_large_numbers_are_borne(size: float) -> None:
    before, now = numbers(_DELAYS * size), numbers(np.sort(_OTHERS)[:1_000] ** 2 * size)

    assert causes_of_numbers(before, now)


@pytest.mark.parametrize("values", [np.zeros(0), np.zeros(2_000)])
def test_no_values_and_constants_are_borne(values: Floats) -> None:
    constant = numbers(np.zeros(20_000))

    assert [each.kind for each in causes_of_numbers(constant, numbers(values, 2_000))] == ["nulls"]


@pytest.mark.parametrize(
    ("now", "kind", "about"),
    [
        ({"AA": 590, "UA": 390, "B6": 20}, Kind.NEW_CATEGORY, ("B6",)),
        ({"AA": 800, "UA": 200}, Kind.SHARE, ("AA", "UA")),
        ({"AA": 1_000}, Kind.FROZEN, ("AA", "UA")),
    ],
)
def test_a_change_of_categories_is_named(
    now: dict[str, int], kind: Kind, about: tuple[str, ...]
) -> None:
    before = Categories(counts={"AA": 6_000, "UA": 4_000})

    (found,) = causes_of_categories(before, Categories(counts=now))

    assert (found.kind, found.about) == (kind, about)


def test_a_new_category_in_place_of_one_that_is_gone_is_told_with_it() -> None:
    before = Categories(counts={"AA": 6_000, "UA": 3_400, "US": 600})

    (renamed,) = causes_of_categories(before, Categories(counts={"AA": 600, "UA": 340, "AWE": 60}))
    beside = causes_of_categories(before, Categories(counts={"AA": 600, "UA": 280, "AWE": 120}))

    assert of_cause(renamed).endswith("the baseline has: 'AWE', perhaps for 'US'")
    assert {each.kind: each.instead for each in beside} == {
        Kind.NEW_CATEGORY: ("",),
        Kind.SHARE: (),
    }


def test_categories_that_were_not_all_counted_are_not_called_new() -> None:
    before = Categories(counts={"AA": 6_000, "UA": 4_000}, complete=False)

    assert causes_of_categories(before, Categories(counts={"AA": 600, "UA": 380, "B6": 20})) == ()
