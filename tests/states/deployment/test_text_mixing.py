"""Numbers of texts: equal for equal ones, wherever these lie, and else different."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from driftkit.native.text_mixing import mixed_texts
from driftkit.states.kernels.texts import buffers


def mixed(texts: pa.Array) -> list[int]:
    """The number of each text."""
    found: list[int] = mixed_texts(*buffers(texts)).tolist()
    return found


@settings(max_examples=60)
@given(st.lists(st.text(max_size=20), max_size=30), st.integers(0, 5))
def test_each_text_has_its_number_wherever_it_lies(texts: list[str], begin: int) -> None:
    array = pa.array(texts, pa.large_string()).slice(begin)

    found = mixed(array)

    assert found == [mixed(pa.array([text]))[0] for text in texts[begin:]]
    assert len(set(found)) == len(set(texts[begin:]))


@pytest.mark.parametrize("form", ["{:036d}", "req-{}", "{}-0000-4000-8000-0123456789ab", "{:x}"])
def test_ids_that_count_up_are_told_apart_in_upper_bits(form: str) -> None:
    count = 50_000
    numbers = np.array(mixed(pa.array(map(form.format, range(count)))), np.uint64)

    assert len(np.unique(numbers)) == count
    # As many in each part of the hashes as chance puts there.
    parts = np.bincount((numbers >> np.uint64(58)).astype(int), minlength=64)
    assert np.abs(parts - count / 64).max() < 6 * (count / 64) ** 0.5
