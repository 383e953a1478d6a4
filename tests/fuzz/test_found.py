"""What the fuzzer found stays mended: each case is one of its own, made as small as it gets."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import driftkit
from driftkit import bias, data_quality
from driftkit.errors import FormatError, InputError
from tests.container.box import CSV, Box
from tests.fuzz.paths import Way, taken
from tests.fuzz.samples import BIAS_CONFIG, bias_rows
from tests.monitors.merging import capture, label, put
from tests.records.captures import record, write

if TYPE_CHECKING:
    from pathlib import Path


def test_the_last_bucket_holds_the_maximum_that_its_bound_is_rounded_below() -> None:
    statistics = data_quality.baseline({"x": [-1.0, 1e-38]}, runner="local").files[
        "statistics.json"
    ]

    buckets = statistics["features"][0]["numerical_statistics"]["distribution"]["kll"]["buckets"]
    assert sum(bucket["count"] for bucket in buckets) == 2


@pytest.mark.parametrize("piece", [None, 40])
def test_a_record_that_is_not_utf8_is_set_aside_wherever_the_file_is_cut(
    piece: int | None, tmp_path: Path
) -> None:
    sound = json.dumps(record("1", None)).encode()
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\n".join([sound, sound.replace(b"inferenceT", b"inference\xeeT"), b""]))

    with taken(Way(piece=piece)):
        run = data_quality.baseline(str(path), runner="local").run

    assert run is not None
    assert (run.rows, run.rejected.total) == (1, 1)


@pytest.mark.parametrize("first", ["null", " null null"])
def test_a_file_of_captures_may_begin_with_null(first: str, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join([first, *[json.dumps(record("1", None))] * 3, ""]))
    measure = (
        "import sys; from driftkit import data_quality as d; "
        "run = d.baseline(sys.argv[1], runner='local', format='capture').run; "
        "print(run.rows, run.rejected.total)"
    )

    # What ends the process must not end that of the tests.
    done = subprocess.run(
        [sys.executable, "-c", measure, str(path)], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout) == (0, "3 1\n")


@pytest.mark.parametrize("piece", [None, 7])
def test_a_mark_of_byte_order_within_a_file_is_text(piece: int | None, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b\n\ufeffx,1\n\ufeffx,2\n", encoding="utf-8")

    with taken(Way(piece=piece)):
        found = data_quality.baseline(str(path), runner="local").files["statistics.json"]

    values = found["features"][0]["string_statistics"]["distribution"]["categorical"]["buckets"]
    assert values == [{"value": "\ufeffx", "count": 2}]


def test_an_odd_row_that_is_not_utf8_is_told_of_by_the_error_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "unraisablehook", sys.__unraisablehook__)
    (tmp_path / "a.csv").write_bytes(b"a,b\n1,2\n\xff,2,3\n")

    with pytest.raises(InputError, match=r"a\.csv:3: the text is not UTF-8"):
        data_quality.baseline(str(tmp_path), runner="local")

    assert capsys.readouterr().err == ""
    assert sys.unraisablehook is sys.__unraisablehook__


def test_payloads_with_a_mark_of_byte_order_are_read_alike(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", [record("\ufeffx,1", None)] * 2)

    found = data_quality.baseline(str(tmp_path), runner="local").files["statistics.json"]

    assert found["features"][0]["string_statistics"]["distinct_count"] == 1


def test_a_variable_that_is_not_utf8_ends_a_job_with_a_message(tmp_path: Path) -> None:
    box = Box(root=tmp_path)

    code = box.run({"dataset_source": "/opt/ml/processing/input", "dataset_format": CSV + "\udcff"})

    assert code == 255
    assert r"\udcff" in box.message


@pytest.mark.parametrize("path", ["0" * 400, "\ud800"])
def test_a_path_that_no_system_takes_is_an_error_of_the_input(path: str) -> None:
    with pytest.raises(InputError, match="the path cannot be used"):
        data_quality.Baseline.read(path)


def test_a_negative_place_of_a_facet_beside_the_data_is_not_counted_from_the_end(
    tmp_path: Path,
) -> None:
    (tmp_path / "side.csv").write_text("x,carrier\n" + "1,A\n2,B\n" * 4)
    config = {**BIAS_CONFIG, "facet_dataset_uri": str(tmp_path / "side.csv")}
    config["facet"] = [{"name_or_index": -1, "value_or_threshold": ["B"]}]
    rows = {name: values[:8] for name, values in bias_rows().items() if name != "carrier"}

    with pytest.raises(FormatError, match=r"facet\[0\].name_or_index"):
        bias.baseline(rows, analysis_config=config, runner="local")


@pytest.mark.parametrize("manifest", ['[{"prefix": 1}]', '[{"prefix"', '[{"prefix": "x"}, 3]'])
def test_a_manifest_that_is_none_is_named(manifest: str, tmp_path: Path) -> None:
    put(tmp_path / "truth", "2024/03/18/15", [label("1")])
    put(tmp_path / "captures", "e/v/2024/03/18/15", [capture("1")])
    (tmp_path / "captures" / "e" / "v" / "2024" / "03" / "18" / "15" / "m.json").write_text(
        manifest
    )

    with pytest.raises(InputError, match=r"m\.json: the manifest cannot be read"):
        driftkit.merge(tmp_path / "captures", tmp_path / "truth", tmp_path / "out")
