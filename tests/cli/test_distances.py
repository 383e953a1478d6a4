"""`driftkit data-quality distances`: a table for people, rows for programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import driftkit

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("no_session")
TODAY = "age,code\n" + "".join(f"{30 + i % 7},{'ab'[i % 2]}\n" for i in range(200))
TRAINING = "age,code\n" + "".join(f"{28 + i % 9},{'aab'[i % 3]}\n" for i in range(300))


def test_the_command_shows_a_table_and_gives_rows(
    tmp_path: Path, driftkit_command: Callable[..., Any]
) -> None:
    today, training = tmp_path / "today.csv", tmp_path / "training.csv"
    today.write_text(TODAY)
    training.write_text(TRAINING)
    words = ("data-quality", "distances", str(today), "-b", str(training))
    named = (*words, "--distance", "ks", "--distance", "nannyml:l*")

    shown, rows = driftkit_command(*named), json.loads(driftkit_command(*named, "--json").out)

    expected = driftkit.data_quality.distances(today, training, names=["KS", "nannyml:l_infinity"])
    assert rows["results"] == expected.rows()
    assert "KolmogorovSmirnov" in shown.out
    assert "nannyml:l_infinity" in shown.out


def test_a_column_without_a_value_says_so(
    tmp_path: Path, driftkit_command: Callable[..., Any]
) -> None:
    today, training = tmp_path / "today.csv", tmp_path / "training.csv"
    today.write_text("age,code\n" + ",a\n" * 5)
    training.write_text(TRAINING)

    ended = driftkit_command("data-quality", "distances", str(today), "-b", str(training))

    assert "the window has no value of it" in " ".join(ended.out.replace("│", " ").split())
