"""`driftkit report`: the page of one or more runs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from driftkit.cli import options as o
from driftkit.cli.generating import verb
from driftkit.errors import SettingsError
from driftkit.report import terminal
from driftkit.report.page import NAME
from driftkit.settings import Grading
from driftkit.settings.declaring import from_keywords

if TYPE_CHECKING:
    from driftkit.results.history import Outcome, Window
    from driftkit.store.history import Asked

# Of each monitor on the page of all models.
_CELLS = 30
Runs = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="RUN...",
        help="Folders that `monitor` wrote, the oldest first; the page is of the last one, with "
        "the others before it. Not with --store.",
        show_default=False,
    ),
]
Page = Annotated[
    str,
    typer.Option("--output", "-o", metavar="FILE", help="The page, a name that ends in .html."),
]
Baseline = Annotated[
    str | None,
    typer.Option(
        "--baseline",
        "-b",
        metavar="DIR",
        help="Folder of the baseline, whose distributions are drawn beside the window's.",
        show_default=False,
    ),
]
Title = Annotated[
    str,
    typer.Option(
        "--title",
        help="Of the page, such as the model's name; else the folder's.",
        show_default=False,
    ),
]
Store = Annotated[
    str | None,
    typer.Option(
        "--store",
        metavar="ADDRESS",
        help="Make the page from this metrics store, of the last window that it has of --model; "
        "without --model a page with a row for each monitor of each model.",
        show_default=False,
    ),
]


@verb(Grading)
def report(
    runs: Runs = None,
    output: Page = NAME,
    baseline: Baseline = None,
    title: Title = "",
    store: Store = None,
    model: o.Model = None,
    monitor: o.OneMonitor = None,
    variant: o.OneVariant = None,
    last: o.Last = 90,
    hide_values: o.HideValues = False,
    *,
    settings: dict[str, Any],
) -> None:
    """Make a page of what runs found: what broke, since when, and charts of every column."""
    # Only where it is asked for: the help writes nothing.
    from driftkit.io.writing import write_outputs
    from driftkit.report.page.page import page
    from driftkit.results.findings import with_levels
    from driftkit.results.known_run import KnownRun

    asked: Asked = {"model": model, "monitor": monitor, "variant": variant}
    path = Path(output)
    if path.suffix != ".html":
        raise SettingsError(
            "the page's name has another ending",
            where="--output",
            expected="a name that ends in .html",
            found=repr(output),
            todo="Write for example --output report.html",
        )
    if (store is None) == (not runs):
        raise typer.BadParameter("name folders of runs, or --store", param_hint="RUN")
    if store is not None and model is None:
        contents = {path.name: _index(store, title, last, asked)}
    else:
        made = (
            _of_folders(runs or [], baseline, title)
            if store is None
            else _of_store(store, title, last, asked)
        )
        now, past, named = made
        said = from_keywords(Grading, settings).severity
        if said:
            now = replace(KnownRun.of(now), findings=with_levels(now.findings, said))
        contents = page(now, past, named, hide_values=hide_values).contents
    files = {path.name if name == NAME else name: text for name, text in contents.items()}
    terminal.show_files(write_outputs(path.parent, files))


def _of_folders(
    runs: list[str], baseline: str | None, title: str
) -> tuple[Outcome, list[Window], str]:
    from driftkit.monitors.reports import read_report
    from driftkit.results.windows import window_of

    reports = [read_report(each, baseline) for each in runs]
    past = [window_of(each, Path(run).name) for each, run in zip(reports[:-1], runs, strict=False)]
    return reports[-1], past, title or Path(runs[-1]).name


def _index(store: str, title: str, last: int, asked: Asked) -> str:
    from driftkit.report.page.index import index
    from driftkit.store.history import series
    from driftkit.store.store import Query

    return index(series(store, Query(**asked), min(last, _CELLS)), title)


def _of_store(store: str, title: str, last: int, asked: Asked) -> tuple[Outcome, list[Window], str]:
    from driftkit.cli.kept_alerts import events_in
    from driftkit.sinks.judgements import precisions
    from driftkit.store.history import opened_store, windows
    from driftkit.store.store import Query

    query, kept = Query(**asked), opened_store(store)
    now, past = windows(kept, query, last)
    now = replace(now, said=(*now.said, *map(str, precisions(events_in(kept, query)))))
    return now, past, title or asked["model"] or ""
