"""Joins captures with ground truth, in the merge job's layout; late labels update earlier hours."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from driftkit.engines.choice import LOCAL_BYTES, spark_is_there
from driftkit.engines.merging import local
from driftkit.engines.merging.outcome import Join, Joined
from driftkit.errors import OutputError
from driftkit.formats.jackson import dumps
from driftkit.formats.merge_report import NAME, MergeReport
from driftkit.monitors.data import paths_of
from driftkit.records.merging.counts import MergeCounts, quantile
from driftkit.records.merging.units import ABOUT, KEPT, capture_groups, truth_units
from driftkit.report.files import local_folder, prepare, write_outputs
from driftkit.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from os import PathLike

    from driftkit.records.files import File
    from driftkit.records.merging.units import CaptureGroup

__all__ = ["Merge", "merge"]

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


def merge(
    captures: Any,
    ground_truth: Any,
    output: str | PathLike[str],
    *,
    update: bool = False,
    **settings: Any,
) -> Merge:
    """Joins captured records with labels on inferenceId if there is one, else on eventId.

    Args:
        captures: path or paths of captured data, of an endpoint or of a batch transform job.
        ground_truth: path or paths of JSON Lines with groundTruthData.
        output: folder; merged files go to <endpoint>/<variant>/yyyy/mm/dd/hh/ in it.
        update: whether labels of earlier merges into the same folder count as well.
        **settings: start and end choose the hours of captures, runner where it is done.

    Returns:
        The report, also written as _merge/merge_report.json, beside the labels that an update
        needs; readers of the merged files leave this folder out.

    Raises:
        InputError: an input cannot be read, or no label belongs to a capture.
        OutputError: the folder cannot be written.
        EngineError: Spark failed.
    """
    chosen = Settings.of(**settings)
    folder = _ready(output)
    truths = truth_units(paths_of(ground_truth, "ground_truth")) + _kept(folder, update=update)
    groups = capture_groups(paths_of(captures, "captures"), chosen.start, chosen.end)
    existed = folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".driftkit-", dir=folder) as staging:
            join = Join(captures=groups, truths=truths, folder=staging)
            joined = _joined(join, chosen)
            changed = _publish(Path(staging), folder, joined, _scope(groups))
    except OSError as error:
        raise OutputError(
            "the merged files cannot be written",
            where=str(folder),
            found=error.strerror or str(error),
            todo="Choose another folder, or make room or permissions there",
        ) from error
    finally:
        if not existed and folder.exists() and not any(folder.iterdir()):
            folder.rmdir()
    report = _report(joined, changed)
    write_outputs(folder / ABOUT, {NAME: dumps(report.to_dict())})
    return Merge(report=report, folder=folder)


def _ready(output: str | PathLike[str]) -> Path:
    folder = local_folder(output)
    prepare(folder)
    return folder


def _kept(folder: Path, *, update: bool) -> tuple[tuple[File, ...], ...]:
    kept = folder / KEPT
    if not update or not kept.is_dir() or not any(kept.iterdir()):
        return ()
    return truth_units([str(path) for path in sorted(kept.glob("*.parquet"))])


def _joined(join: Join, settings: Settings) -> Joined:
    size = sum(group.size for group in join.captures)
    size += sum(file.size for files in join.truths for file in files)
    on_spark = settings.runner == "spark" or (
        settings.runner == "auto" and (spark_is_there() or size >= LOCAL_BYTES)
    )
    if not on_spark:
        return local.run(join)
    # Only where Spark is asked for: pyspark need not be there.
    from driftkit.engines.merging import spark  # noqa: PLC0415

    return spark.run(join)


def _scope(groups: Iterable[CaptureGroup]) -> set[str]:
    """Folders of hours that this merge decides about."""
    units = (unit for group in groups for unit in group.units if unit.hour)
    return {unit.target(unit.hour).rpartition("/")[0] for unit in units}


def _publish(staging: Path, folder: Path, joined: Joined, scope: set[str]) -> tuple[str, ...]:
    """Moves hours that are new or differ into place; the others stay as they are, untouched."""
    new: dict[str, set[str]] = {hour: set() for hour in scope}
    for path in joined.written:
        hour, _, name = path.rpartition("/")
        new.setdefault(hour, set()).add(name)
    changed = []
    for hour, names in sorted(new.items()):
        there = {path.name for path in (folder / hour).glob("part-*.c000.jsonl")}
        if there == names and all(_same(staging / n, folder / hour / n) for n in names):
            continue
        changed.append(hour)
        (folder / hour).mkdir(parents=True, exist_ok=True)
        for name in names:
            (staging / name).replace(folder / hour / name)
        for name in there - names:
            (folder / hour / name).unlink()
    shutil.rmtree(folder / KEPT, ignore_errors=True)
    (folder / KEPT).parent.mkdir(parents=True, exist_ok=True)
    (staging / KEPT).replace(folder / KEPT)
    return tuple(changed)


def _same(first: Path, second: Path) -> bool:
    if first.stat().st_size != second.stat().st_size:
        return False
    return first.read_bytes() == second.read_bytes()


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
