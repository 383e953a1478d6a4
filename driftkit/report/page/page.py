"""A report as a page of HTML: one file without any request, readable without scripts and styles."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from markupsafe import Markup

from driftkit.io.writing import write_outputs
from driftkit.report.page import CSV_NAME, NAME, head
from driftkit.report.page.charts.chart import titled
from driftkit.report.page.document import document
from driftkit.report.page.features import (
    DRAWN_AT_ONCE,
    features,
    features_csv,
    features_of,
)
from driftkit.report.page.hiding import hidden
from driftkit.report.page.markup import items, joined, plain, prose, section, text
from driftkit.report.page.measures import measures
from driftkit.report.page.segments import segments
from driftkit.report.page.svg import element
from driftkit.report.page.verdicts import verdicts
from driftkit.results.facts import NOBODY
from driftkit.results.figures import Categories, Histogram
from driftkit.results.history import lasting_notes
from driftkit.results.verdicts import calibration_of, drift_of
from driftkit.results.version import __version__
from driftkit.results.windows import window_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from driftkit.io.locations import Location, PathOrUrl
    from driftkit.results.facts import Ownership
    from driftkit.results.figures import Figure
    from driftkit.results.history import Outcome, Window

_QUESTIONS = {
    "data_quality": "Did the features change?",
    "model_quality": "Did the predictions get worse?",
    "estimated_quality": "How good are the predictions, as far as scores tell?",
    "bias": "Did the treatment of groups change?",
    "attribution": "Did the reasons for predictions change?",
    "deployment": "May this version take the traffic?",
}
_GROUPS = {
    "profile": "data_quality",
    "drift": "data_quality",
    "quality": "model_quality",
    "estimate": "estimated_quality",
    "bias": "bias",
    "attribution": "attribution",
    "deployment": "deployment",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page and the files beside it.

    Attributes:
        html: the page.
        beside: name -> text of other files, which the page names.
    """

    html: str = field(repr=False)
    beside: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def contents(self) -> dict[str, str]:
        """Name -> text of all files, as they are published."""
        return {NAME: self.html, **self.beside}

    def write(self, directory: PathOrUrl) -> tuple[Location, ...]:
        """Writes the page and the files beside it, all of them or none.

        Raises:
            OutputError: the directory cannot be written.
        """
        return write_outputs(directory, self.contents)

    def _repr_html_(self) -> str:
        framed = element(
            "iframe",
            srcdoc=self.html,
            sandbox="allow-scripts",
            width="100%",
            height="640",
            style="border:0",
            title="report",
        )
        return str(framed)


def page(
    report: Outcome,
    past: Sequence[Window] = (),
    title: str = "",
    ownership: Ownership | None = None,
    *,
    hide_values: bool = False,
) -> Page:
    """A report with what came before it.

    Args:
        report: of any monitor.
        past: the windows before, oldest first.
        title: of the page, such as the name of the model.
        ownership: who looks after it, and where people read what to do.
        hide_values: whether values of the data are told by rank, and extremes by quantiles.
    """
    if hide_values:
        report, past = hidden(report, past)
    now = window_of(report, "this window")
    drawn = report.figures()
    columns = features_of(report, now.metrics, drawn)
    monitor = _monitor(report, now)
    parts = [
        verdicts(report),
        head.violations(report),
        *measures(now.metrics, past),
        *_charts(drawn, {each.name for each in columns}),
        segments(now.metrics),
        features(columns, past),
        _about(report),
    ]
    asked = _QUESTIONS.get(monitor, "driftkit report")
    named = f"{title}: {asked}" if title else asked
    first = element(
        "header",
        element("h1", text(named)),
        head.facts(report, monitor, now, ownership or NOBODY),
        head.verdict(report, now, past),
        id="top",
    )
    body = plain(joined([first, _contents(parts), element("main", *parts)]))
    beside = {CSV_NAME: features_csv(columns)} if len(columns) > DRAWN_AT_ONCE else {}
    return Page(html=document(named, body), beside=beside)


def _monitor(report: Outcome, now: Window) -> str:
    """Whose report it is; what was read from files shows it by its metrics."""
    if report.run and report.run.monitor:
        return report.run.monitor
    return next((_GROUPS[each.group] for each in now.metrics if each.group in _GROUPS), "")


def _charts(figures: Sequence[Figure], columns: set[str]) -> list[Markup]:
    """The charts of what is of no single column; those are drawn in the columns' rows."""
    others = [
        each
        for each in figures
        if not isinstance(each, Histogram | Categories) or each.feature not in columns
    ]
    if not others:
        return []
    said = (
        "The line is the window, the filled shape the baseline; dashed are the baseline's curves "
        "and what is allowed."
    )
    return [section("charts", "Charts", element("p", said), *map(titled, others))]


def _contents(parts: Sequence[Markup]) -> Markup:
    """Links to the sections, by their own ids and headings."""
    links = []
    for part in parts:
        if part:
            name = part.split('id="', 1)[1].split('"', 1)[0]
            heading = part.split("<h2>", 1)[1].split("</h2>", 1)[0]
            links.append(element("a", Markup(heading), href=f"#{name}"))  # noqa: S704  (it was escaped)
    return element("nav", Markup(" ").join(links), aria_label="contents")


def _about(report: Outcome) -> Markup:
    drift = drift_of(report)
    # It stands before the verdicts.
    told = calibration_of(drift) if drift else None
    return section(
        "about",
        "About this run",
        items(prose(each) for each in lasting_notes(report) if each != told),
        element("p", f"Made by driftkit {__version__}."),
    )
