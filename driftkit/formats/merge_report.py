"""merge_report.json: the counts of a merge of captures and ground truth."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from driftkit.errors import FormatError
from driftkit.formats.files import read_document

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftkit.io.locations import PathOrUrl

NAME = "merge_report.json"
_HOUR = "%Y/%m/%d/%H"
_IN_TIME = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeReport:
    """What was matched and what was not.

    Attributes:
        captures: records, matched, unlabelled, duplicates.
        labels: records, ids, orphans, duplicates, conflicts.
        delay: of labels, in hours: minimum, median, p95, maximum, before_prediction.
        newest_label: the latest hour of ground truth, as yyyy/mm/dd/hh; None where no label has one.
        labelled_hours: hour of the inference -> captures with a label.
        unlabelled_hours: hour of the inference -> captures without one.
        rejected: reason -> records that could not be read, of both sides.
        examples: where the first of them are.
        hours: merged hour's folder -> records.
        changed: folders of hours whose merged files are new or differ from before.
        version: of the format.
    """

    captures: Mapping[str, int]
    labels: Mapping[str, int]
    delay: Mapping[str, int | None]
    newest_label: str | None = None
    labelled_hours: Mapping[str, int] = field(default_factory=dict)
    unlabelled_hours: Mapping[str, int] = field(default_factory=dict)
    rejected: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    examples: tuple[str, ...] = ()
    hours: Mapping[str, int] = field(default_factory=dict)
    changed: tuple[str, ...] = ()
    version: str = "1.0"

    def to_dict(self) -> dict[str, Any]:
        """The content of the file."""
        return {
            "version": self.version,
            "captures": dict(self.captures),
            "labels": dict(self.labels),
            "label_delay_hours": dict(self.delay),
            "newest_label_hour": self.newest_label,
            "labelled_hours": dict(self.labelled_hours),
            "unlabelled_hours": dict(self.unlabelled_hours),
            "rejected": {side: dict(counts) for side, counts in self.rejected.items()},
            "rejected_examples": list(self.examples),
            "hours": dict(self.hours),
            "changed_hours": list(self.changed),
        }

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> MergeReport:
        """The report of a file's content, as `to_dict` gives it.

        Raises:
            KeyError: a part is missing.
        """
        return cls(
            captures=document["captures"],
            labels=document["labels"],
            delay=document["label_delay_hours"],
            newest_label=document.get("newest_label_hour"),
            labelled_hours=document.get("labelled_hours", {}),
            unlabelled_hours=document.get("unlabelled_hours", {}),
            rejected=document["rejected"],
            examples=tuple(document["rejected_examples"]),
            hours=document["hours"],
            changed=tuple(document["changed_hours"]),
            version=document["version"],
        )

    @property
    def mature_end(self) -> datetime | None:
        """The first hour of which labels are still to come; None where all are there, or nothing tells.

        It is younger than the 95 % quantile of the delays, counted back from the end of the newest
        hour of ground truth, and fewer of its captures have a label than 95 % of what is usual. So
        labels that are delivered all at once, for a week say, do not make the whole week young.

        >>> MergeReport(
        ...     captures={}, labels={}, delay={"p95": 2}, newest_label="2026/11/02/12",
        ...     labelled_hours={"2026/11/02/10": 90, "2026/11/02/11": 80, "2026/11/02/12": 30},
        ...     unlabelled_hours={"2026/11/02/10": 10, "2026/11/02/11": 20, "2026/11/02/12": 70},
        ... ).mature_end
        datetime.datetime(2026, 11, 2, 11, 0, tzinfo=datetime.timezone.utc)
        """
        late = self.delay["p95"]
        if late is None or self.newest_label is None:
            return None
        begin = begin_of(self.newest_label) + timedelta(hours=1 - max(late, 0))
        labelled = self.labelled_hours
        captures = Counter(labelled) + Counter(self.unlabelled_hours)
        shares = {hour: labelled.get(hour, 0) / count for hour, count in captures.items()}
        old = [hour for hour in captures if begin_of(hour) < begin]
        counted = sum(captures[hour] for hour in old)
        usual = max(shares.values(), default=0.0)
        if counted:
            usual = sum(labelled.get(hour, 0) for hour in old) / counted
        lacking = [hour for hour in shares.keys() - old if shares[hour] < _IN_TIME * usual]
        return begin_of(min(lacking)) if lacking else None

    @property
    def sentence(self) -> str:
        """One line for people."""
        captures, labels, delay = self.captures, self.labels, self.delay
        parts = [
            f"{captures['matched']:,} of {captures['records']:,} captures matched",
            f"{captures['unlabelled']:,} unlabelled",
            f"{labels['orphans']:,} orphan labels",
            f"{captures['duplicates'] + labels['duplicates']:,} duplicates",
            f"{labels['conflicts']:,} conflicts",
        ]
        if delay.get("median") is not None:
            parts.append(f"labels {delay['median']} h late (95 %: {delay['p95']} h)")
        return ", ".join(parts)


def begin_of(hour: str) -> datetime:
    """When an hour of a report begins.

    >>> begin_of("2026/11/02/11")
    datetime.datetime(2026, 11, 2, 11, 0, tzinfo=datetime.timezone.utc)
    """
    return datetime.strptime(hour, _HOUR).replace(tzinfo=UTC)


def read_file(path: PathOrUrl) -> MergeReport:
    """The report in a file.

    Raises:
        FormatError: the file is missing, or is no report of a merge.
    """
    try:
        report = MergeReport.read(read_document(path))
        _ = report.mature_end
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise FormatError(
            "this is no report of a merge",
            where=str(path),
            expected=f"{NAME} as driftkit merge writes it, with label_delay_hours",
            found=f"{type(error).__name__}: {error}",
            todo=f"Merge again, or name another {NAME}",
        ) from error
    return report
