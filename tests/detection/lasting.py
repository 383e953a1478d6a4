"""How soon a change that stays is found while the days since join the reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tests.detection.counting import counted
from tests.detection.ordinary import DAYS, RATE, joined, judged
from tests.detection.power import higher, varied

if TYPE_CHECKING:
    from driftkit.comparison.arrays import Truths
    from tests.detection.counting import Counted
    from tests.detection.tables import Table

_LATER = 30
_SOON = 8


def lasting(table: Table, starts: int, seed: int) -> tuple[float, float, float]:
    """Shares of features found within 8 and within 30 days, and the former if days join at once.

    Numbers are half a deviation higher from a day on. A day without an alarm of a feature joins the
    feature's reference, as if it were the only one that changed.

    Args:
        table: with thirty days more than the reference.
        starts: how many starting days are drawn.
        seed: of their draw.
    """
    rng = np.random.default_rng(seed)
    found: dict[bool, list[Truths]] = {True: [], False: []}
    for start in rng.integers(0, len(table.dates) - DAYS - _LATER + 1, starts).tolist():
        base = slice(start, start + DAYS)
        every = slice(start, base.stop + _LATER)
        days = counted(table, base, every, higher(table, base))
        could = np.flatnonzero(varied(table, base))
        for at_once, hits in found.items():
            hits.append(_alarms(days, at_once=at_once)[:, could])
    soon, ever, at_once_soon = (
        np.concatenate([each[:most].any(axis=0) for each in found[once]]).mean()
        for once, most in ((False, _SOON), (False, _LATER), (True, _SOON))
    )
    return float(soon), float(ever), float(at_once_soon)


def _alarms(days: Counted, *, at_once: bool) -> Truths:
    """By day and feature, whether the feature is unusual at its own level.

    Args:
        days: those of the first reference, and those after it.
        at_once: whether a day without an alarm is of the reference of the next one.
    """
    features = len(days.names)
    ordinary = np.ones((features, len(days.dates)), np.bool_)
    for last in range(DAYS, len(days.dates)):
        known = [at_once or joined(days.unit, day, last, DAYS) for day in range(last)]
        kept = _last_of(np.column_stack([ordinary[:, :last] & known, np.zeros(features, np.bool_)]))
        p = np.concatenate([each.p for each in judged(days, np.arange(last + 1), kept)])
        ordinary[:, last] = p > RATE / features
    return ~ordinary[:, DAYS:].T


def _last_of(kept: Truths) -> Truths:
    """The last days of those that are kept, as many as a reference has."""
    return np.asarray(kept & (np.cumsum(kept[:, ::-1], axis=1)[:, ::-1] <= DAYS))
