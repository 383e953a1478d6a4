"""Runs on Spark that are killed at any change of their folder leave all old or all new files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.io.publishing.events import Tree, recorded, restored, tree
from tests.io.publishing.jobs import Inputs, command, jobs
from tests.io.publishing.test_killed import seen

if TYPE_CHECKING:
    from pathlib import Path


pytestmark = pytest.mark.spark


def merged(found: Tree) -> Tree:
    """The merged hours, which are the same on Spark and without."""
    return {path: text for path, text in found.items() if text and ".c000.jsonl" in path}


@pytest.mark.usefixtures("spark")
def test_a_killed_merge(tmp_path: Path) -> None:
    inputs = Inputs(tmp_path / "inputs")
    job = jobs(inputs)["merge --update"]
    root = tmp_path / "merged"
    assert job.run("old", root) == 0
    before = seen(job, root)
    on_spark = (
        *("merge", inputs.at("captured"), "-g", inputs.at("truth-new"), "--update"),
        *("-o", root, "--runner", "spark"),
    )

    trees, _ = recorded(root, lambda: command(*on_spark))

    after, undisturbed = seen(job, root), tree(root)
    assert merged(undisturbed) != merged(trees[0])
    for number, left in enumerate(trees):
        assert seen(job, restored(left, tmp_path / f"{number}-read")) in (before, after), number
        # Without Spark, so that it does not take minutes.
        again = restored(left, tmp_path / f"{number}-again")
        assert job.run("new", again) == 0, number
        assert merged(tree(again)) == merged(undisturbed), number
        report = json.loads((again / "_merge/merge_report.json").read_text())
        assert len(report["changed_hours"]) == 4, number
        assert not [path for path in tree(again) if ".driftkit" in path], number


@pytest.mark.usefixtures("spark")
def test_a_killed_baseline(tmp_path: Path) -> None:
    inputs = Inputs(tmp_path / "inputs")
    job = jobs(inputs)["data-quality baseline"]
    root = tmp_path / "baseline"
    assert job.run("old", root) == 0
    before = seen(job, root)
    on_spark = ("data-quality", "baseline", inputs.at("new.csv"), "-o", root, "--runner", "spark")

    trees, _ = recorded(root, lambda: command(*on_spark, "--engine", "scan", "--keep-states"))

    after = seen(job, root)
    assert before != after
    for number, left in enumerate(trees):
        assert seen(job, restored(left, tmp_path / f"{number}")) in (before, after), number
