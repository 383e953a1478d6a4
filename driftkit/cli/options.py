"""The options that several commands share and that are no settings of a monitor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from driftkit.errors import SettingsError
from driftkit.readers.formats import titles
from driftkit.settings.panels import KEEPING, READING

if TYPE_CHECKING:
    from datetime import timedelta

_OF_DATA = f"Files, folders, globs or URLs: {titles()}"
_QUERY = (
    "or one folder of a Delta or Iceberg table, one table as iceberg:CATALOG.NAMESPACE.TABLE, or one "
    "query, as duckdb:QUERY or 'adbc:DATABASE QUERY'"
)

Inputs = Annotated[
    list[str], typer.Argument(metavar="INPUT...", help=f"{_OF_DATA}.", show_default=False)
]
InputsOrQuery = Annotated[
    list[str],
    typer.Argument(metavar="INPUT...", help=f"{_OF_DATA}; {_QUERY}.", show_default=False),
]
InputsOrStates = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="INPUT...",
        help=f"{_OF_DATA}; {_QUERY}; files of kept states are recognised. May be left out with --states.",
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
BaselineToChange = Annotated[
    str,
    typer.Option(
        "--baseline", "-b", metavar="DIR", help="Folder of the baseline.", show_default=False
    ),
]
Reports = Annotated[
    list[str],
    typer.Argument(
        metavar="REPORT...", help="Folders of reports that `monitor` wrote.", show_default=False
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
WindowStatistics = Annotated[
    str, typer.Option(metavar="FILE", help="statistics.json of the window.", show_default=False)
]
AnalysisConfig = Annotated[
    str,
    typer.Option(
        "--analysis-config",
        "-c",
        metavar="FILE",
        help="Clarify's analysis_config.json: label, facets, group, headers.",
        show_default=False,
        envvar="DRIFTKIT_ANALYSIS_CONFIG",
    ),
]
Labelled = Annotated[
    str | None,
    typer.Option(
        "--labelled",
        metavar="PATH",
        help="Captures of the same requests, merged with the labels that have come so far.",
        show_default=False,
        rich_help_panel=READING,
    ),
]
BaselineWithCalibration = Annotated[
    str,
    typer.Option(
        "--baseline",
        "-b",
        metavar="DIR",
        help="Folder with constraints.json and calibration.json, which `baseline` writes of labelled "
        "predictions.",
        show_default=False,
    ),
]
BaselineAnalysis = Annotated[
    str,
    typer.Option(
        "--baseline",
        "-b",
        metavar="DIR",
        help="Folder with analysis.json, driftkit's or Clarify's, or the file.",
        show_default=False,
    ),
]
PlanFolder = Annotated[
    str,
    typer.Option(
        "--baseline",
        "-b",
        metavar="DIR",
        help="Folder with deployment_plan.json, or the file.",
        show_default=False,
    ),
]
# In place of the setting, whose default depends on the configuration.
ConfiguredHeader = Annotated[
    bool | None,
    typer.Option(
        "--header/--no-header",
        help="Whether the first line of CSV names the columns (default: unless the "
        "configuration has headers).",
        envvar="DRIFTKIT_HEADER",
        rich_help_panel=READING,
    ),
]
Page = Annotated[
    bool,
    typer.Option(
        "--report/--no-report",
        help="Whether report.html is written beside the files: what broke, with charts.",
        envvar="DRIFTKIT_REPORT",
    ),
]
HideValues = Annotated[
    bool,
    typer.Option(
        "--hide-values/--show-values",
        help="Whether report.html has no value of the data: categories, groups and segments by "
        "rank, 1 % and 99 % quantiles in place of the least and the greatest number.",
        envvar="DRIFTKIT_HIDE_VALUES",
    ),
]
Model = Annotated[
    str | None,
    typer.Option(
        "--model",
        metavar="NAME",
        help="Of one model, by its name in the store.",
        show_default=False,
    ),
]
OneMonitor = Annotated[
    str | None,
    typer.Option(
        "--monitor", metavar="NAME", help="Of one monitor: data_quality, ...", show_default=False
    ),
]
OneVariant = Annotated[
    str | None,
    typer.Option("--variant", metavar="NAME", help="Of one variant.", show_default=False),
]
Last = Annotated[int, typer.Option("--last", min=1, help="So many of the last windows.")]
FailOnViolations = Annotated[
    bool,
    typer.Option(
        "--fail-on-violations",
        help="Exit with code 3 when there are violations.",
        envvar="DRIFTKIT_FAIL_ON_VIOLATIONS",
    ),
]
States = Annotated[
    list[str] | None,
    typer.Option(
        "--states",
        metavar="FILE...",
        help="Kept states (states.arrow, folders with one, globs) to be added up, "
        "in place of data or before them.",
        show_default=False,
        rich_help_panel=KEEPING,
    ),
]
History = Annotated[
    list[str] | None,
    typer.Option(
        "--history",
        metavar="FOLDER...",
        help="Reports of the windows before this one, or a folder that holds them: small drift is "
        "found in several windows together, and days without an alarm join the reference.",
        show_default=False,
        rich_help_panel=KEEPING,
    ),
]
AllowOverlap = Annotated[
    bool,
    typer.Option(
        "--allow-overlap",
        help="Let rows count twice that are in two of the states.",
        envvar="DRIFTKIT_ALLOW_OVERLAP",
        rich_help_panel=KEEPING,
    ),
]
KeepStates = Annotated[
    bool,
    typer.Option(
        "--keep-states/--no-keep-states",
        help="Write states.arrow too, by which windows are combined without reading data again.",
        envvar="DRIFTKIT_KEEP_STATES",
        rich_help_panel=KEEPING,
    ),
]
AddTo = Annotated[
    str | None,
    typer.Option(
        metavar="DIR",
        help="A baseline, written with --keep-states, to whose rows those of INPUT are added.",
        show_default=False,
        rich_help_panel=KEEPING,
    ),
]


def duration(option: str, given: str | None, example: str) -> timedelta | None:
    """The duration that an option was given.

    Args:
        option: with its dashes.
        given: as the user wrote it; None where it was not said.
        example: of what would be right.

    Raises:
        SettingsError: it is none.
    """
    # Only where it is asked for: the help reads no configuration.
    from driftkit.configuration.section import duration_of

    try:
        return duration_of(given) if given else None
    except ValueError as error:
        raise SettingsError(
            "this is no duration",
            where=option,
            expected=f"for example {example}",
            found=repr(given),
        ) from error
