"""The Spark session that all tests with a session share."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from driftkit.compute import runtime

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import SparkSession


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkSession]:
    """A session on two cores of this machine, in UTC, with Deequ where its jar is found."""
    pytest.importorskip("pyspark")
    if runtime.java_home() is None:
        pytest.skip("there is no Java")
    from driftkit.compute.session.spark import get_session  # noqa: PLC0415  (imports pyspark)

    session = get_session(master="local[2]")
    # Adaptive plans run more jobs, and how many depends on the data.
    session.conf.set("spark.sql.adaptive.enabled", "false")
    session.conf.set("spark.sql.shuffle.partitions", "1")
    yield session
    session.stop()


@pytest.fixture(scope="session")
def deequ(spark: SparkSession) -> SparkSession:
    """The session, where Deequ can run in it."""
    from driftkit.compute.deequ import missing  # noqa: PLC0415  (imports pyspark)

    lacking = missing(spark)
    if lacking is not None:
        pytest.skip(str(lacking))
    # PyDeequ reads it when it is imported, which a test may do before driftkit has.
    os.environ.setdefault("SPARK_VERSION", ".".join(spark.version.split(".")[:2]))
    return spark
