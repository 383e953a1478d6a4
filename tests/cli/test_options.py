"""The options of all commands are those that are promised, each with the choices of its setting."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args, get_origin

import pytest
import typer

import driftkit
from driftkit.cli.monitors import Monitor, learns
from driftkit.monitors.attribution.settings import AttributionSettings
from driftkit.settings import Settings
from driftkit.settings.checks import Whole
from driftkit.settings.declaring import Option, declared, part, setting
from driftkit.settings.detection import Detection
from tests.cli.surface import surface

if TYPE_CHECKING:
    from collections.abc import Callable

PROMISED = Path(__file__).parent / "options.jsonl"
CHOICES = [
    pytest.param(command, each, id=each.name)
    for command, part in (
        ("data-quality", declared(Settings)),
        ("attribution", declared(AttributionSettings, "none of its parts")),
    )
    for each in part.values()
    if get_origin(each.kind) is Literal
]


def test_options_are_those_that_are_promised() -> None:
    assert surface() == PROMISED.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize(("command", "setting"), CHOICES)
def test_another_choice_is_met_with_those_there_are(
    command: str, setting: Any, driftkit_command: Callable[..., Any], tmp_path: Path
) -> None:
    option = f"--{setting.name.replace('_', '-')}"

    # What is an alarm is asked where there are some.
    verb = "monitor" if setting.name in declared(Detection) else "baseline"
    said = driftkit_command(command, verb, "in.csv", "-o", tmp_path, option, "another")

    assert said.code == 2
    assert [
        choice for choice in get_args(setting.kind) if choice.lower() not in said.err.lower()
    ] == []


@pytest.mark.parametrize(
    ("options", "columns"), [((), ["a;b"]), (("--separator", ";"), ["a", "b"])]
)
def test_the_environment_gives_settings_unless_the_line_does(
    options: tuple[str, ...],
    columns: list[str],
    driftkit_command: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    (tmp_path / "in.csv").write_text("a;b\n1;x\n", encoding="utf-8")
    monkeypatch.setenv("DRIFTKIT_SEPARATOR", "|")

    ended = driftkit_command(
        "data-quality", "baseline", tmp_path / "in.csv", "-o", tmp_path / "out", *options
    )

    assert ended.code == 0
    found = json.loads((tmp_path / "out/statistics.json").read_bytes())
    assert [feature["name"] for feature in found["features"]] == columns


@dataclass(frozen=True, slots=True, kw_only=True)
class LatencySettings:
    """Those of a monitor that there is not."""

    slowest: int = setting(100, Whole(least=1), "Slower answers are violations.", Option("Judged"))
    run: Settings = part(Settings, "read", "compute")


def test_the_command_of_a_further_monitor_is_a_few_rows(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    said: dict[str, Any] = {}

    def baseline(inputs: list[str], *, progress: object, **given: Any) -> None:
        said.update(given, inputs=inputs, progressing=callable(progress))
        raise typer.Exit(7)

    monkeypatch.setattr(driftkit, "latency", SimpleNamespace(baseline=baseline), raising=False)
    monkeypatch.setenv("DRIFTKIT_DIALECT", "aws")
    of = Monitor(name="latency", about="Did it slow down?", settings=LatencySettings)

    learns(of, "Learn how fast it is.", "Learning", own={"clock": Annotated[str, typer.Option()]})
    line = ["in.csv", "-o", str(tmp_path), "--clock", "utc", "--slowest", "3"]
    code = of.app(line, standalone_mode=False)

    assert code == 7
    assert said == {
        "inputs": ["in.csv"],
        "progressing": True,
        "clock": "utc",
        "slowest": 3,
        "dialect": "aws",
    }
