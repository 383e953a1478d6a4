"""Addresses of empty stores of every kind that can be had here."""

from __future__ import annotations

import os
import secrets
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytest import FixtureRequest  # noqa: PT013

# Where tests may make databases of their own: postgresql://USER@HOST/DATABASE.
POSTGRES = "DRIFTKIT_TEST_POSTGRES"


@pytest.fixture(params=["parquet", "duckdb", "postgres", "delta", "iceberg"])
def address(request: FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An address at which there is no store yet."""
    if request.param == "parquet":
        yield str(tmp_path / "store")
    elif request.param == "duckdb":
        if find_spec("duckdb") is None:
            pytest.skip("duckdb is not installed")
        yield str(tmp_path / "store.duckdb")
    elif request.param == "delta":
        if find_spec("deltalake") is None:
            pytest.skip("deltalake is not installed")
        yield f"delta:{tmp_path / 'store'}"
    elif request.param == "iceberg":
        yield request.getfixturevalue("catalogue")
    else:
        yield from _database()


@pytest.fixture
def catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a namespace in a catalogue that is configured under a name of its own."""
    found = pytest.importorskip("pyiceberg.utils.config")
    name = f"lake{secrets.token_hex(4)}"
    folder = tmp_path / "lake"
    folder.mkdir()
    places = {"type": "sql", "uri": f"sqlite:///{folder}/lake.db", "warehouse": f"file://{folder}"}
    written = "".join(f"    {key}: {value}\n" for key, value in places.items())
    (tmp_path / ".pyiceberg.yaml").write_text(f"catalog:\n  {name}:\n{written}")
    monkeypatch.setenv("PYICEBERG_HOME", str(tmp_path))
    monkeypatch.setattr("pyiceberg.catalog._ENV_CONFIG", found.Config())
    return f"iceberg:{name}.monitoring"


@pytest.fixture
def postgres() -> Iterator[str]:
    """The address of an empty database."""
    yield from _database()


def _database() -> Iterator[str]:
    server = os.environ.get(POSTGRES)
    if server is None or find_spec("psycopg") is None:
        pytest.skip(f"there is no psycopg, or no server in {POSTGRES}")
    import psycopg  # noqa: PLC0415

    name = f"driftkit_{secrets.token_hex(6)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"create database {name}")
    try:
        yield f"{server.rpartition('/')[0]}/{name}"
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"drop database {name} with (force)")
