"""The files of a merge: which of them change, and which hours are new."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain
from typing import TYPE_CHECKING

from driftkit.capture.truth_join.units import ABOUT, KEPT
from driftkit.formats.jackson import dumps
from driftkit.formats.merge_report import NAME, MergeReport

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from driftkit.io.publishing import Publication

REPORT = f"{ABOUT}/{NAME}"
# Published together with the report, and taken away when the run has told of its changed hours. The
# rest of the name is of the report, so that no run takes another's away.
UNTOLD = f"{ABOUT}/untold-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What a merge changes in its folder.

    Attributes:
        hours: whose merged files are new or differ.
        files: staged name -> name in the folder.
        obsolete: names of files that go away.
        untold: files of merges that were killed before they told of their hours -> the hours.
    """

    hours: tuple[str, ...]
    files: Mapping[str, str]
    obsolete: tuple[str, ...]
    untold: Mapping[str, tuple[str, ...]]

    @property
    def to_tell(self) -> tuple[str, ...]:
        """All hours that nobody was told of."""
        return tuple(sorted({*self.hours, *chain.from_iterable(self.untold.values())}))

    def report_before(self, folder: Path) -> MergeReport | None:
        """The report of a merge that told nobody, if it did already what this one would do."""
        if self.files or self.obsolete or not self.untold:
            return None
        with suppress(OSError, ValueError, KeyError, TypeError):
            report = MergeReport.read(json.loads((folder / REPORT).read_bytes()))
            return report if {*self.to_tell} <= {*report.changed} else None
        return None

    def publish(
        self, publication: Publication, folder: Path, report: MergeReport
    ) -> tuple[str, ...]:
        """Adds the files and the report to what a run publishes; gives the files for `tell`."""
        text = dumps(report.to_dict())
        mine = f"{UNTOLD}{sha256(text.encode()).hexdigest()[:16]}.json"
        contents = {REPORT: text}
        if report.changed:
            contents[mine] = dumps({"changed_hours": list(report.changed)})
        publication.adopt(folder, self.files, (*self.obsolete, *self.untold))
        publication.add(folder, contents)
        return (mine,)


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
        within = f"{hour}/" if hour else ""
        files |= {name: f"{within}{name}" for name in sorted(names)}
        obsolete += [f"{within}{name}" for name in sorted(there - names)]
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


def tell(folder: Path, files: Iterable[str]) -> None:
    """Notes that the changed hours of a report were told.

    Raises:
        OSError: the folder cannot be written.
    """
    for name in files:
        (folder / name).unlink(missing_ok=True)


def _untold(folder: Path) -> dict[str, tuple[str, ...]]:
    found = {}
    for path in sorted(folder.glob(f"{UNTOLD}*.json")):
        with suppress(OSError, ValueError, KeyError, TypeError):
            hours = json.loads(path.read_bytes())["changed_hours"]
            found[f"{ABOUT}/{path.name}"] = tuple(map(str, hours))
    return found
