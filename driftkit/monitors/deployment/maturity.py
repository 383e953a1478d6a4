"""Leaves out requests so new that their labels may still come, by what the merge of labels reported."""

from __future__ import annotations

from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING

from driftkit.capture.request_times import request_dataset
from driftkit.capture.variant import folder_of
from driftkit.capture.window import HOUR, TimeRange, hour_of
from driftkit.compute.choice import runner_of
from driftkit.compute.job import Job
from driftkit.errors import InputError, SettingsError
from driftkit.formats.deployment.moments import moment_text
from driftkit.formats.merge_report import read_file
from driftkit.monitors.merge_reports import report_beside
from driftkit.states.deployment.requests import RequestFold

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from driftkit.formats.deployment.plan import Plan
    from driftkit.formats.merge_report import MergeReport
    from driftkit.io.finding import File
    from driftkit.monitors.deployment.inputs import ArmData
    from driftkit.monitors.deployment.settings import DeploymentSettings
    from driftkit.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Immature:
    """Requests of which more labels are to come than a comparison can do without.

    Attributes:
        start: from which hour on.
        requests: that are left out.
        report: by which they are.
        is_all: whether there are no others.
    """

    start: datetime
    requests: int
    report: MergeReport
    is_all: bool

    @property
    def note(self) -> str:
        """A sentence for people."""
        start, late = moment_text(self.start), self.report.delay["p95"]
        return (
            f"the {self.requests:,} requests from {start} on are left out: 95 % of the labels come "
            f"within {late} hours, and the newest are of {self.report.newest_label}; "
            f"the next run measures them with --start {start}"
        )

    def refused(self, where: str) -> InputError:
        """That nothing else is there."""
        return InputError(
            "all requests are so new that their labels may still come",
            where=where,
            expected=f"requests from before {moment_text(self.start)}",
            found=f"{self.requests:,} from then on; 95 % of the labels come within "
            f"{self.report.delay['p95']} hours, the newest are of {self.report.newest_label}",
            todo="Wait for their labels, or count those that are there with --accept-immature",
        )


def immature(given: ArmData, plan: Plan, settings: DeploymentSettings) -> Immature | None:
    """The requests to be left out; None where labels do not decide, or nothing tells their delay.

    An end that is asked for, or `accept_immature`, leaves all as it is.

    Raises:
        InputError: an input is missing, or cannot be read.
        FormatError: the report of the merge is damaged, or the one that is named is missing.
        SettingsError: a report is named, and the data are no captures.
    """
    run = settings.run
    if settings.accept_immature or run.window.end or not _need_labels(plan):
        return None
    files = given.captures
    if files is None:
        _refuse_report(settings.merge_report)
        return None
    known = _known_ends(settings.merge_report, files)
    if not known:
        return None
    end, report = min(known, key=itemgetter(0))
    asked = run.window.start
    start = max(end, asked or end)
    hours = {file: hour_of(file.path) for file in files}
    late = [file for file, hour in hours.items() if hour is None or hour + HOUR > start]
    requests = _counted(late, start, run) if late else 0
    if not requests:
        return None
    early = [hour is None or _overlaps(hour, asked, end) for hour in hours.values()]
    return Immature(start=start, requests=requests, report=report, is_all=not any(early))


def _overlaps(hour: datetime, start: datetime | None, end: datetime) -> bool:
    """Whether an hour has moments from one time up to another."""
    return hour < end and (start is None or start < min(hour + HOUR, end))


def _need_labels(plan: Plan) -> bool:
    return any(metric.decisive and "label" in metric.needs for metric in plan.metrics)


def label_delay_days(given: ArmData, settings: DeploymentSettings) -> float:
    """How long 95 % of the labels take to come, by the reports of the merge; 0 where none tells."""
    files = given.captures or ()
    delays = [each.delay["p95"] or 0 for each in _reports(settings.merge_report, files)]
    return max(delays, default=0) * HOUR.total_seconds() / 86_400


def _known_ends(named: str | None, files: Sequence[File]) -> list[tuple[datetime, MergeReport]]:
    """Up to where labels are there, by each report that tells."""
    told = [(each.mature_end, each) for each in _reports(named, files)]
    return [(end, report) for end, report in told if end is not None]


def _reports(named: str | None, files: Iterable[File]) -> list[MergeReport]:
    """The report that is named, or those beside merged files.

    Raises:
        FormatError: one is damaged, or the one that is named is missing.
    """
    if named is not None:
        return [read_file(named)]
    folders = dict.fromkeys(_folder(file.path) for file in files)
    found = [report_beside(folder) for folder in folders]
    return [read_file(each) for each in dict.fromkeys(found) if each is not None]


def _folder(path: str) -> str:
    """The folder of a file, or of the hours that it is among."""
    return path.rpartition("/")[0] if hour_of(path) is None else folder_of(path)


def _counted(files: Sequence[File], start: datetime, run: Settings) -> int:
    dataset = request_dataset(files, TimeRange(start=start), None)
    fold = RequestFold(time=1, model=None, seconds=int(HOUR.total_seconds()), answered=0)
    return runner_of(dataset, run.compute).run(dataset, Job(fold=fold), None).rows


def _refuse_report(named: str | None) -> None:
    if named is not None:
        raise SettingsError(
            "the report of a merge tells nothing of a table",
            where="merge_report",
            expected="captures that were merged with their labels",
            found=named,
            todo="Choose the window of the table yourself, and leave the report out",
        )
