"""The faults that can be planted."""

from __future__ import annotations

from typing import Literal, get_args

Fault = Literal["shift", "spread", "nulls", "new", "share", "units", "factor", "frozen"]
FAULTS: tuple[Fault, ...] = get_args(Fault)
OF_NUMBERS = frozenset({"shift", "spread", "nulls", "units", "factor", "frozen"})
OF_CATEGORIES = frozenset({"nulls", "new", "share", "frozen"})
