"""Bad input ends in one clear error, a non-zero exit code, and loses nothing."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ended

ROWS = "".join(f"{n},{n / 4},name{n % 3}\n" for n in range(200))


def absent(folder: Path) -> Path:
    return folder / "nowhere.csv"


def empty_file(folder: Path) -> Path:
    return written(folder / "empty.csv", b"")


def empty_folder(folder: Path) -> Path:
    (folder / "none").mkdir()
    return folder / "none"


def header_only(folder: Path) -> Path:
    return written(folder / "header.csv", b"a,b,c\n")


def mostly_ragged(folder: Path) -> Path:
    return written(folder / "ragged.csv", b"a,b,c\n1,2,3\n" + b"1,2\n1,2,3,4\n" * 5)


def wrong_encoding(folder: Path) -> Path:
    return written(folder / "latin.csv", "a,b\n1,caf\xe9\n".encode("latin-1"))


def truncated_gzip(folder: Path) -> Path:
    packed = gzip.compress(("a,b,c\n" + ROWS).encode())
    return written(folder / "cut.csv.gz", packed[: len(packed) // 2])


def cut_parquet(folder: Path) -> Path:
    pq.write_table(pa.table({"a": list(range(1000))}), folder / "whole.parquet")
    whole = (folder / "whole.parquet").read_bytes()
    (folder / "whole.parquet").unlink()
    return written(folder / "cut.parquet", whole[: len(whole) // 2])


def mixed_schemas(folder: Path) -> Path:
    (folder / "mixed").mkdir()
    pq.write_table(pa.table({"a": [1], "b": [2]}), folder / "mixed" / "one.parquet")
    pq.write_table(pa.table({"a": [1], "c": [2]}), folder / "mixed" / "two.parquet")
    return folder / "mixed"


def duplicate_names(folder: Path) -> Path:
    return written(folder / "twice.csv", b"a,b,a\n1,2,3\n")


def mostly_not_captures(folder: Path) -> Path:
    good = json.dumps(capture("1,2", "0.5"))
    return written(folder / "bad.jsonl", "\n".join([good, *["not json"] * 3, ""]).encode())


def mixed_encodings(folder: Path) -> Path:
    record = capture("1,2", '{"p": 0.5}')
    record["captureData"]["endpointOutput"]["encoding"] = "JSON"
    return written(folder / "mixed.jsonl", (json.dumps(record) + "\n").encode())


def capture(sent: str, answered: str) -> dict[str, Any]:
    def side(mode: str, data: str) -> dict[str, str]:
        return {"observedContentType": "text/csv", "mode": mode, "data": data, "encoding": "CSV"}

    return {
        "captureData": {
            "endpointInput": side("INPUT", sent),
            "endpointOutput": side("OUTPUT", answered),
        },
        "eventMetadata": {"eventId": "1", "inferenceTime": "2024-03-18T15:14:45Z"},
        "eventVersion": "0",
    }


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (absent, ["nowhere.csv"]),
        (empty_file, ["empty.csv"]),
        (empty_folder, ["none"]),
        (header_only, ["header.csv", "row"]),
        (mostly_ragged, ["half"]),
        (wrong_encoding, ["latin.csv", "UTF-8"]),
        (truncated_gzip, ["cut.csv.gz"]),
        (cut_parquet, ["cut.parquet"]),
        (mixed_schemas, ["one.parquet", "two.parquet"]),
        (duplicate_names, ["twice.csv", "a"]),
        (mostly_not_captures, ["half"]),
        (mixed_encodings, ["Encoding is CSV for endpointInput, but Encoding is JSON for"]),
    ],
)
def test_unreadable_data_is_one_error(
    make: Callable[[Path], Path],
    said: list[str],
    tmp_path: Path,
    driftkit_command: Callable[..., Ended],
) -> None:
    output = tmp_path / "out"

    ended = driftkit_command("data-quality", "baseline", make(tmp_path), "--output", output)

    assert ended.code == 1
    assert ended.err.count("Error") == 1
    assert "Traceback" not in ended.err
    for text in said:
        assert text in ended.err
    assert not list(output.glob("*"))


def without_constraints(folder: Path) -> None:
    (folder / "constraints.json").unlink()


def of_another_monitor(folder: Path) -> None:
    (folder / "constraints.json").write_text(
        '{"version": 0.0, "regression_constraints": {"mae": {"threshold": 1.0}}}'
    )


def with_wrong_type(folder: Path) -> None:
    edit(folder / "constraints.json", lambda it: it["features"][1].update(completeness="all"))


def with_wrong_version(folder: Path) -> None:
    edit(folder / "statistics.json", lambda it: it.update(version="two"))


def not_json(folder: Path) -> None:
    (folder / "statistics.json").write_text('{"version": 0.0,\n "features": [,]}')


def disagreeing(folder: Path) -> None:
    edit(folder / "statistics.json", lambda it: it["features"].pop())


def edit(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (without_constraints, ["constraints.json"]),
        (of_another_monitor, ["constraints.json", "model-quality constraints"]),
        (with_wrong_type, ["constraints.json", "features[1].completeness", "all"]),
        (with_wrong_version, ["statistics.json", "version"]),
        (not_json, ["statistics.json", "line 2"]),
        (disagreeing, ["statistics.json", "constraints.json", "c"]),
    ],
)
def test_a_bad_baseline_is_one_error(
    damage: Callable[[Path], None],
    said: list[str],
    tmp_path: Path,
    driftkit_command: Callable[..., Ended],
) -> None:
    data = written(tmp_path / "data.csv", ("a,b,c\n" + ROWS).encode())
    driftkit_command("data-quality", "baseline", data, "--output", tmp_path / "baseline")
    damage(tmp_path / "baseline")

    ended = driftkit_command(
        "data-quality", "monitor", data, "-b", tmp_path / "baseline", "-o", tmp_path / "out"
    )

    assert ended.code == 1
    for text in said:
        assert text in ended.err
    assert not list((tmp_path / "out").glob("*"))


def test_a_few_bad_records_are_counted_and_set_aside(
    tmp_path: Path, driftkit_command: Callable[..., Ended]
) -> None:
    good = [json.dumps(capture(f"{n},{n / 2}", "0.5")) for n in range(20)]
    lacking = json.dumps({"eventVersion": "0"})
    longer = json.dumps(capture("1,2,3", "0.5"))
    lines = [*good, "not json", lacking, longer, ""]
    captures = written(tmp_path / "captures.jsonl", "\n".join(lines).encode())

    ended = driftkit_command("data-quality", "baseline", captures, "-o", tmp_path / "out")

    statistics = json.loads((tmp_path / "out/statistics.json").read_text())
    assert ended.code == 0
    assert statistics["dataset"]["item_count"] == 20
    assert "3 records" in ended.err


def test_a_folder_that_cannot_be_written_is_said_before_the_work(
    tmp_path: Path, driftkit_command: Callable[..., Ended]
) -> None:
    data = written(tmp_path / "data.csv", ("a,b,c\n" + ROWS).encode())
    in_the_way = written(tmp_path / "file", b"")

    ended = driftkit_command("data-quality", "baseline", data, "-o", in_the_way / "out")

    assert ended.code == 1
    assert "file" in ended.err


def test_a_failed_run_leaves_the_previous_one(
    tmp_path: Path, driftkit_command: Callable[..., Ended]
) -> None:
    data = written(tmp_path / "data.csv", ("a,b,c\n" + ROWS).encode())
    driftkit_command("data-quality", "baseline", data, "-o", tmp_path / "out")
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}

    ended = driftkit_command(
        "data-quality", "baseline", truncated_gzip(tmp_path), "-o", tmp_path / "out"
    )

    assert ended.code == 1
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before


def test_names_are_never_obeyed_by_the_terminal(
    tmp_path: Path, driftkit_command: Callable[..., Ended]
) -> None:
    name = "\x1b[31m[bold]\u202e:x:"
    folder = tmp_path / f"folder{name}"
    folder.mkdir()
    rows = "".join(f"{n},word{n % 3}\n" for n in range(20))
    (folder / "a.csv").write_text(f"a,{name}\n{rows}")
    (folder / "b.csv").write_text(f"a,{name}\n{rows.replace('word', name)}")
    baseline = tmp_path / f"out{name}"

    ended = [
        driftkit_command("data-quality", "baseline", folder / "a.csv", "-o", baseline),
        driftkit_command(
            "data-quality", "monitor", folder / "b.csv", "-b", baseline, "-o", tmp_path / "o"
        ),
        driftkit_command("data-quality", "baseline", folder / "none.csv", "-o", tmp_path / "p"),
    ]

    assert [each.code for each in ended] == [0, 0, 1]
    for each in ended:
        shown = each.out + each.err
        assert not {"\x1b", "\u202e"}.intersection(shown), shown
        assert "\\x1b[31m[bold]\\u202e:x:" in "".join(shown.replace("\u2502", "").split())
