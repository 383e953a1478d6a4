"""In an object store the manifest is the step: readers follow it, and the next run settles it."""

from __future__ import annotations

import contextvars
import errno
import json
import os
import socket
from typing import TYPE_CHECKING, Any

import pytest
from pyarrow import fs

from driftkit.errors import FormatError, InputError, OutputError
from driftkit.io import locations, remote_files, remote_publishing
from driftkit.io.locations import Remote, locate
from driftkit.io.reading import of_a_run
from driftkit.io.writing import holding, write_outputs
from driftkit.monitors.data_quality import monitor as data_quality
from driftkit.monitors.data_quality.results import Baseline

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

WHERE = "s3://bucket/out"
OLD = {"a.json": "old a", "b.json": "old b", "gone.json": "old"}
NEW = {"a.json": "new a", "b.json": "new b"}


class KilledError(BaseException):
    """The process is no more."""


class Store:
    """A folder that answers as an object store; from its n-th change on it may fail, or be gone."""

    def __init__(self, root: Path, kind: str) -> None:
        self.files = fs.SubTreeFileSystem(str(root), fs.LocalFileSystem())
        self.type_name = kind
        self.changes = 0
        self.at = 0
        self.error: BaseException = KilledError()
        self.once = False
        self.before: Callable[[], object] = lambda: None

    def get_file_info(self, what: Any) -> Any:
        """What is there."""
        return self.files.get_file_info(what)

    def open_input_stream(self, path: str, compression: None) -> Any:
        """Reads an object."""
        return self.files.open_input_stream(path, compression=compression)

    def open_output_stream(self, path: str, compression: None) -> Any:
        """Puts an object."""
        self._change()
        self.files.create_dir(path.rpartition("/")[0])
        return self.files.open_output_stream(path, compression=compression)

    def create_dir(self, path: str, recursive: bool) -> None:  # noqa: FBT001  (as in Arrow)
        """Makes a folder, which is no change that a reader sees."""
        self.files.create_dir(path, recursive=recursive)

    def delete_file(self, path: str) -> None:
        """Deletes an object."""
        self._change()
        self.files.delete_file(path)

    def delete_dir(self, path: str) -> None:
        """Deletes a folder."""
        self._change()
        self.files.delete_dir(path)

    def move(self, source: str, target: str) -> None:
        """Renames an object."""
        self._change()
        self.files.move(source, target)

    def _change(self) -> None:
        self.before()
        self.changes += 1
        if self.at and (self.changes == self.at or (self.changes > self.at and not self.once)):
            raise self.error

    def fresh(self, at: int = 0, error: BaseException | None = None, *, once: bool = False) -> None:
        """Begins to count again, and says which change fails, and how."""
        self.changes, self.at, self.once = 0, at, once
        self.error = error or KilledError()


