"""The files of a run are written whole or not at all."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from driftkit.errors import OutputError
from driftkit.io.writing import prepare, write_outputs

FILES: dict[str, str | bytes] = {
    "statistics.json": '{ "ü" : 1 }',
    "constraints.json": b"{ }",
    "page.html": "<p>",
}
Check = Callable[[Path], object]
OLD = {name: f"old {name}" for name in FILES}


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def as_bytes(files: dict[str, str]) -> dict[str, bytes]:
    return {name: text.encode() for name, text in files.items()}


def test_files_are_written_and_named(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"

    paths = write_outputs(folder, FILES)

    assert paths == tuple(folder / name for name in FILES)
    assert content(folder) == {
        "statistics.json": '{ "ü" : 1 }'.encode(),
        "constraints.json": b"{ }",
        "page.html": b"<p>",
    }


def test_a_previous_run_is_replaced_and_foreign_files_are_left_alone(tmp_path: Path) -> None:
    write_outputs(tmp_path, {**OLD, "notes.txt": "mine"})

    write_outputs(tmp_path, {"statistics.json": "new"})

    assert content(tmp_path) == as_bytes({**OLD, "notes.txt": "mine", "statistics.json": "new"})


def test_what_an_earlier_run_left_is_removed_with_the_same_care(tmp_path: Path) -> None:
    write_outputs(tmp_path, {**OLD, "notes.txt": "mine"})
    (tmp_path / "folder").mkdir()

    write_outputs(
        tmp_path, {"statistics.json": "new"}, obsolete=["page.html", "never.json", "folder"]
    )

    (tmp_path / "folder").rmdir()
    expected = {**OLD, "notes.txt": "mine", "statistics.json": "new"}
    expected.pop("page.html")
    assert content(tmp_path) == as_bytes(expected)


@pytest.mark.parametrize("calls", [0, 1])
@pytest.mark.parametrize("error", [OSError(5, "Input/output error"), KeyboardInterrupt()])
def test_what_could_not_be_removed_undoes_the_rest_and_ctrl_c_there_comes_too_late(
    tmp_path: Path, calls: int, error: BaseException
) -> None:
    write_outputs(tmp_path, OLD)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "unlink", _fails_after(calls, Path.unlink, error))
        with pytest.raises((OutputError, KeyboardInterrupt)):
            write_outputs(
                tmp_path, {"statistics.json": "new"}, obsolete=["page.html", "constraints.json"]
            )

    new = as_bytes({"statistics.json": "new"})
    assert content(tmp_path) == (as_bytes(OLD) if isinstance(error, OSError) else new)


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
@pytest.mark.parametrize("step", [(os, "fsync"), (os, "link"), (Path, "replace")])
@pytest.mark.parametrize("calls", [0, 1, 2, 3])
@pytest.mark.parametrize("old", [{}, OLD, {"constraints.json": "old"}])
def test_an_interruption_at_any_step_leaves_all_old_or_all_new_files(
    tmp_path: Path,
    error: BaseException,
    step: tuple[object, str],
    calls: int,
    old: dict[str, str],
) -> None:
    folder = tmp_path / "output"
    if old:
        write_outputs(folder, old)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(*step, _fails_after(calls, getattr(*step), error))
        try:
            write_outputs(folder, FILES)
            ended: BaseException | None = None
        except (OutputError, KeyboardInterrupt) as caught:
            ended = caught

    new = {name: text if isinstance(text, bytes) else text.encode() for name, text in FILES.items()}
    found = content(folder) if folder.exists() else {}
    assert found in ([as_bytes(old)] if isinstance(ended, OutputError) else [as_bytes(old), new])
    assert folder.exists() == bool(found)
    assert ended is not None or found == new


def test_a_real_ctrl_c_leaves_the_former_files(tmp_path: Path) -> None:
    write_outputs(tmp_path, OLD)
    program = (
        "import os, signal, sys, time\n"
        # A shell's jobs in the background ignore it.
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from driftkit.io.writing import write_outputs\n"
        "real = os.fsync\n"
        # Short sleeps: a signal before one is looked at after it.
        "waits = lambda: [time.sleep(0.1) for _ in range(9000)]\n"
        "os.fsync = lambda handle: (real(handle), print('here', flush=True), waits())\n"
        "write_outputs(sys.argv[1], {'statistics.json': 'new'})\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=Path(__file__).parents[2],
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        process.wait(timeout=900)

    assert process.returncode != 0
    assert content(tmp_path) == as_bytes(OLD)


def test_a_file_system_without_hard_links_is_fine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_outputs(tmp_path, OLD)
    monkeypatch.setattr(os, "link", _fails_after(0, os.link, OSError(95, "Not supported")))

    write_outputs(tmp_path, {"statistics.json": "new"})

    assert content(tmp_path) == as_bytes({**OLD, "statistics.json": "new"})


@pytest.mark.parametrize("check", [prepare, lambda folder: write_outputs(folder, FILES)])
@pytest.mark.parametrize("below", ["", "inner"])
def test_a_folder_that_cannot_be_is_an_error_that_says_why(
    tmp_path: Path, check: Check, below: str
) -> None:
    file = tmp_path / "file"
    file.write_text("in the way")

    with pytest.raises(OutputError, match="cannot be written") as caught:
        check(file / below)

    assert str(file) in str(caught.value.where)
    assert content(tmp_path) == {"file": b"in the way"}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
@pytest.mark.parametrize("check", [prepare, lambda folder: write_outputs(folder, FILES)])
def test_a_folder_without_permission_is_an_error(tmp_path: Path, check: Check) -> None:
    tmp_path.chmod(0o500)

    with pytest.raises(OutputError, match="Permission denied"):
        check(tmp_path / "output")


@pytest.mark.parametrize("check", [prepare, lambda folder: write_outputs(folder, FILES)])
def test_an_address_is_not_taken_for_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, check: Callable[[str], object]
) -> None:
    monkeypatch.chdir(tmp_path)

    with pytest.raises(OutputError, match="the results cannot be written"):
        check("nowhere://bucket/results")

    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_the_place_of_a_file_is_an_error_and_nothing_changes(tmp_path: Path) -> None:
    (tmp_path / "constraints.json").mkdir()

    with pytest.raises(OutputError, match=r"constraints\.json"):
        write_outputs(tmp_path, FILES)

    assert [path.name for path in tmp_path.iterdir()] == ["constraints.json"]


@pytest.mark.parametrize("folder", ["", "not/yet/there"])
def test_preparing_leaves_no_trace(tmp_path: Path, folder: str) -> None:
    assert prepare(tmp_path / folder) == tmp_path / folder
    assert list(tmp_path.iterdir()) == []


def _fails_after(
    calls: int, real: Callable[..., object], error: BaseException
) -> Callable[..., object]:
    remaining = [calls]

    def call(*arguments: object, **keywords: object) -> object:
        remaining[0] -= 1
        # Only one call fails: what follows is the way back.
        if remaining[0] == -1:
            raise error
        return real(*arguments, **keywords)

    return call
