"""`driftkit merge`: captures and ground truth become merged captures."""

from __future__ import annotations

from typing import Annotated

import typer

from driftkit.cli import options as o
from driftkit.formats.merge_report import NAME
from driftkit.monitors.merge import Merge, merging
from driftkit.records.merging.units import ABOUT
from driftkit.report import terminal

HOURS_SHOWN = 5

GroundTruth = Annotated[
    list[str],
    typer.Option(
        "--ground-truth",
        "-g",
        metavar="LABELS",
        help="Files, folders, globs or URLs of ground truth; may be given several times.",
        show_default=False,
    ),
]
Update = Annotated[
    bool,
    typer.Option(
        "--update", help="Add labels that came since to what earlier merges wrote into the folder."
    ),
]


def merge(
    inputs: o.Inputs,
    ground_truth: GroundTruth,
    output: o.Output,
    update: Update = False,
    runner: o.Runner = "auto",
    start: o.Start = None,
    end: o.End = None,
    wait: o.Wait = 0.0,
) -> None:
    """Join captured records with ground truth that came later."""
    asked = merging(
        inputs, ground_truth, output, update=update, wait=wait, runner=runner, start=start, end=end
    )
    with asked as done:
        _show(done)


def _show(done: Merge) -> None:
    report = done.report
    for side, reasons in report.rejected.items():
        for reason, count in reasons.items():
            terminal.say(f"Set aside {count:,} {side} {reason}")
    for example in report.examples:
        terminal.say(f"  {example}")
    terminal.tell(report.sentence)
    changed = report.changed
    terminal.out.print(f"{len(changed):,} hours changed{':' if changed else '.'}")
    for hour in changed[:HOURS_SHOWN]:
        terminal.tell(f"  {hour}")
    if len(changed) > HOURS_SHOWN:
        terminal.out.print(f"  and {len(changed) - HOURS_SHOWN:,} more: see merge_report.json")
    terminal.out.print("Written:")
    terminal.show_files([done.folder, done.folder / ABOUT / NAME])
