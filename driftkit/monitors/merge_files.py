"""The files of a merge: which of them change, and which hours nobody was told of yet."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from driftkit.formats.jackson import dumps
from driftkit.formats.merge_report import NAME, MergeReport
from driftkit.records.merging.units import ABOUT, KEPT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from driftkit.io.publishing import Publication

REPORT = f"{ABOUT}/{NAME}"
# Published with the hours that changed, and taken away once the run has told of them.
UNTOLD = f"{ABOUT}/untold_hours.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What a merge changes in its folder.

    Attributes:
        hours: whose merged files are new or differ.
        files: staged name -> name in the folder.
        obsolete: names of files that go away.
        untold: hours of earlier merges that were killed before they told of them.
    """

    hours: tuple[str, ...]
    files: Mapping[str, str]
    obsolete: tuple[str, ...]
    untold: tuple[str, ...]

    @property
    def is_nothing(self) -> bool:
        """Whether an earlier merge, which told nobody, did the same already."""
        return bool(self.untold) and not self.files and not self.obsolete

    def publish(self, publication: Publication, folder: Path, report: MergeReport) -> None:
        """Adds the files and the report to what a run publishes."""
        publication.adopt(folder, self.files, self.obsolete)
        if self.is_nothing:
            return
        contents = {REPORT: dumps(report.to_dict())}
        if report.changed:
            contents[UNTOLD] = dumps({"changed_hours": list(report.changed)})
        publication.add(folder, contents)


def changes(staging: Path, folder: Path, written: Iterable[str], scope: Iterable[str]) -> Changes:
    """Compares what was merged with what is in the folder; what is the same stays, untouched.

    Args:
        staging: merged files by their names, and kept labels.
        folder: of the output.
        written: merged files, relative to the folder.
        scope: folders of hours that this merge decides about.

    Raises:
        OSError: a file cannot be read.
    """
    new: dict[str, set[str]] = {hour: set() for hour in scope}
    for path in written:
        hour, _, name = path.rpartition("/")
        new.setdefault(hour, set()).add(name)
    hours: list[str] = []
    files: dict[str, str] = {}
    obsolete: list[str] = []
    for hour, names in sorted(new.items()):
        there = {path.name for path in (folder / hour).glob("part-*.c000.jsonl")}
        if there == names and all(_same(staging / n, folder / hour / n) for n in names):
            continue
        hours.append(hour)
        files |= {name: f"{hour}/{name}" for name in sorted(names)}
        obsolete += [f"{hour}/{name}" for name in sorted(there - names)]
    kept, gone = _labels(staging, folder)
    return Changes(
        hours=tuple(hours),
        files={**files, **kept},
        obsolete=(*obsolete, *gone),
        untold=_untold(folder),
    )


def _labels(staging: Path, folder: Path) -> tuple[dict[str, str], list[str]]:
    """The kept labels that are new, and those that go."""
    new = {path.name for path in (staging / KEPT).glob("*")}
    there = {path.name for path in (folder / KEPT).glob("*")}
    if there == new and all(_same(staging / KEPT / n, folder / KEPT / n) for n in new):
        return {}, []
    return {f"{KEPT}/{n}": f"{KEPT}/{n}" for n in sorted(new)}, [
        f"{KEPT}/{n}" for n in sorted(there - new)
    ]


def _same(first: Path, second: Path) -> bool:
    if first.stat().st_size != second.stat().st_size:
        return False
    return first.read_bytes() == second.read_bytes()


def last_report(folder: Path) -> MergeReport | None:
    """The report of the merge before this one, if there is one that can be read."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        return MergeReport.read(json.loads((folder / REPORT).read_bytes()))
    return None


def tell(folder: Path) -> None:
    """Notes that the changed hours of the last report were told.

    Raises:
        OSError: the folder cannot be written.
    """
    (folder / UNTOLD).unlink(missing_ok=True)


def _untold(folder: Path) -> tuple[str, ...]:
    with suppress(OSError, ValueError, KeyError, TypeError):
        return tuple(map(str, json.loads((folder / UNTOLD).read_bytes())["changed_hours"]))
    return ()
