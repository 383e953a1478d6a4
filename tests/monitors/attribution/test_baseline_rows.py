"""`methods.shap.baseline` in every form that the SDK allows, and the file that is given back."""

from __future__ import annotations

import copy
import gzip
import json
import math
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

import driftkit
from driftkit.errors import DriftkitError
from tests.monitors.attribution.data import CONFIG, NAMES, model_file, rows

if TYPE_CHECKING:
    from pathlib import Path

ROWS: list[list[float]] = [[4, 24.5, -1], [0, 3, 2]]
FEATURES = [{"features": row} for row in ROWS]
NAMED = [dict(zip(NAMES, row, strict=True)) for row in ROWS]
TURNED = [dict(reversed(row.items())) for row in NAMED]


def _config(baseline: Any, **more: Any) -> dict[str, Any]:
    changed = copy.deepcopy(CONFIG) | more
    changed["methods"]["shap"]["baseline"] = baseline
    return changed


def _learned(folder: Path, baseline: Any, **more: Any) -> driftkit.attribution.AttributionBaseline:
    return driftkit.attribution.baseline(
        rows(60), model_file(folder), analysis_config=_config(baseline, **more), runner="local"
    )


def _table(found: driftkit.attribution.AttributionBaseline) -> list[list[Any]]:
    assert found.background is not None
    table: list[list[Any]] = found.background.values.tolist()  # noqa: PD011  (no frame)
    return table


def _same(found: driftkit.attribution.AttributionBaseline, folder: Path, expected: Any) -> None:
    assert _table(found) == [[float(each) for each in row] for row in expected]
    assert found.files == _learned(folder, expected).files


@pytest.mark.parametrize(
    "inline",
    [
        ROWS,
        tuple(tuple(row) for row in ROWS),
        FEATURES,
        {"instances": FEATURES},
        {"instances": ROWS},
        {"features": ROWS},
        {"instances": NAMED},
        [{"features": row, "label": 1} for row in ROWS],
        [{"features": row} for row in TURNED],
        NAMED,
        TURNED,
        [{**row, "label": "x"} for row in NAMED],
    ],
)
def test_rows_in_the_configuration(tmp_path: Path, inline: Any) -> None:
    _same(_learned(tmp_path, inline), tmp_path, ROWS)


@pytest.mark.parametrize(
    ("inline", "path"),
    [
        ({"rows": [{"of": row} for row in ROWS], "version": 1}, "rows[*].of"),
        ([{"of": row, "label": 0} for row in ROWS], "rows[*].of"),
        ([{"in": {"of": row}, "label": 0} for row in ROWS], "in.of"),
    ],
)
def test_rows_as_the_dataset_has_them(tmp_path: Path, inline: Any, path: str) -> None:
    _same(_learned(tmp_path, inline, features=path), tmp_path, ROWS)


@pytest.mark.parametrize(
    "inline", [ROWS[0], [ROWS[0]], {"features": ROWS[0]}, {"instances": [FEATURES[0]]}, NAMED[0]]
)
def test_one_row_in_the_configuration(tmp_path: Path, inline: Any) -> None:
    _same(_learned(tmp_path, inline), tmp_path, ROWS[:1])


FILES = {
    "rows.csv": "4,24.5,-1\n0,3,2\n",
    "no_newline.csv": "4,24.5,-1\n0,3,2",
    "dos.csv": "4,24.5,-1\r\n0,3,2\r\n",
    "bom.csv": "\ufeffa,b,c\n4,24.5,-1\n0,3,2\n",
    "header.csv": "a,b,c\n4,24.5,-1\n0,3,2\n",
    "turned.csv": '"c","b", a,label\n-1,24.5,4,x\n2,3,0,y\n',
    "rows.json": json.dumps(ROWS),
    "document.json": json.dumps({"instances": FEATURES}, indent=2),
    "features.json": json.dumps(FEATURES),
    "arrays.jsonl": "\n".join(map(json.dumps, ROWS)),
    "features.jsonl": "".join(f"{json.dumps(row)}\n" for row in FEATURES),
    "named.jsonl": "\n\n".join(map(json.dumps, TURNED)),
}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("scheme", ["", "file://"])
def test_rows_in_a_file(tmp_path: Path, name: str, scheme: str) -> None:
    file = tmp_path / name
    file.write_text(FILES[name], encoding="utf-8", newline="")

    _same(_learned(tmp_path, f"{scheme}{file}"), tmp_path, ROWS)


@pytest.mark.parametrize("text", ["4,24.5,-1", "[4, 24.5, -1]", '{"features": [4, 24.5, -1]}\n'])
def test_one_row_in_a_file(tmp_path: Path, text: str) -> None:
    (tmp_path / "row").write_text(text)

    _same(_learned(tmp_path, str(tmp_path / "row")), tmp_path, ROWS[:1])


def test_rows_in_parquet_and_a_file_in_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "baseline"
    folder.mkdir()
    pd.DataFrame(TURNED).to_parquet(folder / "part-0.parquet")

    _same(_learned(tmp_path, str(folder)), tmp_path, ROWS)


def test_rows_in_lists_of_parquet(tmp_path: Path) -> None:
    pd.DataFrame({"features": ROWS}).to_parquet(tmp_path / "rows")

    _same(_learned(tmp_path, str(tmp_path / "rows")), tmp_path, ROWS)


@pytest.mark.parametrize("name", ["rows.avro", "rows"])
def test_rows_in_avro(tmp_path: Path, name: str) -> None:
    """A format of the table of formats, told by its first bytes."""
    fastavro = pytest.importorskip("fastavro")
    fields = [{"name": each, "type": "double"} for each in reversed(NAMES)]
    with (tmp_path / name).open("wb") as file:
        fastavro.writer(file, {"type": "record", "name": "row", "fields": fields}, TURNED)

    _same(_learned(tmp_path, str(tmp_path / name)), tmp_path, ROWS)


