"""What a run found, for those who keep it or send it on: who, when, on what, and all numbers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from driftkit.results.history import Status, rows_of, status_of

if TYPE_CHECKING:
    from driftkit.results.contract import Finding, Metric, Report, Skipped
    from driftkit.results.figures import Figure

SNAPSHOT = "snapshot"
_RUN_ID_DIGITS = 32
_FINGERPRINT_DIGITS = 16
_UNITS = {
    "day": timedelta(days=1),
    "hour": timedelta(hours=1),
    "minute": timedelta(minutes=1),
    "second": timedelta(seconds=1),
}
_MADE_AT = {"evaluation_time"}
# Most of all content: the numbers of sketches.
_BARE = frozenset({float, int, str, bool, type(None)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Ownership:
    """Who looks after a model, and what else people should know of it.

    Attributes:
        owner: a person or a team.
        runbook: address of the page that says what to do.
        tags: name -> text.
    """

    owner: str = ""
    runbook: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def link(self) -> str | None:
        """The runbook, if it is a page of the web."""
        return self.runbook if self.runbook.startswith(("https://", "http://")) else None


NOBODY = Ownership()


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a run is about.

    Attributes:
        model: name of the monitored model.
        variant: of its endpoint; empty where there is but one.
        start: beginning of the window, included; None where rows have no times.
        end: its end, excluded.
        granularity: the length of windows, such as "1 hour"; "snapshot" where there is none.
        ownership: of the model; no part of what tells runs apart.
    """

    model: str
    variant: str = ""
    start: datetime | None = None
    end: datetime | None = None
    granularity: str = SNAPSHOT
    ownership: Ownership = NOBODY


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a run found.

    Attributes:
        run_id: the same for the same rows, baseline, settings and subject: 32 hexadecimal digits.
        subject: model, variant and window.
        monitor: data_quality, model_quality, estimated_quality, bias, attribution, deployment or an own one.
        evaluated_at: when.
        status: what the window was found to be.
        rows: that the numbers are of; None where it is not known.
        rejected: reason -> records that were set aside.
        metrics: every number.
        findings: the violations in words.
        skipped: what could not be measured or compared.
        figures: what can be drawn.
        files: name -> content of the JSON files of the window.
        inputs: names of what was read.
        engine: who computed, for people.
        seconds: how long it took.
        input_digest: SHA-256 of what was measured.
        baseline_digest: of what it was compared with; empty where that is not known.
        settings_digest: of how.
        output_uri: where the files are.
        report_uri: where the page is.
    """

    run_id: str
    subject: Subject
    monitor: str
    evaluated_at: datetime
    status: Status
    rows: int | None = None
    rejected: Mapping[str, int] = field(default_factory=dict)
    metrics: tuple[Metric, ...] = ()
    findings: tuple[Finding, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    figures: tuple[Figure, ...] = field(default=(), repr=False)
    files: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, repr=False)
    inputs: tuple[str, ...] = ()
    engine: str = ""
    seconds: float = 0.0
    input_digest: str = ""
    baseline_digest: str = ""
    settings_digest: str = ""
    output_uri: str | None = None
    report_uri: str | None = None


def subject_of(report: Report, model: str, variant: str = "") -> Subject:
    """What a report is about: its window as it was asked for, or as kept states know it.

    Args:
        report: of any monitor.
        model: name of the monitored model.
        variant: of its endpoint; empty where there is but one.
    """
    start, end = (report.run.start, report.run.end) if report.run else (None, None)
    if start is None and end is None:
        states = getattr(report, "states", None)
        of = getattr(states, "windows", ())
        starts, ends = [each.start for each in of], [each.end for each in of]
        start = min(starts) if of and None not in starts else None
        end = max(ends) if of and None not in ends else None
    if start is None or end is None:
        return Subject(model=model, variant=variant)
    granularity = granularity_of(end - start)
    return Subject(model=model, variant=variant, start=start, end=end, granularity=granularity)


def granularity_of(length: timedelta) -> str:
    """The length of a window in words.

    >>> granularity_of(timedelta(hours=1)), granularity_of(timedelta(days=7))
    ('1 hour', '7 days')
    """
    for unit, size in _UNITS.items():
        count, left = divmod(length, size)
        if count and not left:
            return f"{count} {unit}" if count == 1 else f"{count} {unit}s"
    return f"{length.total_seconds():f}".rstrip("0").rstrip(".") + " seconds"


def facts_of(
    report: Report,
    subject: Subject,
    *,
    settings: Mapping[str, Any] | None = None,
    evaluated_at: datetime | None = None,
    uris: tuple[str | None, str | None] = (None, None),
) -> Facts:
    """The facts of a report.

    Args:
        report: of any monitor.
        subject: what it is about.
        settings: how it was made, as keywords; without secrets.
        evaluated_at: when it was made; None for now.
        uris: where its files and its page are.
    """
    # Not before it is asked for: many know of runs by this module that measure none.
    from driftkit.formats.drift import NAME as DRIFT  # noqa: PLC0415

    run = report.run
    metrics, files = tuple(report.metrics()), report.files
    monitor = run.monitor if run else ""
    # The window's files are the same whenever and wherever the rows are the same; verdicts of drift
    # are of those before it too.
    own = {name: each for name, each in files.items() if name != DRIFT}
    measured = _digest(_plain({**own, "rows": rows_of(report, metrics)}))
    digests = (measured, _normal(report), _digest(_plain(settings or {})))
    return Facts(
        run_id=_run_id(subject, monitor, digests),
        subject=subject,
        monitor=monitor,
        evaluated_at=evaluated_at or datetime.now(UTC),
        status=status_of(report, metrics),
        rows=rows_of(report, metrics),
        rejected=dict(run.rejected.counts) if run else {},
        metrics=metrics,
        findings=tuple(report.findings),
        skipped=tuple(report.skipped),
        figures=tuple(report.figures()),
        files=files,
        inputs=run.inputs if run else (),
        engine=run.engine if run else "",
        seconds=run.seconds if run else 0.0,
        input_digest=digests[0],
        baseline_digest=digests[1],
        settings_digest=digests[2],
        output_uri=uris[0],
        report_uri=uris[1],
    )


def about(
    facts: Facts,
    subject: Subject,
    *,
    evaluated_at: datetime | None = None,
    uris: tuple[str | None, str | None] = (None, None),
) -> Facts:
    """The same facts of another subject, without anything being digested again.

    Args:
        facts: of the run.
        subject: what it is about.
        evaluated_at: when it was made; None for now.
        uris: where its files and its page are.
    """
    digests = (facts.input_digest, facts.baseline_digest, facts.settings_digest)
    return replace(
        facts,
        run_id=_run_id(subject, facts.monitor, digests),
        subject=subject,
        evaluated_at=evaluated_at or datetime.now(UTC),
        output_uri=uris[0],
        report_uri=uris[1],
    )


def _run_id(subject: Subject, monitor: str, digests: tuple[str, str, str]) -> str:
    times = [each.isoformat() if each else "" for each in (subject.start, subject.end)]
    parts = ("1", subject.model, subject.variant, monitor, *times, subject.granularity, *digests)
    return _digest(_plain(parts))[:_RUN_ID_DIGITS]


def fingerprint(facts: Facts, finding: Finding) -> str:
    """What is the same of a violation in all windows: 16 hexadecimal digits.

    Args:
        facts: of any run in which it was found.
        finding: the violation.
    """
    of = facts.subject
    subject = (of.model, of.variant, facts.monitor)
    parts = (*subject, finding.segment, finding.feature, finding.check, finding.metric)
    text = json.dumps([*parts, dimensions_text(finding.dimensions)])
    return _digest(text.encode())[:_FINGERPRINT_DIGITS]


def dimensions_text(dimensions: Mapping[str, str]) -> str:
    """Dimensions as JSON, the same text for the same ones in any order."""
    return json.dumps({key: str(dimensions[key]) for key in sorted(dimensions)})


def _normal(report: Report) -> str:
    baseline = getattr(report, "baseline", None)
    return "" if baseline is None else _digest(_plain(baseline.files))


def _plain(value: Any) -> bytes:
    """The same bytes for the same content."""
    return json.dumps(_timeless(value), sort_keys=True, default=str).encode()


def _timeless(value: Any) -> Any:
    """Content without the time at which it was made."""
    if type(value) in _BARE:
        return value
    if isinstance(value, Mapping):
        return {str(key): _timeless(each) for key, each in value.items() if key not in _MADE_AT}
    if isinstance(value, list | tuple):
        return [_timeless(each) for each in value]
    # The curves of model quality.
    return value.tolist() if hasattr(value, "tolist") else value


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
