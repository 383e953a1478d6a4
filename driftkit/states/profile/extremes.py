"""The smallest and the largest value."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isnan
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


def _merged(table: StateTable) -> Iterator[list[float | None]]:
    for field, worst, best in zip(FIELDS, (inf, -inf), (np.argmin, np.argmax), strict=True):
        bounds = table.known(field.name).reshape(table.shape)
        # Of zeros of both signs, the first one stays.
        rows = best(np.where(np.isnan(bounds), worst, bounds), axis=0)
        found = bounds[rows, np.arange(len(rows))].tolist()
        yield [None if isnan(bound) else bound for bound in found]


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
