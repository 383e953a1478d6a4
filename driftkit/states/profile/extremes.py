"""The smallest and the largest value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from driftkit.states.schemas import NUMBER, Field, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftkit.states.profile.state_table import StateTable
    from driftkit.states.schemas import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Extremes:
    """Minimum and maximum of the finite values; None where there are none."""

    minimum: float | None = None
    maximum: float | None = None

    def __add__(self, other: Extremes) -> Extremes:
        if self.minimum is None or self.maximum is None:
            return other
        if other.minimum is None or other.maximum is None:
            return self
        return Extremes(
            minimum=min(self.minimum, other.minimum), maximum=max(self.maximum, other.maximum)
        )


def _merged(table: StateTable) -> Iterator[Extremes]:
    lowest, highest = (table.known(field.name).reshape(table.shape) for field in FIELDS)
    columns = np.arange(lowest.shape[1])
    none = np.logical_and.reduce(np.isnan(lowest)).tolist()
    # Of zeros of both signs, the first one stays.
    minima = lowest[np.where(np.isnan(lowest), np.inf, lowest).argmin(axis=0), columns]
    maxima = highest[np.where(np.isnan(highest), -np.inf, highest).argmax(axis=0), columns]
    for nothing, low, high in zip(none, minima.tolist(), maxima.tolist(), strict=True):
        yield Extremes() if nothing else Extremes(minimum=low, maximum=high)


def _check(table: StateTable) -> Iterator[Finding]:
    filled = table.numbers("finite") > 0
    for field in FIELDS:
        bound = table.known(field.name)
        wrong = ~np.isnan(bound) != filled
        yield field.name, "a number where there are finite ones, else null", wrong
        yield field.name, "a finite number", np.isinf(bound)
    wrong = table.known("maximum") < table.known("minimum")
    yield "maximum", "no less than the minimum", wrong


FIELDS = tuple(Field(name=name, type=NUMBER, nullable=True) for name in ("minimum", "maximum"))
EXTREMES = plain(Extremes(), FIELDS, check=_check, merge=_merged)