@pytest.fixture(params=["s3", "hdfs"])
def store(tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Store:
    found = Store(tmp_path, request.param)
    for module in (locations, remote_publishing):
        monkeypatch.setattr(module, "filesystem_of", lambda url: (found, url.removeprefix("s3://")))
    # Another run would have another number.
    monkeypatch.setattr(remote_publishing, "_is_alive", lambda _owner: False)
    return found


@of_a_run
def seen(folder: str) -> dict[str, str]:
    return {name: (locate(folder) / name).read_text() for name in OLD if _there(folder, name)}


def _there(folder: str, name: str) -> bool:
    return (locate(folder) / name).exists()


def names(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


def changes_of(store: Store) -> int:
    """How many changes a publication makes; leaves the former one."""
    write_outputs(WHERE, OLD)
    store.fresh()
    write_outputs(WHERE, NEW, obsolete=["gone.json"])
    count = store.changes
    write_outputs(WHERE, OLD)
    return count


def test_a_kill_at_any_change_leaves_one_run_and_the_next_one_settles(
    store: Store, tmp_path: Path
) -> None:
    found = []
    for at in range(1, changes_of(store) + 1):
        store.fresh()
        write_outputs(WHERE, OLD)
        store.fresh(at)
        with pytest.raises(KilledError):
            write_outputs(WHERE, NEW, obsolete=["gone.json"])
        store.fresh()
        found.append(seen(WHERE))
        assert found[-1] in (OLD, NEW), at

        write_outputs(WHERE, NEW, obsolete=["gone.json"])

        assert seen(WHERE) == NEW
        assert names(tmp_path) == {f"bucket/out/{name}" for name in NEW}, at
    assert [each for n, each in enumerate(found) if n == 0 or each != found[n - 1]] == [OLD, NEW]


def test_a_store_that_is_full_changes_nothing_before_the_step(store: Store, tmp_path: Path) -> None:
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    for at in range(1, changes_of(store) + 1):
        store.fresh(at, full, once=True)
        try:
            write_outputs(WHERE, NEW, obsolete=["gone.json"])
            assert seen(WHERE) == NEW
        except OutputError as error:
            expected = NEW if "are published" in str(error) else OLD
            assert seen(WHERE) == expected, at
            if expected == OLD:
                store.fresh()
                write_outputs(WHERE, {"c.json": "other"})
                (tmp_path / "bucket/out/c.json").unlink()
                assert names(tmp_path) == {f"bucket/out/{name}" for name in OLD}, at
        store.fresh()
        write_outputs(WHERE, OLD)


def test_a_reader_reads_again_when_another_run_publishes_meanwhile(store: Store) -> None:
    write_outputs(WHERE, OLD)
    times: list[str] = []

    @of_a_run
    def slow(folder: str) -> dict[str, str]:
        first = (locate(folder) / "a.json").read_text()
        if not times:
            write_outputs(WHERE, NEW, obsolete=["gone.json"])
        times.append(first)
        return {"a.json": first, "b.json": (locate(folder) / "b.json").read_text()}

    assert slow(WHERE) == NEW
    assert times == ["old a", "new a"]
    assert store.changes


def test_a_reader_at_any_change_sees_one_run(store: Store) -> None:
    write_outputs(WHERE, OLD)
    found = []
    store.before = lambda: found.append(seen(WHERE))

    write_outputs(WHERE, NEW, obsolete=["gone.json"])

    assert all(each in (OLD, NEW) for each in found)
    assert OLD in found
    assert NEW in found


@pytest.mark.usefixtures("store")
def test_constraints_may_be_edited_by_hand(tmp_path: Path) -> None:
    data_quality.baseline({"x": [1, 2, 3]}, runner="local").write(WHERE)
    file = tmp_path / "bucket/out/constraints.json"
    document = json.loads(file.read_text())
    document["features"][0]["completeness"] = 0.5
    file.write_text(json.dumps(document))

    [feature] = Baseline.read(WHERE).constraints.features

    assert feature.completeness == 0.5


def test_a_folder_that_changes_whenever_it_is_read_is_an_error(store: Store) -> None:
    count = [0]

    @of_a_run
    def never(folder: str) -> str:
        count[0] += 1
        write_outputs(WHERE, {"a.json": "x" * count[0]})
        return (locate(folder) / "a.json").read_text()

    with pytest.raises(InputError, match="change while they are read"):
        never(WHERE)
    assert store.changes


@pytest.mark.parametrize(
    "manifest",
    [b"{}", b"no", b'{"version": 1, "token": "a", "files": {"../x": "y"}, "obsolete": []}'],
)
@pytest.mark.usefixtures("store")
def test_a_manifest_of_others_is_an_error(manifest: bytes, tmp_path: Path) -> None:
    (tmp_path / "bucket/out").mkdir(parents=True)
    (tmp_path / "bucket/out" / remote_files.MANIFEST).write_bytes(manifest)

    with pytest.raises(OutputError, match="no manifest of driftkit"):
        write_outputs(WHERE, NEW)
    with pytest.raises((InputError, FormatError), match="no manifest of driftkit"):
        seen(WHERE)


def test_another_run_that_is_writing_is_named(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(remote_publishing, "filesystem_of", lambda url: (store, url[5:]))
    monkeypatch.setattr(locations, "filesystem_of", lambda url: (store, url[5:]))
    errors: list[str] = []

    def meanwhile() -> None:
        if store.changes == 2:
            with pytest.raises(OutputError) as caught:
                remote_publishing.write(Remote(url=WHERE), OLD)
            errors.append(str(caught.value))

    store.before = meanwhile
    write_outputs(WHERE, NEW)

    assert len(errors) == 1
    assert f"process {os.getpid()}" in errors[0]
    assert seen(WHERE) == NEW


@pytest.mark.parametrize(
    ("owner", "alive"),
    [
        (None, False),
        ({"time": 0.0, "pid": os.getpid(), "host": "elsewhere"}, False),
        ({"time": "x"}, False),
        ({"time": 9e12, "pid": 1, "host": "elsewhere"}, True),
        ({"time": 9e12, "pid": 2**22 + 1, "host": socket.gethostname()}, False),
    ],
)
def test_a_lock_of_a_run_that_is_gone_holds_nobody(owner: Any, alive: object) -> None:
    assert remote_publishing._is_alive(owner) is alive


@pytest.mark.usefixtures("store")
def test_what_another_run_wrote_meanwhile_is_not_written_over(tmp_path: Path) -> None:
    write_outputs(WHERE, OLD)
    with holding(WHERE):
        read = seen(WHERE)
        _elsewhere(write_outputs, {"a.json": "theirs, longer"})
        with pytest.raises(OutputError, match=r"another run has written there(.|\n)*a\.json"):
            write_outputs(WHERE, {"a.json": read["a.json"] + " and mine"})

    assert seen(WHERE) == {**OLD, "a.json": "theirs, longer"}
    assert names(tmp_path / "bucket" / "out") == set(OLD)


@pytest.mark.usefixtures("store")
def test_a_run_may_write_twice_and_beside_files_of_others() -> None:
    write_outputs(WHERE, OLD)
    with holding(WHERE):
        write_outputs(WHERE, {"a.json": "first, longer"})
        _elsewhere(write_outputs, {"other.txt": "theirs"})
        write_outputs(WHERE, {"a.json": "second"}, obsolete=["gone.json"])

    assert seen(WHERE) == {"a.json": "second", "b.json": "old b"}


def test_what_a_killed_run_left_unsettled_is_settled_by_the_run_that_began_after_it(
    store: Store,
) -> None:
    changes = changes_of(store)
    store.fresh(at=changes - 2)
    with pytest.raises(KilledError):
        write_outputs(WHERE, NEW, obsolete=["gone.json"])
    store.fresh()
    with holding(WHERE):
        assert seen(WHERE) == NEW
        write_outputs(WHERE, {"a.json": "third"})

    assert seen(WHERE) == {**NEW, "a.json": "third"}


def _elsewhere(write: Callable[..., object], files: dict[str, str]) -> None:
    """As another process does it, which knows nothing of what this one has begun."""
    contextvars.Context().run(write, WHERE, files)
