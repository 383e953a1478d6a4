"""A worker of Spark made ready for a task."""

from __future__ import annotations

import gc
import importlib
import os
import sys
import zipfile
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from driftkit.compute.worker import SINGLE_THREAD, settle_worker

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def keep_threads(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in SINGLE_THREAD:
        monkeypatch.setenv(name, os.environ.get(name, ""))
    cpu, io = pa.cpu_count(), pa.io_thread_count()
    yield
    pa.set_cpu_count(cpu)
    pa.set_io_thread_count(io)
    gc.unfreeze()


def test_a_worker_keeps_to_one_thread() -> None:
    settle_worker()

    assert pa.cpu_count() == 1
    assert {os.environ[name] for name in SINGLE_THREAD} == {"1"}


def test_zips_are_not_read_again_before_each_task_and_still_imported_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = str(tmp_path / "packed.zip")
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("zipped_first.py", "")
        packed.writestr("zipped_second.py", "")
    monkeypatch.syspath_prepend(archive)
    importlib.import_module("zipped_first")
    assert archive in sys.path_importer_cache

    settle_worker()

    assert archive not in sys.path_importer_cache
    assert importlib.import_module("zipped_second").__file__ == f"{archive}/zipped_second.py"


def test_the_collector_does_not_look_through_what_is_loaded() -> None:
    loaded = len(gc.get_objects())

    settle_worker()

    assert len(gc.get_objects()) < loaded / 10
