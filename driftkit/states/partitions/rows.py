"""The rows of a chunk, sorted out into groups."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from driftkit.native.arrays import short_places

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyarrow as pa

    from driftkit.native.arrays import Integers


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Which rows belong to which group.

    Attributes:
        codes: the number of each row's group.
        sizes: how many rows each group has.
    """

    codes: npt.NDArray[np.uint16] = field(default_factory=lambda: np.empty(0, np.uint16))
    sizes: Integers = field(default_factory=lambda: np.empty(0, np.int64))

    @classmethod
    def of(cls, codes: Integers, groups: int) -> Rows:
        """The rows whose groups have these numbers."""
        return cls(
            # Codes of two bytes are sorted faster than others.
            codes=codes.astype(np.uint16 if groups <= 1 << 16 else np.uint32),
            sizes=np.bincount(codes, minlength=groups),
        )

    @cached_property
    def places(self) -> pa.Array:
        """The rows group by group, for pyarrow's take."""
        return short_places(np.argsort(self.codes, kind="stable"))
