"""Takes windows that were reported into the reference of a baseline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from driftkit.errors import InputError
from driftkit.io.locations import locate
from driftkit.io.reading import of_a_run
from driftkit.io.writing import write_outputs
from driftkit.monitors.data_quality.drift.windows import baseline_counts, earlier_counts
from driftkit.monitors.data_quality.kept_files import read_cells
from driftkit.monitors.data_quality.results import Baseline
from driftkit.states.cells import counted as cells

if TYPE_CHECKING:
    from datetime import datetime

    from driftkit.io.locations import Location, PathOrUrl
    from driftkit.states.cells.counted import Block, CellCounts


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """What was taken into a reference.

    Attributes:
        blocks: that it has taken.
        counts: the reference as it is now.
        files: that were written.
    """

    blocks: tuple[Block, ...]
    counts: CellCounts
    files: tuple[Location, ...]

    def said(self) -> str:
        """The same in words."""
        unit = self.counts.unit or "window"
        named = ", ".join(_named(each, self.counts.unit) for each in self.blocks if each.start)
        taken = f"{len(self.blocks)} {unit}{'s' if len(self.blocks) != 1 else ''}"
        return (
            f"Accepted {taken}{f' ({named})' if named else ''}: the reference has "
            f"{len(self.counts.blocks)} now; {self.files[0]}"
        )


def _named(block: Block, unit: str | None) -> str:
    if block.start is None:
        return ""
    return block.start.strftime("%Y-%m-%d" if unit in {"day", "week"} else "%Y-%m-%dT%H:%M")


def accept(baseline: PathOrUrl, *reports: PathOrUrl) -> Accepted:
    """Takes windows into the reference of a baseline: what they show is normal from now on.

    An accepted day belongs to the days by which later ones are judged, whatever alarm it raised,
    and windows before it are no longer added up with those after it. A day that was accepted before
    is replaced.

    Args:
        baseline: its folder, whose cells.arrow is written.
        *reports: folders of reports that `monitor` wrote, with their cells.arrow.

    Raises:
        InputError: a report cannot be taken in.
        FormatError: a file is missing or damaged.
        OutputError: the baseline cannot be written.
    """
    folder = locate(baseline)
    known = known_counts(baseline)
    found, remarks = earlier_counts(reports, known.grids)
    if remarks or not found:
        raise InputError(
            "a report cannot be accepted",
            where=", ".join(map(str, reports)),
            expected=f"reports with {cells.FILE}, compared with the baseline {folder}",
            found="; ".join(remarks) or "none",
            todo="Compare the window with this baseline, and keep its states, then accept it",
        )
    total = known
    taken: list[Block] = []
    for each in found:
        own = each.on(known.grids).standing("accepted")
        total = _without(total, {block.start for block in own.blocks} - {None}) + own
        taken += own.blocks
    written = write_outputs(folder, {cells.FILE: total.dumps()})
    return Accepted(blocks=tuple(taken), counts=total, files=written)


@of_a_run
def known_counts(baseline: PathOrUrl) -> CellCounts:
    """The counts of a baseline: of its blocks of time, else of all rows as one.

    Raises:
        InputError: it has no distributions.
        FormatError: a file is missing or damaged.
    """
    read = Baseline.read(baseline)
    known = baseline_counts(read.statistics, read.cells)
    if known is None:
        raise InputError(
            "the baseline has no distributions",
            where=str(baseline),
            expected="its statistics.json, or blocks of time",
            found="constraints alone",
            todo="Make the baseline again",
        )
    return known


def no_longer_accepted(baseline: PathOrUrl, counts: CellCounts | None) -> str | None:
    """A line about accepted blocks that a baseline made of this one does not have; None of none.

    Its cells are others, on which windows that were counted before cannot be.

    Args:
        baseline: the folder that rows were added to.
        counts: of the new one.

    Raises:
        FormatError: the folder's counts are damaged.
    """
    known = read_cells(locate(baseline))
    there = {each.start for each in counts.blocks} if counts is not None else set()
    lost = [
        each
        for each in (known.blocks if known is not None else ())
        if each.standing == "accepted" and each.start not in there
    ]
    if known is None or not lost:
        return None
    named = ", ".join(filter(None, (_named(each, known.unit) for each in lost)))
    return (
        f"accepted before, but no rows of this baseline, so accept them again: {named or len(lost)}"
    )


def _without(counts: CellCounts, starts: set[datetime | None]) -> CellCounts:
    kept = [index for index, block in enumerate(counts.blocks) if block.start not in starts]
    return counts if len(kept) == len(counts.blocks) else counts.only(kept)
