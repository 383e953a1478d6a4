"""`driftkit check` and `driftkit run` from a file to the reports of all monitors."""

from __future__ import annotations

import re
import shutil
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from driftkit.configuration.opening import opened
from driftkit.configuration.planning import planned
from driftkit.configuration.running import compared, edited_baseline, learn
from driftkit.errors import SettingsError
from tests.configuration.conftest import CAPTURES, RIGHT, captured, violations

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ended

NOW = datetime(2024, 3, 20, 1, 30, tzinfo=UTC)
TRAINING = "age,city,score\n31,Bonn,0.5\n45,Ulm,0.25\n28,Bonn,0.75\n60,Ulm,1.5\n"
WINDOW = "age,city,score\n31,Bonn,0.5\nold,Rome,0.25\n,Bonn,0.75\n60,Ulm,1.5\n"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "training.csv").write_text(TRAINING)
    (tmp_path / "data.csv").write_text(WINDOW)
    return tmp_path


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def timeless(found: dict[str, bytes]) -> dict[str, bytes]:
    """The JSON files without the time at which they were written."""
    time = re.compile(rb'"evaluation_time" : "[^"]*"')
    return {name: time.sub(b"", text) for name, text in found.items() if name.endswith(".json")}


def test_a_run_learns_and_compares(
    here: Path, written: Callable[..., Path], driftkit_command: Callable[..., Ended]
) -> None:
    written()

    ended = driftkit_command("run", "driftkit.yml", "--fail-on-violations")

    assert ended.code == 3, ended.err
    assert violations(here / "reports/data_quality/snapshot") == [
        ("age", "data_type_check"),
        ("age", "completeness_check"),
        ("city", "categorical_values_check"),
    ]
    assert "churn" in (here / "reports/data_quality/snapshot/report.html").read_text()
    assert (here / "baseline/constraints.json").exists()


def test_thresholds_and_exceptions_are_the_files_not_the_baselines(
    here: Path, written: Callable[..., Path], driftkit_command: Callable[..., Ended]
) -> None:
    written()
    driftkit_command("run", "driftkit.yml")
    before = files(here / "baseline")
    changed = RIGHT.replace(
        "{baseline: baseline}",
        "{baseline: baseline, thresholds: {completeness: 0.5},"
        " features: {'c*': {ignore: true}, age: {datatype_check: 0.5}}}",
    )
    written(changed)

    ended = driftkit_command("run", "driftkit.yml", "--fail-on-violations")

    assert ended.code == 0, ended.out
    assert files(here / "baseline") == before


def test_a_run_again_writes_the_same(
    here: Path, written: Callable[..., Path], driftkit_command: Callable[..., Ended]
) -> None:
    captured(here, 18, ["0.9", "0.1"] * 20)
    written(CAPTURES)
    window = ("--window", "2024-03-18/2024-03-19")
    assert driftkit_command("run", "driftkit.yml", *window).code == 0
    folder = here / "reports/model_quality/2024-03-18"
    before = timeless(files(folder))

    assert driftkit_command("run", "driftkit.yml", *window).code == 0

    assert timeless(files(folder)) == before


def test_days_of_captures_are_joined_with_labels_and_judged_apart(
    here: Path, written: Callable[..., Path], driftkit_command: Callable[..., Ended]
) -> None:
    captured(here, 18, ["0.1", "0.9"] * 20)
    captured(here, 19, ["0.9", "0.1"] * 20)
    written(CAPTURES)

    ended = driftkit_command(
        "run", "driftkit.yml", "--window", "2024-03-18/2024-03-20", "--fail-on-violations"
    )

    assert ended.code == 3, ended.err
    assert violations(here / "reports/model_quality/2024-03-18") == []
    assert violations(here / "reports/model_quality/2024-03-19") != []
    page = (here / "reports/model_quality/2024-03-19/report.html").read_text()
    assert "../2024-03-18/report.html" in page


