"""What a merge counts: matched, unlabelled, orphans, duplicates and how late labels came."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from driftkit.columns.chunk import Rejections

if TYPE_CHECKING:
    from collections.abc import Mapping

EXAMPLES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeCounts:
    """Counts of a part of a merge; they add up.

    Attributes:
        captures: captured records that could be read.
        matched: those that got a label.
        duplicate_captures: those left out because an earlier one has the same eventId.
        labels: ground-truth records that could be read.
        label_ids: different ids among them.
        orphan_ids: ids that no capture has.
        conflicting_ids: ids with labels that differ.
        newest_label: the latest hour of a label, as yyyy/mm/dd/hh; empty where none is known.
        delays: label's hour less inference's hour, in hours -> matched records.
        labelled_hours: hour of the inference, as yyyy/mm/dd/hh -> matched records.
        unlabelled_hours: likewise, records without a label.
        unlabelled_examples: ids of captures without a label.
        orphan_examples: ids of labels without a capture.
        rejected_captures: captured records that could not be read.
        rejected_labels: ground-truth records that could not be read.
    """

    captures: int = 0
    matched: int = 0
    duplicate_captures: int = 0
    labels: int = 0
    label_ids: int = 0
    orphan_ids: int = 0
    conflicting_ids: int = 0
    newest_label: str = ""
    delays: Mapping[int, int] = field(default_factory=dict)
    labelled_hours: Mapping[str, int] = field(default_factory=dict)
    unlabelled_hours: Mapping[str, int] = field(default_factory=dict)
    unlabelled_examples: tuple[str, ...] = ()
    orphan_examples: tuple[str, ...] = ()
    rejected_captures: Rejections = field(default_factory=Rejections)
    rejected_labels: Rejections = field(default_factory=Rejections)

    def __add__(self, other: MergeCounts) -> MergeCounts:
        plain = {
            name: getattr(self, name) + getattr(other, name)
            for name in _NAMES
            if name not in _SPECIAL
        }
        for name in _COUNTED:
            counter = Counter(getattr(self, name))
            counter.update(getattr(other, name))
            plain[name] = dict(counter)
        return MergeCounts(
            **plain,
            newest_label=max(self.newest_label, other.newest_label),
            unlabelled_examples=(self.unlabelled_examples + other.unlabelled_examples)[:EXAMPLES],
            orphan_examples=(self.orphan_examples + other.orphan_examples)[:EXAMPLES],
        )

    @property
    def unlabelled(self) -> int:
        """Captured records without a label."""
        return self.captures - self.duplicate_captures - self.matched


_NAMES = tuple(each.name for each in fields(MergeCounts))
_COUNTED = ("delays", "labelled_hours", "unlabelled_hours")
_SPECIAL = {*_COUNTED, "newest_label", "unlabelled_examples", "orphan_examples"}


def delay(hour: str, time: str) -> int | None:
    """Hours from an inference to its label; None where one of the two times is not known.

    >>> delay("2024/01/02/00", "2024-01-01T22:59:59Z")
    2
    """
    label, inference = _hours(hour.replace("/", "")), _hours(time[:13].replace("-", ""))
    return None if label is None or inference is None else label - inference


def hour_of_time(time: str) -> str | None:
    """The hour of a time, as folders have it; None where it is not known.

    >>> hour_of_time("2024-01-01T22:59:59Z")
    '2024/01/01/22'
    """
    hours = _hours(time[:13].replace("-", ""))
    return None if hours is None else f"{datetime.fromtimestamp(hours * 3600, UTC):%Y/%m/%d/%H}"


@lru_cache(maxsize=100_000)
def _hours(text: str) -> int | None:
    digits = text.replace("T", "")
    try:
        moment = datetime.strptime(digits, "%Y%m%d%H").replace(tzinfo=UTC)
    except ValueError:
        return None
    return int(moment.timestamp()) // 3600


def quantile(delays: Mapping[int, int], share: float) -> int | None:
    """The smallest delay that at least a share of the records does not exceed."""
    wanted = share * sum(delays.values())
    reached = 0
    for hours in sorted(delays):
        reached += delays[hours]
        if reached >= wanted:
            return hours
    return None
