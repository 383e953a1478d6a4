"""A window that was expected and never ran is told once, and is over when it was run."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftkit.sinks.alerts import NO_RUN, Rules, Silence
from driftkit.sinks.gaps import Ran, absent, missing, ran_of
from driftkit.sinks.reacting import active, react
from tests.sinks.windows import BEGIN, HOUR, finding, states, window

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from driftkit.sinks.alerts import Event

DAY = timedelta(days=1)


def ran(start: datetime, length: timedelta = HOUR) -> Ran:
    return Ran(model="churn", variant="", monitor="data_quality", start=start, end=start + length)


def at(hours: Iterable[int]) -> list[Ran]:
    return [ran(BEGIN + each * HOUR) for each in hours]


def played(hours: Sequence[int], rules: Rules | None = None) -> list[Event]:
    """All events of windows that were run in this order, a minute after the other."""
    events: list[Event] = []
    known: list[Ran] = []
    for number, hour in enumerate(hours):
        moment = BEGIN + max(hours) * HOUR + timedelta(minutes=number)
        facts = window(hour, evaluated_at=moment)
        known += at([hour])
        events += react(facts, events, rules or Rules(), missing(known))
    return events


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        ([0, 1, 2, 3], []),
        ([0, 1, 2, 4], [3]),
        ([0, 1, 2, 5, 7], [3, 4, 6]),
        # Two windows make no schedule.
        ([0, 1, 3], []),
        ([0, 2, 4, 6], []),
        # What was run later, or in one window with others, is not missing.
        ([0, 1, 2, 4, 3], []),
        ([], []),
    ],
)
def test_windows_are_expected_to_go_on(hours: list[int], expected: list[int]) -> None:
    assert missing(at(hours)) == at(expected)


def test_a_longer_window_stands_for_those_in_it() -> None:
    assert missing([*at([0, 1, 2, 7]), ran(BEGIN + 3 * HOUR, 4 * HOUR)]) == []


def test_windows_are_expected_until_now() -> None:
    assert missing(at([0, 1, 2]), BEGIN + 5.5 * HOUR) == at([3, 4])
    assert missing(at([0, 1, 2]), BEGIN) == []


def test_a_schedule_that_has_moved_is_learnt_anew() -> None:
    moved = [ran(BEGIN + (each + 0.25) * HOUR) for each in range(4, 8)]

    assert missing([*at(range(4)), *moved]) == []


def test_nights_and_weekends_are_learnt() -> None:
    open_hours = [
        ran(BEGIN + day * DAY + hour * HOUR)
        for day in range(21)
        if (BEGIN + day * DAY).weekday() < 5
        for hour in range(8, 18)
    ]
    noon = ran(BEGIN + 17 * DAY + 12 * HOUR)

    assert missing(open_hours) == []
    assert missing(each for each in open_hours if each != noon) == [noon]
    # Of the first night nothing better is known.
    first_days = missing(open_hours[:40])
    assert {each.start.date() for each in first_days} <= {
        (BEGIN + day * DAY).date() for day in (1, 2)
    }


def test_what_is_long_ago_is_given_up() -> None:
    hours = [*range(10), *range(11, 10 + 24 * 7)]

    assert missing(at(hours)) == at([10])
    assert missing(at([*hours, max(hours) + 1])) == []


def test_a_window_that_never_ran_is_told_once_and_is_over_when_it_ran() -> None:
    events = played([0, 1, 2, 4, 5, 3])

    assert states(events) == ["no_data", "ongoing", "resolved"]
    assert {each.constraint_check_type for each in events} == {NO_RUN}
    assert events[0].expected == "a run for every 1 hour"
    assert events[0].observed == ("none of 1 window from 2026-11-01 03:00 to 2026-11-01 04:00 UTC")


def test_the_check_tells_of_it_before_a_later_one_runs() -> None:
    known = at([0, 1, 2])
    events: list[Event] = []
    for hours in (3.5, 4, 4.5, 5):
        now = BEGIN + hours * HOUR
        lacking = missing(known, now)
        if lacking:
            events += react(absent(lacking[-1], now), events, Rules(), lacking)
    events += react(window(3), events, Rules(), missing([*known, *at([3])]))

    assert states(events) == ["no_data", "ongoing", "resolved"]
    assert [each.window_start for each in events[:2]] == [BEGIN + 3 * HOUR, BEGIN + 4 * HOUR]


def test_a_check_that_finds_the_same_says_nothing() -> None:
    lacking = missing(at([0, 1, 2]), BEGIN + 4 * HOUR)
    first = react(absent(lacking[-1], BEGIN + 4 * HOUR), [], Rules(), lacking)

    again = react(absent(lacking[-1], BEGIN + 4.5 * HOUR), first, Rules(), lacking)

    assert (len(first), again) == (1, [])


def test_other_alerts_are_as_they_were() -> None:
    known = at([0, 1, 2])
    events: list[Event] = []
    for hour in range(3):
        events += react(window(hour, finding()), events, Rules())
    lacking = missing(known, BEGIN + 4 * HOUR)

    events += react(absent(lacking[-1], BEGIN + 4 * HOUR), events, Rules(), lacking)

    assert states(each for each in events if each.feature_name == "age") == [
        *("pending", "firing", "ongoing")
    ]


@pytest.mark.parametrize("hours", [5, 40])
def test_another_gap_is_told_after_the_cooldown(hours: int) -> None:
    # Each window is run when it is over, but two.
    known: list[Ran] = []
    events: list[Event] = []
    for hour in range(50):
        if hour in {3, 3 + hours}:
            continue
        known += at([hour])
        events += react(window(hour), events, Rules(), missing(known))

    first, second = (each for each in events if each.state in {"no_data", "renotified"})
    assert second.at - first.at >= timedelta(hours=24)


def test_a_gap_that_only_grows_is_told_once() -> None:
    events: list[Event] = []
    for hour in range(3, 60):
        now = BEGIN + hour * HOUR
        lacking = missing(at([0, 1, 2]), now)
        for each in lacking[-1:]:
            events += react(absent(each, now), events, Rules(), lacking)

    assert sum(each.state in {"no_data", "renotified"} for each in events) == 1


def test_gaps_may_be_silenced() -> None:
    events = played([0, 1, 2, 4], Rules(silences=(Silence(check=NO_RUN),)))

    assert states(events) == ["silenced"]


def test_rows_without_times_have_no_windows() -> None:
    made = window(0)

    assert ran_of(made) == at([0])[0]
    subject = made.subject
    assert ran_of(window(0, subject=type(subject)(model="churn"))) is None


# Within a day nothing is learnt of the day before.
subsets = st.sets(st.integers(0, 22), min_size=1).map(sorted)


@given(subsets, st.integers(-5, 23))
def test_only_windows_that_never_ran_are_missing(hours: list[int], until: int) -> None:
    known = at(hours)

    found = missing(known, BEGIN + until * HOUR)

    assert not {*found} & {*known}
    assert found == sorted({*found}, key=lambda each: each.start)
    assert all(known[0].start < each.start < BEGIN + max(until, 23) * HOUR for each in found)
    # Once they ran, nothing is missing by then.
    assert missing([*known, *found], BEGIN + until * HOUR) == []


@given(subsets, st.randoms(use_true_random=False))
def test_the_order_of_what_is_known_does_not_matter(hours: list[int], shuffled: object) -> None:
    known = at(hours)
    shuffled.shuffle(known)  # type: ignore[attr-defined]

    assert missing(known) == missing(at(hours))


@given(st.integers(1, 60), st.sampled_from([HOUR, DAY, 7 * DAY, timedelta(minutes=5)]))
def test_windows_that_all_ran_are_never_missed(count: int, length: timedelta) -> None:
    known = [ran(BEGIN + each * length, length) for each in range(count)]

    assert missing(known) == []


@given(subsets, st.randoms(use_true_random=False))
def test_it_is_told_while_windows_are_missing_and_not_after(
    hours: list[int], shuffled: object
) -> None:
    late = [round((each.start - BEGIN) / HOUR) for each in missing(at(hours))]
    shuffled.shuffle(late)  # type: ignore[attr-defined]

    before, after = played(hours), played([*hours, *late])

    assert bool(active(before)) == bool(late)
    assert active(after) == []
    told = [each.state for each in after if each.state in {"no_data", "resolved"}]
    assert told == ["no_data", "resolved"] * (len(told) // 2)