@pytest.mark.parametrize("store", ["store: {path: runs}\n", ""])
def test_a_page_has_its_past_from_the_store_where_there_is_one(
    here: Path,
    written: Callable[..., Path],
    driftkit_command: Callable[..., Ended],
    store: str,
) -> None:
    captured(here, 18, ["0.9", "0.1"] * 20)
    captured(here, 19, ["0.9", "0.1"] * 20)
    written(f"{CAPTURES}{store}")

    assert driftkit_command("run", "driftkit.yml", "--window", "2024-03-18/2024-03-19").code == 0
    shutil.rmtree(here / "reports/model_quality/2024-03-18")
    assert driftkit_command("run", "driftkit.yml", "--window", "2024-03-19/2024-03-20").code == 0

    page = (here / "reports/model_quality/2024-03-19/report.html").read_text()
    assert ("Window 2 in a row with this status, the first was 2024-03-18" in page) is bool(store)


def test_values_of_the_data_are_hidden_on_the_page_where_that_is_asked_for(
    here: Path, written: Callable[..., Path], driftkit_command: Callable[..., Ended]
) -> None:
    page = here / "reports/data_quality/snapshot/report.html"
    (value,) = {row.split(",")[1] for row in WINDOW.splitlines()[1:]} - {
        row.split(",")[1] for row in TRAINING.splitlines()[1:]
    }

    for text, shown in ((RIGHT, True), (f"{RIGHT}report: {{values: hidden}}\n", False)):
        written(text)
        assert driftkit_command("run", "driftkit.yml").code == 0
        assert (value in page.read_text()) is shown


def test_bounds_of_the_file_go_before_the_baselines(
    here: Path, written: Callable[..., Path], driftkit_command: Callable[..., Ended]
) -> None:
    captured(here, 18, ["0.1", "0.9"] * 20)
    written(CAPTURES.replace("    problem", '    thresholds: {recall: ">= 1.5"}\n    problem'))

    driftkit_command("run", "driftkit.yml", "--window", "2024-03-18/2024-03-19")

    assert violations(here / "reports/model_quality/2024-03-18") == [
        ("recall", "LessThanThreshold")
    ]


@pytest.mark.parametrize(
    ("thresholds", "said"),
    [
        ('recal: ">= 0.5"', "the baseline has no such metric"),
        ('recall: "<= 0.5"', "recall is bounded on the other side"),
        ("recall: {above_baseline_by: 0.1}", "recall is bounded on the other side"),
    ],
)
def test_bounds_that_cannot_be_are_problems(
    thresholds: str,
    said: str,
    here: Path,
    written: Callable[..., Path],
    driftkit_command: Callable[..., Ended],
) -> None:
    captured(here, 18, ["0.1", "0.9"] * 20)
    window = ("--window", "2024-03-18/2024-03-19")
    written(CAPTURES)
    driftkit_command("run", "driftkit.yml", *window)
    written(CAPTURES.replace("    problem", f"    thresholds: {{{thresholds}}}\n    problem"))

    ended = driftkit_command("check", "driftkit.yml", *window)

    assert ended.code == 1
    assert said in " ".join(ended.err.split())


def test_one_monitor_that_fails_does_not_stop_the_others(
    here: Path, written: Callable[..., Path], driftkit_command: Callable[..., Ended]
) -> None:
    written(RIGHT + "  model_quality: {baseline: nowhere/of quality, input: data}\n")

    ended = driftkit_command("run", "driftkit.yml", "--fail-on-violations")

    assert ended.code == 1
    assert "model_quality snapshot: " in ended.err
    assert (here / "reports/data_quality/snapshot/statistics.json").exists()
    assert driftkit_command("run", "--monitor", "data-quality").code == 0


