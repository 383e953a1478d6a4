"""Avro: the rows and types of Parquet, in units cut between blocks."""

from __future__ import annotations

import gzip
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from driftkit import data_quality
from driftkit.errors import InputError
from driftkit.readers import avro, lines
from driftkit.settings import Settings
from tests.readers.reading import names, opened, rows

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

fastavro = pytest.importorskip("fastavro")

ROWS = 1000
CODECS = ["null", "deflate", "bzip2", "xz", "snappy", "zstandard"]
MOMENT = datetime(2024, 3, 18, 15, 30, 1, 250_000, tzinfo=UTC)
# Type in Avro, in Arrow, and the values of a row.
KINDS: dict[str, tuple[Any, pa.DataType, Any]] = {
    "truth": ("boolean", pa.bool_(), lambda n: n % 3 == 0),
    "int": (["null", "int"], pa.int32(), lambda n: None if n % 5 == 0 else n),
    "long": ("long", pa.int64(), lambda n: n * 2**40),
    "wider": (["null", "int", "long"], pa.int64(), lambda n: n),
    "float": ("float", pa.float32(), lambda n: n / 4),
    "double": (["double", "null"], pa.float64(), lambda n: None if n % 7 == 0 else n / 8),
    "text": ("string", pa.string(), lambda n: f"ä{n % 10}"),
    "enum": (
        {"type": "enum", "name": "Size", "symbols": ["S", "M", "L"]},
        pa.string(),
        lambda n: "SML"[n % 3],
    ),
    "again": (["null", "Size"], pa.string(), lambda n: "SML"[n % 2]),
    "uuid": (
        {"type": "string", "logicalType": "uuid"},
        pa.string(),
        lambda n: str(UUID(int=n % 9)),
    ),
    "date": (
        {"type": "int", "logicalType": "date"},
        pa.date32(),
        lambda n: date(2024, 1, n % 28 + 1),
    ),
    "time": (
        {"type": "long", "logicalType": "time-micros"},
        pa.time64("us"),
        lambda n: time(n % 24, 1, 2, 3),
    ),
    "millis": (
        {"type": "long", "logicalType": "timestamp-millis"},
        pa.timestamp("ms", "UTC"),
        lambda n: MOMENT.replace(second=n % 60),
    ),
    "micros": (
        ["null", {"type": "long", "logicalType": "timestamp-micros"}],
        pa.timestamp("us", "UTC"),
        lambda n: MOMENT.replace(microsecond=n),
    ),
    "decimal": (
        {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2},
        pa.decimal128(9, 2),
        lambda n: Decimal(n).scaleb(-2),
    ),
}
NESTED = {
    "raw": ("bytes", b"\0"),
    "point": (
        {"type": "record", "name": "Point", "fields": [{"name": "x", "type": "int"}]},
        {"x": 1},
    ),
    "list": ({"type": "array", "items": "int"}, [1, 2]),
    "map": ({"type": "map", "values": "int"}, {"a": 1}),
    "either": (["string", "int"], 1),
}
FIELDS = [{"name": name, "type": kind} for name, (kind, _, _) in KINDS.items()]
NUMBERED = [{"name": "a", "type": "long"}, {"name": "b", "type": "string"}]


def records(count: int = ROWS) -> list[dict[str, Any]]:
    return [{name: make(n) for name, (_, _, make) in KINDS.items()} for n in range(count)]


def written(
    path: Path,
    fields: Sequence[Any],
    values: Sequence[Any],
    codec: str = "deflate",
    block: int = 400,
) -> Path:
    schema = {"type": "record", "name": "Row", "namespace": "a.b", "fields": list(fields)}
    with path.open("wb") as file:
        fastavro.writer(file, schema, values, codec=codec, sync_interval=block)
    return path


def numbered(path: Path, count: int = ROWS, first: int = 0) -> Path:
    values = [{"a": n, "b": str(n)} for n in range(first, first + count)]
    return written(path, NUMBERED, values)


@pytest.fixture
def as_parquet(tmp_path: Path) -> Path:
    """The same rows in Parquet, which is the oracle."""
    schema = pa.schema([(name, kind) for name, (_, kind, _) in KINDS.items()])
    pq.write_table(pa.Table.from_pylist(records(), schema), tmp_path / "rows.parquet")
    return tmp_path / "rows.parquet"


@pytest.mark.parametrize("codec", CODECS)
def test_rows_and_types_are_those_of_parquet(tmp_path: Path, as_parquet: Path, codec: str) -> None:
    dataset = opened(written(tmp_path / "rows.avro", FIELDS, records(), codec))

    assert rows(dataset) == rows(opened(as_parquet))
    assert dataset.columns == opened(as_parquet).columns


def test_statistics_are_those_of_parquet(tmp_path: Path, as_parquet: Path) -> None:
    path = written(tmp_path / "rows.avro", FIELDS, records())

    mine, theirs = data_quality.baseline(path), data_quality.baseline(as_parquet)
    mine.write(tmp_path / "mine")
    theirs.write(tmp_path / "theirs")

    for name in ("statistics.json", "constraints.json"):
        assert (tmp_path / "mine" / name).read_bytes() == (tmp_path / "theirs" / name).read_bytes()


