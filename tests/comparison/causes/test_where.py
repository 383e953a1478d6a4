"""The segment and the hour of a change are found by what is left without them."""

from __future__ import annotations

import numpy as np
import pytest

from driftkit.comparison.causes.where import Segment, changed_segment, onset

_SHARES = np.array([0.2, 0.3, 0.3, 0.15, 0.05])
_MOVED = np.array([0.05, 0.15, 0.3, 0.4, 0.1])
_EMPTIED = np.array([0.1, 0.15, 0.15, 0.1, 0.5])


@pytest.mark.parametrize("ordered", [True, False])
@pytest.mark.parametrize("law", [_MOVED, _EMPTIED])
def test_the_segment_that_changed_is_named(law: np.ndarray, *, ordered: bool) -> None:
    rng = np.random.default_rng(1)
    before = rng.multinomial(5_000, _SHARES, size=6)
    now = np.stack([rng.multinomial(1_000, law if each == 4 else _SHARES) for each in range(6)])

    found = changed_segment(before.sum(0), now.sum(0), (before, now), ordered=ordered)

    assert found is not None
    assert found.index == 4
    assert found.left < 0.05


@pytest.mark.parametrize("law", [_MOVED, _SHARES])
def test_a_change_of_all_segments_is_of_none(law: np.ndarray) -> None:
    rng = np.random.default_rng(2)
    before, now = rng.multinomial(5_000, _SHARES, size=6), rng.multinomial(1_000, law, size=6)

    found = changed_segment(before.sum(0), now.sum(0), (before, now), ordered=True)

    assert found is None or (law is _SHARES and isinstance(found, Segment))


def test_segments_that_leave_too_few_rows_are_not_asked() -> None:
    before, now = np.array([[10_000, 0, 0]]), np.array([[500, 500, 0]])

    assert changed_segment(before[0], now[0], (before, now), ordered=True) is None


@pytest.mark.parametrize("first", [0, 7, 23])
@pytest.mark.parametrize("law", [_MOVED, _EMPTIED])
def test_the_first_block_of_a_change_is_found(first: int, law: np.ndarray) -> None:
    rng = np.random.default_rng(3)
    laws = [law if each >= first else _SHARES for each in range(24)]
    blocks = np.stack([rng.multinomial(300, each) for each in laws])

    assert onset(rng.multinomial(20_000, _SHARES), blocks) == first