def test_check_writes_nothing_and_says_what_would_be_done(
    here: Path, written: Callable[..., Path], driftkit_command: Callable[..., Ended]
) -> None:
    written()
    before = files(here)

    ended = driftkit_command("check")

    assert (ended.code, files(here)) == (0, before), ended.err
    assert "1 file (63 bytes) of data.csv" in ended.out
    assert "baseline, to be learnt from 1 file" in ended.out
    assert "reports/data_quality/snapshot" in ended.out
    assert driftkit_command("run", "--dry-run").out == ended.out


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("  training: {path: training.csv}\n", "", "there is no baseline"),
        ("data.csv", "nothing.csv", "there is no such file or folder"),
        ("training.csv", "nothing.csv", "there is no such file or folder"),
    ],
)
def test_check_tells_what_would_stop_a_run(
    before: str,
    after: str,
    said: str,
    written: Callable[..., Path],
    driftkit_command: Callable[..., Ended],
) -> None:
    written(RIGHT.replace(before, after))

    ended = driftkit_command("check")

    assert ended.code == 1
    assert said in " ".join(ended.err.split())


def test_check_finds_features_that_the_baseline_has_not(
    written: Callable[..., Path], driftkit_command: Callable[..., Ended]
) -> None:
    written()
    driftkit_command("run")
    written(
        RIGHT.replace(
            "{baseline: baseline}", "{baseline: baseline, features: {agee: {distance: 1}}}"
        )
    )

    ended = driftkit_command("check")

    assert ended.code == 1
    assert "found: 'agee'" in " ".join(ended.err.split())


@pytest.mark.parametrize(
    ("bound", "threshold", "beyond"),
    [
        ("0.5", 0.5, False),
        ('">= 0.5"', 0.5, False),
        ("{worse_by: 0.25}", 0.65, False),
        ("{below_baseline_by: 0.25, beyond_noise: true}", 0.65, True),
        ("{beyond_noise: true}", 0.9, True),
    ],
)
def test_a_bound_has_these_forms(
    bound: str, threshold: float, *, beyond: bool, here: Path, written: Callable[..., Path]
) -> None:
    captured(here, 18, ["0.1", "0.9"] * 20)
    text = CAPTURES.replace("    problem", f"    thresholds: {{recall: {bound}}}\n    problem")
    found = opened(written(text), environment={})

    (work,) = planned(found.configuration, "2024-03-18/2024-03-19", NOW)
    learn(work)

    assert edited_baseline(work).constraints.metrics["recall"].threshold == pytest.approx(threshold)
    assert work.settings.get("beyond_noise") == (["recall"] if beyond else None)
    assert "beyond_noise" not in work.learning
    assert compared(work).findings == ()


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("{baseline: baseline}", "{}", "there is no baseline to compare with"),
        ("{baseline: baseline}", "{baseline: b, input: captures}", "nothing to monitor"),
        ("  data_quality: {baseline: baseline}", "  {}", "nothing is monitored"),
    ],
)
def test_what_a_run_lacks_is_named(
    before: str, after: str, said: str, written: Callable[..., Path]
) -> None:
    configuration = opened(written(RIGHT.replace(before, after)), environment={}).configuration

    with pytest.raises(SettingsError, match=said):
        planned(configuration, "LAST", NOW)


def test_what_monitors_lack_is_told_at_once_with_their_lines(
    written: Callable[..., Path], driftkit_command: Callable[..., Ended]
) -> None:
    monitors = "data_quality: {}\n  bias: {analysis_config: a.json, input: captures}"
    written(RIGHT.replace("data_quality: {baseline: baseline}", monitors))

    ended = driftkit_command("check")

    said = " ".join(ended.err.split())
    assert ended.code == 1
    assert "driftkit.yml:7:3: monitors.data_quality.baseline: there is no baseline" in said
    assert "driftkit.yml:8:3: monitors.bias: inputs.captures: there is nothing to monitor" in said


def test_a_monitor_that_is_not_there_is_named(
    written: Callable[..., Path], driftkit_command: Callable[..., Ended]
) -> None:
    written()

    ended = driftkit_command("run", "--monitor", "bias")

    assert ended.code == 1
    assert "no such monitor" in ended.err
