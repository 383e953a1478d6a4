"""The commands take the options of how CSV is written."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.monitors.bias.tables import configuration, flights_table
from tests.monitors.test_csv_options import german, judged

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ended

OPTIONS = ("--separator", ";", "--encoding", "cp1252", "--decimal", ",", "--null-values", "k. A.")


def test_the_commands_have_the_options(
    tmp_path: Path, driftkit_command: Callable[..., Ended]
) -> None:
    table = judged().assign(label=[1, 0, 1, 1] * 50)
    quality = ("--problem-type", "Regression", "--inference-attribute", "prediction")
    (tmp_path / "config.json").write_text(json.dumps(configuration()))
    bias = ("--analysis-config", tmp_path / "config.json")
    flights = german(flights_table(), tmp_path / "flights.csv")
    runs = {
        "data-quality": (german(table, tmp_path / "german.csv"),),
        "model-quality": (tmp_path / "german.csv", *quality),
        "bias": (flights, *bias),
    }
    for monitor, asked in runs.items():
        folder = tmp_path / monitor
        ended = driftkit_command(monitor, "baseline", *asked, *OPTIONS, "-o", folder)
        assert ended.code == 0, ended.err
        baseline = folder / "analysis.json" if monitor == "bias" else folder
        ended = driftkit_command(
            monitor,
            "monitor",
            *asked,
            *OPTIONS,
            "--baseline",
            baseline,
            "-o",
            tmp_path / f"{monitor}-m",
        )
        assert ended.code == 0, ended.err


def test_another_separator_ends_a_command_with_the_option_to_use(
    tmp_path: Path, driftkit_command: Callable[..., Ended]
) -> None:
    (tmp_path / "data.csv").write_text("a;b\n1,5;2\n2,5;3\n")

    ended = driftkit_command(
        "data-quality", "baseline", tmp_path / "data.csv", "-o", tmp_path / "b"
    )

    assert ended.code == 1
    assert "--separator ';'" in ended.err.replace("\n", " ")
    assert not (tmp_path / "b" / "statistics.json").exists()
