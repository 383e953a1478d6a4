"""Runs a job's preprocessor and postprocessor scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from driftkit.capture.preprocessor import Reader, scripted_dataset
from driftkit.capture.scripts import Script
from driftkit.errors import SettingsError
from driftkit.io.finding import find
from driftkit.sagemaker.inputs import data_paths
from driftkit.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from driftkit.sagemaker.environment import Environment

PREPROCESSOR = "record_preprocessor_script"
POSTPROCESSOR = "post_analytics_processor_script"
_LINES = {"capture", "csv", "jsonl"}
_READING = ("format", "header", "output_columns_position", "dialect", "together", "start", "end")


def data_of(
    environment: Environment, options: Mapping[str, Any], names: Sequence[str] = ()
) -> tuple[Any, dict[str, Any]]:
    """The data and the settings to read them with.

    Args:
        environment: what the job was told.
        options: the settings without a script.
        names: the baseline's columns, which numbered columns of a script take by their place.

    Raises:
        SettingsError: a script is outside of the job's folders, or cannot see the format.
        InputError: there are no data, or the script fails.
    """
    paths = data_paths(environment)
    script = _script(environment, PREPROCESSOR)
    if script is None:
        return paths, dict(options)
    if options["format"] not in _LINES:
        raise SettingsError(
            "a preprocessor sees records line by line",
            where=PREPROCESSOR,
            expected="captured data, CSV or lines of JSON",
            found=str(options["format"]),
            todo="Leave the script out, or convert the data",
        )
    reading = Settings.from_keywords(
        **{name: options[name] for name in _READING if name in options}
    )
    reader = Reader(script=script, settings=reading)
    return scripted_dataset(find(paths), paths[0], reader, names), dict(options)


def postprocess(environment: Environment) -> None:
    """Runs the user's postprocessor, if there is one.

    Raises:
        SettingsError: it is outside of the job's folders.
        InputError: it fails.
    """
    script = _script(environment, POSTPROCESSOR)
    if script is not None:
        script.postprocess()


def check(environment: Environment) -> None:
    """Refuses scripts that are not the job's before anything is computed.

    Raises:
        SettingsError: one is outside of the job's folders, or is not there.
    """
    for variable in (PREPROCESSOR, POSTPROCESSOR):
        _script(environment, variable)


def _script(environment: Environment, variable: str) -> Script | None:
    file = environment.path(variable)
    if file is None:
        return None
    try:
        return Script(name=file.name, text=file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            "the script cannot be read", where=variable, found=str(error), todo="Check the file"
        ) from error
