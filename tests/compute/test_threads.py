"""Threads give results in order, hold few of them, and end when they are told to."""

from __future__ import annotations

import threading
import time

import pytest

from driftkit.compute.threads import in_order


def test_results_come_in_the_order_of_the_items() -> None:
    def slow_first(number: int) -> int:
        time.sleep(0.02 if number % 3 == 0 else 0)
        return number * 10

    assert list(in_order(range(9), slow_first, 3)) == [number * 10 for number in range(9)]


def test_several_are_under_way_at_once() -> None:
    meeting = threading.Barrier(2, timeout=900)

    def meet(number: int) -> int:
        meeting.wait()
        return number

    assert list(in_order(range(4), meet, 2)) == [0, 1, 2, 3]


def test_few_results_are_held_whatever_their_number() -> None:
    begun: list[int] = []
    results = in_order(range(1000), begun.append, 2)

    next(results)

    assert len(begun) <= 4
    results.close()


def test_an_error_ends_the_work_and_what_is_under_way_is_told() -> None:
    begun: list[int] = []
    stopped: list[bool] = []

    def fail_at_two(number: int) -> int:
        begun.append(number)
        if number == 2:
            raise ValueError(number)
        return number

    results = in_order(range(1000), fail_at_two, 2, lambda: stopped.append(True))

    with pytest.raises(ValueError, match="2"):
        list(results)
    assert stopped == [True]
    assert len(begun) < 20


def test_whoever_closes_the_results_ends_the_work() -> None:
    stopped: list[bool] = []
    results = in_order(range(1000), lambda number: number, 2, lambda: stopped.append(True))
    assert next(results) == 0

    results.close()

    assert stopped == [True]
    assert list(results) == []
