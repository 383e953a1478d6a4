"""Joins captures with ground truth by id, in the merge job's layout."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple, TypedDict, Unpack

from driftkit.capture.truth_join.counts import MergeCounts, quantile
from driftkit.capture.truth_join.units import KEPT, capture_groups, truth_units
from driftkit.compute.truth_join.execution import joined
from driftkit.compute.truth_join.join import Join
from driftkit.formats.merge_report import MergeReport
from driftkit.io.publishing import publishing, reported
from driftkit.io.reading import reading_data
from driftkit.io.writing import holding, local_folder
from driftkit.monitors import merge_files
from driftkit.readers.opening import paths_of
from driftkit.settings import RunnerName, Settings
from driftkit.settings.declaring import spelt_out

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from os import PathLike
    from pathlib import Path

    from driftkit.capture.truth_join.units import CaptureGroup
    from driftkit.compute.truth_join.join import Joined
    from driftkit.io.finding import File
    from driftkit.io.publishing import Publication

__all__ = ["Merge", "merge", "merging"]


class MergeKeywords(TypedDict, total=False):
    """The settings of a merge."""

    start: datetime | str | None
    end: datetime | str | None
    runner: RunnerName


Paths = "str | PathLike[str] | Sequence[str | PathLike[str]]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """A merge that was done.

    Attributes:
        report: what it came to.
        folder: where the merged files are.
    """

    report: MergeReport
    folder: Path

    @property
    def changed_hours(self) -> tuple[str, ...]:
        """Folders of the hours whose quality should be computed, or computed again."""
        return self.report.changed


@spelt_out(Settings, "start", "end", "runner")
def merge(
    captures: Any,
    ground_truth: Any,
    output: str | PathLike[str],
    *,
    update: bool = False,
    wait: float = 0.0,
    **settings: Unpack[MergeKeywords],
) -> Merge:
    """Joins captured records with labels on inferenceId if there is one, else on eventId.

    Args:
        captures: path or paths of captured data, of an endpoint or of a batch transform job.
        ground_truth: path or paths of JSON Lines with groundTruthData.
        output: folder; merged files go to `<endpoint>/<variant>/yyyy/mm/dd/hh/` in it.
        update: whether labels of earlier merges into the same folder count as well.
        wait: seconds to wait for another run that writes into the folder; math.inf waits for as
            long as it takes.
        **settings: start and end choose the hours of captures, runner where it is done.

    Returns:
        The report, also written as _merge/merge_report.json, beside the labels that an update
        needs; readers of the merged files leave this folder out. Hours that a killed merge changed
        and told nobody of are among the changed ones.

    Raises:
        InputError: an input cannot be read, or no label belongs to a capture.
        OutputError: the folder cannot be written, or another run is writing there.
        EngineError: Spark failed.
    """
    with merging(captures, ground_truth, output, update=update, wait=wait, **settings) as done:
        return done


@contextmanager
def merging(
    captures: Any,
    ground_truth: Any,
    output: str | PathLike[str],
    *,
    update: bool = False,
    wait: float = 0.0,
    **settings: Unpack[MergeKeywords],
) -> Iterator[Merge]:
    """Merges as `merge` does; changed hours count as told when the block has ended."""
    chosen = Settings.from_keywords(**settings)
    folder = local_folder(output)
    with holding(folder, wait=wait):
        with publishing(folder) as publication, reading_data(captures, ground_truth):
            asked = _Request(captures, ground_truth, update, chosen)
            done, untold = _merged(asked, folder, publication)
        yield done
    # After everything else: whoever is killed before has told nobody.
    with reported(folder):
        merge_files.tell(folder, untold)


class _Request(NamedTuple):
    captures: Any
    ground_truth: Any
    update: bool
    settings: Settings


def _merged(asked: _Request, folder: Path, publication: Publication) -> tuple[Merge, Iterable[str]]:
    """The merge, and the files that say that nobody was told of its hours."""
    truths = truth_units(paths_of(asked.ground_truth, "ground_truth")) + _kept(
        folder, update=asked.update
    )
    groups = capture_groups(
        paths_of(asked.captures, "captures"), asked.settings.window.start, asked.settings.window.end
    )
    staging = publication.staged(folder)
    with reported(folder):
        join = Join(captures=groups, truths=truths, folder=str(staging))
        done = joined(join, asked.settings.compute)
        changes = merge_files.changes(staging, folder, done.written, _scope(groups))
        report = changes.report_before(folder)
    if report is not None:
        return Merge(report=report, folder=folder), tuple(changes.untold)
    report = _report(done, changes.to_tell)
    return Merge(report=report, folder=folder), changes.publish(publication, folder, report)


def _kept(folder: Path, *, update: bool) -> tuple[tuple[File, ...], ...]:
    kept = folder / KEPT
    if not update or not kept.is_dir() or not any(kept.iterdir()):
        return ()
    return truth_units([str(path) for path in sorted(kept.glob("*.parquet"))])


def _scope(groups: Iterable[CaptureGroup]) -> set[str]:
    """Folders of hours that this merge decides about."""
    units = (unit for group in groups for unit in group.units if unit.hour)
    return {unit.target(unit.hour).rpartition("/")[0] for unit in units}


def _report(joined: Joined, changed: tuple[str, ...]) -> MergeReport:
    counts = joined.counts
    hours: dict[str, int] = {}
    for path, records in sorted(joined.written.items()):
        hour = path.rpartition("/")[0]
        hours[hour] = hours.get(hour, 0) + records
    return MergeReport(
        captures={
            "records": counts.captures,
            "matched": counts.matched,
            "unlabelled": counts.unlabelled,
            "duplicates": counts.duplicate_captures,
        },
        labels={
            "records": counts.labels,
            "ids": counts.label_ids,
            "orphans": counts.orphan_ids,
            "duplicates": counts.labels - counts.label_ids,
            "conflicts": counts.conflicting_ids,
        },
        delay=_delay(counts),
        newest_label=counts.newest_label or None,
        labelled_hours=dict(sorted(counts.labelled_hours.items())),
        unlabelled_hours=dict(sorted(counts.unlabelled_hours.items())),
        rejected=_rejected(counts),
        examples=counts.rejected_captures.examples + counts.rejected_labels.examples,
        hours=hours,
        changed=changed,
    )


def _delay(counts: MergeCounts) -> Mapping[str, int | None]:
    delays = counts.delays
    return {
        "minimum": min(delays, default=None),
        "median": quantile(delays, 0.5),
        "p95": quantile(delays, 0.95),
        "maximum": max(delays, default=None),
        "before_prediction": sum(records for hours, records in delays.items() if hours < 0),
    }


def _rejected(counts: MergeCounts) -> dict[str, Mapping[str, int]]:
    sides = {"captures": counts.rejected_captures, "labels": counts.rejected_labels}
    return {side: rejected.counts for side, rejected in sides.items() if rejected.total}
