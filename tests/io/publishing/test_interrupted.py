"""A full disk, Ctrl-C and SIGTERM at any change leave all old or all new files, and no trace."""

from __future__ import annotations

import errno
import os
import signal
from typing import TYPE_CHECKING

import pytest

from driftkit.errors import OutputError
from driftkit.io.writing import write_outputs
from tests.io.publishing.events import count_changes, failing, heard, restored, tree
from tests.io.publishing.jobs import Inputs, command, jobs
from tests.io.publishing.test_killed import first, seen

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# One of each way of writing: files, files of several folders at once, merged hours, two roots.
NAMES = ("data-quality baseline", "model-quality monitor", "merge --update", "container monitor")
FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def ends(run: Callable[[], int]) -> int:
    """The exit code, also of a run that Ctrl-C ends without a message of its own."""
    try:
        return run()
    except KeyboardInterrupt:
        return 130


@pytest.mark.parametrize("once", [True, False])
@pytest.mark.parametrize("name", NAMES)
def test_a_disk_that_is_full_at_any_step_is_an_error_and_changes_nothing(
    name: str, *, once: bool, inputs: Inputs, tmp_path: Path
) -> None:
    job = jobs(inputs)[name]
    start = tree(first(job, tmp_path / "first"))
    before = seen(job, tmp_path / "first")
    trial = restored(start, tmp_path / "trial")
    events = count_changes(trial, lambda: job.run("new", trial))
    after = seen(job, trial)

    for at, event in enumerate(events, start=1):
        # To take something away needs no room.
        if event in {"os.remove", "os.rmdir"}:
            continue
        root = restored(start, tmp_path / f"{at}")
        with failing(root, at, FULL, once=once):
            code = job.run("new", root)
        found = seen(job, root)
        # Where the exit code is 0, what failed was done in another way; and a disk that fails for
        # good after the one step cannot undo it, as the message says.
        expected = [after] if code == 0 else [before] if once else [before, after]
        assert found in expected, (at, event)
        left = [path for path in tree(root) if ".driftkit" in path]
        assert not left or not once, (at, event)


@pytest.mark.parametrize(
    ("name", "number"),
    # The system ends the command line by SIGTERM as it does by SIGKILL.
    [*((name, signal.SIGINT) for name in NAMES), ("container monitor", signal.SIGTERM)],
)
def test_a_signal_at_any_step_leaves_all_old_or_all_new_files(
    name: str, number: signal.Signals, inputs: Inputs, tmp_path: Path
) -> None:
    job = jobs(inputs)[name]
    start = tree(first(job, tmp_path / "first"))
    before = seen(job, tmp_path / "first")
    trial = restored(start, tmp_path / "trial")
    events = count_changes(trial, lambda: job.run("new", trial))
    after = seen(job, trial)
    old_handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    seen_after = set()
    try:
        for at in range(1, len(events) + 1):
            root = restored(start, tmp_path / f"{at}")
            heard_events: list[str] = []

            def strike(event: str, _: str, at: int = at, into: list[str] = heard_events) -> None:
                into.append(event)
                if len(into) == at:
                    signal.raise_signal(number)

            with heard(root, strike):
                code = ends(lambda root=root: job.run("new", root))  # type: ignore[misc]
            found = seen(job, root)
            assert found in (before, after), at
            assert code in ({0, 130, 255} if number == signal.SIGINT else {0, 143}), at
            # Whoever is told that it is done finds it done.
            assert found == after or code != 0, at
            seen_after.add(found == after)
    finally:
        signal.signal(signal.SIGINT, old_handler)
    assert seen_after == {True, False}


def test_the_message_says_what_to_do(tmp_path: Path) -> None:
    with failing(tmp_path, 4, FULL), pytest.raises(OutputError, match="No space left") as caught:
        write_outputs(tmp_path, {"a.json": "{}"})

    assert "make room" in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_an_unwritable_target_is_found_before_anything_changes(
    inputs: Inputs, tmp_path: Path
) -> None:
    job = jobs(inputs)["data-quality baseline"]
    root = first(job, tmp_path / "run")
    (root / "constraints.json").unlink()
    (root / "constraints.json").mkdir()
    before = tree(root)

    assert job.run("new", root) == 1
    assert tree(root) == before


def test_a_link_that_leads_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "inner").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(OutputError, match="leads out"):
        write_outputs(tmp_path / "out", {"inner/a.json": "{}"})

    assert list((tmp_path / "elsewhere").iterdir()) == []
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["inner"]


def test_the_command_line_says_that_nothing_is_half_written(
    inputs: Inputs, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = inputs.arguments("data-quality", "baseline", "new")
    with failing(tmp_path, 3, KeyboardInterrupt()):
        code = command(*arguments, "-o", tmp_path / "out")

    assert code == 130
    assert "nothing was half written" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
