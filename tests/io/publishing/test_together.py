"""Several runs at one folder: writers one after another, readers never in between."""

from __future__ import annotations

import contextvars
import itertools
import json
import os
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest

import driftkit
from driftkit.capture.truth_join.units import KEPT
from driftkit.errors import InputError, OutputError
from driftkit.io import locking
from driftkit.io.journal import COMMIT
from driftkit.io.reading import of_a_run, reading_data
from driftkit.io.writing import holding, write_outputs
from tests.io.publishing.events import heard, restored, tree, unheard
from tests.io.publishing.jobs import Inputs, command, jobs
from tests.io.publishing.test_killed import NAMES, first, seen
from tests.monitors.merging import label, put

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

OLD = {"a.json": "old a", "b.json": "old b"}
NEW = {"a.json": "new a", "b.json": "new b"}
# Containers have folders of their own; all others may be given the same.
COMMANDS = tuple(name for name in NAMES if not name.startswith("container"))


def aside(run: Callable[[], Any]) -> Any:
    """What another thread makes of it, which knows nothing of this one's locks."""
    results: list[Any] = []
    thread = threading.Thread(
        target=lambda: results.append(contextvars.Context().run(unheard, run))
    )
    thread.start()
    thread.join(timeout=900)
    return results[0]


@pytest.mark.parametrize(
    ("one", "other"), list(itertools.combinations_with_replacement(COMMANDS, 2))
)
def test_of_two_runs_into_one_folder_the_second_is_refused(
    one: str, other: str, inputs: Inputs, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "out"
    expected = tmp_path / "alone"
    assert jobs(inputs)[one].run("new", expected) == 0
    capsys.readouterr()
    codes: list[int] = []

    def meanwhile(event: str, path: str) -> None:
        # The first change after the folder was locked.
        if not codes and event == "os.mkdir" and ".driftkit-" in path:
            codes.append(aside(lambda: jobs(inputs)[other].run("new", root)))

    with heard(tmp_path, meanwhile):
        code = jobs(inputs)[one].run("new", root)

    assert (code, codes) == (0, [1])
    said = capsys.readouterr().err
    assert "another run is writing into the folder" in said
    assert f"process {os.getpid()} on" in said
    assert "--wait" in said
    assert tree(root) == tree(expected)


WAITING = """
import sys
from driftkit.cli import main
print("ready", flush=True)
sys.stdin.readline()
main(sys.argv[1:])
"""


def test_two_updates_at_once_lose_no_label_when_they_wait(inputs: Inputs, tmp_path: Path) -> None:
    hours = sorted((inputs.at("captured") / "churn" / "A").rglob("*.jsonl"))
    ids = [json.loads(line)["eventMetadata"]["eventId"] for f in hours for line in f.open()]
    for number in range(2):
        put(tmp_path / f"truth-{number}", "2024/03/20/00", [label(i) for i in ids[number::2]])
    arguments = ("merge", str(inputs.at("captured")), "--update", "--wait", "60", "-o")

    runs = [
        subprocess.Popen(
            [
                *(sys.executable, "-c", WAITING, *arguments, str(tmp_path / "merged")),
                *("--runner", "local", "-g", str(tmp_path / f"truth-{number}")),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(2)
    ]
    for run in runs:
        assert run.stdout is not None
        assert run.stdout.readline() == "ready\n"
    for run in runs:
        assert run.stdin is not None
        run.stdin.write("\n")
        run.stdin.flush()
    for run in runs:
        run.communicate(timeout=900)

    assert [run.returncode for run in runs] == [0, 0]
    kept = pq.read_table(tmp_path / "merged" / KEPT)
    assert kept.num_rows == len(ids)
    report = json.loads((tmp_path / "merged/_merge/merge_report.json").read_text())
    assert report["captures"]["matched"] == len(ids)


def test_waiting_lasts_until_the_folder_is_free(tmp_path: Path) -> None:
    free = threading.Event()
    polls: list[float] = []

    def sleep(seconds: float) -> None:
        polls.append(seconds)
        free.set()

    def hold() -> None:
        with holding(tmp_path):
            held.set()
            assert free.wait(60)

    held = threading.Event()
    thread = threading.Thread(target=hold)
    thread.start()
    assert held.wait(60)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("driftkit.io.locking.time.sleep", sleep)
        write_outputs(tmp_path, NEW, wait=60)
    thread.join()

    assert polls
    assert {path.name for path in tmp_path.iterdir()} == set(NEW)


def test_a_run_may_write_into_what_it_holds(tmp_path: Path) -> None:
    with holding(tmp_path / "out"), holding(tmp_path / "out"):
        write_outputs(tmp_path / "out", OLD)
        error = aside(lambda: aside_error(lambda: write_outputs(tmp_path / "out", NEW)))
        assert "another run" in str(error)

    assert {path.name for path in (tmp_path / "out").iterdir()} == set(OLD)


def aside_error(run: Callable[[], object]) -> BaseException:
    """What is raised."""
    with pytest.raises(Exception) as caught:  # noqa: PT011  (whatever it is)
        run()
    return caught.value


@of_a_run
def pair(folder: Path) -> dict[str, str]:
    """Both files of a folder."""
    return {name: (folder / name).read_text() for name in ("a.json", "b.json")}


def test_a_reader_at_any_moment_of_a_publication_sees_one_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Readers that would have to wait say so: the writer stands still meanwhile.
    monkeypatch.setattr(locking, "PATIENCE_SECONDS", 0.0)
    monkeypatch.setattr("driftkit.io.reading.PATIENCE_SECONDS", 0.0)
    folder = tmp_path / "out"
    write_outputs(folder, OLD)
    found: list[Any] = []

    def read() -> Any:
        try:
            return pair(folder)
        except (InputError, OutputError) as error:
            return str(error)

    with heard(folder, lambda _event, _path: found.append(aside(read))):
        write_outputs(folder, NEW)

    waited = [each for each in found if isinstance(each, str)]
    assert all("another run" in each for each in waited)
    assert {tuple(each.items()) for each in found if not isinstance(each, str)} <= {
        tuple(OLD.items()),
        tuple(NEW.items()),
    }
    assert found[0] == OLD
    assert pair(folder) == NEW


def test_a_writer_waits_for_readers_and_changes_nothing_when_they_stay(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "out"
    write_outputs(folder, OLD)

    @of_a_run
    def slow(_folder: Path) -> BaseException:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(locking, "PATIENCE_SECONDS", 0.0)
            return aside_error(lambda: write_outputs(folder, NEW))

    error = slow(folder)

    assert isinstance(error, OutputError)
    assert "still reading" in str(error)
    assert pair(folder) == OLD
    assert {path.name for path in folder.iterdir()} == set(OLD)
    write_outputs(folder, NEW)
    assert pair(folder) == NEW


def test_a_merge_waits_for_who_reads_an_hour(inputs: Inputs, tmp_path: Path) -> None:
    job = jobs(inputs)["merge --update"]
    root = first(job, tmp_path / "merged")
    before = tree(root)
    with pytest.MonkeyPatch.context() as patch, reading_data(str(root / "churn/A/2024/03/18/15")):
        patch.setattr(locking, "PATIENCE_SECONDS", 0.0)
        assert job.run("new", root) == 1
    assert tree(root) == before
    assert job.run("new", root) == 0


@pytest.fixture
def half_way(inputs: Inputs, tmp_path: Path) -> Path:
    """A merged folder as a kill in the middle of moving files leaves it."""
    job = jobs(inputs)["merge --update"]
    root = first(job, tmp_path / "merged")
    moved: list[dict[str, bytes | None]] = []

    def keep(event: str, _: str) -> None:
        if event == "os.rename":
            moved.append(tree(root))

    with heard(root, keep):
        job.run("new", root)
    return restored(moved[3], tmp_path / "half")


def test_a_reader_below_finishes_what_a_killed_merge_began(
    half_way: Path, inputs: Inputs, tmp_path: Path
) -> None:
    assert (half_way / COMMIT).exists()

    with reading_data([str(half_way / "churn" / "A" / "2024" / "*" / "18")]):
        assert not (half_way / COMMIT).exists()

    whole = first(jobs(inputs)["merge --update"], tmp_path / "whole")
    jobs(inputs)["merge --update"].run("new", whole)
    job = jobs(inputs)["merge"]
    assert seen(job, half_way) == seen(job, whole)


def test_a_reader_that_may_not_write_there_says_what_to_do(
    half_way: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = os.open

    def read_only(path: Any, flags: int, *rest: Any, **keywords: Any) -> int:
        if flags & os.O_CREAT:
            raise OSError(30, os.strerror(30), str(path))
        return opened(path, flags, *rest, **keywords)

    monkeypatch.setattr(os, "open", read_only)

    with pytest.raises(InputError, match="Read-only") as caught, reading_data(str(half_way)):
        pass

    assert "Run again what wrote there" in str(caught.value)


def test_a_journal_from_elsewhere_leads_nowhere(tmp_path: Path) -> None:
    victim = tmp_path / "victim.txt"
    victim.write_text("precious")
    folder = tmp_path / "out" / COMMIT / "new"
    folder.mkdir(parents=True)
    (folder / "0").write_text("evil")
    part = {"folder": ".", "files": {"0": "../victim.txt"}, "obsolete": [], "made": []}
    journals: list[Any] = [
        {"version": 1, "token": "a", "parts": [part]},
        {"version": 1, "token": "a", "parts": [{**part, "files": {}, "obsolete": [str(victim)]}]},
        {"version": 1, "token": "../..", "parts": []},
        {"version": 1, "token": "a", "parts": [part | {"files": {"0": "link/victim.txt"}}]},
        {"version": 1, "token": "a", "parts": [part | {"files": {"0": "x"}, "folder": ".."}]},
        {},
        [],
    ]
    for evil in journals:
        (folder.parent / "journal.json").write_text(json.dumps(evil))
        link = tmp_path / "out" / "link"
        if not link.is_symlink():
            link.symlink_to(tmp_path)
        with pytest.raises((OutputError, InputError)):
            pair(tmp_path / "out")
        assert victim.read_text() == "precious"
        assert (folder / "0").exists()


def test_a_lock_says_nothing_that_could_move_a_terminal() -> None:
    text = locking.described({"pid": "\x1b[2J", "host": "h\n", "since": "x", "command": "a \x07 b"})

    assert text.isprintable()


def test_where_there_are_no_locks_runs_go_on_and_left_folders_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".driftkit-other").mkdir()
    monkeypatch.setattr(locking, "fcntl", None)

    write_outputs(tmp_path, NEW)

    assert pair(tmp_path) == NEW
    assert {path.name for path in tmp_path.iterdir()} == {*NEW, ".driftkit-other"}


def test_what_killed_runs_left_goes_at_the_next_start(tmp_path: Path) -> None:
    for name in (".driftkit-x1", ".driftkit-y2"):
        (tmp_path / name / "new").mkdir(parents=True)
        (tmp_path / name / "new" / "0").write_text("left")

    write_outputs(tmp_path, NEW)

    assert {path.name for path in tmp_path.iterdir()} == set(NEW)


def test_python_may_wait_and_hold_too(tmp_path: Path, inputs: Inputs) -> None:
    with holding(tmp_path / "out", wait=1.0):
        result = driftkit.data_quality.baseline(inputs.at("old.csv"), runner="local")
        result.write(tmp_path / "out")

    done = driftkit.merge(
        *(inputs.at("captured"), inputs.at("truth-old"), tmp_path / "merged"),
        wait=1.0,
        runner="local",
    )
    assert len(done.changed_hours) == 4
    assert command("merge", inputs.at("captured"), "--wait", "nan", "-g", "x", "-o", "y") != 0
