"""The options that several commands share, each with its help text."""

from __future__ import annotations

from typing import Annotated

import typer

from driftkit.settings import DialectName, EngineName, Format, Position, RunnerName, TimeUnit

# Settings of how text is written.
OF_TEXT = ("separator", "encoding", "null_values", "decimal")
_READING = "How the input is read"
_COMPUTING = "How it is computed"
_KEEPING = "What is kept, and added up"

Inputs = Annotated[
    list[str],
    typer.Argument(
        metavar="INPUT...",
        help="Files, folders, globs or URLs: CSV, JSON, JSON Lines, Parquet or captured requests.",
        show_default=False,
    ),
]
InputsOrStates = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="INPUT...",
        help="Files, folders, globs or URLs: CSV, JSON, JSON Lines, Parquet or captured requests; "
        "files of kept states are recognised. May be left out with --states.",
        show_default=False,
    ),
]
Output = Annotated[
    str,
    typer.Option("--output", "-o", metavar="DIR", help="Folder for the files.", show_default=False),
]
Wait = Annotated[
    float,
    typer.Option(
        "--wait",
        metavar="SECONDS",
        min=0.0,
        help="How long to wait for another run that is writing into the folder; inf: until it "
        "has ended.",
        envvar="DRIFTKIT_WAIT",
    ),
]
BaselineFolder = Annotated[
    str | None,
    typer.Option(
        "--baseline",
        "-b",
        metavar="DIR",
        help="Folder with statistics.json and constraints.json, or one of these files.",
        show_default=False,
    ),
]
BaselineStatistics = Annotated[
    str | None,
    typer.Option(
        metavar="FILE",
        help="The baseline's statistics.json, in place of the folder's.",
        show_default=False,
    ),
]
BaselineConstraints = Annotated[
    str | None,
    typer.Option(
        metavar="FILE",
        help="The baseline's constraints.json, in place of the folder's.",
        show_default=False,
    ),
]
FormatOption = Annotated[
    Format,
    typer.Option(
        "--format",
        help="How the input is written.",
        envvar="DRIFTKIT_FORMAT",
        rich_help_panel=_READING,
    ),
]
Header = Annotated[
    bool,
    typer.Option(
        "--header/--no-header",
        help="Whether the first line of CSV names the columns (if not: _c0, _c1, ...).",
        envvar="DRIFTKIT_HEADER",
        rich_help_panel=_READING,
    ),
]
Separator = Annotated[
    str | None,
    typer.Option(
        metavar="SIGN",
        help="What stands between the fields of CSV, for example ; or | or \\t (if it is not said: a "
        "comma, in .tsv a tab).",
        show_default=False,
        envvar="DRIFTKIT_SEPARATOR",
        rich_help_panel=_READING,
    ),
]
Encoding = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="The encoding of CSV, for example cp1252 (if it is not said: UTF-8, or UTF-16 with its "
        "mark).",
        show_default=False,
        envvar="DRIFTKIT_ENCODING",
        rich_help_panel=_READING,
    ),
]
NullValues = Annotated[
    str | None,
    typer.Option(
        metavar="TEXT[,TEXT]",
        help="Texts that stand for a missing value, for example NA,null; an empty field always does.",
        show_default=False,
        envvar="DRIFTKIT_NULL_VALUES",
        rich_help_panel=_READING,
    ),
]
Decimal = Annotated[
    str | None,
    typer.Option(
        metavar="SIGN",
        help="The sign of decimals in text: a point, or a comma.",
        show_default=False,
        envvar="DRIFTKIT_DECIMAL",
        rich_help_panel=_READING,
    ),
]
OutputColumnsPosition = Annotated[
    Position,
    typer.Option(
        help="Whether a captured record's prediction columns come first or last.",
        case_sensitive=False,
        envvar="DRIFTKIT_OUTPUT_COLUMNS_POSITION",
        rich_help_panel=_READING,
    ),
]
Variant = Annotated[
    str | None,
    typer.Option(
        "--variant",
        metavar="NAME",
        help="Look only at this production variant of captured data.",
        show_default=False,
        rich_help_panel=_READING,
    ),
]
Together = Annotated[
    bool,
    typer.Option(
        "--together",
        help="Look at all variants of captured data as one model.",
        rich_help_panel=_READING,
    ),
]
Start = Annotated[
    str | None,
    typer.Option(
        metavar="TIME",
        help="Beginning of the window of captured data, included (ISO 8601; UTC without a zone).",
        show_default=False,
        envvar="DRIFTKIT_START",
        rich_help_panel=_READING,
    ),
]
End = Annotated[
    str | None,
    typer.Option(
        metavar="TIME",
        help="End of the window, excluded.",
        show_default=False,
        envvar="DRIFTKIT_END",
        rich_help_panel=_READING,
    ),
]
Dialect = Annotated[
    DialectName,
    typer.Option(
        help="textbook: the right mathematics; aws: the AWS containers' numbers and quirks.",
        envvar="DRIFTKIT_DIALECT",
        rich_help_panel=_COMPUTING,
    ),
]
Engine = Annotated[
    EngineName,
    typer.Option(
        help="scan: driftkit's own single pass; deequ: Deequ's analyzers on Spark.",
        envvar="DRIFTKIT_ENGINE",
        rich_help_panel=_COMPUTING,
    ),
]
Runner = Annotated[
    RunnerName,
    typer.Option(
        help="local: this process, no Java; spark: a Spark session.",
        envvar="DRIFTKIT_RUNNER",
        rich_help_panel=_COMPUTING,
    ),
]
FailOnViolations = Annotated[
    bool, typer.Option("--fail-on-violations", help="Exit with code 3 when there are violations.")
]
States = Annotated[
    list[str] | None,
    typer.Option(
        "--states",
        metavar="FILE...",
        help="Kept states (states.arrow, folders with one, globs) to be added up, "
        "in place of data or before them.",
        show_default=False,
        rich_help_panel=_KEEPING,
    ),
]
AllowOverlap = Annotated[
    bool,
    typer.Option(
        "--allow-overlap",
        help="Let rows count twice that are in two of the states.",
        rich_help_panel=_KEEPING,
    ),
]
KeepStates = Annotated[
    bool,
    typer.Option(
        "--keep-states/--no-keep-states",
        help="Write states.arrow too, by which windows are combined without reading data again.",
        envvar="DRIFTKIT_KEEP_STATES",
        rich_help_panel=_KEEPING,
    ),
]
AddTo = Annotated[
    str | None,
    typer.Option(
        metavar="DIR",
        help="A baseline, written with --keep-states, to whose rows those of INPUT are added.",
        show_default=False,
        rich_help_panel=_KEEPING,
    ),
]
SegmentBy = Annotated[
    str | None,
    typer.Option(
        metavar="COLUMN[,COLUMN]",
        help="Keep a baseline for each value too: of the 100 most frequent, and of all others.",
        show_default=False,
        rich_help_panel=_KEEPING,
    ),
]
TimeColumn = Annotated[
    str | None,
    typer.Option(
        metavar="COLUMN",
        help="Keep the states of each day too, by the times of this column; captured requests have "
        "one of their own, inferenceTime.",
        show_default=False,
        rich_help_panel=_KEEPING,
    ),
]
TimeUnitOption = Annotated[
    TimeUnit,
    typer.Option(
        "--time-unit",
        help="Keep the states of each day, or of each hour; with --time-column.",
        rich_help_panel=_KEEPING,
    ),
]
