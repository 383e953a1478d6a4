"""merge_report.json: the counts of a merge of captures and ground truth."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME = "merge_report.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeReport:
    """What was matched and what was not.

    Attributes:
        captures: records, matched, unlabelled, duplicates.
        labels: records, ids, orphans, duplicates, conflicts.
        delay: of labels, in hours: minimum, median, p95, maximum, before_prediction.
        rejected: reason -> records that could not be read, of both sides.
        examples: where the first of them are.
        hours: merged hour's folder -> records.
        changed: folders of hours whose merged files are new or differ from before.
        version: of the format.
    """

    captures: Mapping[str, int]
    labels: Mapping[str, int]
    delay: Mapping[str, int | None]
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
            rejected=document["rejected"],
            examples=tuple(document["rejected_examples"]),
            hours=document["hours"],
            changed=tuple(document["changed_hours"]),
            version=document["version"],
        )

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
