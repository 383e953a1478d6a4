"""`monitor --store`, `driftkit history`, and the page that is made from a store."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from tests.cli.surface import surface
from tests.report.pages import parsed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ended

    Command = Callable[..., Ended]


@pytest.fixture
def monitor(tmp_path: Path, driftkit_command: Command) -> Callable[..., Ended]:
    """Monitors a window that begins at a day of November, shifted by so much."""
    random = np.random.default_rng(0)
    normal = random.normal(40, 5, 300)
    pd.DataFrame({"age": normal}).to_csv(tmp_path / "t.csv", index=False)
    driftkit_command("data-quality", "baseline", tmp_path / "t.csv", "-o", tmp_path / "base")

    def run(day: int, shift: float, *options: object) -> Ended:
        pd.DataFrame({"age": normal + shift}).to_csv(tmp_path / f"{day}.csv", index=False)
        return driftkit_command(
            *("data-quality", "monitor", tmp_path / f"{day}.csv", "-b", tmp_path / "base"),
            *("-o", tmp_path / f"day-{day}", *options),
        )

    return run


def test_runs_are_kept_and_their_history_is_shown(
    tmp_path: Path, driftkit_command: Command, monitor: Callable[..., Ended]
) -> None:
    store = tmp_path / "store"
    for day, shift in enumerate((0.0, 9.0)):
        ended = monitor(day, shift, "--store", store, "--model-name", "churn")
        assert ended.code == 0
        assert "kept in the metrics store as run" in ended.err

    shown = driftkit_command("history", store, "--model", "churn")
    rows = json.loads(
        driftkit_command("history", store, "--monitor", "data_quality", "--json").out
    )["results"]

    assert "violated" in shown.out
    assert [row["status"] for row in rows] == ["ok", "violated"]
    assert rows[1]["output_uri"] == str(tmp_path / "day-1")
    assert rows[1]["report_uri"] == str(tmp_path / "day-1/report.html")
    distances = driftkit_command("history", store, "--table", "drift_metrics", "--last", 1)
    assert "age" in distances.out
    assert "1 rows" not in distances.err
    # Rows of this table have no status.
    listed = driftkit_command("history", store, "--table", "drift_metrics", "--last", 1, "--json")
    assert json.loads(listed.out)["results"]


def test_a_page_is_made_from_the_store(
    tmp_path: Path, driftkit_command: Command, monitor: Callable[..., Ended]
) -> None:
    store = tmp_path / "store.parquet"
    for day, shift in enumerate((0.0, 9.0)):
        monitor(day, shift, "--store", store, "--model-name", "churn")

    ended = driftkit_command(
        "report", "--store", store, "--model", "churn", "-o", tmp_path / "page.html"
    )

    assert ended.code == 0, ended.err
    page = parsed((tmp_path / "page.html").read_text())
    own = parsed((tmp_path / "day-1/report.html").read_text())
    assert "churn" in page.text
    assert "New in this window: the one before was OK." in page.text
    assert page.tags.count("svg") >= own.tags.count("svg")


def test_without_a_model_the_page_is_of_all_models(
    tmp_path: Path, driftkit_command: Command, monitor: Callable[..., Ended]
) -> None:
    store = tmp_path / "store"
    for model, shift in (("churn", 0.0), ("fraud", 9.0)):
        monitor(0, shift, "--store", store, "--model-name", model)

    ended = driftkit_command("report", "--store", store, "-o", tmp_path / "index.html")

    assert ended.code == 0, ended.err
    page = parsed((tmp_path / "index.html").read_text())
    assert [row[1:3] for row in page.rows[1:]] == [
        ["\u25b2 VIOLATED", "fraud"],
        ["\u25cf OK", "churn"],
    ]
    assert str(tmp_path / "day-0/report.html") in page.links


def test_the_store_and_the_model_may_be_in_the_environment(
    tmp_path: Path,
    driftkit_command: Command,
    monitor: Callable[..., Ended],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DRIFTKIT_STORE", str(tmp_path / "store"))
    monkeypatch.setenv("DRIFTKIT_MODEL_NAME", "churn")

    monitor(0, 0.0)

    assert json.loads(driftkit_command("history", "--json").out)["results"][0]["model"] == "churn"


def test_the_same_run_is_kept_once(
    tmp_path: Path, driftkit_command: Command, monitor: Callable[..., Ended]
) -> None:
    for _ in range(2):
        monitor(0, 0.0, "--store", tmp_path / "store", "--model-name", "churn")

    assert (
        len(json.loads(driftkit_command("history", tmp_path / "store", "--json").out)["results"])
        == 1
    )


def test_an_error_of_the_store_leaves_the_files(
    tmp_path: Path, monitor: Callable[..., Ended]
) -> None:
    (tmp_path / "file").write_text("")

    ended = monitor(0, 9.0, "--store", tmp_path / "file", "--model-name", "churn")

    assert ended.code == 1
    assert "the metrics store cannot be written" in ended.err
    assert "Drift: 1 different" in ended.out
    assert (tmp_path / "day-0/constraint_violations.json").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--store", "s"), "--model-name NAME"),
        (("--store", "postgresql://me:secret@h/d", "--model-name", "m"), "PGPASSWORD"),
    ],
)
def test_a_wrong_store_is_refused_before_anything_is_computed(
    tmp_path: Path, monitor: Callable[..., Ended], options: tuple[str, ...], said: str
) -> None:
    ended = monitor(0, 0.0, *options)

    assert ended.code == 1
    assert said in ended.err
    assert "secret" not in ended.err
    assert not (tmp_path / "day-0").exists()


@pytest.mark.parametrize(
    "arguments", [(), ("run", "--store", "s", "--model", "m"), ("run", "--store", "s")]
)
def test_a_page_is_of_folders_or_of_a_store(
    driftkit_command: Command, arguments: tuple[str, ...]
) -> None:
    assert driftkit_command("report", *arguments).code == 2


def test_every_monitor_can_keep_its_runs() -> None:
    (of,) = [
        json.loads(line)["commands"]
        for line in surface()
        if '"--store"' in line and "monitor" in line and "Keep the run" in line
    ]

    monitors = ("data-quality", "model-quality", "bias", "attribution", "deployment")
    assert {f"{each} monitor" for each in monitors} <= set(of)
