"""Measures in several processes, told one after the other in a fixed order."""

from __future__ import annotations

import sys
from multiprocessing import get_context
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence


def told(measures: Sequence[Callable[[], tuple[str, bool]]], processes: int) -> bool:
    """Prints what each measure says, and whether all promises were kept.

    Args:
        measures: each gives a line and whether its promise was kept.
        processes: how many are measured at a time.
    """
    if processes == 1:
        return _said(map(_measured, measures))
    with get_context("fork").Pool(processes) as pool:
        return _said(pool.imap(_measured, measures))


def _measured(measure: Callable[[], tuple[str, bool]]) -> tuple[str, bool]:
    return measure()


def _said(found: Iterable[tuple[str, bool]]) -> bool:
    all_kept = True
    for line, kept in found:
        sys.stdout.write(f"{line}{'' if kept else '  NOT KEPT'}\n")
        sys.stdout.flush()
        all_kept &= kept
    return all_kept
