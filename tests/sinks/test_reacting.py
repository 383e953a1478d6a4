"""Alerts fire after enough windows, once, resolve when it is over, and do not flap."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftkit.errors import SettingsError
from driftkit.results.contract import Skipped
from driftkit.results.slices import segment_of, slice_of
from driftkit.sinks.alerts import TOLD, Rules, Silence, windows_of
from driftkit.sinks.reacting import active, react
from tests.sinks.windows import (
    AT_ONCE,
    BEGIN,
    HOUR,
    finding,
    measured,
    of_bits,
    play,
    states,
    window,
)


@pytest.mark.parametrize(
    ("bits", "expected"),
    [
        ("1", "pending"),
        ("11", "pending firing"),
        ("111", "pending firing ongoing"),
        ("101", "pending clearing firing"),
        ("1001", "pending clearing clearing pending"),
        ("10001", "pending clearing clearing pending"),
        ("110", "pending firing clearing"),
        ("1101", "pending firing clearing ongoing"),
        ("1100", "pending firing clearing resolved"),
        ("11000", "pending firing clearing resolved"),
    ],
)
def test_an_alert_goes_through_its_states(bits: str, expected: str) -> None:
    events = play(of_bits([bit == "1" for bit in bits]))

    assert " ".join(states(events)) == expected


def test_an_alert_says_since_when_and_in_how_many_windows() -> None:
    last = play(of_bits([True, False, True, True]))[-1]

    assert (last.windows, last.first_seen) == (3, BEGIN + HOUR)


@pytest.mark.parametrize("segment", ["city=", "city=A=B", "city missing", None])
def test_an_alert_has_the_segment_of_its_finding(segment: str | None) -> None:
    (event,) = react(window(0, finding("age", segment=segment)), [], Rules(needed=1, among=1))

    assert (event.slice_key, event.slice_value) == slice_of(segment)
    assert segment_of(event.slice_key, event.slice_value) == segment


def test_what_was_forgotten_begins_anew() -> None:
    last = play(of_bits([True, False, False, False, True]))[-1]

    assert (last.windows, last.first_seen) == (1, BEGIN + 5 * HOUR)


def test_what_is_critical_fires_at_once() -> None:
    events = play([window(0, finding(check="data_type_check"))], Rules(critical=("data_type*",)))

    assert states(events) == ["firing"]
    assert events[0].severity == "critical"


@pytest.mark.parametrize(
    ("share", "severity"), [(None, "warning"), (0.2, "warning"), (0.5, "error")]
)
def test_half_of_the_rows_are_an_error(share: float | None, severity: str) -> None:
    assert play([window(0, finding(severity=share))])[0].severity == severity


def test_an_alert_that_becomes_more_serious_is_told_again_and_stays_so() -> None:
    shares = (0.2, 0.2, 0.4, 0.6, 0.4, 0.6)

    events = play(window(at, finding(severity=share)) for at, share in enumerate(shares))

    assert states(events) == ["pending", "firing", "ongoing", "renotified", "ongoing", "ongoing"]
    assert [each.severity for each in events] == [*["warning"] * 3, *["error"] * 3]
    assert events[3].note == "more serious than before"


def test_a_resolved_alert_keeps_quiet_for_the_cooldown() -> None:
    bits = [True, True, False, False, *[True] * 30]

    events = play(of_bits(bits))

    fired = [each.at for each in events if each.state == "firing"]
    over = [each.at for each in events if each.state == "resolved"]
    assert len(fired) == 2
    assert fired[1] - over[0] == timedelta(hours=24)


def test_people_are_reminded_only_where_they_ask_for_it_and_ever_later() -> None:
    bits = [True] * 40

    assert "renotified" not in states(play(of_bits(bits)))
    events = play(of_bits(bits), replace(AT_ONCE, remind_after=timedelta(hours=4)))
    reminded = [(each.at - BEGIN) / HOUR for each in events if each.state == "renotified"]
    assert reminded == [5, 13, 29]


def test_silence_lasts_until_its_end() -> None:
    until = BEGIN + 4 * HOUR
    rules = Rules(silences=(Silence(feature="a*", until=until),))

    events = play(of_bits([True] * 5), rules)

    assert states(events) == ["pending", "silenced", "silenced", "firing", "ongoing"]


def test_silence_of_another_column_silences_nothing() -> None:
    assert "firing" in states(play(of_bits([True] * 2), Rules(silences=(Silence(feature="b*"),))))


def test_a_run_made_again_says_nothing() -> None:
    runs = of_bits([True, True])

    assert states(play([*runs, *runs, runs[0]])) == ["pending", "firing"]


def test_late_labels_speak_only_where_they_flip_the_verdict() -> None:
    before = of_bits([True, True])
    same = window(1, finding(observed="0.5"), run="late")
    flipped = window(1, run="late")

    assert play([*before, same])[2:] == []
    events = play([*before, flipped])[2:]
    assert states(events) == ["resolved"]
    assert events[0].note == "the window was measured again"
    assert states(play([*before, flipped, window(1, finding(), run="later")]))[3:] == ["pending"]


def test_late_labels_may_fire_an_older_window() -> None:
    runs = [window(0, finding()), window(1), window(2), window(1, finding(), run="late")]

    assert states(play(runs))[-1] == "firing"


def test_what_was_not_measured_stays_as_it_was() -> None:
    before = of_bits([True, True])
    skipped = (Skipped(check="baseline_drift_check", feature="age", reason="too few rows"),)

    for unknown in (
        window(2, status="not_measured"),
        window(2, skipped=skipped),
        window(2, skipped=(replace(skipped[0], feature=None),)),
    ):
        assert play([*before, unknown])[2:] == []
    other = window(2, skipped=(replace(skipped[0], feature="city"),))
    assert states(play([*before, other])) == ["pending", "firing", "clearing"]


def test_no_data_is_told_once_and_is_over_with_the_first_rows() -> None:
    empty = [window(each, status="no_data", rows=0) for each in range(3)]

    events = play([*empty, window(3), window(4)])

    assert states(events) == ["no_data", "ongoing", "ongoing", "resolved"]


def test_no_data_leaves_other_alerts_as_they_were() -> None:
    events = play([*of_bits([True, True]), window(2, status="no_data"), window(3, finding())])

    of_age = [each.state for each in events if each.feature_name == "age"]
    assert of_age == ["pending", "firing", "ongoing"]


def test_noise_at_the_threshold_is_told_once() -> None:
    noise = random.Random(1)  # noqa: S311
    runs = []
    for index in range(60):
        value = 0.1 * (1 + 0.05 * noise.gauss(0, 1))
        found = [finding(metric="distance")] if value > 0.1 else []
        runs.append(window(index, *found, metrics=(measured(value),)))

    told = [each for each in play(runs) if each.state in TOLD]

    assert states(told) == ["firing"]


def test_two_thousand_violated_columns_are_one_message() -> None:
    many = [finding(f"c{number}") for number in range(2000)]
    runs = [window(index, *many) for index in range(4)]

    events = play(runs)

    assert states(events) == ["pending", "firing", "ongoing", "ongoing"]
    assert {each.constraint_check_type for each in events} == {"input_changed"}
    assert "2,000 of 2,000 columns" in events[0].observed
    assert "It moved" in events[0].cause


def test_yes_no_yes_fires_once_and_resolves_once() -> None:
    events = play(of_bits([True, False, True, False, False]))

    assert [each for each in states(events) if each in TOLD] == ["firing", "resolved"]


def test_a_storm_leaves_alerts_of_columns_as_they_were() -> None:
    columns = tuple(measured(0.0, f"c{number}") for number in range(10))
    calm = [window(index, finding("c0"), metrics=columns) for index in range(2)]
    storm = window(2, *(finding(f"c{number}") for number in range(5)), metrics=columns)

    events = play([*calm, storm, window(3, finding("c0"), metrics=columns)])

    assert [each.state for each in events if each.feature_name == "c0"] == [
        *("pending", "firing", "ongoing")
    ]


def test_few_columns_are_no_storm() -> None:
    events = play([window(0, *(finding(f"c{number}") for number in range(4)))])

    assert len(events) == 4


def test_a_number_just_below_its_threshold_is_not_over() -> None:
    before = [window(i, finding(metric="distance"), metrics=(measured(0.2),)) for i in range(2)]
    near = [window(i, metrics=(measured(0.09),)) for i in range(2, 6)]
    far = [window(i, metrics=(measured(0.07),)) for i in range(6, 8)]

    assert states(play([*before, *near]))[2:] == ["ongoing"] * 4
    assert states(play([*before, *near, *far]))[6:] == ["clearing", "resolved"]
    exactly = Rules(clear_below=1.0)
    assert states(play([*before, *near], exactly))[2:] == ["clearing", "resolved"]


@given(
    bits=st.lists(st.booleans(), max_size=40),
    needed=st.integers(1, 3),
    more=st.integers(0, 2),
    clear_after=st.integers(1, 3),
    cooldown=st.integers(0, 10),
)
def test_an_alert_never_fires_twice_without_being_resolved(
    bits: list[bool], needed: int, more: int, clear_after: int, cooldown: int
) -> None:
    rules = Rules(
        needed=needed,
        among=needed + more,
        clear_after=clear_after,
        cooldown=cooldown * HOUR,
    )

    events = play(of_bits(bits), rules)

    told = [each for each in events if each.state in TOLD]
    assert states(told) == ["firing", "resolved"] * (len(told) // 2) + ["firing"] * (len(told) % 2)
    for over, fired in zip(told[1::2], told[2::2], strict=False):
        assert fired.at - over.at >= cooldown * HOUR
    assert bool(active(events)) == bool(len(told) % 2)
    assert len({each.event_id for each in events}) == len(events)


@given(bits=st.lists(st.booleans(), min_size=1, max_size=30))
def test_one_window_is_one_event_at_most(bits: list[bool]) -> None:
    events = play(of_bits(bits))

    assert len({each.run_id for each in events}) == len(events) <= len(bits)
    assert sum(each.state in {"pending", "firing", "ongoing"} for each in events) == sum(bits)


@given(st.randoms(use_true_random=False), st.integers(0, 12))
def test_the_order_of_findings_does_not_matter(shuffled: random.Random, number: int) -> None:
    found = [finding(f"c{index % 5}", segment=f"s={index % 2}") for index in range(number)]
    mixed = list(found)
    shuffled.shuffle(mixed)
    before = play([window(0, *found)])

    assert react(window(1, *found), before, Rules()) == react(window(1, *mixed), before, Rules())


def test_other_models_and_monitors_are_left_alone() -> None:
    events = play(of_bits([True, True]))
    other = replace(window(2), monitor="bias")

    assert react(other, events, Rules()) == []


@pytest.mark.parametrize("text", ["", "2 of", "two of 3", "-1 of 3"])
def test_what_says_no_number_of_windows_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="2 of 3"):
        windows_of(text)


@pytest.mark.parametrize(
    "wrong",
    [{"needed": 3, "among": 2}, {"clear_after": 0}, {"clear_below": 0.0}, {"storm": 2.0}],
)
def test_rules_that_cannot_be_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(SettingsError, match="no rule of alerts"):
        Rules(**wrong)  # type: ignore[arg-type]