@pytest.mark.parametrize("name", ["rows.csv", "features.jsonl"])
def test_rows_in_a_packed_file_or_a_glob(tmp_path: Path, name: str) -> None:
    (tmp_path / f"{name}.gz").write_bytes(gzip.compress(FILES[name].encode()))

    for given in (f"{name}.gz", f"{name}.*"):
        _same(_learned(tmp_path, str(tmp_path / given)), tmp_path, ROWS)


@pytest.mark.parametrize("baseline", [ROWS, None])
def test_the_file_that_a_run_wrote_is_given_back(tmp_path: Path, baseline: Any) -> None:
    """Rows of the configuration and clusters of the data alike."""
    if baseline is None:
        pytest.importorskip("sklearn", reason="clusters need scikit-learn")
    first = _learned(tmp_path, baseline)
    first.write(tmp_path / "out")

    again = _learned(tmp_path, str(tmp_path / "out/explanations_shap/baseline.csv"))
    kept = driftkit.attribution.AttributionBaseline.read(tmp_path / "out")

    assert again.files == first.files
    assert _table(kept) == _table(first)


def test_whole_numbers_are_written_as_aws_does(tmp_path: Path) -> None:
    _learned(tmp_path, [[4, 24.0, 0.1], [1e20, -0.5, 3]]).write(tmp_path / "out")

    text = (tmp_path / "out/explanations_shap/baseline.csv").read_text()
    assert text == "a,b,c\n4,24,0.1\n1e+20,-0.5,3\n"


def test_a_kept_baseline_in_another_order_is_used(tmp_path: Path) -> None:
    _learned(tmp_path, ROWS).write(tmp_path / "out")
    file = tmp_path / "out/explanations_shap/baseline.csv"
    file.write_text("c,more,a,b\n-1,x,4,24.5\n2,y,0,3\n")
    config = copy.deepcopy(CONFIG)
    del config["methods"]["shap"]["baseline"]

    result = driftkit.attribution.monitor(
        rows(60), tmp_path / "out", model_file(tmp_path), analysis_config=config, runner="local"
    )

    assert result.explanations == _learned(tmp_path, ROWS).explanations


def test_missing_values_and_texts_keep_their_columns(tmp_path: Path) -> None:
    """A text that spells a number is a text where its column has others."""
    model = "def predict(table):\n    return [len(str(each)) for each in table['b']]\n"
    data = pd.DataFrame({"a": [1.0, 2.0], "b": ["x", "yy"]})
    config = {
        "headers": ["a", "b"],
        "methods": {"shap": {"baseline": str(tmp_path / "rows.csv")}},
    }
    (tmp_path / "rows.csv").write_text("1,12\n,x\n")

    found = driftkit.attribution.baseline(
        data, model_file(tmp_path, model), analysis_config=config, runner="local"
    )

    (one, other), (nothing, text) = _table(found)
    assert (one, other, text) == (1.0, "12", "x")
    assert math.isnan(nothing)


@pytest.mark.parametrize(
    ("baseline", "said"),
    [
        ([], "there is no baseline row"),
        ({}, "a baseline row lacks a feature"),
        ([[1, 2]], "a row has another number of features"),
        ([[1, 2, 3], [1, 2]], "a row has another number of features"),
        ([[1, 2, [3]]], "methods.shap.baseline, row 0, column 2"),
        ([[1, 2, 10**400]], "methods.shap.baseline, row 0, column 2"),
        ([{"a": 1, "b": 2}], "methods.shap.baseline[0]: a baseline row lacks a feature"),
        ({"instances": [{"a": 1, "b": 2}]}, "methods.shap.baseline.instances[0]"),
        (7, "methods.shap.baseline"),
        ("absent.csv", "the file of baseline rows cannot be read"),
        ("empty.csv", "there is no baseline row"),
        ("other.csv", "names other features"),
        ("broken.jsonl", "broken.jsonl, line 2"),
        ("deep.json", "nested too deep"),
        ("latin.csv", "no UTF-8"),
        ("broken.parquet", "the file of baseline rows cannot be read"),
        ("broken.avro", "the file of baseline rows cannot be read"),
        (".", "a folder of"),
    ],
)
def test_rows_that_are_none_say_so(tmp_path: Path, baseline: Any, said: str) -> None:
    contents: dict[str, bytes] = {
        "empty.csv": b"\n",
        "other.csv": b"x,y,z\n1,2,3\n",
        "broken.jsonl": b'{"features": [1, 2, 3]}\n{"features": [1, 2\n',
        "deep.json": b'{"features": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        "latin.csv": b"1,2,\xe9\n",
        "broken.parquet": b"PAR1nothing",
        "broken.avro": b"Obj\x01nothing",
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    given = str(tmp_path / baseline) if isinstance(baseline, str) else baseline

    with pytest.raises(DriftkitError) as caught:
        _learned(tmp_path, given)

    assert said in str(caught.value)


@pytest.mark.parametrize("text", ["", "a,b,c\n", "a,b,c\n1,2\n", "\udcff"])
def test_a_kept_file_that_was_damaged_is_named(tmp_path: Path, text: str) -> None:
    _learned(tmp_path, ROWS).write(tmp_path / "out")
    file = tmp_path / "out/explanations_shap/baseline.csv"
    file.write_bytes(text.encode("utf-8", "surrogateescape"))

    with pytest.raises(DriftkitError, match=r"explanations_shap/baseline\.csv"):
        driftkit.attribution.AttributionBaseline.read(tmp_path / "out")