def test_what_is_nested_is_set_aside_in_the_words_of_avro(tmp_path: Path) -> None:
    fields = [{"name": name, "type": kind} for name, (kind, _) in NESTED.items()]
    value = {name: value for name, (_, value) in NESTED.items()}
    path = written(tmp_path / "a.avro", [*NUMBERED, *fields], [{"a": 1, "b": "x", **value}])

    dataset = opened(path)

    assert names(dataset) == ["a", "b"]
    assert rows(dataset) == [(1, "x")]
    assert dict(dataset.set_aside) == {
        "raw": "values of type bytes are nested or binary",
        "point": "values of type record are nested or binary",
        "list": "values of type array are nested or binary",
        "map": "values of type map are nested or binary",
        "either": "values of type union of string, int are neither numbers, text, truth values nor "
        "times",
    }


def test_a_record_within_itself_is_nested(tmp_path: Path) -> None:
    tree = {
        "type": "record",
        "name": "Tree",
        "fields": [{"name": "next", "type": ["null", "Tree"]}],
    }
    fields = [{"name": "a", "type": "long"}, {"name": "tree", "type": tree}]

    dataset = opened(written(tmp_path / "a.avro", fields, [{"a": 1, "tree": {"next": None}}]))

    assert list(dataset.set_aside) == ["tree"]


@pytest.mark.parametrize("unit", [500, 1000, 2001])
@pytest.mark.parametrize("searched", [17, 100, 1 << 18])
def test_files_are_cut_between_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unit: int, searched: int
) -> None:
    path = numbered(tmp_path / "a.avro")
    whole = rows(opened(path))
    monkeypatch.setattr(avro, "UNIT_BYTES", unit)
    monkeypatch.setattr(lines, "_SEARCHED_BYTES", searched)
    monkeypatch.setattr("driftkit.readers.dataset.FEW_UNITS", 100)

    cut = opened(path)

    assert len(cut.units) > 1
    assert rows(cut) == whole == [(n, str(n)) for n in range(ROWS)]
    assert sum(unit.size for unit in cut.units) == path.stat().st_size


def test_a_header_of_any_length_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = numbered(tmp_path / "a.avro", 3)
    monkeypatch.setattr(avro, "HEAD_BYTES", 5)

    assert len(rows(opened(path))) == 3


def test_files_are_told_by_their_first_bytes_and_packed_ones_unpacked(tmp_path: Path) -> None:
    plain, packed = numbered(tmp_path / "one", 2), tmp_path / "two.avro.gz"
    packed.write_bytes(gzip.compress(numbered(tmp_path / "_two", 2, first=2).read_bytes()))

    assert [row[0] for row in rows(opened(plain))] == [0, 1]
    assert [row[0] for row in rows(opened(packed))] == [2, 3]


def test_files_of_a_folder_have_one_schema(tmp_path: Path) -> None:
    numbered(tmp_path / "a.avro", 2)
    numbered(tmp_path / "b.avro", 2, first=2)
    assert [row[0] for row in rows(opened(tmp_path))] == [0, 1, 2, 3]

    written(tmp_path / "c.avro", [{"name": "a", "type": "int"}], [{"a": 1}])

    with pytest.raises(InputError, match="the files have different columns"):
        opened(tmp_path)


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("at", [2, 40, 0.2, 0.5, 0.999])
@pytest.mark.parametrize("how", ["cut off", "overwritten"])
def test_a_damaged_file_is_named(tmp_path: Path, at: float, how: str, codec: str) -> None:
    values = [{"a": n, "b": str(n)} for n in range(300)]
    path = written(tmp_path / "a.avro", NUMBERED, values, codec)
    content = path.read_bytes()
    place = at if isinstance(at, int) else int(at * len(content))
    rest = b"" if how == "cut off" else b"\xff" * (len(content) - place)
    path.write_bytes(content[:place] + rest)

    with pytest.raises(InputError, match=r"a\.avro: the Avro file is cut off or damaged"):
        rows(opened(path))


def test_values_that_are_no_records_are_refused(tmp_path: Path) -> None:
    with (tmp_path / "a.avro").open("wb") as file:
        fastavro.writer(file, "long", [1, 2])

    with pytest.raises(InputError, match="the values are no records"):
        opened(tmp_path / "a.avro")


def test_settings_of_text_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="null_values say how CSV is written"):
        opened(numbered(tmp_path / "a.avro", 2), null_values="NA")


def test_without_fastavro_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = numbered(tmp_path / "a.avro", 2)
    monkeypatch.setitem(__import__("sys").modules, "fastavro", None)

    with pytest.raises(InputError, match=r"driftkit-spark\[avro\]"):
        opened(path)


def test_the_setting_is_taken() -> None:
    assert Settings.from_keywords(format="avro").read.format == "avro"
