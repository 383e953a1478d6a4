"""Opens a metrics store by its address."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from driftkit.extras import library
from driftkit.store.parquet import ParquetStore

if TYPE_CHECKING:
    from driftkit.io.locations import PathOrUrl
    from driftkit.store.store import Store

_POSTGRES = ("postgresql://", "postgres://")
_SPARK = "spark:"
_DUCKDB, _DELTA, _ICEBERG = "duckdb:", "delta:", "iceberg:"


def open_store(address: PathOrUrl) -> Store:
    """The store at an address; nothing is made or read yet.

    Args:
        address: a folder or its URL for Parquet; duckdb:FILE, or a file that ends in .duckdb;
            postgresql://USER@HOST/DATABASE; delta:FOLDER; iceberg:CATALOG.NAMESPACE;
            spark:CATALOG.NAMESPACE.

    Raises:
        SettingsError: the library of its kind is not installed, or the address has a password.
    """
    text = os.fspath(address)
    if text.startswith(_POSTGRES):
        from driftkit.store.postgres import PostgresStore  # noqa: PLC0415

        return PostgresStore(text)
    if text.startswith(_DUCKDB) or text.endswith(".duckdb"):
        from driftkit.store.duck import DuckStore  # noqa: PLC0415

        return DuckStore(text.removeprefix(_DUCKDB))
    if text.startswith(_DELTA):
        from driftkit.store.delta import DeltaStore  # noqa: PLC0415

        return DeltaStore(text.removeprefix(_DELTA))
    if text.startswith(_ICEBERG):
        from driftkit.store.iceberg import IcebergStore  # noqa: PLC0415

        return IcebergStore(text.removeprefix(_ICEBERG))
    if text.startswith(_SPARK):
        library("pyspark", "spark", "a store of this kind")
        from driftkit.store.spark import SparkStore  # noqa: PLC0415

        return SparkStore(text.removeprefix(_SPARK))
    return ParquetStore(text)
