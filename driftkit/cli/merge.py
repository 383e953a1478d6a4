"""`driftkit merge`: captures and ground truth become merged captures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from driftkit.cli import options as o
from driftkit.cli.generating import verb
from driftkit.report import terminal
from driftkit.settings import Settings

if TYPE_CHECKING:
    from driftkit.monitors.merge import Merge

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


@verb(Settings, only={"runner", "start", "end"})
def merge(
    inputs: o.Inputs,
    ground_truth: GroundTruth,
    output: o.Output,
    update: Update = False,
    wait: o.Wait = 0.0,
    *,
    settings: dict[str, Any],
) -> None:
    """Join captured records with ground truth that came later."""
    # Only where it is asked for: the help needs no reader.
    from driftkit.monitors.merge import merging

    with merging(inputs, ground_truth, output, update=update, wait=wait, **settings) as done:
        _show(done)


def _show(done: Merge) -> None:
    from driftkit.capture.truth_join.units import ABOUT
    from driftkit.formats.merge_report import NAME

    report = done.report
    for side, reasons in report.rejected.items():
        for reason, count in reasons.items():
            terminal.say(f"Set aside {count:,} {side} {reason}")
    for example in report.examples:
        terminal.say(f"  {example}")
    terminal.tell(report.sentence)
    changed = report.changed
    terminal.tell(f"{len(changed):,} hours changed{':' if changed else '.'}")
    for hour in changed[:HOURS_SHOWN]:
        terminal.tell(f"  {hour}")
    if len(changed) > HOURS_SHOWN:
        terminal.tell(f"  and {len(changed) - HOURS_SHOWN:,} more: see merge_report.json")
    terminal.tell("Written:")
    terminal.show_files([done.folder, done.folder / ABOUT / NAME])
