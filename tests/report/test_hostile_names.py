"""No monitor lets what data is called tell a terminal what to do."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

import driftkit
from driftkit.report import terminal
from driftkit.report.speech import speech
from tests.monitors.attribution.data import model_file
from tests.monitors.bias.tables import configuration, flights_table

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

EVIL = "\x1b[2J\x1b]0;owned\x07[bold]x[/][/red]\rb\x9b31m\u202egnp\u2066"
WRITTEN_OUT = ("\\x1b[2J", "\\x07", "[bold]x[/][/red]", "\\x9b", "\\u202e")


def evil(name: str) -> str:
    return f"{name}{EVIL}"


def data_quality(_: Path) -> tuple[Any, Any]:
    random = np.random.default_rng(0)
    names = [evil(each) for each in ("age", "city", "group")]
    columns = (random.normal(40, 5, 400), [evil("a"), "b"] * 200, ["c", evil("d")] * 200)
    rows = pd.DataFrame(dict(zip(names, columns, strict=True)))
    moved: dict[str, Any] = {names[0]: rows[names[0]] + 30, names[1]: evil("new")}
    window = rows.assign(**moved, **{evil("more"): 1.0})
    normal = driftkit.data_quality.baseline(rows, segment_by=[names[2]])
    return normal, driftkit.data_quality.monitor(window, normal)


def model_quality(_: Path) -> tuple[Any, Any]:
    random = np.random.default_rng(0)
    kinds = np.array([evil("a"), evil("b"), "c"])
    label, other = (kinds[random.integers(0, 3, 400)] for _ in range(2))
    names: dict[str, Any] = {
        "ground_truth_attribute": evil("label"),
        "inference_attribute": evil("prediction"),
        "problem_type": "MulticlassClassification",
    }
    right = pd.DataFrame({evil("label"): label, evil("prediction"): label})
    wrong = right.assign(**{evil("prediction"): other})
    normal = driftkit.model_quality.baseline(right, **names)
    return normal, driftkit.model_quality.monitor(wrong, normal, **names)


def bias(_: Path) -> tuple[Any, Any]:
    def renamed(rows: pd.DataFrame) -> pd.DataFrame:
        carriers = rows["carrier"].map(evil)
        return rows.assign(carrier=carriers).rename(
            columns={each: evil(str(each)) for each in rows}
        )

    config = configuration(
        label=evil("late"),
        predicted_label=evil("predicted"),
        group_variable=evil("origin"),
        facet=[{"name_or_index": evil("carrier"), "value_or_threshold": [evil("B")]}],
    )
    how: dict[str, Any] = {"analysis_config": config, "runner": "local"}
    normal = driftkit.bias.baseline(renamed(flights_table()), **how)
    window = renamed(flights_table(seed=2, against=0.4))
    return normal, driftkit.bias.monitor(window, normal, **how)


def attribution(folder: Path) -> tuple[Any, Any]:
    names = [evil(each) for each in "abc"]
    rows = pd.DataFrame(np.random.default_rng(0).normal(size=(200, 3)), columns=names)
    shap = {"baseline": [[0, 0, 0]], "agg_method": "mean_abs", "seed": 1}
    config = {"version": "1.0", "headers": names, "methods": {"shap": shap}}
    code = "def predict(t):\n    return 4 * t.iloc[:, 0] + 2 * t.iloc[:, 1] + t.iloc[:, 2]\n"
    how: dict[str, Any] = {"analysis_config": config, "runner": "local"}
    model = model_file(folder, code)
    normal = driftkit.attribution.baseline(rows, model, **how)
    window = rows.assign(**{names[2]: rows[names[2]] * 100})
    return normal, driftkit.attribution.monitor(window, normal, model, **how)


def deployment(_: Path) -> tuple[Any, Any]:
    random = np.random.default_rng(0)
    rows = 4000
    is_new, label = random.random(rows) < 0.5, random.integers(0, 2, rows)
    good = random.random(rows) < 0.8
    table = pd.DataFrame(
        {
            evil("version"): np.where(is_new, evil("new"), evil("old")),
            "at": pd.date_range("2026-11-02", periods=rows, freq="20s").astype(str),
            "label": label,
            "prediction": np.where(good, label, 1 - label),
        }
    )
    arms = {name: f"field:{evil('version')}={evil(name)}" for name in ("old", "new")}
    how: dict[str, Any] = {"time_column": "at", "runner": "local"}
    plan = driftkit.deployment.baseline(table, arms=arms, goals=["accuracy"], **how)
    return plan, driftkit.deployment.monitor(table, plan, **how)


@pytest.mark.parametrize("made", [data_quality, model_quality, bias, attribution, deployment])
def test_a_terminal_is_told_nothing_by_names(
    made: Callable[[Path], tuple[Any, Any]],
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    normal, report = made(tmp_path)
    for console in (terminal.out, terminal.err):
        monkeypatch.setattr(console, "_width", 400)
    capfd.readouterr()

    terminal.show_baseline(normal, [])
    terminal.show_report(report, [tmp_path / evil("file")])

    said = "".join(capfd.readouterr())
    obeyed = {each for each in said if unicodedata.category(each) in {"Cc", "Cf", "Cs"}}
    assert obeyed <= {"\n"}, obeyed
    whole = "".join(said.replace("\N{BOX DRAWINGS LIGHT VERTICAL}", " ").split())
    assert [each for each in WRITTEN_OUT if each not in whole] == []
    assert not speech().quiet
