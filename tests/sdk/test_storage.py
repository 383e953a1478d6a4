"""Files in S3 are read and written without Spark."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from driftkit.cli import main
from driftkit.errors import InputError, OutputError
from driftkit.io.finding import find
from driftkit.io.locations import Remote, locate
from driftkit.io.writing import prepare, write_outputs
from driftkit.monitors.data_quality import monitor as data_quality
from driftkit.monitors.data_quality.results import Baseline, MonitoringResult

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.sdk

ROWS = b"a,b\n" + b"1,x\n2,y\n" * 20


def put(storage: Any, *keys: str, body: bytes = ROWS) -> None:
    for key in keys:
        storage.put_object(Bucket="monitoring", Key=key, Body=body)


def keys(storage: Any) -> list[str]:
    found = storage.list_objects_v2(Bucket="monitoring").get("Contents", ())
    # Arrow marks folders by empty objects, as the console of S3 does.
    return [each["Key"] for each in found if not each["Key"].endswith("/")]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("in/", ["in/a 1.csv", "in/b.csv", "in/h=1/c.csv"]),
        ("in/b.csv", ["in/b.csv"]),
        ("in/*.csv", ["in/a 1.csv", "in/b.csv"]),
        ("in/**/*.csv", ["in/a 1.csv", "in/b.csv", "in/h=1/c.csv"]),
        ("in/[!a]*.csv", ["in/b.csv"]),
        ("*/h=*", ["in/h=1/c.csv"]),
    ],
)
@pytest.mark.parametrize("scheme", ["s3", "s3a"])
def test_folders_and_globs_are_expanded(
    scheme: str, pattern: str, expected: list[str], storage: Any
) -> None:
    put(storage, "in/a 1.csv", "in/b.csv", "in/h=1/c.csv", "in/_hidden.csv", "other/d.csv")

    found = find([f"{scheme}://monitoring/{pattern}"])

    # The name with a blank is quoted, as URLs are.
    assert [file.path for file in found] == [
        f"{scheme}://monitoring/{key.replace(' ', '%20').replace('=', '%3D')}" for key in expected
    ]
    assert all(file.content() == ROWS for file in found)


@pytest.mark.parametrize("missing", ["nothing/", "nothing/*.csv"])
def test_what_is_not_there_is_an_error(missing: str, storage: Any) -> None:
    put(storage, "in/b.csv")

    with pytest.raises(InputError, match="there are no files"):
        find([f"s3://monitoring/{missing}"])


def test_every_file_of_the_command_line_may_be_in_s3(storage: Any, tmp_path: Path) -> None:
    put(storage, "train/1.csv")
    put(storage, "window/1.csv", body=ROWS.replace(b"2,y", b"z,y"))
    run = ["data-quality", "baseline", "s3://monitoring/train/*.csv", "--keep-states"]
    assert exit_code([*run, "--output", "s3://monitoring/base"]) == 0

    window = ["data-quality", "monitor", "s3://monitoring/window", "--fail-on-violations"]
    ends = [
        exit_code([*window, "--baseline", base, "--output", out])
        for base, out in (
            ("s3://monitoring/base", "s3://monitoring/out/"),
            (local_copy(storage, "base", tmp_path), str(tmp_path / "out")),
        )
    ]

    assert ends == [3, 3]
    remote = MonitoringResult.read("s3://monitoring/out")
    local = MonitoringResult.read(tmp_path / "out")
    assert remote == local
    assert remote.violations
    assert not [key for key in keys(storage) if "driftkit" in key]


def test_kept_states_may_be_in_s3(storage: Any) -> None:
    put(storage, "train/1.csv")
    one = data_quality.baseline("s3://monitoring/train/1.csv")
    one.write("s3://monitoring/one", keep_states=True)

    again = data_quality.baseline(data_quality.combine("s3://monitoring/one"))
    by_glob = data_quality.combine("s3://monitoring/o*/states.arrow")

    assert again.statistics == one.statistics == Baseline.read("s3://monitoring/one").statistics
    for name in ("statistics.json", "constraints.json"):
        assert Baseline.read(f"s3://monitoring/one/{name}") == Baseline.read("s3://monitoring/one")
    assert one.states is not None
    assert by_glob.table == one.states.table


def test_what_an_earlier_run_left_is_removed(storage: Any) -> None:
    write_outputs("s3://monitoring/out", {"a.json": "old", "b.json": "old", "notes": "mine"})

    write_outputs("s3://monitoring/out", {"a.json": "new"}, obsolete=["b.json", "c.json"])

    assert keys(storage) == ["out/a.json", "out/notes"]


@pytest.mark.usefixtures("storage")
def test_a_bucket_that_is_not_there_is_an_error_before_anything_is_computed() -> None:
    with pytest.raises(OutputError, match="the results cannot be written"):
        prepare("s3://nowhere/out")


def test_nothing_has_changed_when_a_write_fails(
    storage: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from driftkit.io import remote_files, remote_publishing  # noqa: PLC0415

    put(storage, "out/a.json", body=b"former")
    put_in_store = remote_files.put
    failed: list[str] = []

    def fails_once(filesystem: Any, path: str, content: bytes) -> None:
        if content == b"second" and not failed:
            failed.append(path)
            raise OSError("no more")
        put_in_store(filesystem, path, content)

    monkeypatch.setattr(remote_publishing, "put", fails_once)

    with pytest.raises(OutputError, match="no more"):
        write_outputs("s3://monitoring/out", {"a.json": "new", "b.json": "second"})

    assert keys(storage) == ["out/a.json"]
    assert locate("s3://monitoring/out/a.json").read_bytes() == b"former"


def test_a_file_beside_another() -> None:
    file = locate("s3://bucket/base/analysis.json")

    assert isinstance(file, Remote)
    assert str(file.with_name("intervals.json")) == "s3://bucket/base/intervals.json"


def exit_code(arguments: list[str]) -> int:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    return int(ended.value.code or 0)


def local_copy(storage: Any, prefix: str, folder: Path) -> str:
    target = folder / prefix
    target.mkdir()
    for key in keys(storage):
        if key.startswith(f"{prefix}/"):
            storage.download_file("monitoring", key, str(folder / key))
    return str(target)
