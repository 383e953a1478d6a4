"""`driftkit store`: what is done to a metrics store now and then."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from driftkit.cli import options as o
from driftkit.cli.history import Address
from driftkit.report import terminal

ABOUT = "What is done to a metrics store now and then."
app = typer.Typer()
Keep = Annotated[
    str | None,
    typer.Option(
        "--keep",
        metavar="DURATION",
        help="Remove runs whose windows ended longer ago, in a folder of Parquet by whole months: "
        "400d, 52w (all stay, if it is not said).",
        show_default=False,
    ),
]


@app.callback()
def _store() -> None:
    pass


@app.command()
def compact(store: Address, keep: Keep = None) -> None:
    """Put rows together that are in many files, and remove old runs; others may go on meanwhile."""
    # Only where it is asked for: the help opens no store.
    from driftkit.store.opening import open_store

    long = o.duration("--keep", keep, "400d")
    opened = open_store(store)
    if long is not None:
        runs = opened.expire(datetime.now(UTC) - long)
        terminal.tell(f"{runs:,} runs removed")
    terminal.tell(f"{opened.compact():,} files put together")
