"""Adds up the frequencies of many tables at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from driftkit.statistics.arrays import values_of
from driftkit.statistics.frequencies import LIMIT, Frequencies

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from driftkit.statistics.arrays import Integers
    from driftkit.statistics.sheets import Sheets


def joined_frequencies(sheets: Sheets) -> Iterator[Frequencies]:
    """The sum of each column's states from left to right."""
    totals, overflowed = sheets.numbers("counted"), sheets.truths("overflowed")
    values, rows, domains = (sheets.lists(name) for name in ("values", "rows", "domain"))
    for place in range(totals.shape[1]):
        tables = _that_count(totals[:, place], domains.lengths[:, place])
        domain = _common(domains.of(place, tables))
        counts = _added_up(values.of(place, tables), rows.of(place, tables))
        over = bool(overflowed[tables, place].any()) or len(counts) > LIMIT
        if over:
            counts = {value: count for value, count in counts.items() if value in domain}
        yield Frequencies(
            counts=counts, total=int(totals[:, place].sum()), domain=domain, overflowed=over
        )


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
