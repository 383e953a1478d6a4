"""Makes a change again when another run was quicker: what it wrote is of other rows."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import re
    from collections.abc import Callable

    Errors = type[Exception] | tuple[type[Exception], ...]

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """How often a change is tried, and after which pauses.

    Attributes:
        tries: in all.
        first: the longest first pause, in seconds; each later one is twice as long.
        longest: no pause is longer.
    """

    tries: int
    first: float
    longest: float

    def __call__(
        self, change: Callable[[], T], lost: Errors, said: re.Pattern[str] | None = None
    ) -> T:
        """Makes a change; the last error is raised.

        Args:
            change: makes it once, of what is there at the time.
            lost: its errors where another run was quicker.
            said: what they say then, where others are of the same kind.
        """
        for attempt in range(self.tries - 1):
            try:
                return change()
            except lost as error:
                if said is not None and not said.search(str(error)):
                    raise
            pause = min(self.first * 2**attempt, self.longest)
            time.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311  (only spreads tries)
        return change()
