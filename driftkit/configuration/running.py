"""Runs a monitor as a configuration asks for it: labels joined, baseline learnt and edited, compared."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import driftkit
from driftkit.configuration.planning import (
    ESTIMATED,
    JUDGED,
    KINDS,
    last_span,
    learnt_as,
    section_of,
)
from driftkit.configuration.queries import data_of
from driftkit.configuration.schedules import times_of
from driftkit.configuration.thresholds import with_bounds, with_thresholds
from driftkit.errors import DriftkitError, SettingsError
from driftkit.io.locations import locate
from driftkit.io.writing import holding
from driftkit.monitors.data_quality.judgement import constrained
from driftkit.monitors.merge import merging
from driftkit.monitors.reports import read_report
from driftkit.report.page import NAME as PAGE
from driftkit.results.facts import Subject
from driftkit.results.windows import window_of, with_truth
from driftkit.settings.declaring import declared
from driftkit.sinks.gaps import missing, missing_of, patience
from driftkit.sinks.references import look_up
from driftkit.states.cells.counted import FILE as CELLS
from driftkit.store.history import windows_before
from driftkit.store.opening import open_store
from driftkit.store.store import Query

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from driftkit.compute.job import Progress
    from driftkit.configuration.model import Configuration
    from driftkit.configuration.planning import Work
    from driftkit.results.contract import Report
    from driftkit.results.history import Window
    from driftkit.sinks.gaps import Ran
    from driftkit.store.store import Store


def has_baseline(work: Work) -> bool:
    """Whether the baseline is there."""
    named = locate(work.baseline)
    return named.is_file() or (named / KINDS[work.monitor].file).is_file()


def learn(work: Work, *, wait: float = 0.0, progress: Progress | None = None) -> Report | None:
    """Learns the baseline where there is none and training data are named.

    Args:
        work: the run that needs it.
        wait: seconds to wait for another run that is writing it.
        progress: called with units done, units in all and rows so far.

    Returns:
        The baseline that was learnt and written; None where there was nothing to do.

    Raises:
        DriftkitError: it cannot be learnt or written.
    """
    if not work.training or has_baseline(work):
        return None
    arguments = {name: each for name, each in work.arguments.items() if name in _OF_BASELINES}
    with holding(work.baseline, wait=wait):
        # Another run may have learnt it meanwhile.
        if has_baseline(work):
            return None
        found = _calls(work).baseline(
            data_of(list(work.training)), progress=progress, **arguments, **work.learning
        )
        found.write(work.baseline)
    made: Report = found
    return made


_OF_BASELINES = ("analysis_config", "model")
# Days that may be a reference, and those with alarms among them.
_LOOKED_BACK = 120


def compared(work: Work, *, wait: float = 0.0, progress: Progress | None = None) -> Report:
    """Runs the monitor on its window; nothing is written but the merged captures.

    Args:
        work: the run.
        wait: seconds to wait for another run that is merging.
        progress: called with units done, units in all and rows so far.

    Raises:
        DriftkitError: it cannot be run.
    """
    arguments = dict(work.arguments)
    if work.monitor == ESTIMATED and work.labelling is not None:
        # They are merged before predictions are judged.
        arguments |= _labelled(work.labelling.folder)
    elif work.labelling is not None:
        times = {key: work.settings[key] for key in ("start", "end") if key in work.settings}
        captures, labels = list(work.labelling.captures), list(work.labelling.labels)
        with merging(captures, labels, work.labelling.folder, update=True, wait=wait, **times):
            pass
    if work.monitor == "data_quality":
        # Its states are kept by the file that is written, not by the run.
        arguments.pop("keep_states", None)
        before = _folders_before(work, _LOOKED_BACK, work.monitor)
        arguments["history"] = [str(each) for each in before if (each / CELLS).is_file()]
    calls = _calls(work)
    report: Report = (calls.estimate if work.monitor == ESTIMATED else calls.monitor)(
        data_of(list(work.data)),
        edited_baseline(work),
        progress=progress,
        **arguments,
        **work.settings,
    )
    return report


def _labelled(folder: str) -> dict[str, Any]:
    """Where merged captures are, as far as there are some."""
    merged = locate(folder)
    there = isinstance(merged, Path) and any(merged.glob("[!_.]*"))
    return {"labelled": folder} if there else {}


def _calls(work: Work) -> Any:
    return getattr(driftkit, learnt_as(work.monitor))


def edited_baseline(work: Work) -> Any:
    """What the window is compared with: the baseline, with the thresholds of the configuration.

    Raises:
        SettingsError: there is none, or a threshold is of no feature or metric of it.
        FormatError: a file of it is not what it should be.
    """
    section: Any = work.section
    if not has_baseline(work):
        raise SettingsError(
            "there is no baseline",
            where=work.baseline,
            expected=f"what `driftkit {work.monitor.replace('_', '-')} baseline` wrote",
            found="nothing",
            todo="Make it first, or name training data as inputs.training",
        )
    if work.monitor == "data_quality":
        baseline = _calls(work).Baseline.read(work.baseline)
        said = (section.thresholds, section.features)
        return constrained(baseline, lambda each: with_thresholds(each, *said))
    if learnt_as(work.monitor) == JUDGED:
        quality = _calls(work).ModelBaseline.read(work.baseline)
        bounds = with_bounds(quality.constraints, section.thresholds)
        return replace(quality, constraints=bounds)
    return work.baseline


def subject_of(work: Work, configuration: Configuration) -> Subject:
    """What a run is about."""
    return Subject(
        model=configuration.model.name,
        variant=work.variant,
        start=work.span.start,
        end=work.span.end,
        granularity=work.span.granularity,
        ownership=configuration.model.ownership,
    )


def settings_of(work: Work) -> dict[str, Any]:
    """The settings of a run in the form that they are checked to, whoever wrote them."""
    known = declared(KINDS[work.monitor].settings)
    about = {"variant": work.variant} if work.variant else {}
    written: Mapping[str, Any] = {
        name: value for name, value in {**work.settings, **about}.items() if value is not None
    }
    return {name: known[name].check(name, value) for name, value in written.items()}


def store_of(configuration: Configuration) -> Store | None:
    """The metrics store of the configuration; None where it has none.

    Raises:
        SettingsError: its library is missing, or its address is not there.
    """
    named = configuration.store
    return None if named is None else open_store(look_up(named.path))


def lacking_in(
    configuration: Configuration, before: datetime
) -> Callable[[Iterable[Ran], datetime | None], list[Ran]]:
    """How windows are found that were expected and never run: as `driftkit.sinks.gaps.missing` does.

    Where the configuration has a schedule, this says which ones are; else those that ran do.

    Args:
        configuration: with the schedule.
        before: when a run must have been asked for to be expected.
    """
    schedule = configuration.schedule

    def lacking(ran: Iterable[Ran], until: datetime | None = None) -> list[Ran]:
        known = list(ran)
        name = known[0].monitor if known else ""
        if schedule is None or section_of(configuration, name) is None:
            return missing(known, until)
        span = last_span(configuration, name, before)
        if span.start is None or span.end is None:
            return []
        end, wait = until or max(each.end for each in known), patience(span.end - span.start)
        first, last = max(min(each.end for each in known), end - wait), min(before, end + wait)
        spans = {last_span(configuration, name, at) for at in times_of(schedule, first, last)}
        expected = [(each.start, each.end) for each in spans if each.start and each.end]
        return missing_of(expected, known, end)

    return lacking


def past_of(
    work: Work, configuration: Configuration, store_there: Callable[[], Store | None]
) -> list[Window]:
    """Windows before this one, the oldest first: those of the metrics store, else of the folder.

    Args:
        work: the run.
        configuration: which says how many.
        store_there: opens the metrics store.
    """
    found = _windows_before(work, configuration, store_there, work.monitor)
    if work.monitor != ESTIMATED:
        return found
    judged = _windows_before(work, configuration, store_there, JUDGED)
    return with_truth(found, judged)


def _windows_before(
    work: Work, configuration: Configuration, store_there: Callable[[], Store | None], monitor: str
) -> list[Window]:
    most, start = configuration.report.history, work.span.start
    if start is None or not most:
        return []
    try:
        store = store_there()
        if store is not None:
            model = configuration.model.name
            of = Query(model=model, monitor=monitor, variant=work.variant)
            return windows_before(store, of, start, most)
    except DriftkitError:
        # Who keeps the run in the store will be told what is wrong with it.
        pass
    found = [_past(each) for each in _folders_before(work, most, monitor)]
    return [each for each in found if each is not None]


def _folders_before(work: Work, most: int, monitor: str) -> list[Path]:
    """The folders of a monitor's earlier windows, the oldest first; none in an object store."""
    folder = locate(work.output).parent.with_name(monitor)
    if work.span.start is None or not isinstance(folder, Path) or not folder.is_dir():
        return []
    before = (each for each in folder.iterdir() if each.is_dir() and each.name < work.span.name)
    return sorted(before, key=lambda each: each.name)[-most:]


def _past(folder: Path) -> Window | None:
    try:
        return window_of(read_report(folder), folder.name, f"../{folder.name}/{PAGE}")
    except DriftkitError:
        # Whatever is wrong with an old window, this one is looked at.
        return None
