"""`driftkit store compact` packs a store's files and removes old runs, and says how many."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftkit.store.history import history
from driftkit.store.opening import open_store
from driftkit.store.store import keep
from tests.store.facts import facts

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ended


def test_a_store_is_compacted(tmp_path: Path, driftkit_command: Callable[..., Ended]) -> None:
    for hour in range(2):
        keep(open_store(tmp_path), facts(hour=hour))

    ended = driftkit_command("store", "compact", tmp_path)

    assert ended.code == 0, ended.err
    assert "files put together" in ended.out
    assert {each.name for each in tmp_path.rglob("*.parquet")} == {"packed.parquet"}
    assert len(history(tmp_path)) == 2


def test_old_runs_are_removed(tmp_path: Path, driftkit_command: Callable[..., Ended]) -> None:
    keep(open_store(tmp_path), facts(hour=-24 * 365 * 10))

    ended = driftkit_command("store", "compact", tmp_path, "--keep", "400d")

    assert ended.code == 0, ended.err
    assert "1 runs removed" in ended.out
    assert history(tmp_path).empty


def test_what_is_no_duration_is_refused(
    tmp_path: Path, driftkit_command: Callable[..., Ended]
) -> None:
    ended = driftkit_command("store", "compact", tmp_path, "--keep", "long")

    assert ended.code == 1
    assert "this is no duration" in ended.err
