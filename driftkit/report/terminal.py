"""What a run says in the terminal: progress, a table of violations, where the files are."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from driftkit.errors import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from driftkit.formats.places import Place

ROWS_SHOWN = 40

# Tables go to stdout, all else to stderr, so that output can be piped.
out = Console(highlight=False, soft_wrap=False, emoji=False)
err = Console(stderr=True, highlight=False, emoji=False)


def plain(value: Any) -> Text:
    """What users called something, as it is: neither markup nor control characters have effect."""
    return Text(visible(str(value)))


@contextmanager
def progress_bar(title: str) -> Iterator[Callable[[int, int, int], None]]:
    """A bar while the block runs; gives the function to call with units done, all, and rows."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[rows]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task(title, total=None, rows="")

        def show(done: int, units: int, rows: int) -> None:
            progress.update(task, completed=done, total=units, rows=f"{rows:,} rows")

        yield show


def say(text: str) -> None:
    """A line for people, on stderr."""
    err.print(plain(text))


def complain(text: str) -> None:
    """An error, on stderr, in red where the terminal has colours."""
    err.print(Text.assemble(("Error", "bold red"), ": ", plain(text)), soft_wrap=True)


def tell(text: str) -> None:
    """A line of what was asked for, on stdout."""
    out.print(plain(text), soft_wrap=True)


def show_violations(rows: Sequence[dict[str, Any]]) -> None:
    """The table of violations, most serious first."""
    if not rows:
        out.print("[green]No violations.[/]")
        return
    counted = "1 violation" if len(rows) == 1 else f"{len(rows)} violations"
    shown = Table(title=counted, title_justify="left", expand=False, show_lines=True)
    shown.add_column("Feature", overflow="fold")
    shown.add_column("Check", no_wrap=True)
    shown.add_column("What happened", overflow="fold")
    for row in rows[:ROWS_SHOWN]:
        feature, check = _feature(row), _text(row["constraint_check_type"])
        shown.add_row(plain(feature), plain(check), plain(_happened(row)))
    out.print(shown)
    if len(rows) > ROWS_SHOWN:
        out.print(f"and {len(rows) - ROWS_SHOWN} more in constraint_violations.json")


def _feature(row: dict[str, Any]) -> str:
    segment = row.get("segment")
    name = _text(row["feature_name"])
    return f"{name}\n({segment})" if segment else name


def _happened(row: dict[str, Any]) -> str:
    if row.get("cause") is None:
        return _text(row["description"])
    return f"expected {row['expected']}, found {row['observed']}\n{row['cause']}"


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def show_table(names: Sequence[str], rows: Sequence[Sequence[str]], *, file: str) -> None:
    """A table of texts; of a long one the first rows, and the name of the file with all."""
    shown = Table(expand=False)
    for name in names:
        shown.add_column(plain(name), overflow="fold")
    for row in rows[:ROWS_SHOWN]:
        shown.add_row(*map(plain, row))
    out.print(shown)
    if len(rows) > ROWS_SHOWN:
        out.print(f"and {len(rows) - ROWS_SHOWN} more in {file}")


def show_files(paths: Sequence[Place]) -> None:
    """Where the files are."""
    for path in paths:
        out.print(plain(f"  {path}"), soft_wrap=True)
