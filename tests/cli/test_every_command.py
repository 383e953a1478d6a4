"""What every command has: JSON, silence, a log, hints for typos, help with variables, completion."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import typer

from driftkit.cli import app
from tests.cli.surface import commands

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ROOT: Any = typer.main.get_command(app)
COMMANDS = dict(commands(ROOT))
# How a job of SageMaker speaks is SageMaker's to say.
OURS = {name: command for name, command in COMMANDS.items() if name != "container"}
# What each needs beside its name; nothing of it is there, so that most end with an error.
NEEDED = {
    "merge": "captured -g truth -o out",
    "report": "run",
    "init": "--from captured",
    "grafana": "--datasource prometheus -o out/grafana.json",
    "run": "",
    "check": "",
    "history": "kept",
    "data-quality baseline": "in.csv -o out",
    "data-quality monitor": "in.csv -b base -o out",
    "data-quality accept": "run -b base",
    "data-quality replay": "-b base -o out",
    "data-quality compare": "--statistics s.json -b base -o out",
    "data-quality distances": "in.csv -b base",
    "data-quality multivariate": "in.csv -b base.csv",
    "model-quality baseline": "in.csv -o out --problem-type Regression",
    "model-quality monitor": "in.csv -b base -o out",
    "model-quality estimate": "in.csv -b base -o out",
    "model-quality compare": "--statistics s.json -b base -o out",
    "bias baseline": "in.csv -o out -c config.json",
    "bias monitor": "in.csv -b base -o out -c config.json",
    "attribution baseline": "in.csv -o out -c config.json",
    "attribution monitor": "in.csv -b base -o out -c config.json",
    "deployment baseline": "in.csv -o out",
    "deployment monitor": "in.csv -b base -o out",
    "deployment weights": "out -o out",
    "deployment evaluate": "in.csv -b base -o out --policy-file p.json",
    "deployment simulate": "plan -o out",
    "deployment scaling": "in.csv -o out --policy-file p.json",
    "deployment traffic": "in.csv -o out",
    "deployment pipeline": "-o out --stage a --baseline-stage b",
    "alerts check": "driftkit.yml",
    "alerts list": "kept.jsonl",
    "alerts silence": "kept.jsonl --feature a",
    "alerts unsilence": "kept.jsonl --feature a",
    "alerts judge": "kept.jsonl 0000 false",
    "config show": "",
    "config schema": "",
    "schedule print": "cron",
    "store compact": "kept",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A command with what it needs."""

    words: list[str]


@pytest.fixture(params=OURS)
def line(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Line:
    monkeypatch.chdir(tmp_path)
    return Line(words=[*request.param.split(), *NEEDED[request.param].split()])


def test_a_command_speaks_json(line: Line, driftkit_command: Callable[..., Any]) -> None:
    ended = driftkit_command(*line.words, "--json")

    said = json.loads(ended.out)
    assert ended.code in {0, 1}
    assert set(said) == {"status", "results", "files", "lines", "errors"}
    assert (said["status"] == "error") is bool(said["errors"]) is (ended.code == 1)


def test_a_command_is_quiet(line: Line, driftkit_command: Callable[..., Any]) -> None:
    ended = driftkit_command(*line.words, "--quiet")

    assert ended.out == ""
    assert all(each.startswith(("Error: ", " ")) for each in ended.err.splitlines()[:1])


def test_a_command_logs_lines_of_json(line: Line, driftkit_command: Callable[..., Any]) -> None:
    ended = driftkit_command(*line.words, "--verbose", "--log-format", "json")

    records = [json.loads(each) for each in ended.err.splitlines()]
    assert all({"time", "level", "logger", "message"} <= each.keys() for each in records)
    assert any(each["level"] == "error" for each in records) is (ended.code == 1)


def shown(name: str) -> list[Any]:
    """The options of a command that its help shows."""
    options = [each for each in COMMANDS[name].params if each.param_type_name == "option"]
    return [each for each in options if not each.hidden]


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("columns", ["80", "200"])
def test_help_shows_each_option_with_its_variable(
    name: str, columns: str, driftkit_command: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", columns)

    ended = driftkit_command(*name.split(), "--help")

    assert ended.code == 0
    options = shown(name)
    variables = {each.envvar for each in options if each.envvar}
    names = {text for each in options for text in each.opts if text.startswith("--")}
    assert {each for each in variables | names if each not in ended.out} == set()


def typos(option: str) -> set[str]:
    """The option with one of its letters forgotten, or two of them exchanged."""
    letters = option.removeprefix("--")
    middle = len(letters) // 2
    swapped = letters[: middle - 1] + letters[middle] + letters[middle - 1] + letters[middle + 1 :]
    return {f"--{letters[:middle]}{letters[middle + 1 :]}", f"--{swapped}"}


def long_options(name: str) -> set[str]:
    return {
        text
        for each in shown(name)
        for text in (*each.opts, *each.secondary_opts)
        if text.startswith("--") and len(text) > 6
    }


# The first command that has an option, by the option's name.
FIRST = {option: name for name in reversed(COMMANDS) for option in long_options(name)}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_misspelt_option_is_met_with_the_one_that_is_meant(
    name: str, driftkit_command: Callable[..., Any]
) -> None:
    names = long_options(name)
    unmet = set()
    for option in sorted(names):
        # What several commands have is misspelt in the first of them, and one of each command's.
        if FIRST[option] == name or option == min(names):
            for typo in typos(option) - names:
                ended = driftkit_command(*name.split(), typo)
                said = " ".join(ended.err.split())
                if ended.code != 2 or option not in said:
                    unmet.add((option, typo))

    assert unmet == set()


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_and_its_options_are_completed(name: str) -> None:
    *groups, last = name.split()
    context = ROOT.make_context("driftkit", [], resilient_parsing=True)
    for each in groups:
        command: Any = context.command.get_command(context, each)
        context = command.make_context(each, [], parent=context, resilient_parsing=True)
    command = COMMANDS[name]
    own_context = command.make_context(last, [], parent=context, resilient_parsing=True)

    found = {each.value for each in context.command.shell_complete(context, last[:2])}
    options = {each.value for each in command.shell_complete(own_context, "--")}

    assert last in found
    own = {each.opts[-1] for each in shown(name)}
    assert {each for each in own if each.startswith("--")} <= options


def test_every_command_is_tried() -> None:
    assert NEEDED.keys() == OURS.keys()


@pytest.mark.parametrize("name", sorted(set(OURS) - {"run", "check"}))
def test_what_a_user_asks_for_often_may_stand_in_the_environment(name: str) -> None:
    """Options that say how; those that say what, such as files, belong to the line."""
    lacking = {
        each.name
        for each in shown(name)
        if isinstance(each.default, bool) and not each.envvar and each.name not in ONCE
    }

    assert lacking == set()


ONCE = {"force", "help", "update", "origin", "github", "install_completion", "show_completion"}
