"""Nothing that data are called reaches a terminal as a command to it, or as markup."""

from __future__ import annotations

import json
import unicodedata
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

import driftkit
from driftkit.report import terminal
from driftkit.results.contract import Finding, Metric

if TYPE_CHECKING:
    from pathlib import Path

EVIL = "\x1b[2J\x1b]0;owned\x07[bold]x[/][/red] :warning: a\rb\x08\x9b31m\u202egnp\u2066\ud800"
SHOWN = (
    "\\x1b[2J",
    "\\x07",
    "[bold]x[/][/red]",
    ":warning:",
    "\\x0d",
    "\\x9b",
    "\\u202e",
    "\\ud800",
)


def seen(text: str) -> None:
    """Asserts that a text has nothing that a terminal obeys."""
    bad = [each for each in text if unicodedata.category(each) in {"Cc", "Cf", "Cs"}]
    assert not set(bad).difference("\n\t"), bad
    whole = "".join(text.replace("\u2502", " ").split())
    for part in SHOWN:
        assert part in whole, part


@pytest.fixture
def consoles(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("out", "err"):
        console = Console(highlight=False, emoji=False, width=400, stderr=name == "err")
        monkeypatch.setattr(terminal, name, console)


@pytest.mark.usefixtures("consoles")
@pytest.mark.parametrize(
    "show",
    [
        lambda: terminal.say(EVIL),
        lambda: terminal.tell(EVIL),
        lambda: terminal.complain(EVIL),
        lambda: terminal.show_files([EVIL]),  # type: ignore[list-item]
        lambda: terminal.show_findings([Finding(feature=EVIL, check="c", message="d")]),
        lambda: terminal.show_findings([Finding(feature="f", check="c", message=EVIL)]),
        lambda: terminal.show_findings(
            [Finding(check="c", message="d", metric="m", dimensions={"facet": EVIL})]
        ),
        lambda: terminal.show_findings(
            [
                Finding(
                    feature="f",
                    check="c",
                    message="d",
                    segment=EVIL,
                    expected="1",
                    observed="2",
                    cause="x",
                )
            ]
        ),
        lambda: terminal.show_metrics([Metric(group="q", name=EVIL, value=1.0)], file="a.json"),
        lambda: terminal.show_metrics(
            [Metric(group="q", name="m", value=None, violated=True, reason=EVIL)], file="a.json"
        ),
    ],
)
def test_names_are_shown_as_they_are(show: object, capsys: pytest.CaptureFixture[str]) -> None:
    assert callable(show)
    show()

    seen("".join(capsys.readouterr()))


def test_errors_are_fit_to_be_shown_and_keep_what_they_found() -> None:
    error = driftkit.InputError(EVIL, where="s3://key:secret@bucket/a.csv", found=EVIL)

    seen(str(error))
    assert "key:***@bucket/a.csv" in str(error)
    assert "secret" not in str(error)
    assert error.found == EVIL


NAME = "\x1b[31m\u202ex[/]"


def test_files_keep_the_true_names_and_notebooks_show_safe_ones(tmp_path: Path) -> None:
    baseline = driftkit.data_quality.baseline({NAME: ["<b>a\x1b", "b"] * 5})
    result = driftkit.data_quality.monitor({NAME: ["\x1b[1mz", "y"] * 5}, baseline)
    result.write(tmp_path)

    document = json.loads((tmp_path / "statistics.json").read_text())
    assert document["features"][0]["name"] == NAME
    for shown in (baseline._repr_html_(), result._repr_html_()):
        assert "\x1b" not in shown
        assert "\u202e" not in shown
        assert "<b>a" not in shown
        assert "\\x1b[31m\\u202ex[/]" in shown


@pytest.mark.usefixtures("consoles")
def test_a_check_that_several_segments_fail_is_told_once(
    capsys: pytest.CaptureFixture[str],
) -> None:
    rows = pd.DataFrame({"city": ["A", "B", "C", "D"] * 100, "kind": ["x", "y"] * 200})
    rows["size"] = np.arange(400.0)
    baseline = driftkit.data_quality.baseline(rows, segment_by=["city"])
    rows.loc[rows.index < 100, "kind"] = "z"
    rows.loc[rows.city != "A", "size"] = np.nan

    result = driftkit.data_quality.monitor(rows, baseline)
    terminal.show_findings(result.findings)

    said = capsys.readouterr().out
    assert f"{len(result.findings)} violations" in said
    assert len(result.findings) > 7
    assert said.count("completeness_check") == said.count("categorical_values_check") == 1
    assert "size\n(and 3 segments)" in cells(said)
    assert "kind\n(and 4 segments)" in cells(said)


def cells(table: str) -> list[str]:
    """The first column of a table, row by row."""
    parts = table.partition("┩")[2].partition("└")[0].split("├")
    first = [
        [line.split("│")[1].strip() for line in part.splitlines() if "│" in line] for part in parts
    ]
    return ["\n".join(filter(None, each)) for each in first]
