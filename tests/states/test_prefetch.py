"""Groups come in order, and no more than two of them are there at once."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import pytest

from driftkit.states.states import prefetched

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.mark.parametrize("count", [0, 1, 3, 4, 8, 9])
@pytest.mark.parametrize("size", [1, 4])
def test_all_items_come_in_their_order(count: int, size: int) -> None:
    groups = list(prefetched(range(count), size))

    assert list(chain.from_iterable(groups)) == list(range(count))
    assert all(len(group) == size for group in groups[:-1])
    assert all(groups)


def test_no_more_than_one_group_is_fetched_ahead() -> None:
    fetched = []

    def items() -> Iterator[int]:
        for number in range(20):
            fetched.append(number)
            yield number

    for group in prefetched(items(), 4):
        assert len(fetched) <= group[-1] + 1 + 4


def test_an_error_comes_when_its_group_is_due() -> None:
    def items() -> Iterator[int]:
        yield from range(5)
        raise OSError("no such file")

    groups = prefetched(items(), 2)

    assert [next(groups), next(groups)] == [[0, 1], [2, 3]]
    with pytest.raises(OSError, match="no such file"):
        next(groups)
