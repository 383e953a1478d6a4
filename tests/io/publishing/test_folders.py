"""Output folders that several runs make and remove at the same time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from driftkit.io.writing import holding

if TYPE_CHECKING:
    from pathlib import Path


def test_runs_that_make_and_remove_the_same_empty_folder_do_not_disturb_each_other(
    tmp_path: Path,
) -> None:
    out = tmp_path / "new" / "out"

    def prepare_often() -> None:
        for _ in range(200):
            with holding(out, wait=60):
                pass

    with ThreadPoolExecutor(4) as runs:
        for run in [runs.submit(prepare_often) for _ in range(4)]:
            run.result()

    assert not out.exists() or not list(out.iterdir())
