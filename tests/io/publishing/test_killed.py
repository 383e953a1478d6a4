"""A run that is killed at any change of its folders leaves all old or all new files."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from driftkit.io.reading import of_a_run
from driftkit.monitors.merge_files import UNTOLD
from tests.io.publishing.events import Tree, recorded, restored, tree
from tests.io.publishing.jobs import Inputs, Job, jobs

NAMES = (
    *("data-quality baseline", "data-quality monitor", "data-quality compare"),
    *("model-quality baseline", "model-quality monitor", "model-quality compare"),
    *("bias baseline", "bias monitor", "attribution baseline", "attribution monitor"),
    *("merge", "merge --update", "container monitor", "container merge"),
)


def seen(job: Job, root: Path) -> Tree:
    """What a reader of the job's folders finds; hidden files are none of its."""

    @of_a_run
    def read(_folder: Path) -> Tree:
        found: Tree = {}
        for name in job.folders:
            if (root / name).exists():
                found |= {
                    f"{name}/{path}": content
                    for path, content in tree(root / name).items()
                    if content is not None and not path.startswith(".") and UNTOLD not in path
                }
        return found

    return read(root / job.folders[0])


def first(job: Job, root: Path) -> Path:
    """A folder with what the job wrote before."""
    job.prepare("old", root)
    assert job.run("old", root) == 0
    job.prepare("new", root)
    return root


@pytest.mark.parametrize("name", NAMES)
def test_a_killed_run_is_all_old_or_all_new_and_a_retry_ends_as_if_undisturbed(
    name: str, inputs: Inputs, tmp_path: Path
) -> None:
    job = jobs(inputs)[name]
    root = first(job, tmp_path / "run")
    before = seen(job, root)

    trees, count = recorded(root, lambda: job.run("new", root))

    after, undisturbed = seen(job, root), tree(root)
    assert before != after
    assert not [path for path in undisturbed if ".driftkit" in path]
    assert count >= len(trees) // 2 > 5
    for number, left in enumerate(trees):
        read = restored(left, tmp_path / f"{number}-read")
        assert seen(job, read) in (before, after), number
        again = restored(left, tmp_path / f"{number}-again")
        assert job.run("new", again) == 0, number
        assert tree(again) == undisturbed, number


KILLING = """
import os, shutil, signal, sys
from pathlib import Path
from tests.io.publishing import events, jobs

made, start, into = map(Path, sys.argv[1:])
job = jobs.jobs(jobs.Inputs.made(made))["merge --update"]
os.fsync = lambda _: None
for at in range(1, 1000):
    root = into / str(at)
    shutil.copytree(start, root)
    pid = os.fork()
    if pid == 0:
        count = 0
        def strike(event, path):
            global count
            count += 1
            if count == at:
                os.kill(os.getpid(), signal.SIGKILL)
        with events.heard(root, strike):
            os._exit(job.run("new", root))
    status = os.waitpid(pid, 0)[1]
    if os.WIFEXITED(status):
        print(at - 1, os.WEXITSTATUS(status))
        break
"""


def test_processes_that_are_really_killed_leave_the_same(inputs: Inputs, tmp_path: Path) -> None:
    job = jobs(inputs)["merge --update"]
    start = first(job, tmp_path / "start")
    before = seen(job, start)
    (tmp_path / "killed").mkdir()

    ended = subprocess.run(
        [
            *(sys.executable, "-c", KILLING, str(inputs.root), str(start)),
            str(tmp_path / "killed"),
        ],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
        timeout=900,
    )

    count, code = map(int, ended.stdout.split())
    undisturbed = tree(tmp_path / "killed" / str(count + 1))
    after = seen(job, tmp_path / "killed" / str(count + 1))
    assert (code, count > 40) == (0, True)
    for at in range(1, count + 1):
        root = tmp_path / "killed" / str(at)
        if at % 2:
            assert seen(job, root) in (before, after), at
        assert job.run("new", root) == 0, at
        assert tree(root) == undisturbed, at
