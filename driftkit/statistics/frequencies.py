"""Values and how many rows have them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

LIMIT = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Frequencies:
    """Rows by value, up to 512 different values; beyond, those of the domain only.

    Attributes:
        counts: value -> rows.
        total: rows with a value.
        domain: values that are counted however many others there are.
        overflowed: whether there were more than 512 different values.
    """

    counts: Mapping[str, int] = field(default_factory=dict)
    total: int = 0
    domain: frozenset[str] = frozenset()
    overflowed: bool = False

    def __add__(self, other: Frequencies) -> Frequencies:
        if not self.total or not other.total:
            return self if self.total or (self.domain and not other.total) else other
        overflowed = self.overflowed or other.overflowed or self._is_too_many_with(other)
        # What only one side was asked to count is not known of the other side's rows.
        domain = self.domain & other.domain
        mine, theirs = self.counts, other.counts
        if overflowed:
            mine, theirs = _within(mine, domain), _within(theirs, domain)
        counts = {**mine, **theirs}
        for value in mine.keys() & theirs.keys():
            counts[value] += mine[value]
        return Frequencies(
            counts=counts,
            total=self.total + other.total,
            domain=domain,
            overflowed=overflowed,
        )

    @classmethod
    def of(cls, counts: Mapping[str, int], domain: frozenset[str] = frozenset()) -> Frequencies:
        """The frequencies of all values of some rows."""
        overflowed = len(counts) > LIMIT
        return cls(
            counts=_within(counts, domain) if overflowed else dict(counts),
            total=sum(counts.values()),
            domain=domain,
            overflowed=overflowed,
        )

    def _is_too_many_with(self, other: Frequencies) -> bool:
        most = len(self.counts) + len(other.counts)
        return most > LIMIT and len(self.counts.keys() | other.counts.keys()) > LIMIT

    @property
    def others(self) -> int:
        """Rows whose value is not counted by itself."""
        return self.total - sum(self.counts.values())

    def known(self) -> dict[str, int]:
        """Rows by value for every value that is counted exactly."""
        return dict(self.counts)


def _within(counts: Mapping[str, int], domain: frozenset[str]) -> dict[str, int]:
    return {value: count for value, count in counts.items() if value in domain} if domain else {}
