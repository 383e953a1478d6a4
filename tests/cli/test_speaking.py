"""Commands speak to people, as one JSON object, or not at all; a log is there when asked for."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any, ClassVar, cast

import pytest
import typer

from driftkit.cli import app, commands_of, main
from driftkit.cli.monitors import Monitor
from driftkit.cli.speaking import OPTIONS
from driftkit.report import terminal
from driftkit.report.speech import speech
from driftkit.results.contract import Metric
from driftkit.settings import Settings
from tests.cli.surface import commands

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SPEAK_OTHERWISE = {"container"}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "in.csv").write_text("age,\x1b[2J\n1,x\n2,y\n3,\n", encoding="utf-8")
    (tmp_path / "other.csv").write_text("age,\x1b[2J\nq,x\nq,y\n3,\n", encoding="utf-8")
    return tmp_path


def test_every_command_has_the_options() -> None:
    names = {each.name for each in OPTIONS}

    lacking = {
        name
        for name, command in commands(typer.main.get_command(app))
        if not names <= {each.name for each in command.params}
    }

    assert lacking == SPEAK_OTHERWISE


def test_a_run_is_one_json_object(data: Path, driftkit_command: Callable[..., Any]) -> None:
    verb = "data-quality"
    learnt = driftkit_command(verb, "baseline", data / "in.csv", "-o", data / "b", "--json")
    found = driftkit_command(
        *(verb, "monitor", data / "other.csv", "-b", data / "b", "-o", data / "o"),
        *("--json", "--fail-on-violations"),
    )

    first, second = json.loads(learnt.out), json.loads(found.out)
    assert (learnt.code, first["status"], first["files"]) == (
        0,
        "ok",
        [str(data / "b" / name) for name in ("statistics.json", "constraints.json")],
    )
    assert (found.code, second["status"]) == (3, "violated")
    [result] = second["results"]
    assert [(each["feature"], each["check"]) for each in result["violations"]] == [
        ("age", "data_type_check")
    ]
    assert (result["monitor"], result["rows"], result["files"]) == (
        "data_quality",
        3,
        second["files"],
    )
    assert "3 rows in" in found.err


def test_an_error_is_in_the_json_object(data: Path, driftkit_command: Callable[..., Any]) -> None:
    ended = driftkit_command(
        "data-quality", "baseline", data / "nothing.csv", "-o", data / "b", "--json", "--quiet"
    )

    said = json.loads(ended.out)
    assert (ended.code, said["status"], len(said["errors"])) == (1, "error", 1)
    assert "nothing.csv" in said["errors"][0]
    assert ended.err.startswith("Error: ")


class Learnt:
    """A baseline with a metric that could not be measured."""

    run: ClassVar[None] = None
    files: ClassVar[dict[str, Any]] = {}
    notes: ClassVar[Any] = staticmethod(list)

    def metrics(self) -> list[Metric]:
        """The metric."""
        nothing, bounds = float("nan"), (-float("inf"), 0.5)
        return [Metric(group="quality", name="auc", value=nothing, allowed=bounds)]


def test_numbers_that_are_none_are_null(capsys: pytest.CaptureFixture[str]) -> None:
    own = Monitor(name="own", about="", settings=Settings)

    @own.command(only=())
    def learn(*, settings: dict[str, Any]) -> None:
        assert settings == {}
        terminal.show_baseline(cast("Any", Learnt()), [])

    @own.command(only=())
    def forget(*, settings: dict[str, Any]) -> None:
        del settings

    with pytest.raises(SystemExit):
        main(["own", "learn", "--json"], commands_of([own]))

    [said] = json.loads(capsys.readouterr().out)["results"][0]["metrics"]
    assert (said["value"], said["allowed"]) == (None, [None, 0.5])


def test_quiet_says_nothing(data: Path, driftkit_command: Callable[..., Any]) -> None:
    ended = driftkit_command("data-quality", "baseline", data / "in.csv", "-o", data, "--quiet")

    assert (ended.code, ended.out, ended.err) == (0, "", "")
    assert (data / "statistics.json").exists()


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_the_log_tells_each_step_and_ends_with_the_command(
    log_format: str, data: Path, driftkit_command: Callable[..., Any]
) -> None:
    ended = driftkit_command(
        *("data-quality", "baseline", data / "in.csv", "-o", data / "b"),
        *("--log-format", log_format, "--log-level", "info"),
    )

    assert "reading" in ended.err
    assert "writing" in ended.err
    assert "\x1b[2J" not in ended.err
    if log_format == "json":
        lines = [json.loads(line) for line in ended.err.splitlines()]
        assert {"time", "level", "logger", "message"} <= lines[0].keys()
        assert {each["logger"].partition(".")[0] for each in lines} == {"driftkit"}
    logger = logging.getLogger("driftkit")
    assert (logger.handlers, logger.level, speech().as_json) == ([], logging.NOTSET, False)


def test_errors_are_records_of_a_json_log(data: Path, driftkit_command: Callable[..., Any]) -> None:
    ended = driftkit_command(
        *("data-quality", "baseline", data / "nothing.csv", "-o", data, "--log-format", "json")
    )

    [*_, last] = [json.loads(line) for line in ended.err.splitlines()]
    assert (ended.code, ended.out, last["level"]) == (1, "", "error")


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        (("data-quality", "monitor", "x", "--treshold", "a=1"), "--threshold"),
        (("data-quality", "monitr"), "'monitor'"),
        (("data-qality",), "'data-quality'"),
    ],
)
def test_what_is_misspelt_is_met_with_what_there_is(
    line: tuple[str, ...], hint: str, driftkit_command: Callable[..., Any]
) -> None:
    ended = driftkit_command(*line)

    assert ended.code == 2
    assert hint in ended.err


def test_help_names_environment_variables(driftkit_command: Callable[..., Any]) -> None:
    said = driftkit_command("data-quality", "monitor", "--help").out

    assert "DRIFTKIT_IGNORE" in said
    assert "DRIFTKIT_LOG_LEVEL" in said


@pytest.mark.parametrize(
    ("words", "completed"),
    [
        ("driftkit data-q", {"data-quality"}),
        ("driftkit data-quality mon", {"monitor"}),
        ("driftkit data-quality monitor --thr", {"--threshold"}),
        ("driftkit deployment monitor --fail", {"--fail-on-roll-back"}),
    ],
)
def test_bash_completes_commands_and_options(words: str, completed: set[str]) -> None:
    asked = {
        "_DRIFTKIT_COMPLETE": "complete_bash",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split()) - 1),
    }
    console = "import sys; from driftkit.cli import main; sys.argv[0] = 'driftkit'; main()"

    said = subprocess.run(
        [sys.executable, "-c", console],
        env=os.environ | asked,
        capture_output=True,
        text=True,
        check=False,
    )

    assert set(said.stdout.split()) == completed
