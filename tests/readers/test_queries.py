"""Rows of a query are an input of every command, and secrets of a database stay where they are."""

from __future__ import annotations

import logging
import os
import sqlite3
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import driftkit
from driftkit.cli import main
from driftkit.configuration.queries import data_of
from driftkit.errors import DriftkitError, InputError
from tests.readers.test_streams import table
from tests.store.conftest import POSTGRES, postgres

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["postgres"]
ASKED = "adbc:{} SELECT {} FROM scores"
PASSWORD = "sec%ret-of-the-house"  # noqa: S105  (of nobody)

pytestmark = pytest.mark.usefixtures("no_session")


def baseline(query: str, folder: Path) -> driftkit.data_quality.Baseline:
    """What the command learns from a query."""
    with pytest.raises(SystemExit) as ended:
        main(["data-quality", "baseline", query, "-o", str(folder)])
    assert not ended.value.code
    return driftkit.data_quality.Baseline.read(folder)


@pytest.fixture
def sqlite(tmp_path: Path) -> str:
    pytest.importorskip("adbc_driver_sqlite")
    rows = scores()
    with sqlite3.connect(tmp_path / "a b.db") as made:
        made.execute("create table scores (n real, name text)")
        made.executemany(
            "insert into scores values (?, ?)", [tuple(x.values()) for x in rows.to_pylist()]
        )
    made.close()
    return f"sqlite:{tmp_path}/a%20b.db"


def scores() -> pa.Table:
    numbers = np.random.default_rng(0).normal(size=1_000)
    return pa.table({"n": pa.array(numbers, mask=numbers > 2), "name": ["p", "q"] * 500})


def test_a_query_of_duckdb_is_an_input(tmp_path: Path) -> None:
    pytest.importorskip("duckdb")
    pq.write_table(table().drop_columns(["list"]), tmp_path / "in.parquet")
    file = tmp_path / "in.parquet"
    query = f"duckdb:SELECT n, text FROM '{file}' WHERE whole < 100"  # noqa: S608  (own words)

    with pytest.raises(SystemExit) as ended:
        main(["data-quality", "baseline", query, "-o", str(tmp_path / "out")])

    found = driftkit.data_quality.Baseline.read(tmp_path / "out")
    rows = table().slice(0, 100).select(["n", "text"])
    assert not ended.value.code
    assert found.statistics == driftkit.data_quality.baseline(rows).statistics


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        (["duckdb:SELEC 1"], "does not take the query"),
        (["duckdb:SELECT 1", "a.csv"], "an input of its own"),
        (["duckdb:"], "gives no rows"),
    ],
)
def test_what_is_no_query_is_one_error(inputs: list[str], said: str) -> None:
    pytest.importorskip("duckdb")

    with pytest.raises(InputError, match=said):
        data_of(inputs)


def test_duckdb_that_is_not_installed_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)

    with pytest.raises(DriftkitError, match=r"needs duckdb.*store-duckdb"):
        data_of(["duckdb:SELECT 1"])


@pytest.mark.filterwarnings("ignore:Cannot disable autocommit")
def test_a_query_of_adbc_is_an_input(sqlite: str, tmp_path: Path) -> None:
    found = baseline(ASKED.format(sqlite, "name, n"), tmp_path / "out")

    rows = scores().select(["name", "n"])
    assert found.statistics == driftkit.data_quality.baseline(rows).statistics


@pytest.mark.skipif(
    POSTGRES not in os.environ or find_spec("adbc_driver_postgresql") is None,
    reason=f"there is no driver, or no server in {POSTGRES}",
)
def test_postgres_is_asked_by_its_driver(postgres: str, tmp_path: Path) -> None:
    import adbc_driver_postgresql.dbapi as driver  # noqa: PLC0415

    with driver.connect(postgres) as made, made.cursor() as cursor:
        cursor.adbc_ingest("scores", scores())
        made.commit()

    found = baseline(ASKED.format(postgres, "n, name"), tmp_path / "out")

    assert found.statistics == driftkit.data_quality.baseline(scores()).statistics


def test_a_query_of_adbc_is_asked_again_where_rows_are_read_again(sqlite: str) -> None:
    data = data_of([ASKED.format(sqlite, "n")])

    first, second = (pa.RecordBatchReader.from_stream(data).read_all() for _ in range(2))

    assert first == second == scores().select(["n"])


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("adbc:", "no query behind the address"),
        ("adbc:sqlite:a.db", "no query behind the address"),
        ("adbc:{} SELEC 1", "does not take the query.*syntax error"),
        ("adbc:{} SELECT * FROM nowhere", "no such table: nowhere"),
        ("adbc:{} CREATE TABLE more (a integer)", "readonly database"),
        ("adbc:{} ROLLBACK", "gives no rows"),
        ("adbc:{}.absent SELECT 1", "the database cannot be reached"),
        ("adbc:scores SELECT 1", "Name the driver"),
        ("adbc:nosuch://host/db SELECT 1", "the database cannot be reached"),
        ("adbc:postgresql://me:secret@h/d SELECT 1", "looks like a secret"),
        ("adbc:postgresql://h/d?password=secret SELECT 1", "looks like a secret"),
        ("adbc:${env:NOT_THERE} SELECT 1", "there is no such variable"),
    ],
)
def test_what_no_database_answers_is_one_error(sqlite: str, query: str, said: str) -> None:
    with pytest.raises(DriftkitError, match=said):
        driftkit.data_quality.baseline(data_of([query.replace("{}", sqlite)]))

    assert driftkit.data_quality.baseline(data_of([ASKED.format(sqlite, "n")]))


def test_a_secret_of_an_address_is_shown_nowhere(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The driver repeats a password that it cannot read in its message."""
    pytest.importorskip("adbc_driver_postgresql")
    monkeypatch.setenv("DATABASE_ADDRESS", f"postgresql://me:{PASSWORD}@127.0.0.1:1/scores")
    caplog.set_level(logging.DEBUG)

    data = data_of(["adbc:${env:DATABASE_ADDRESS} SELECT 1"])
    with pytest.raises(InputError) as error:
        driftkit.data_quality.baseline(data)

    shown: BaseException | None = error.value
    told = [repr(data), caplog.text]
    while shown is not None:
        told.append(f"{shown} {shown!r}")
        shown = shown.__cause__
    assert "cannot be reached" in told[2]
    assert not [text for text in told if PASSWORD in text]


def test_adbc_that_is_not_installed_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "adbc_driver_manager.dbapi", None)
    data = data_of(["adbc:sqlite:a.db SELECT 1"])

    with pytest.raises(DriftkitError, match=r"needs adbc_driver_manager.*\[adbc\]"):
        driftkit.data_quality.baseline(data)
