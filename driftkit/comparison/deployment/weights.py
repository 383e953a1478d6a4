"""From the shares that a bandit wants to weights that an endpoint may take: floor, step, digits."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from driftkit.comparison.arrays import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How far weights may go.

    Attributes:
        floor: the least share of an arm.
        step: how much an arm's share may change at once.
        minimum: matured units that each arm needs before weights change.
        digits: behind the point.
    """

    floor: float = 0.05
    step: float = 0.2
    minimum: float = 100.0
    digits: int = 4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Weights:
    """The weights until the next run.

    Attributes:
        shares: of each arm; they sum to 1.
        changed: whether they follow the policy; otherwise they are what they were.
        waiting: indices of the arms that have too few matured units.
    """

    shares: Floats
    changed: bool
    waiting: tuple[int, ...]


def floored(shares: Floats, floor: float) -> Floats:
    """f + (1 - K f) p, which keeps the order and the spacing; equal shares where K f >= 1.

    >>> floored(np.array([1.0, 0.0]), 0.1)
    array([0.9, 0.1])
    """
    arms = shares.shape[-1]
    if arms * floor >= 1:
        return np.full(shares.shape, 1 / arms)
    return np.asarray(floor + (1 - arms * floor) * shares)


def capped(shares: Floats, before: Floats, step: float) -> Floats:
    """Goes from the shares before towards the new ones until some arm has changed by `step`.

    All arms go the same part of their way, so that shares go on to sum to 1 and stay above a floor
    that both ends are above (derived here).

    >>> capped(np.array([0.9, 0.1]), np.array([0.5, 0.5]), 0.2)
    array([0.7, 0.3])
    """
    furthest = np.abs(shares - before).max(axis=-1, keepdims=True)
    part = np.minimum(1.0, step / np.maximum(furthest, step))
    return np.asarray(before + part * (shares - before))


def rounded(shares: Floats, digits: int = 4) -> Floats:
    """Rounds to some digits; the largest takes what is missing, so that the sum is 1.

    >>> rounded(np.full(3, 1 / 3))
    array([0.3334, 0.3333, 0.3333])
    """
    whole = 10**digits
    parts = np.rint(shares * whole)
    largest = parts.argmax(axis=-1)[..., None]
    rest = whole - parts.sum(axis=-1, keepdims=True)
    np.put_along_axis(parts, largest, np.take_along_axis(parts, largest, -1) + rest, -1)
    return np.asarray(parts / whole)


def next_shares(wanted: Floats, units: Floats, before: Floats, limits: Limits) -> Floats:
    """The shares until the next run, of what stands side by side.

    Args:
        wanted: the shares that the policy would give, shape (..., arms).
        units: matured units of each arm.
        before: the shares so far.
        limits: of the new ones.
    """
    held = np.where((before > 0).all(axis=-1, keepdims=True), before, floored(before, limits.floor))
    moved = capped(floored(wanted, limits.floor), before, limits.step)
    waiting = (units < limits.minimum).any(axis=-1, keepdims=True)
    return rounded(np.where(waiting, held, moved), limits.digits)


def next_weights(
    wanted: Floats, units: Floats, before: Floats | None, limits: Limits | None = None
) -> Weights:
    """The weights until the next run.

    Args:
        wanted: the shares that the policy would give, shape (arms,).
        units: matured units of each arm.
        before: the weights so far, in any unit, not all 0; None where there were none.
        limits: of the new ones.

    Returns:
        The policy's shares within the limits; while an arm has too few matured units, the weights
        so far as shares (equal ones if there were none), but that an arm which had none gets the
        floor, since it would wait for ever.

    >>> next_weights(np.array([0.0, 1.0]), np.full(2, 1e3), np.array([9.0, 1.0])).shares
    array([0.7, 0.3])
    """
    limits = limits or Limits()
    waiting = tuple(np.flatnonzero(units < limits.minimum).tolist())
    if before is None:
        # The first weights follow the policy at once: there is nothing that they could leave.
        limits = replace(limits, step=1.0)
        before = np.ones(len(wanted))
    shares = next_shares(wanted, units, before / before.sum(), limits)
    return Weights(shares=shares, changed=not waiting, waiting=waiting)
