"""Prefetches the next batch of items in a thread."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

T = TypeVar("T")


def prefetched(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """The items in groups; two groups at most are held at a time.

    Args:
        items: fetched in their order; an error is raised when the group with it is due.
        size: of a group; the last one may be smaller.

    >>> list(prefetched("abcde", 2))
    [['a', 'b'], ['c', 'd'], ['e']]
    """
    given = iter(items)
    group = list(islice(given, size))
    if len(group) < size:
        # No thread for what there is at once.
        yield from filter(None, [group])
        return
    with ThreadPoolExecutor(1) as pool:
        while group:
            following = pool.submit(list, islice(given, size))
            yield group
            group = following.result()
