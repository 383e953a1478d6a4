"""Frequencies of values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from driftkit.native.arrays import values_of
from driftkit.states.profile.bucket_storage import (
    BUCKET_FIELDS,
    BucketsTable,
    bucket_findings,
    bucket_values,
)
from driftkit.states.profile.buckets import NONE, Buckets
from driftkit.states.profile.state_table import any_of, running
from driftkit.states.schemas import COUNT, COUNTS, TEXTS, Field, StateSchema, count_findings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from driftkit.native.arrays import Integers
    from driftkit.states.profile.state_table import StateTable
    from driftkit.states.schemas import Finding

LIMIT = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Frequencies:
    """Rows by value, up to 512 different values; beyond, those of the domain, and all by bucket.

    Attributes:
        counts: value -> rows.
        total: rows with a value.
        domain: values that are counted however many others there are.
        overflowed: whether there were more than 512 different values.
        buckets: where there were, rows by the hash of their values; None of values that are not told
            apart by it.
    """

    counts: Mapping[str, int] = field(default_factory=dict)
    total: int = 0
    domain: frozenset[str] = frozenset()
    overflowed: bool = False
    buckets: Buckets | None = NONE

    def __add__(self, other: Frequencies) -> Frequencies:
        if not self.total or not other.total:
            return self if self.total or (self.domain and not other.total) else other
        overflowed = self.overflowed or other.overflowed
        if not overflowed and len(self.counts) + len(other.counts) > LIMIT:
            overflowed = len(self.counts.keys() | other.counts.keys()) > LIMIT
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
            buckets=_both(self, other) if overflowed else self.buckets and other.buckets,
        )

    @classmethod
    def from_counts(
        cls, counts: Mapping[str, int], domain: frozenset[str] = frozenset()
    ) -> Frequencies:
        """The frequencies of all values of some rows."""
        overflowed = len(counts) > LIMIT
        return cls(
            counts=_within(counts, domain) if overflowed else dict(counts),
            total=sum(counts.values()),
            domain=domain,
            overflowed=overflowed,
            buckets=Buckets.of_counts(counts) if overflowed else NONE,
        )

    def by_bucket(self) -> Buckets | None:
        """Rows by the hash of their values, whether or not each value is counted; None if not known."""
        if self.overflowed or self.buckets is None:
            return self.buckets
        return Buckets.of_counts(self.counts)

    @property
    def others(self) -> int:
        """Rows whose value is not counted by itself."""
        return self.total - sum(self.counts.values())

    def known(self) -> dict[str, int]:
        """Rows by value for every value that is counted exactly."""
        return dict(self.counts)


def _both(one: Frequencies, other: Frequencies) -> Buckets | None:
    mine, theirs = one.by_bucket(), other.by_bucket()
    return None if mine is None or theirs is None else mine + theirs


def _within(counts: Mapping[str, int], domain: frozenset[str]) -> dict[str, int]:
    return {value: count for value, count in counts.items() if value in domain} if domain else {}


def _decoded(batch: pa.RecordBatch) -> Iterator[Frequencies]:
    lists = (batch.column(field.name).to_pylist() for field in _OF_VALUES)
    buckets = BucketsTable(*(batch.column(each.name) for each in BUCKET_FIELDS))
    for index, (values, rows, total, domain, overflowed) in enumerate(zip(*lists, strict=True)):
        yield Frequencies(
            counts=dict(zip(values, rows, strict=True)),
            total=total,
            domain=frozenset(domain),
            overflowed=overflowed,
            buckets=buckets.of(index, overflowed=overflowed),
        )


def _merged(table: StateTable) -> Iterator[Frequencies]:
    totals, overflowed = table.grid("counted"), table.truths("overflowed").reshape(table.shape)
    values, rows, domains = (_Lists(table, name) for name in ("values", "rows", "domain"))
    hashed = BucketsTable(*(table.array(each.name) for each in BUCKET_FIELDS))
    columns = totals.shape[1]
    for index in range(columns):
        tables = _that_count(totals[:, index], domains.lengths[:, index])
        domain = _common(domains.of(index, tables))
        counts = _added_up(values.of(index, tables), rows.of(index, tables))
        over = bool(overflowed[tables, index].any()) or len(counts) > LIMIT
        parts = [
            hashed.of(at * columns + index, overflowed=bool(overflowed[at, index])) for at in tables
        ]
        if over:
            # Of tables that counted each value the buckets are made of these.
            parts = [
                part
                if part is None or overflowed[at, index]
                else Buckets.of_counts(_added_up(values.of(index, [at]), rows.of(index, [at])))
                for at, part in zip(tables, parts, strict=True)
            ]
        yield Frequencies(
            counts=_within(counts, domain) if over else counts,
            total=int(totals[:, index].sum()),
            domain=domain,
            overflowed=over,
            buckets=_summed(parts),
        )


def _summed(parts: Sequence[Buckets | None]) -> Buckets | None:
    """The buckets of all parts; None if one of them has none."""
    known = [each for each in parts if each is not None]
    if len(known) < len(parts):
        return None
    return sum((each for each in known if each is not NONE), NONE)


class _Lists:
    """A field of lists, taken apart by columns."""

    def __init__(self, table: StateTable, name: str) -> None:
        self._items, bounds = table.lists(name)
        self._starts = bounds[:-1].reshape(table.shape)
        self.lengths = np.diff(bounds).reshape(table.shape)

    def of(self, index: int, tables: Sequence[int]) -> list[pa.Array]:
        """The lists of a column in some tables; none where all are empty."""
        if not self.lengths[tables, index].any():
            return []
        starts, lengths = (each[tables, index].tolist() for each in (self._starts, self.lengths))
        return list(map(self._items.slice, starts, lengths))


def _that_count(totals: Integers, domains: Integers) -> list[int]:
    """The tables with values; where none has any, the one whose domain stays."""
    filled: list[int] = np.flatnonzero(totals).tolist()
    return filled or np.flatnonzero(domains)[:1].tolist() or [len(totals) - 1]


def _common(domains: Sequence[pa.Array]) -> frozenset[str]:
    """What all domains have; mostly they are the same."""
    if not domains:
        return frozenset()
    first = domains[0]
    others = [domain for domain in domains if not domain.equals(first)]
    return frozenset(first.to_pylist()).intersection(*(domain.to_pylist() for domain in others))


def _added_up(values: Sequence[pa.Array], rows: Sequence[pa.Array]) -> dict[str, int]:
    """Rows by value, in the order in which values are met first."""
    if not values:
        return {}
    encoded = pa.concat_arrays(values).dictionary_encode()
    sums = np.zeros(len(encoded.dictionary), np.int64)
    np.add.at(sums, values_of(encoded.indices), np.concatenate(list(map(values_of, rows))))
    return dict(zip(encoded.dictionary.to_pylist(), sums.tolist(), strict=True))


def _check(table: StateTable) -> Iterator[Finding]:
    yield from count_findings([_COUNTED], table)
    counted = table.numbers("counted")
    yield "counted", "no more values than are present", counted > table.numbers("present")
    (values, bounds), (counts, indices), (_, domains) = map(
        table.lists, ("values", "rows", "domain")
    )
    lengths = np.diff(bounds)
    yield "rows", "a number for each of the values", np.diff(indices) != lengths
    yield "values", f"at most {LIMIT}, or those of the domain", lengths > LIMIT + np.diff(domains)
    rows = values_of(counts)
    wrong = (rows < 0) | (rows > np.repeat(counted, lengths))
    yield "rows", "0 or more, and no more than were counted", any_of(wrong, bounds)
    yield "rows", "together no more than were counted", np.diff(running(rows)[bounds]) > counted
    codes = values_of(values.dictionary_encode().indices).astype(np.int64)
    codes = codes * len(lengths) + np.repeat(np.arange(len(lengths)), lengths)
    codes.sort()
    wrong = np.zeros(len(lengths), np.bool_)
    wrong[codes[1:][codes[1:] == codes[:-1]] % len(lengths)] = True
    yield "values", "every value once", wrong

    yield from bucket_findings(table)


_COUNTED = Field(name="counted", type=COUNT, attribute="total")
_OF_VALUES = (
    Field(name="values", type=TEXTS),
    Field(name="rows", type=COUNTS),
    _COUNTED,
    Field(name="domain", type=TEXTS),
    Field(name="overflowed", type=pa.bool_()),
)
FREQUENCIES = StateSchema(
    empty=Frequencies(),
    fields=(*_OF_VALUES, *BUCKET_FIELDS),
    encode=lambda state: [
        list(state.counts),
        list(state.counts.values()),
        state.total,
        sorted(state.domain),
        state.overflowed,
        *bucket_values(state.buckets),
    ],
    decode=_decoded,
    check=_check,
    merge=_merged,
)
