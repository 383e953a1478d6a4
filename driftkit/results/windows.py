"""Reports as windows of the past."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from driftkit.results.history import Window, rows_of, status_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from driftkit.results.contract import Metric
    from driftkit.results.history import Outcome


def window_of(report: Outcome, name: str, link: str | None = None) -> Window:
    """A report as a window of the past.

    Args:
        report: of any monitor.
        name: how people tell it from others.
        link: where its own page is.
    """
    metrics = tuple(report.metrics())
    return Window(
        name=name,
        status=status_of(report, metrics),
        metrics=metrics,
        violations=len(report.findings),
        rows=rows_of(report, metrics),
        start=report.run.start if report.run else None,
        link=link,
    )


def with_truth(estimated: Sequence[Window], judged: Sequence[Window]) -> list[Window]:
    """Windows of estimated quality, with what labels have said of the same windows since.

    Args:
        estimated: in which labels were not known, or not all of them.
        judged: windows of model quality; those of the same name are the same ones.
    """
    known = {each.name: each for each in judged}
    return [
        replace(each, metrics=(*_without_truth(each), *_true(known[each.name])))
        if each.name in known
        else each
        for each in estimated
    ]


def _without_truth(window: Window) -> Iterator[Metric]:
    return (each for each in window.metrics if each.dimensions.get("source") != "labels")


def _true(window: Window) -> Iterator[Metric]:
    for each in window.metrics:
        if each.group == "quality" and each.value is not None and not each.dimensions:
            yield replace(each, group="estimate", dimensions={"source": "labels"})
