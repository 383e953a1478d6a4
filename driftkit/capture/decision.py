"""The predicted label of a model's response: its own, the likeliest, or by a threshold."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from driftkit.columns.numbers import number_in

if TYPE_CHECKING:
    from collections.abc import Sequence

THRESHOLD = 0.5
POSITIVE, NEGATIVE = "1", "0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """How the answer about a row becomes a label.

    A label that the answer has decides, whatever the scores are. Of several labels the one of the
    greatest score is taken. Where there are scores only, the greatest one's place, or header, is
    the label; a single score is compared with the threshold.

    Attributes:
        labelled: whether the answer's label is known by its place.
        scored: whether the answer's scores are known by theirs.
        threshold: scores above it are positive; None leaves scores as they are. Where there is a
            place for a label and none for scores, it says that the label is a score.
        headers: the labels that several scores are about; empty for their places.
        names: what scores above the threshold, and others, are called.
    """

    labelled: bool = False
    scored: bool = False
    threshold: float | None = None
    headers: tuple[str, ...] = ()
    names: tuple[str, str] = (POSITIVE, NEGATIVE)

    @classmethod
    def from_options(
        cls,
        label: object,
        probability: object,
        threshold: float | None = None,
        headers: Sequence[str] = (),
        positives: Sequence[object] = (),
    ) -> Decision:
        """The decision of a configuration.

        Args:
            label: place of the label in the answer; None where there is none.
            probability: place of the scores; None where there is none.
            threshold: that was asked for; None where none was.
            headers: Clarify's `label_headers`.
            positives: the positive labels; a lone header that is one of them names them.
        """
        labelled = label is not None
        lone = len(headers) == 1 and headers[0] in {str(each) for each in positives}
        return cls(
            labelled=labelled,
            scored=probability is not None,
            threshold=THRESHOLD if threshold is None and not labelled else threshold,
            headers=tuple(headers),
            names=(headers[0], f"not {headers[0]}") if lone else (POSITIVE, NEGATIVE),
        )

    def label(self, label: Any, scores: Any) -> Any:
        """The label of a row; None where the answer has none.

        Args:
            label: a value or a list of them, as the answer has it at the label's place.
            scores: a number or a list of them, at the scores' place.

        Raises:
            ValueError: it cannot be decided; the message is the reason, in a few words.
        """
        if not self.labelled:
            return self._of_scores(scores)
        if not isinstance(label, list):
            decides = self.threshold is None or self.scored
            return label if decides else self._of_label(label)
        if len(label) == 1:
            return self._of_label(label[0])
        if self.scored:
            return _at_greatest(label, scores)
        if not label or any(_number(each) is None for each in label):
            raise ValueError("several labels and no probability that tells which")
        return self._of_scores(label)

    def _of_label(self, label: Any) -> Any:
        score = label is not None and self.threshold is not None and not self.scored
        return self._compared(label) if score and _may_be_score(label) else label

    def _of_scores(self, scores: Any) -> Any:
        if isinstance(scores, list):
            if len(scores) != 1:
                return _at_greatest(self.headers or range(len(scores)), scores)
            scores = scores[0]
        return scores if scores is None or self.threshold is None else self._compared(scores)

    def _compared(self, score: Any) -> str | None:
        number = _number(score)
        if number is None:
            raise ValueError("a score that is no number")
        if math.isnan(number):
            return None
        assert self.threshold is not None  # noqa: S101  (asked for only where there is one)
        return self.names[number <= self.threshold]


def aligned(found: Any, rows: int) -> list[Any]:
    """What an answer says of each row; about a lone row it may say a list, and nothing of any.

    >>> aligned([0.2, 0.8], 2), aligned([0.2, 0.8], 1), aligned(0.2, 1), aligned([[1, 2]], 1)
    ([0.2, 0.8], [[0.2, 0.8]], [0.2], [[1, 2]])

    Raises:
        ValueError: there are not as many values as rows.
    """
    if found is None:
        return [None] * rows
    if rows == 1 and not (isinstance(found, list) and len(found) == 1):
        return [found]
    if not isinstance(found, list) or len(found) != rows:
        raise ValueError("another number of labels or predictions than of rows")
    return found


def _at_greatest(labels: Sequence[Any], scores: Any) -> Any:
    if not isinstance(scores, list) or len(scores) != len(labels) or not scores:
        raise ValueError("another number of scores than of labels")
    numbers = [_number(each) for each in scores]
    known = [each for each in numbers if each is not None and not math.isnan(each)]
    if len(known) < len(numbers):
        raise ValueError("a score that is no number")
    return labels[known.index(max(known))]


def _may_be_score(label: Any) -> bool:
    """Whether it is a number, and none that can only be a label: whole, and neither 0 nor 1."""
    number = None if isinstance(label, bool) else _number(label)
    return number is not None and not (number.is_integer() and number not in {0.0, 1.0})


def _number(value: Any) -> float | None:
    if isinstance(value, str):
        return number_in(value)
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return None
