"""The request and the result of a merge of captures with ground truth."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from driftkit.capture.truth_join.units import KEPT, CaptureGroup
from driftkit.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa

    from driftkit.capture.truth_join.counts import MergeCounts
    from driftkit.io.finding import File

# Ids and labels of a bucket, which one task holds: some hundred megabytes as Python objects.
BUCKET_BYTES = 96 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Join:
    """A merge to be run.

    Attributes:
        captures: groups of captured files.
        truths: groups of files of ground truth.
        folder: where merged files and kept labels are written first.
    """

    captures: tuple[CaptureGroup, ...]
    truths: tuple[tuple[File, ...], ...]
    folder: str

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(group.size for group in self.captures) + self._truth_bytes

    @property
    def _truth_bytes(self) -> int:
        return sum(file.size for files in self.truths for file in files)

    @property
    def buckets(self) -> int:
        """Into how many parts the ids are spread."""
        size = sum(group.size for group in self.captures) // 4 + self._truth_bytes
        return max(1, -(-size // BUCKET_BYTES))

    def keep(self, bucket: int, labels: pa.Table) -> None:
        """Writes the labels of a bucket, for a later update."""
        if labels.num_rows:
            path = Path(self.folder) / KEPT / f"part-{bucket:05d}.parquet"
            path.parent.mkdir(parents=True, exist_ok=True)
            pq.write_table(labels, path)

    @staticmethod
    def check(counts: MergeCounts) -> None:
        """Refuses a merge in which nothing fits.

        Raises:
            InputError: no label was matched.
        """
        if counts.matched:
            return
        bad = [*counts.rejected_captures.examples, *counts.rejected_labels.examples]
        raise InputError(
            "no label belongs to a captured record",
            expected="labels whose eventId is a capture's inferenceId or eventId",
            found=f"captures {_shown(counts.unlabelled_examples)}; "
            f"labels {_shown(counts.orphan_examples)}" + (f"; {bad[0]}" if bad else ""),
            todo="Check that both are of the same endpoint and time",
        )


def _shown(ids: Sequence[str]) -> str:
    return ", ".join(ids) or "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """What a merge came to.

    Attributes:
        written: merged files, relative to the folder, with their records.
        counts: of all parts.
    """

    written: Mapping[str, int]
    counts: MergeCounts
