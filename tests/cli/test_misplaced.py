"""An option or a command that another command has: the error names it."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from driftkit.cli import app


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (
            "data-quality monitor x.csv --time-column at",
            "No such option: --time-column; it belongs to `driftkit data-quality baseline`",
        ),
        (
            "replay --baseline b",
            "No such command 'replay'; it belongs to `driftkit data-quality replay`",
        ),
    ],
)
def test_the_command_that_has_it_is_named(asked: str, said: str) -> None:
    result = CliRunner().invoke(app, asked.split(), prog_name="driftkit")

    assert result.exit_code == 2
    assert said in result.output


@pytest.mark.parametrize("asked", ["data-quality monitor x.csv --nonsense", "nonsense"])
def test_what_nobody_has_belongs_to_nobody(asked: str) -> None:
    result = CliRunner().invoke(app, asked.split(), prog_name="driftkit")

    assert result.exit_code == 2
    assert "No such" in result.output
    assert "belongs to" not in result.output
