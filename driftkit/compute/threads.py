"""Runs tasks in threads, and returns their results in order."""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable
    from concurrent.futures import Future

Item = TypeVar("Item")
Result = TypeVar("Result")


def in_order(
    items: Iterable[Item],
    work: Callable[[Item], Result],
    at_once: int,
    stop: Callable[[], None] | None = None,
) -> Generator[Result, None, None]:
    """The results of the work on each item in their order, several of them under way at once.

    No more than twice as many are held at a time as are under way, so that memory does not depend
    on their number. Whoever stops before the last result closes the generator.

    Args:
        items: to be worked on.
        work: done for each, in a thread.
        at_once: number of threads.
        stop: called when an error or the caller ends the work early, to end what is under way.
    """
    under_way: deque[Future[Result]] = deque()
    with ThreadPoolExecutor(at_once, thread_name_prefix="driftkit") as pool:
        try:
            for item in items:
                if len(under_way) == 2 * at_once:
                    yield under_way.popleft().result()
                under_way.append(pool.submit(work, item))
            while under_way:
                yield under_way.popleft().result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            if stop is not None:
                stop()
            raise
