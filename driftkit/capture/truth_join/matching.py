"""Matches labels with captured records, for one bucket of ids.

One label serves every capture with its id. Of several labels of an id the one of the latest
hour counts, and of one hour the last by its text: a choice that depends on the set of labels
alone, so neither the order in which they come nor their coming in pieces changes what is merged.
Of captures with one eventId the first counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa
from pyarrow import compute as pc

from driftkit.capture.truth_join import tables
from driftkit.capture.truth_join.counts import EXAMPLES, MergeCounts, delay, hour_of_time
from driftkit.capture.truth_join.records import LABELS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from driftkit.capture.truth_join.hash_join import BucketRows

_TIME_DIGITS = 13


class Matches(NamedTuple):
    """What a bucket of ids comes to.

    Attributes:
        by_group: `tables.MATCHED` by the number of the group of captures.
        labels: every different label, to be kept for an update.
        counts: of the bucket.
    """

    by_group: dict[int, pa.Table]
    labels: pa.Table
    counts: MergeCounts


def match(rows_by_bucket: Iterable[BucketRows]) -> Matches:
    """Joins the captures and labels of a bucket."""
    parts = sorted(rows_by_bucket, key=lambda bucket_rows: bucket_rows.group)
    labels = tables.together([part.rows for part in parts if part.group < 0], LABELS)
    winners, conflicts = labels, 0
    if not _all_differ(labels.column("key")):
        labels = _distinct(labels)
        winners, conflicts = _winners(labels)
    seen = _seen([part for part in parts if part.group >= 0])
    kept = _first_of_each(seen)
    # Where each capture's label is among the winners; null where it has none.
    at = pc.index_in(kept.column("key"), value_set=winners.column("key").combine_chunks())
    matched = kept.filter(pc.is_valid(at))
    found = winners.take(at.drop_null())
    used = np.zeros(winners.num_rows, dtype=np.bool_)
    used[at.drop_null().to_numpy()] = True
    orphans = winners.filter(pa.array(~used)).column("key")
    unlabelled = kept.filter(pc.is_null(at))
    counts = MergeCounts(
        matched=matched.num_rows,
        duplicate_captures=seen.num_rows - kept.num_rows,
        label_ids=winners.num_rows,
        orphan_ids=len(orphans),
        conflicting_ids=conflicts,
        newest_label=pc.max(winners.column("hour")).as_py() or "",
        delays=_delays(found.column("hour"), matched.column("time")),
        labelled_hours=_by_hour(matched.column("time")),
        unlabelled_hours=_by_hour(unlabelled.column("time")),
        unlabelled_examples=tuple(unlabelled.column("key").slice(0, EXAMPLES).to_pylist()),
        orphan_examples=tuple(orphans.slice(0, EXAMPLES).to_pylist()),
    )
    return Matches(_by_group(matched, found), labels, counts)


def _all_differ(values: pa.ChunkedArray) -> bool:
    """The usual case, seen many times sooner than the others are told apart."""
    return int(pc.count_distinct(values).as_py()) == len(values)


def _distinct(labels: pa.Table) -> pa.Table:
    grouped = labels.group_by(labels.column_names, use_threads=False).aggregate([])
    return grouped.select(labels.column_names)


def _winners(labels: pa.Table) -> tuple[pa.Table, int]:
    """The label that counts of each id, and how many ids have labels that differ."""
    ordered = labels.sort_by([(name, "ascending") for name in ("key", "hour", "data", "encoding")])
    keys = ordered.column("key").combine_chunks()
    same = pc.equal(keys.slice(1), keys.slice(0, len(keys) - 1)).to_numpy(zero_copy_only=False)
    last = np.append(~same, True)
    contents = labels.group_by(["key", "data", "encoding"], use_threads=False).aggregate([])
    several = contents.group_by("key", use_threads=False).aggregate([([], "count_all")])
    conflicts = pc.sum(pc.greater(several.column("count_all"), 1)).as_py() or 0
    return ordered.filter(pa.array(last)), int(conflicts)


def _seen(parts: list[BucketRows]) -> pa.Table:
    """All captures of the bucket with variant and group, in their order."""
    schema = tables.SEEN.append(pa.field("variant", pa.string())).append(
        pa.field("group", pa.int64())
    )
    found = [
        part.rows.append_column(
            "variant", pa.repeat(pa.scalar(part.variant), part.rows.num_rows)
        ).append_column("group", pa.repeat(pa.scalar(part.group), part.rows.num_rows))
        for part in parts
    ]
    return tables.together(found, schema)


def _first_of_each(seen: pa.Table) -> pa.Table:
    """Without records whose eventId an earlier record of the same endpoint and variant has."""
    if _all_differ(seen.column("event")):
        return seen
    rows = seen.append_column("row", pa.array(np.arange(seen.num_rows)))
    named = rows.filter(pc.not_equal(rows.column("event"), ""))
    groups = named.group_by(["variant", "key", "event"], use_threads=False)
    first = groups.aggregate([("row", "min")]).column("row_min")
    # A record without an eventId cannot be told from another.
    nameless = rows.filter(pc.equal(rows.column("event"), "")).column("row")
    kept = np.sort(np.concatenate([first.to_numpy(), nameless.to_numpy()]))
    return seen.take(kept)


def _delays(hours: pa.ChunkedArray, times: pa.ChunkedArray) -> dict[int, int]:
    pairs = pa.table({"hour": hours, "time": pc.utf8_slice_codeunits(times, 0, _TIME_DIGITS)})
    counted = pairs.group_by(["hour", "time"], use_threads=False).aggregate([([], "count_all")])
    delays: dict[int, int] = {}
    for row in counted.to_pylist():
        late = delay(row["hour"], row["time"])
        if late is not None:
            delays[late] = delays.get(late, 0) + row["count_all"]
    return delays


def _by_hour(times: pa.ChunkedArray) -> dict[str, int]:
    """Records by the hour of their inference, as far as it is known."""
    counts: dict[str, int] = {}
    for each in pc.value_counts(pc.utf8_slice_codeunits(times, 0, _TIME_DIGITS)).to_pylist():
        hour = hour_of_time(each["values"])
        if hour is not None:
            counts[hour] = counts.get(hour, 0) + each["counts"]
    return counts


def _by_group(matched: pa.Table, found: pa.Table) -> dict[int, pa.Table]:
    whole = pa.table(
        {
            "number": matched.column("number"),
            "data": found.column("data"),
            "encoding": found.column("encoding"),
        }
    )
    # Captures are in the order of their groups.
    numbers, starts = np.unique(matched.column("group").to_numpy(), return_index=True)
    stops = np.append(starts[1:], whole.num_rows)[: len(starts)]
    return {
        int(group): whole.slice(start, stop - start)
        for group, start, stop in zip(numbers, starts, stops, strict=True)
    }
