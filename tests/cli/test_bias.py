"""`driftkit bias` as a user types it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.monitors.bias.tables import configuration, flights_table

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ended

VIOLATIONS_FOUND = 3


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "analysis_config.json"
    file.write_text(json.dumps(configuration()))
    return file


def test_baseline_then_monitor(
    tmp_path: Path, config: Path, driftkit_command: Callable[..., Ended]
) -> None:
    flights_table(5000).to_csv(tmp_path / "training.csv", index=False)
    flights_table(5000, seed=2, against=0.3).to_csv(tmp_path / "window.csv", index=False)

    learned = driftkit_command(
        *("bias", "baseline", tmp_path / "training.csv", "-c", config),
        *("-o", tmp_path / "baseline", "--runner", "local"),
    )
    ended = driftkit_command(
        *("bias", "monitor", tmp_path / "window.csv", "-c", config),
        *("-b", tmp_path / "baseline", "-o", tmp_path / "report", "--runner", "local"),
        "--fail-on-violations",
    )

    assert learned.code == 0
    assert "Detectable" in learned.out
    intervals = json.loads((tmp_path / "baseline" / "intervals.json").read_text())
    metrics = intervals["facets"]["pre_training_bias_metrics"]["carrier"][0]["metrics"]
    smallest = next(each["detectable_difference"] for each in metrics if each["name"] == "DPL")
    assert f"{smallest:.4g}" in learned.out
    assert ended.code == VIOLATIONS_FOUND
    assert "carrier B" in ended.out
    document = json.loads((tmp_path / "report" / "constraint_violations.json").read_text())
    assert {each["facet"] for each in document["violations"]} == {"carrier"}


def test_the_same_data_is_no_violation(
    tmp_path: Path, config: Path, driftkit_command: Callable[..., Ended]
) -> None:
    flights_table().to_csv(tmp_path / "rows.csv", index=False)
    arguments = (tmp_path / "rows.csv", "-c", config, "--runner", "local", "--dialect", "aws")
    driftkit_command("bias", "baseline", *arguments, "-o", tmp_path / "baseline")

    ended = driftkit_command(
        *("bias", "monitor", *arguments, "-b", tmp_path / "baseline", "-o", tmp_path / "report"),
        "--fail-on-violations",
    )

    assert ended.code == 0
    assert "No violations" in ended.out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--intersection", "carrier"), "an intersection is of several facets"),
        (("--inference-attribute", "instances["), "it is not a JMESPath"),
    ],
)
def test_errors_are_one_line_and_exit_code_1(
    tmp_path: Path,
    config: Path,
    driftkit_command: Callable[..., Ended],
    options: tuple[str, ...],
    message: str,
) -> None:
    (tmp_path / "rows.jsonl").write_text('{"x": 1}\n')
    config.write_text(
        json.dumps(
            configuration(headers=["carrier", "late"], predicted_label=None, group_variable=None)
        )
    )

    ended = driftkit_command(
        *("bias", "baseline", tmp_path / "rows.jsonl", "-c", config, "-o", tmp_path / "out"),
        *("--runner", "local", *options),
    )

    assert ended.code == 1
    assert message in ended.err
    assert not (tmp_path / "out").exists()
