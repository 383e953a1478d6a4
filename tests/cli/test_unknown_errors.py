"""Whatever goes wrong ends in one message; the command line takes every form of a baseline."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from driftkit.monitors.data_quality import monitor as data_quality

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ended

ROWS = "".join(f"{n},{n / 4},name{n % 3}\n" for n in range(200))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "data.csv"
    path.write_text(f"a,b,c\n{ROWS}")
    return path


@pytest.mark.parametrize("error", [KeyError("x"), ZeroDivisionError("a\nb"), MemoryError()])
def test_an_error_that_nobody_knows_ends_in_one_message_and_its_place(
    error: Exception,
    data: Path,
    tmp_path: Path,
    driftkit_command: Callable[..., Ended],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(data_quality, "measure", fail)

    ended = driftkit_command("data-quality", "baseline", data, "--output", tmp_path / "out")

    first, *more = ended.err.strip().splitlines()
    assert ended.code == 70
    assert first.startswith(f"Error: {type(error).__name__}: ")
    assert more[0].startswith("Traceback")
    assert not (tmp_path / "out").exists()


def test_files_of_a_baseline_stand_for_it(
    data: Path, tmp_path: Path, driftkit_command: Callable[..., Ended]
) -> None:
    made = driftkit_command("data-quality", "baseline", data, "--output", tmp_path / "b")
    assert made.code == 0

    for given in ("b", "b/constraints.json", "b/statistics.json"):
        ended = driftkit_command(
            *("data-quality", "monitor", data, "--baseline", tmp_path / given),
            *("--output", tmp_path / "r"),
        )
        assert ended.code == 0, ended.err
        assert "No violations" in ended.out


@pytest.mark.parametrize("option", ["--output", "--baseline"])
def test_an_empty_path_is_refused(
    option: str, data: Path, tmp_path: Path, driftkit_command: Callable[..., Ended]
) -> None:
    driftkit_command("data-quality", "baseline", data, "--output", tmp_path / "b")
    paths = {"--output": tmp_path / "r", "--baseline": tmp_path / "b", option: ""}
    options = [each for pair in paths.items() for each in pair]

    ended = driftkit_command("data-quality", "monitor", data, *options)

    assert ended.code == 1
    assert "this is no path" in ended.err
