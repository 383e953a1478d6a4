"""`driftkit report`: the page of one or more runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from driftkit.errors import SettingsError
from driftkit.report import terminal
from driftkit.report.page import NAME

Runs = Annotated[
    list[str],
    typer.Argument(
        metavar="RUN...",
        help="Folders that `monitor` wrote, the oldest first; the page is of the last one, with "
        "the others before it.",
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


def report(
    runs: Runs, output: Page = "report.html", baseline: Baseline = None, title: Title = ""
) -> None:
    """Make a page of what runs found: what broke, since when, and charts of every column."""
    # Only where it is asked for: the help reads no report.
    from driftkit.io.writing import write_outputs
    from driftkit.monitors.reports import read_report
    from driftkit.results.windows import window_of

    path = Path(output)
    if path.suffix != ".html":
        raise SettingsError(
            "the page's name has another ending",
            where="--output",
            expected="a name that ends in .html",
            found=repr(output),
            todo="Write for example --output report.html",
        )
    reports = [read_report(each, baseline) for each in runs]
    past = [window_of(each, Path(run).name) for each, run in zip(reports[:-1], runs, strict=False)]
    contents = reports[-1].report(past, title or Path(runs[-1]).name).contents
    files = {path.name if name == NAME else name: text for name, text in contents.items()}
    terminal.show_files(write_outputs(path.parent, files))
