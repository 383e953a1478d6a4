"""Leaves out rows whose caller chose the arm: they did not come there by the weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow.compute as pc

from driftkit.columns.chunk import Rejections

if TYPE_CHECKING:
    from driftkit.states.deployment.judging import JudgedRows

FORCED = "forced"
REASON = "forced to an arm by the caller"


def routed(rows: JudgedRows) -> JudgedRows:
    """The rows that came to their arms by the weights; the others are counted as set aside.

    Args:
        rows: of all callers; where they have no column `forced`, all are left as they are.
    """
    if not rows.has(FORCED) or not rows.rows:
        return rows
    forced = pc.fill_null(rows.values(FORCED), fill_value=False)
    count = pc.sum(forced).as_py() or 0
    if not count:
        return rows
    return rows.chosen(pc.invert(forced), rows.rejected + Rejections(counts={REASON: count}))
