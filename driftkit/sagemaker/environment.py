"""A processing job's environment variables and configuration."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from driftkit.errors import SettingsError
from driftkit.formats.mapping import Node
from driftkit.formats.python_json import loads_object, read_object
from driftkit.sagemaker import dataset_format, paths
from driftkit.sagemaker.secrets import secrets_in

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from driftkit.sagemaker.dataset_format import DatasetFormat
    from driftkit.sagemaker.paths import ContainerPaths
    from driftkit.settings import RunnerName

_OFFSET = re.compile(
    r"(?P<sign>[-+]?)P(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?)?"
)
_SPACED = re.compile(r"\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """The variables of a job, with typed answers to what is asked of them.

    Attributes:
        variables: those of the process, over those that the job's configuration lists.
        paths: where the container's files are.
    """

    variables: Mapping[str, str]
    paths: ContainerPaths

    @classmethod
    def read(cls, variables: Mapping[str, str], at: ContainerPaths) -> Environment:
        """The environment of this process, completed by processingjobconfig.json.

        Raises:
            FormatError: the configuration is there and is not JSON.
        """
        file = at.at(paths.JOB)
        node = Node(value=read_object(file) if file.exists() else {}, file=paths.JOB)
        listed = node.maybe(Node.child, "Environment")
        configured = (
            {} if listed is None else {name: _variable(listed, name) for name in listed.value}
        )
        return cls(variables={**configured, **variables}, paths=at)

    def text(self, name: str) -> str | None:
        """A variable's text; None where it is missing, empty or null."""
        value = self.variables.get(name, "").strip()
        return value if value and value.lower() not in {"null", "none"} else None

    def jmespath(self, name: str) -> str | None:
        """A variable's path; the API allows JSONPath, of which only the plain form is in use."""
        return (self.text(name) or "").removeprefix("$.") or None

    def needed(self, name: str) -> str:
        """A variable that must be there.

        Raises:
            SettingsError: it is not.
        """
        value = self.text(name)
        if value is None:
            raise SettingsError(
                f"the environment variable {name} is missing",
                todo="Set it, as SageMaker does for its own image",
            )
        return value

    def path(self, name: str) -> Path | None:
        """The place that a variable names.

        Raises:
            SettingsError: it is outside of the job's folders, or nothing is there.
        """
        value = self.text(name)
        if value is None:
            return None
        found = self.paths.inside(value, name)
        if not found.exists():
            raise SettingsError(
                "there is no such file or folder", where=name, found=value, todo="Check the input"
            )
        return found

    @property
    def output(self) -> Path:
        """The folder for the results."""
        return self.paths.inside(self.text("output_path") or paths.OUTPUT, "output_path")

    @property
    def format(self) -> DatasetFormat:
        """How the data are written.

        Raises:
            SettingsError: the variable is missing or cannot be read.
        """
        return dataset_format.read(self.needed(dataset_format.VARIABLE))

    @property
    def window(self) -> tuple[datetime | None, datetime | None]:
        """Start and end of the window, offsets added.

        Raises:
            SettingsError: one is no time.
        """
        return self.moment("start_time"), self.moment("end_time")

    def moment(self, name: str) -> datetime | None:
        """The time of a variable, the variable's own offset added.

        Raises:
            SettingsError: it is none, or not of the years 1 to 9999.
        """
        text = self.text(name)
        if text is None:
            return None
        moved_by = offset(self.text(f"{name}_offset"), f"{name}_offset")
        try:
            # Documents and some jobs have spaces inside: 2019-12-01T16: 20: 00Z.
            moment = datetime.fromisoformat(_SPACED.sub("", text))
        except ValueError as error:
            raise SettingsError(
                "it is not a time",
                where=name,
                expected="ISO 8601, for example 2024-03-18T15:00:00Z",
                found=text,
                todo="Write it so",
            ) from error
        try:
            known = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
            return known + moved_by
        except OverflowError as error:
            raise SettingsError(
                "it has no date in UTC",
                where=name,
                expected="a time of the years 1 to 9999, after its offset is added",
                found=text,
                todo="Correct the time or its offset",
            ) from error

    def json(self, name: str) -> dict[str, Any]:
        """The JSON object in a variable; empty where there is none.

        Raises:
            FormatError: it is not an object.
        """
        text = self.text(name)
        return {} if text is None else loads_object(text, name)

    @property
    def publishes(self) -> bool:
        """Whether metrics are wanted.

        Raises:
            SettingsError: the variable is neither Enabled nor Disabled, or there is no schedule.
        """
        value = (self.text("publish_cloudwatch_metrics") or "Disabled").lower()
        if value not in {"enabled", "disabled"}:
            raise SettingsError(
                "it is neither Enabled nor Disabled",
                where="publish_cloudwatch_metrics",
                found=value,
                todo="Write one of them",
            )
        return value == "enabled"

    @property
    def runner(self) -> RunnerName:
        """Where the monitors run: several hosts are a cluster."""
        return "spark" if len(self.hosts[1]) > 1 else "auto"

    @property
    def hosts(self) -> tuple[str, tuple[str, ...]]:
        """This host and all of the job's, the driver first.

        Raises:
            FormatError: resourceconfig.json is not what it should be.
        """
        file = self.paths.at(paths.RESOURCES)
        node = Node(value=read_object(file) if file.exists() else {}, file=paths.RESOURCES)
        named = list(node.maybe(Node.texts, "hosts") or ["localhost"])
        current = node.maybe(Node.text, "current_host") or named[0]
        if current not in named:
            raise SettingsError(
                "this host is not one of the job's",
                where=paths.RESOURCES,
                expected=f"one of {', '.join(named)}",
                found=current,
                todo="Correct current_host",
            )
        return current, tuple(named)

    def secrets(self) -> tuple[str, ...]:
        """Values that must never be shown, the longest first."""
        return secrets_in(self.variables)


def _variable(listed: Node, name: str) -> str:
    value = listed.raw(name)
    if isinstance(value, dict | list):
        raise listed.wrong(name, "text", value)
    return str(value)


def offset(text: str | None, where: str) -> timedelta:
    """A duration of ISO 8601, as schedules write their offsets.

    >>> offset("-P8D", "start_time_offset")
    datetime.timedelta(days=-8)

    Raises:
        SettingsError: it is none.
    """
    if text is None:
        return timedelta()
    found = _OFFSET.fullmatch(text)
    parts = {} if found is None else {k: v for k, v in found.groupdict().items() if v}
    sign = parts.pop("sign", "")
    if not parts:
        raise SettingsError(
            "it is no duration",
            where=where,
            expected="ISO 8601, for example -PT1H or -P8D",
            found=text,
            todo="Write it so",
        )
    try:
        length = timedelta(**{unit: int(number) for unit, number in parts.items()})
    except (OverflowError, ValueError) as error:
        raise SettingsError(
            "the duration is too long",
            where=where,
            expected="less than a thousand million days",
            found=text,
            todo="Correct it",
        ) from error
    return -length if sign == "-" else length


def as_json(values: Mapping[str, str | None]) -> str:
    """What is logged of a job."""
    return json.dumps({name: value for name, value in values.items() if value is not None})
