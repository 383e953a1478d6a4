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


def test_reports_that_keep_their_states_are_looked_at_together(
    tmp_path: Path, config: Path, driftkit_command: Callable[..., Ended]
) -> None:
    config.write_text(json.dumps(configuration(methods={"pre_training_bias": {}})))
    table = flights_table(900)
    hours = [table[:500], table[500:501], table[501:]]
    common = ("-c", config, "--runner", "local")
    for number, hour in enumerate(hours):
        hour.to_csv(tmp_path / f"{number}.csv", index=False)
    files = [tmp_path / f"{number}.csv" for number in range(3)]
    learned = driftkit_command(
        "bias", "baseline", *files[:2], *common, "-o", tmp_path / "b", "--keep-states"
    )
    monitor = ("bias", "monitor", "-b", tmp_path / "b", *common)
    reports = [tmp_path / "reports" / str(number) for number in range(3)]
    for file, report in zip(files, reports, strict=True):
        ended = driftkit_command(*monitor, file, "-o", report, "--keep-states")
        assert ended.code == 0, ended.err

    at_once = driftkit_command(*monitor, *files, "-o", tmp_path / "at-once")
    folders = driftkit_command(*monitor, *reports, "-o", tmp_path / "folders")
    globbed = driftkit_command(
        *monitor, tmp_path / "reports/*/states.arrow", "-o", tmp_path / "globbed"
    )
    grown = driftkit_command(
        "bias", "baseline", *common, tmp_path / "b", reports[2], "-o", tmp_path / "grown"
    )
    twice = driftkit_command(*monitor, reports[0], reports[0], "-o", tmp_path / "twice")

    codes = [each.code for each in (learned, at_once, folders, globbed, grown)]
    assert codes == [0] * 5, folders.err + globbed.err + grown.err
    names = ("analysis.json", "intervals.json", "constraint_violations.json")
    for name in names:
        expected = (tmp_path / "at-once" / name).read_bytes()
        assert (tmp_path / "folders" / name).read_bytes() == expected
        assert (tmp_path / "globbed" / name).read_bytes() == expected
    for name in names[:2]:
        expected = (tmp_path / "at-once" / name).read_bytes()
        assert (tmp_path / "grown" / name).read_bytes() == expected
    assert twice.code == 1
    assert "overlap" in twice.err


def test_states_do_not_stay_beside_the_report_of_other_rows(
    tmp_path: Path, config: Path, driftkit_command: Callable[..., Ended]
) -> None:
    flights_table().to_csv(tmp_path / "rows.csv", index=False)
    learn = ("bias", "baseline", tmp_path / "rows.csv", "-c", config, "-o", tmp_path / "b")
    driftkit_command(*learn, "--keep-states")
    assert (tmp_path / "b" / "states.arrow").exists()

    driftkit_command(*learn, "--runner", "local")

    assert sorted(path.name for path in (tmp_path / "b").glob("*.*")) == [
        "analysis.json",
        "intervals.json",
    ]
