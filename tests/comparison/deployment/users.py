"""The recorded experiment: two thousand users with requests, clicks, a loss and a covariate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from driftkit.comparison.arrays import Floats

BUCKETS = 512
# The hash of the recorded figures: a user's number times this, modulo 2^64, its first 9 bits.
MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
SHIFT = np.uint64(55)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """The users of an arm: a number a user, and the bucket of each."""

    columns: dict[str, Floats]
    buckets: np.ndarray[Any, np.dtype[np.int64]]

    def __getitem__(self, name: str) -> Floats:
        return self.columns[name]

    def __len__(self) -> int:
        return len(self.buckets)

    def by_bucket(self, name: str) -> Floats:
        """The column's sum in each bucket."""
        return np.bincount(self.buckets, self[name], BUCKETS).astype(np.float64)


def arms(golden: Callable[[str], Path]) -> tuple[Arm, Arm]:
    """Gives the control's users and the treatment's."""
    rows = np.genfromtxt(golden("deployment/tests/users.csv"), delimiter=",", names=True)
    columns = {name: rows[name] for name in rows.dtype.names or ()} | {"ones": np.ones(len(rows))}
    buckets = (rows["user"].astype(np.uint64) * MULTIPLIER >> SHIFT).astype(np.int64)
    control, treatment = (
        Arm(
            columns={name: column[of] for name, column in columns.items()},
            buckets=buckets[of],
        )
        for of in (rows["variant"] == 0, rows["variant"] == 1)
    )
    return control, treatment
