"""Delta and Iceberg tables are read as their logs say, or not at all."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import driftkit
from driftkit.errors import DriftkitError, InputError
from driftkit.readers.lake import lake_table, read_table
from driftkit.readers.some_columns import without
from tests.monitors.bias.tables import configuration
from tests.monitors.calls import BINARY, flights

DELTA = Path(__file__).parent / "delta"
# Of 20 rows three were deleted, by vectors.
LEFT = [number for number in range(20) if number not in {3, 4, 7}]

pytestmark = pytest.mark.usefixtures("no_session")


def rows(count: int = 1_000, first: int = 0) -> pa.Table:
    numbers = np.random.default_rng(first).normal(size=count)
    return pa.table(
        {
            "n": pa.array(numbers, mask=numbers > 2),
            "Whole number": np.arange(first, first + count),
            "text": pa.array(np.array(["p", "q", "r"])[np.arange(count) % 3]),
            "flag": numbers > 0,
            "at": pa.array(np.arange(count) * 10**6, pa.timestamp("us")),
            "list": pa.array([[1]] * count),
        }
    )


def delta(folder: Path, *tables: pa.Table, **how: Any) -> str:
    deltalake = pytest.importorskip("deltalake")
    for each in tables:
        deltalake.write_deltalake(folder, each, mode="append", **how)
    return str(folder)


def catalogue(folder: Path) -> Any:
    pytest.importorskip("pyiceberg")
    from pyiceberg.catalog.sql import SqlCatalog  # noqa: PLC0415

    folder.mkdir(exist_ok=True)
    places = {"uri": f"sqlite:///{folder}/catalogue.db", "warehouse": f"file://{folder}"}
    made = SqlCatalog("lake", **places)
    made.create_namespace_if_not_exists("db")
    return made


def iceberg(folder: Path, *tables: pa.Table) -> str:
    made = catalogue(folder).create_table("db.t", tables[0].schema)
    for each in tables:
        made.append(each)
    return str(folder / "db" / "t")


@pytest.fixture(params=["delta", "iceberg"])
def written(request: pytest.FixtureRequest) -> Any:
    return {"delta": delta, "iceberg": iceberg}[request.param]


def ids_of(address: str, column: str = "id") -> list[int]:
    table = lake_table([address])
    assert table is not None
    dataset = read_table(table)
    index = [each.name for each in dataset.columns].index(column)
    [unit] = dataset.units
    return sorted(x for chunk in unit.chunks() for x in chunk.column(index).to_pylist())


def features(found: driftkit.data_quality.Baseline) -> dict[str, Any]:
    assert found.statistics is not None
    return {each.name: each for each in found.statistics.features}


def test_numbers_are_those_of_the_rows(written: Any, tmp_path: Path) -> None:
    parts = rows(), rows(500, first=1_000)
    address = written(tmp_path / "t", *parts)

    found = driftkit.data_quality.baseline(address)

    kept = pa.concat_tables(parts)
    assert ids_of(address, "Whole number") == list(range(1_500))
    assert found.run is not None
    assert list(found.run.set_aside) == ["list"]
    assert found.run.inputs == (address,)
    assert list(features(found)) == list(features(driftkit.data_quality.baseline(kept)))
    assert driftkit.data_quality.baseline(address).files == found.files


def test_one_file_gives_the_numbers_of_its_table(written: Any, tmp_path: Path) -> None:
    address = written(tmp_path / "t", rows())

    found = driftkit.data_quality.baseline(address)

    assert found.files == driftkit.data_quality.baseline(rows()).files


def test_other_monitors_read_tables_too(written: Any, tmp_path: Path) -> None:
    address = written(tmp_path / "t", pa.Table.from_pandas(flights(), preserve_index=False))

    quality = driftkit.model_quality.baseline(address, **BINARY)
    bias = driftkit.bias.baseline(address, analysis_config=configuration())

    assert quality.metrics() == driftkit.model_quality.baseline(flights(), **BINARY).metrics()
    expected = driftkit.bias.baseline(flights(), analysis_config=configuration())
    assert bias.metrics() == expected.metrics()


def test_what_is_left_out_is_not_read(written: Any, tmp_path: Path) -> None:
    table = lake_table([written(tmp_path / "t", rows())])
    assert table is not None

    dataset = without(read_table(table), {"n": "left out", "text": "left out"})

    [unit] = dataset.units
    [chunk] = unit.chunks()
    assert chunk.table.column_names == ["Whole number", "flag", "at"]  # type: ignore[attr-defined]
    assert list(dataset.set_aside) == ["list", "n", "text"]


def test_rows_that_were_replaced_are_not_counted(tmp_path: Path) -> None:
    address = delta(tmp_path / "t", rows(), rows(500, first=1_000))
    deltalake = pytest.importorskip("deltalake")
    deltalake.DeltaTable(address).delete('"Whole number" >= 100')

    assert ids_of(address, "Whole number") == list(range(100))
    assert ids_of(f"{address}@v0", "Whole number") == list(range(1_000))
    with pytest.raises(InputError, match="version 9"):
        ids_of(f"{address}@v9", "Whole number")


def test_deletion_vectors_and_renamed_columns_are_respected() -> None:
    pytest.importorskip("deltalake")
    found = driftkit.data_quality.baseline(DELTA / "deleted_and_renamed")

    assert ids_of(str(DELTA / "deleted_and_renamed")) == LEFT
    assert list(features(found)) == ["id", "name", "sum", "at", "day"]
    assert features(found)["sum"].numerical.mean == sum(LEFT) / 2 / len(LEFT)


def test_a_feature_that_is_not_known_is_an_error() -> None:
    pytest.importorskip("deltalake")

    with pytest.raises(InputError, match=r"TypeWidening.*--runner spark"):
        driftkit.data_quality.baseline(DELTA / "unknown_feature")


def deleting(
    table: Any, positions: dict[str, list[int]], patched: pytest.MonkeyPatch, *, equal: bool
) -> None:
    """Commits a file of deletes, which pyiceberg reads and does not write."""
    from pyiceberg import manifest  # noqa: PLC0415

    class Deletes(manifest.ManifestWriterV2):  # type: ignore[misc]
        def content(self) -> manifest.ManifestContent:
            return manifest.ManifestContent.DELETES

        @property
        def _meta(self) -> dict[str, str]:
            return {**super()._meta, "content": "deletes"}

    place = Path(table.location().removeprefix("file://"), "data", f"{equal}-deletes.parquet")
    paths = [path for path, some in positions.items() for _ in some]
    numbers = [number for some in positions.values() for number in some]
    pq.write_table(pa.table({"file_path": paths, "pos": numbers}), place)
    kinds = manifest.DataFileContent
    file = manifest.DataFile.from_args(
        content=kinds.EQUALITY_DELETES if equal else kinds.POSITION_DELETES,
        file_path=f"file://{place}",
        file_format=manifest.FileFormat.PARQUET,
        partition=manifest.Record(),
        record_count=len(numbers),
        file_size_in_bytes=place.stat().st_size,
        equality_ids=[2] if equal else None,
    )
    file.spec_id = 0
    patched.setattr(
        "pyiceberg.table.update.snapshot.write_manifest",
        lambda format_version, **named: Deletes(**named),  # noqa: ARG005  (by its name)
    )
    with table.transaction() as changed, changed.update_snapshot().fast_append() as added:
        added.append_data_file(file)


def test_deletes_by_position_are_respected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    address = iceberg(tmp_path / "t", rows(20))
    table = catalogue(tmp_path / "t").load_table("db.t")
    [task] = table.scan().plan_files()

    deleting(table, {task.file.file_path: [3, 4, 7]}, monkeypatch, equal=False)

    assert ids_of(address, "Whole number") == LEFT


def test_deletes_by_value_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    address = iceberg(tmp_path / "t", rows(20))

    table = catalogue(tmp_path / "t").load_table("db.t")

    deleting(table, {"any": [3, 4, 7]}, monkeypatch, equal=True)

    with pytest.raises(InputError, match="equality deletes"):
        driftkit.data_quality.baseline(address)


def test_a_table_of_a_catalogue_is_named_as_it_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "t"
    iceberg(folder, rows(20))
    monkeypatch.setenv("PYICEBERG_CATALOG__LAKE__URI", f"sqlite:///{folder}/catalogue.db")
    monkeypatch.setenv("PYICEBERG_CATALOG__LAKE__TYPE", "sql")
    config = pytest.importorskip("pyiceberg.utils.config")
    monkeypatch.setattr("pyiceberg.catalog._ENV_CONFIG", config.Config())
    name = "iceberg:lake.db.t"

    found = driftkit.data_quality.baseline(name)

    assert ids_of(name, "Whole number") == list(range(20))
    assert found.run is not None
    assert found.run.inputs == (name,)
    for wrong in ("iceberg:lake.db.other", "iceberg:sea.db.t"):
        with pytest.raises(InputError, match="the Iceberg table cannot be read"):
            driftkit.data_quality.baseline(wrong)


def test_metadata_are_those_that_the_folder_says(tmp_path: Path) -> None:
    address = Path(iceberg(tmp_path / "t", rows(20), rows(20, first=20)))
    described = sorted((address / "metadata").glob("*.metadata.json"))
    assert ids_of(str(described[1]), "Whole number") == list(range(20))

    twin = described[-1].with_name(f"00002-{'0' * 36}.metadata.json")
    shutil.copy(described[-1], twin)
    with pytest.raises(InputError, match=r"only the table's catalogue knows.*iceberg:CATALOG"):
        ids_of(str(address))

    hint = described[1].name.removesuffix(".metadata.json")
    (address / "metadata" / "version-hint.text").write_text(hint)
    assert ids_of(str(address), "Whole number") == list(range(20))


def cut_log(folder: Path) -> None:
    log = folder / "_delta_log" / "00000000000000000001.json"
    log.write_text(log.read_text()[:200])


def no_beginning(folder: Path) -> None:
    (folder / "_delta_log" / "00000000000000000000.json").unlink()


def no_log(folder: Path) -> None:
    for each in (folder / "_delta_log").iterdir():
        each.unlink()


def no_data(folder: Path) -> None:
    next(folder.glob("*.parquet")).unlink()


def cut_data(folder: Path) -> None:
    file = next(folder.glob("*.parquet"))
    file.write_bytes(file.read_bytes()[:100])


@pytest.mark.parametrize("broken", [cut_log, no_beginning, no_log, no_data, cut_data])
def test_a_broken_delta_table_is_one_error(tmp_path: Path, broken: Any) -> None:
    address = delta(tmp_path / "t", rows(), rows(5, first=1_000))
    broken(tmp_path / "t")

    with pytest.raises(InputError, match="the Delta table cannot be read") as error:
        driftkit.data_quality.baseline(address)

    assert str(tmp_path) in str(error.value)


@pytest.mark.parametrize("gone", ["data/*.parquet", "metadata/*.avro"])
def test_a_broken_iceberg_table_is_one_error(tmp_path: Path, gone: str) -> None:
    address = iceberg(tmp_path / "t", rows())
    for each in Path(address).glob(gone):
        each.unlink()

    with pytest.raises(InputError, match="the Iceberg table cannot be read"):
        driftkit.data_quality.baseline(address)


@pytest.mark.parametrize("part", ["", "a/*/*.parquet", "a/day=d0"])
def test_files_of_a_table_are_not_read_by_themselves(tmp_path: Path, part: str) -> None:
    whole = rows().append_column("day", pa.array(["d0"] * 1_000))
    delta(tmp_path / "a", whole, partition_by=["day"])

    with pytest.raises(InputError, match="are not read by themselves"):
        driftkit.data_quality.baseline(tmp_path / part)


@pytest.mark.parametrize("part", ["data", "data/*.parquet", "../.."])
def test_files_of_an_iceberg_table_are_not_read_by_themselves(tmp_path: Path, part: str) -> None:
    address = iceberg(tmp_path / "t", rows())

    with pytest.raises(InputError, match="are not read by themselves"):
        driftkit.data_quality.baseline(Path(address, part))


@pytest.mark.parametrize(
    ("inputs", "given", "said"),
    [
        (["more.csv"], {}, "an input of its own"),
        ([], {"format": "csv"}, "a format is one of files"),
        ([], {"separator": ";"}, "separator"),
    ],
)
def test_what_says_nothing_of_a_table_is_refused(
    tmp_path: Path, inputs: list[str], given: dict[str, Any], said: str
) -> None:
    (tmp_path / "_delta_log").mkdir()

    with pytest.raises(DriftkitError, match=said):
        driftkit.data_quality.baseline([str(tmp_path), *inputs], **given)


@pytest.mark.parametrize(
    ("folder", "library", "extra"),
    [
        ("_delta_log", "deltalake", "delta"),
        ("metadata/v1.metadata.json", "pyiceberg.table", "iceberg"),
    ],
)
def test_a_library_that_is_not_installed_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str, library: str, extra: str
) -> None:
    (tmp_path / folder).mkdir(parents=True)
    monkeypatch.setitem(sys.modules, library, None)

    with pytest.raises(DriftkitError, match=rf"pip install 'driftkit-spark\[{extra}\]'"):
        driftkit.data_quality.baseline(tmp_path)
