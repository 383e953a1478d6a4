"""Finds a job's input files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftkit.capture.window import in_window
from driftkit.errors import InputError, SettingsError
from driftkit.io.finding import find
from driftkit.sagemaker.messages import NO_DATA

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from driftkit.io.finding import File
    from driftkit.sagemaker.environment import Environment

_ENDINGS = {"json": (".json", ".jsonl", ".json.gz", ".jsonl.gz")}


def paths_of(environment: Environment, variable: str) -> list[str]:
    """The folder that a variable names, as the monitors take it.

    Raises:
        SettingsError: the variable is missing, or leads out of the job's folders.
        InputError: the folder is empty or is not there.
    """
    given = environment.needed(variable)
    folder = environment.paths.inside(given, variable)
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        raise InputError(NO_DATA, found=f"{variable} {given} is empty")
    return [str(folder)]


def windowed(environment: Environment, paths: Sequence[str]) -> list[str]:
    """The files of the job's window that are not empty.

    Raises:
        InputError: there are none.
        SettingsError: the window ends before it begins.
    """
    start, end = environment.window
    if start and end and start >= end:
        raise SettingsError(
            "the window is empty",
            where="start_time, end_time",
            expected="a start before the end",
            found=f"{start.isoformat()} to {end.isoformat()}",
            todo="Correct the schedule's times or offsets",
        )
    kept = _kept(paths, start, end)
    if not kept:
        shown = f"{start.isoformat() if start else 'open'} to {end.isoformat() if end else 'open'}"
        where = environment.paths.shown(", ".join(paths))
        raise InputError(NO_DATA, found=f"nothing in {where} from {shown}")
    return [file.path for file in kept]


def _kept(paths: Sequence[str], start: datetime | None, end: datetime | None) -> list[File]:
    try:
        return [file for file in in_window(find(paths), start, end) if file.size]
    except InputError:
        return []


def data_paths(environment: Environment) -> list[str]:
    """What a monitor of data or model quality reads: a folder of captures, or files.

    Raises:
        SettingsError: the folder is outside of the job's, or the window is wrong.
        InputError: there are no data.
    """
    folders = paths_of(environment, "dataset_source")
    given = environment.format
    if given.captured:
        windowed(environment, folders)
        return folders
    if environment.window != (None, None):
        return windowed(environment, folders)
    kind = "json" if "json" in given.format else given.format
    files = _kept(folders, None, None)
    if not any(file.path.lower().endswith(_ENDINGS.get(kind, ("",))) for file in files):
        where = environment.needed("dataset_source")
        raise InputError(
            f"Error: Could not find any {kind} file under directory {where}",
            todo="Please verify that the input holds files of the dataset format",
        )
    return folders
