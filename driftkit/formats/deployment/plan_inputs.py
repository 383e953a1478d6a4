"""The columns by which a plan compares what the arms are asked, each with its frozen cells."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from driftkit.formats.deployment.strict import NUMBERS_OR_NULL, TEXTS_OR_NULL

OTHERS, MISSING = "(others)", "(missing)"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedInput:
    """A column of what the arms are asked, in cells that the champion's data gave.

    Attributes:
        column: its name, or where it is in captures.
        edges: of a column of numbers, ascending: a cell holds what is above one and at most the
            next. None of text.
        values: of a column of text, those with a cell of their own; all others share one. None of
            numbers.
    """

    column: str
    edges: tuple[float, ...] | None = field(default=None, metadata=NUMBERS_OR_NULL)
    values: tuple[str, ...] | None = field(default=None, metadata=TEXTS_OR_NULL)

    @property
    def cells(self) -> tuple[str, ...]:
        """The names of its cells; the last is of rows without a value.

        >>> PlannedInput(column="amount", edges=(1.0, 2.5)).cells
        ('(-inf, 1.0]', '(1.0, 2.5]', '(2.5, inf)', '(missing)')
        >>> PlannedInput(column="carrier", values=("AA", "UA")).cells
        ('AA', 'UA', '(others)', '(missing)')
        """
        if self.edges is None:
            return (*(self.values or ()), OTHERS, MISSING)
        ends = ["-inf", *map(repr, self.edges), "inf"]
        named = [f"({low}, {high}]" for low, high in pairwise(ends)]
        return (*named[:-1], f"{named[-1][:-1]})", MISSING)
