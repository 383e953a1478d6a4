"""`--states`, `--add-to`, `--segment-by` and `--time-column` from files to files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ended

TRAINING = "age,city\n" + "".join(f"{20 + n % 40},{('Bonn', 'Ulm')[n % 2]}\n" for n in range(200))
HOURS = [
    "age,city\n31,Bonn\nold,Rome\n",
    "age,city\n,Ulm\n35,Ulm\n29,Rome\n",
    "age,city\n50,Bonn\n",
]


@pytest.fixture
def baseline(tmp_path: Path, driftkit_command: Callable[..., Ended]) -> Path:
    (tmp_path / "training.csv").write_text(TRAINING)
    ended = driftkit_command(
        "data-quality", "baseline", tmp_path / "training.csv", "-o", tmp_path / "b", "--keep-states"
    )
    assert ended.code == 0, ended.err
    return tmp_path / "b"


@pytest.fixture
def reports(
    tmp_path: Path, baseline: Path, driftkit_command: Callable[..., Ended]
) -> tuple[Path, ...]:
    for number, text in enumerate(HOURS):
        (tmp_path / f"hour-{number}.csv").write_text(text)
        ended = driftkit_command(
            *("data-quality", "monitor", tmp_path / f"hour-{number}.csv"),
            *("-b", baseline, "-o", tmp_path / "reports" / str(number)),
        )
        assert ended.code == 0, ended.err
    return tuple(tmp_path / "reports" / str(number) for number in range(len(HOURS)))


def violations(folder: Path) -> object:
    return json.loads((folder / "constraint_violations.json").read_text())


def test_a_day_is_monitored_from_the_states_of_its_hours(
    tmp_path: Path,
    baseline: Path,
    reports: tuple[Path, ...],
    driftkit_command: Callable[..., Ended],
) -> None:
    monitor = ("data-quality", "monitor", "-b", baseline)
    driftkit_command(*monitor, *sorted(tmp_path.glob("hour-*.csv")), "-o", tmp_path / "at-once")

    files = [folder / "states.arrow" for folder in reports]
    named = driftkit_command(*monitor, "-o", tmp_path / "named", "--states", *files)
    globbed = driftkit_command(
        *monitor, "-o", tmp_path / "globbed", "--states", tmp_path / "reports/*/states.arrow"
    )
    # A retry: two hours are there, the third is read.
    some = driftkit_command(
        *monitor, tmp_path / "hour-2.csv", "-o", tmp_path / "some", "--states", *files[:2]
    )

    assert (named.code, globbed.code, some.code) == (0, 0, 0), named.err + globbed.err + some.err
    expected = violations(tmp_path / "at-once")
    assert expected != {"violations": []}
    for folder in ("named", "globbed", "some"):
        assert violations(tmp_path / folder) == expected


@pytest.mark.parametrize(("asked", "kept"), [((), ["states.arrow"]), (("--no-keep-states",), [])])
def test_monitoring_keeps_its_states_unless_told_not_to(
    tmp_path: Path,
    baseline: Path,
    driftkit_command: Callable[..., Ended],
    asked: tuple[str, ...],
    kept: list[str],
) -> None:
    training = tmp_path / "training.csv"

    driftkit_command("data-quality", "monitor", training, "-b", baseline, "-o", tmp_path, *asked)

    assert [path.name for path in tmp_path.glob("states.arrow")] == kept


def test_folders_and_files_of_states_follow_the_option_in_any_number(
    tmp_path: Path,
    baseline: Path,
    reports: tuple[Path, ...],
    driftkit_command: Callable[..., Ended],
) -> None:
    monitor = ("data-quality", "monitor", "-b", baseline)
    files = [folder / "states.arrow" for folder in reports]

    of_files = driftkit_command(*monitor, "-o", tmp_path / "files", "--states", *files)
    of_folders = driftkit_command(*monitor, "-o", tmp_path / "folders", "--states", *reports)
    plain = driftkit_command(*monitor, "-o", tmp_path / "plain", *reports)

    assert (of_files.code, of_folders.code, plain.code) == (0, 0, 0), of_folders.err + plain.err
    assert violations(tmp_path / "folders") == violations(tmp_path / "files")
    assert violations(tmp_path / "plain") == violations(tmp_path / "files")


def test_a_folder_with_states_and_data_is_not_guessed_about(
    tmp_path: Path,
    baseline: Path,
    reports: tuple[Path, ...],
    driftkit_command: Callable[..., Ended],
) -> None:
    (reports[0] / "hour.csv").write_text(HOURS[0])

    ended = driftkit_command(
        "data-quality", "monitor", reports[0], "-b", baseline, "-o", tmp_path / "x"
    )

    assert ended.code == 1
    assert "states.arrow beside 'hour.csv'" in ended.err
    assert "Name the states.arrow, or the data" in ended.err


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"torn", "no file of states"), (None, "found: No such file or directory)")],
)
def test_what_is_called_states_has_the_errors_of_states(
    tmp_path: Path,
    baseline: Path,
    driftkit_command: Callable[..., Ended],
    content: bytes | None,
    message: str,
) -> None:
    if content is not None:
        (tmp_path / "day.arrow").write_bytes(content)

    ended = driftkit_command(
        "data-quality", "monitor", tmp_path / "day.arrow", "-b", baseline, "-o", tmp_path / "x"
    )

    assert ended.code == 1
    assert message in ended.err
    assert "Detail" not in ended.err


def test_states_that_were_allowed_to_overlap_are_used_like_others(
    tmp_path: Path,
    baseline: Path,
    reports: tuple[Path, ...],
    driftkit_command: Callable[..., Ended],
) -> None:
    monitor = ("data-quality", "monitor", "-b", baseline)
    twice = ("--states", reports[1], "--states", reports[1])

    refused = driftkit_command(*monitor, *twice, "-o", tmp_path / "twice")
    allowed = driftkit_command(*monitor, *twice, "-o", tmp_path / "twice", "--allow-overlap")
    again = driftkit_command(*monitor, "--states", tmp_path / "twice", "-o", tmp_path / "again")

    assert (refused.code, allowed.code, again.code) == (1, 0, 0), allowed.err + again.err
    assert "overlap" in refused.err
    statistics = json.loads((tmp_path / "again" / "statistics.json").read_text())
    assert statistics["dataset"]["item_count"] == 6


def test_training_data_are_added_to_a_baseline(
    tmp_path: Path, baseline: Path, driftkit_command: Callable[..., Ended]
) -> None:
    (tmp_path / "more.csv").write_text("age,city\n70,Rome\n71,Rome\n")

    ended = driftkit_command(
        *("data-quality", "baseline", tmp_path / "more.csv"),
        *("--add-to", baseline, "-o", baseline),
    )

    assert ended.code == 0, ended.err
    constraints = json.loads((baseline / "constraints.json").read_text())
    statistics = json.loads((baseline / "statistics.json").read_text())
    assert statistics["dataset"]["item_count"] == 202
    assert "Rome" in constraints["features"][1]["string_constraints"]["domains"]


def test_states_of_another_baseline_are_not_added_to(
    tmp_path: Path, baseline: Path, driftkit_command: Callable[..., Ended]
) -> None:
    (tmp_path / "more.csv").write_text("age,city\n70,Rome\n71,Rome\n")
    states = (baseline / "states.arrow").read_bytes()
    driftkit_command("data-quality", "baseline", tmp_path / "more.csv", "-o", baseline)
    (baseline / "states.arrow").write_bytes(states)

    ended = driftkit_command(
        *("data-quality", "baseline", tmp_path / "training.csv"),
        *("--add-to", baseline, "-o", tmp_path / "grown"),
    )

    assert ended.code == 1
    assert "not of the same baseline" in ended.err


def test_segments_have_their_own_violations(
    tmp_path: Path, driftkit_command: Callable[..., Ended]
) -> None:
    (tmp_path / "training.csv").write_text(TRAINING)
    window = TRAINING.replace(",Ulm", "0,Ulm")
    (tmp_path / "window.csv").write_text(window)
    driftkit_command(
        *("data-quality", "baseline", tmp_path / "training.csv", "-o", tmp_path / "b"),
        *("--segment-by", "city"),
    )

    ended = driftkit_command(
        *("data-quality", "monitor", tmp_path / "window.csv", "-b", tmp_path / "b"),
        *("-o", tmp_path / "r", "--fail-on-violations"),
    )

    assert ended.code == 3, ended.err
    assert "(city=Ulm)" in ended.out
    assert "(city=Bonn)" not in ended.out
    document = json.loads((tmp_path / "r" / "segment_violations.json").read_text())
    assert [each["segment"] for each in document["segments"]] == [{"city": "Bonn"}, {"city": "Ulm"}]


@pytest.mark.usefixtures("baseline")
def test_what_the_baseline_holds_is_said(
    tmp_path: Path, driftkit_command: Callable[..., Ended]
) -> None:
    rows = "".join(f"c{n % 120},2024-03-{1 + n % 9:02d}\n" for n in range(400))
    (tmp_path / "long.csv").write_text("code,day\n" + rows)

    ended = driftkit_command(
        *("data-quality", "baseline", tmp_path / "long.csv", "-o", tmp_path / "long"),
        *("--segment-by", "code", "--time-column", "day"),
    )

    assert "Baseline of 2 columns, 100 segments and all others, 9 days written:" in ended.out


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (("--segment-by", ""), "Name a column"),
        (("--segment-by", "city,city"), "Name city once"),
        (("--time-unit", "hour"), "--time-column"),
    ],
)
def test_options_without_a_meaning_are_refused(
    tmp_path: Path,
    baseline: Path,
    driftkit_command: Callable[..., Ended],
    asked: tuple[str, ...],
    message: str,
) -> None:
    ended = driftkit_command(
        "data-quality", "baseline", tmp_path / "training.csv", "-o", baseline, *asked
    )

    assert ended.code == 1
    assert message in ended.err


@pytest.mark.parametrize("verb", [("baseline",), ("monitor", "-b")])
def test_neither_input_nor_states_is_wrong_usage(
    baseline: Path, driftkit_command: Callable[..., Ended], verb: tuple[str, ...]
) -> None:
    folder = [baseline] if "-b" in verb else []

    ended = driftkit_command("data-quality", *verb, *folder, "-o", baseline / "x")

    assert ended.code == 2
    assert "--states" in ended.err
