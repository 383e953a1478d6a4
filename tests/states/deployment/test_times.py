"""Times of requests are moments, however they are written."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from driftkit.errors import InputError
from driftkit.states.deployment.arms import UNKNOWN
from driftkit.states.deployment.blocks import seconds_of

SECONDS = [1_710_725_400, 1_710_729_000, 1_701_011_200]


@pytest.mark.parametrize("in_a_second", [1, 10**3, 10**6, 10**9])
@pytest.mark.parametrize("form", [int, str])
def test_numbers_since_1970_are_times(form: type[Any], in_a_second: int) -> None:
    numbers = pa.chunked_array([[*(form(each * in_a_second) for each in SECONDS), None]])

    assert seconds_of(numbers).tolist() == [*SECONDS, UNKNOWN]


def test_numbers_none_of_which_is_a_time_are_refused() -> None:
    assert seconds_of(pa.chunked_array([[7, SECONDS[0]]])).tolist() == [UNKNOWN, SECONDS[0]]
    with pytest.raises(InputError, match=r"time: the column has no times"):
        seconds_of(pa.chunked_array([[7, 8]]))
