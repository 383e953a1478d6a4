"""Predictions from a column of scores and a threshold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from driftkit.states.groups.columns import Threshold

_NUMBER = r"^[+-]?((\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|(?i:inf|infinity|nan))$"


def decided(scores: pa.ChunkedArray, threshold: Threshold) -> pa.ChunkedArray:
    """Scores strictly above the threshold are 1, others 0, as Clarify decides."""
    if pa.types.is_dictionary(scores.type):
        scores = scores.cast(scores.type.value_type)
    text = pa.types.is_string(scores.type) or pa.types.is_large_string(scores.type)
    if text:
        scores = pc.utf8_trim_whitespace(scores)
    elif pa.types.is_boolean(scores.type):
        return scores if threshold.labels_stay else pc.cast(scores, pa.int64())
    numbers = _numbers(scores)
    known = pc.if_else(pc.is_nan(numbers), None, numbers)
    made = pc.cast(pc.greater(known, threshold.score), pa.int64())
    if not threshold.labels_stay:
        return made
    if text:
        made = made.cast(scores.type)
    stay = _labels(scores, numbers)
    if stay is None:
        return made
    labels = scores if text else pc.cast(known, pa.int64(), safe=False)
    return pc.if_else(stay, labels, made)


def _labels(scores: pa.ChunkedArray, numbers: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """Which can only be labels: texts and whole numbers but 0 and 1; None where none are."""
    outside = pc.any(pc.greater(numbers, 1.0)).as_py() or pc.any(pc.less(numbers, 0.0)).as_py()
    if not outside and numbers.null_count == scores.null_count:
        return None
    whole = pc.and_(pc.equal(pc.floor(numbers), numbers), pc.is_finite(numbers))
    other = pc.invert(pc.is_in(numbers, pa.array([0.0, 1.0])))
    texts = pc.and_(pc.is_null(numbers), pc.is_valid(scores))
    return pc.or_(pc.fill_null(pc.and_(whole, other), fill_value=False), texts)


def _numbers(scores: pa.ChunkedArray) -> pa.ChunkedArray:
    """The scores as numbers, nulls where they are texts."""
    try:
        return pc.cast(scores, pa.float64())
    except pa.ArrowInvalid:
        written = pc.match_substring_regex(scores, _NUMBER)
        return pc.cast(pc.if_else(written, scores, None), pa.float64())
