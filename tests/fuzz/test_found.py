"""What the fuzzer found stays mended: each case is one of its own, made as small as it gets."""

from __future__ import annotations

import base64
import gzip
import json
import math
import re
import subprocess
import sys
import warnings
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import driftkit
from driftkit import bias, data_quality, model_quality
from driftkit.comparison.quality_intervals import Interval, difference
from driftkit.errors import FormatError, InputError
from driftkit.states import storage
from tests.capture.captures import record, write
from tests.fuzz.paths import Way, load_compiled, taken
from tests.fuzz.samples import BIAS_CONFIG, bias_rows
from tests.monitors.merging import capture, label, put
from tests.sagemaker.box import CSV, Box

if TYPE_CHECKING:
    from pathlib import Path

    from driftkit.settings import EngineName


@pytest.fixture(autouse=True)
def _loaded() -> None:
    load_compiled()


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


def test_a_manifest_of_names_that_are_too_long_is_an_error_of_the_input(tmp_path: Path) -> None:
    put(tmp_path / "truth", "2024/03/18/15", [label("1")])
    put(tmp_path / "captures", "e/v/2024/03/18/15", [capture("1")])
    manifest = tmp_path / "captures" / "e" / "v" / "2024" / "03" / "18" / "15" / "m.json"
    manifest.write_text(json.dumps([{"prefix": "b" * 300 + "/"}, "a.out"]))

    with pytest.raises(InputError, match="the file cannot be read"):
        driftkit.merge(tmp_path / "captures", tmp_path / "truth", tmp_path / "out")


@pytest.mark.parametrize("bits", [80, 4])
def test_parquet_of_types_that_arrow_has_not_is_damaged(bits: int, tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"a": pa.array([1], pa.int32())}), path)
    # Arrow's own schema is kept beside Parquet's.
    kept = pq.read_metadata(path).metadata[b"ARROW:schema"]
    schema, width = base64.b64decode(kept), (32).to_bytes(4, "little")
    assert schema.count(width) == 1
    other = base64.b64encode(schema.replace(width, bits.to_bytes(4, "little")))
    path.write_bytes(path.read_bytes().replace(kept, other))

    with pytest.raises(InputError, match=r"a\.parquet: the Parquet file is cut off or damaged"):
        data_quality.baseline(str(path), runner="local")


@pytest.mark.parametrize("content", [b"PAR1", b"PAR1 and what is not PAR1", None])
def test_kept_labels_that_are_damaged_are_named(content: bytes | None, tmp_path: Path) -> None:
    put(tmp_path / "truth", "2024/03/18/15", [label("1")])
    put(tmp_path / "captures", "e/v/2024/03/18/15", [capture("1")])
    folders = [tmp_path / name for name in ("captures", "truth", "out")]
    driftkit.merge(*folders, runner="local")
    (kept,) = (tmp_path / "out").rglob("*.parquet")
    if content is None:
        pq.write_table(pa.table({"key": [1]}), kept)
    else:
        kept.write_bytes(content)

    with pytest.raises(InputError, match=re.escape(kept.name)):
        driftkit.merge(*folders, update=True, runner="local")


@pytest.mark.parametrize("rows", [3, 250])
@pytest.mark.parametrize("size", [1e160, 1e300, 1.7e308])
def test_errors_whose_squares_no_double_holds_are_infinite(size: float, rows: int) -> None:
    told: dict[str, Any] = {
        "problem_type": "Regression",
        "ground_truth_attribute": "y",
        "inference_attribute": "p",
        "runner": "local",
    }
    table = {"y": [size * (-1) ** row for row in range(rows)], "p": [1.0] * rows}

    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        found = model_quality.baseline(table, **told)
        metrics = found.files["statistics.json"]["regression_metrics"]
        for beyond in (False, True):
            model_quality.monitor(table, found, violations_beyond_noise=beyond, **told)

    assert metrics["rmse"]["value"] == math.inf


def test_differences_of_intervals_are_as_wide_as_doubles() -> None:
    wide = Interval(value=0.0, low=-1e200, high=1e200)

    found = difference(wide, wide)

    assert found.high == pytest.approx(math.sqrt(2) * 1e200)


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize(
    ("name", "lines", "line"),
    [
        ("a.tsv", ["a\tb", "1\t2", '3\t"x\r"', "y", "", "4\t5"], 5),
        ("a.csv", ["a,b", "1,2", "", '3,"x\ry"', "bad", "4,5"], 6),
        ("a.csv", ["a,b", '1,x 5"', '2,y "" 5"', "bad", "4,5"], 4),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_rows_are_found_by_lines_that_returns_end_too(
    end: str, name: str, lines: list[str], line: int, *, compiled: bool, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(end.join([*lines, ""]).encode())

    with taken(Way(compiled=compiled)):
        run = data_quality.baseline(str(tmp_path), runner="local").run

    assert run is not None
    assert [each.split(": ")[0] for each in run.rejected.examples] == [f"{tmp_path / name}:{line}"]


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize("piece", [None, 9])
@pytest.mark.parametrize("rest", ['5,6\r7,"8\n9\n', '5,6\r7,x"8\r9,"0\n', '5,6\r\r"7\r8,9'])
def test_compiled_loops_cut_csv_with_returns_like_plain_ones(
    rest: str, piece: int | None, tmp_path: Path, *, zipped: bool
) -> None:
    content = f'a,b\n1,"2\n2"\n3,4\n{rest}'.encode()
    path = tmp_path / ("a.csv.gz" if zipped else "a.csv")
    path.write_bytes(gzip.compress(content) if zipped else content)

    said = []
    for compiled in (False, True):
        with taken(Way(compiled=compiled, piece=piece)), pytest.raises(InputError) as error:
            data_quality.baseline(str(path), runner="local")
        said.append(str(error.value))

    # Where the quote is that nothing closes.
    line = content[: content.rindex(b'"')].replace(b"\r", b"\n").count(b"\n") + 1
    assert said[0] == said[1]
    assert f"{path.name}:{line}: a row does not end" in said[0]


@pytest.mark.parametrize("engine", ["scan", "auto"])
def test_compiled_loops_sum_in_the_order_of_plain_ones(engine: EngineName, tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_bytes(b'a\tb\n12\tx\n12\ty\n1e3\t"a\rb"\n12\tz\rb"\r')

    states = []
    for compiled in (False, True):
        with taken(Way(compiled=compiled)):
            found = data_quality.baseline(str(tmp_path), runner="local", engine=engine)
        assert found.states is not None
        states.append(storage.dumps(found.states))

    assert states[0] == states[1]


@pytest.mark.parametrize("data", ["MSwy\u00e9", "MSw", "/w==", "\u0661"])
def test_payloads_that_are_not_base64_are_set_aside(data: str, tmp_path: Path) -> None:
    odd = record(data, None)
    odd["captureData"]["endpointInput"]["encoding"] = "BASE64"
    write(tmp_path / "a.jsonl", [record("1", None), odd])

    run = data_quality.baseline(str(tmp_path), runner="local").run

    assert run is not None
    assert (run.rows, run.rejected.total) == (1, 1)
