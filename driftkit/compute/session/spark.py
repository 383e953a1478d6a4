"""Finds the active Spark session, or starts a local one."""

from __future__ import annotations

import os
from pathlib import Path

from py4j.protocol import Py4JError
from pyspark import __version__ as pyspark_version
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession

from driftkit.compute import runtime
from driftkit.compute.failures import reason
from driftkit.compute.worker import SINGLE_THREAD
from driftkit.errors import EngineError, InputError
from driftkit.readers.lake import CATALOG, LakeTable
from driftkit.readers.spark import FrameDataset

# A JVM that died is a connection that is refused.
JOB_FAILURES = (Py4JError, PySparkException, ConnectionError)

_S3 = "s3://"
_UNKNOWN = "DATA_SOURCE_NOT_FOUND"
_LOGGING = Path(__file__).parents[1] / "log4j2.properties"
# Any of these says that somebody else decided where Spark runs.
_CONFIGURED_BY = (
    "PYSPARK_GATEWAY_PORT",
    "PYSPARK_SUBMIT_ARGS",
    "SPARK_REMOTE",
    "SPARK_CONF_DIR",
    "MASTER",
)
# What one thread of a worker gave back another may take; GNU's C library alone looks at it.
WORKER_ENVIRONMENT = SINGLE_THREAD | {"MALLOC_ARENA_MAX": "1"}
_LOCAL = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.memory": "2g",
    "spark.executorEnv.PYTHONPATH": str(Path(__file__).resolve().parents[3]),
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.shuffle.partitions": "1",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}


def is_classic(session: SparkSession) -> bool:
    """Whether the session has a JVM of its own, unlike one of Spark Connect."""
    return hasattr(session, "_jsparkSession")


def active_session() -> SparkSession | None:
    """The session that is there already; None if there is none."""
    return SparkSession.getActiveSession() or getattr(SparkSession, "_instantiatedSession", None)


def session_of(dataset: object) -> SparkSession | None:
    """The session that holds the dataset's rows, else the one that is there already."""
    if isinstance(dataset, FrameDataset):
        return dataset.frame.sparkSession
    return active_session()


def get_session(*, master: str | None = None) -> SparkSession:
    """The session that is there already, else a new one.

    Where nothing says where Spark runs (spark-submit, SPARK_REMOTE, a configuration folder), the
    new one is local and quiet, has UTC as its time zone and Deequ where its jar is found.

    Args:
        master: where to run, for example "local[2]"; None leaves it to Spark's configuration.

    Raises:
        EngineError: there is no Java, or Spark does not start.
    """
    session = active_session()
    if session is not None:
        return session
    builder = SparkSession.builder.appName("driftkit")
    for name, value in _configuration(master).items():
        builder = builder.config(name, value)
    try:
        return builder.getOrCreate()
    except (*JOB_FAILURES, RuntimeError, OSError) as error:
        raise EngineError(
            "Spark does not start",
            found=reason(str(error)),
            todo="Use --runner local, or mend that",
        ) from error


def classic_session(purpose: str) -> SparkSession:
    """The session that is there already, else a new one, whose data workers can keep.

    Args:
        purpose: what it is for, for the message.

    Raises:
        EngineError: Spark does not start, or the session is one of Spark Connect.
    """
    session = get_session()
    if not is_classic(session):
        raise EngineError(
            f"{purpose} on Spark needs a session of its own, not one of Spark Connect",
            todo="Use --runner local, or submit the job with spark-submit",
        )
    return session


def table_frame(table: LakeTable) -> DataFrame | None:
    """The rows of a table; None where the session does not know its format.

    Raises:
        EngineError: Spark does not start.
        InputError: the table cannot be read.
    """
    session = get_session()
    reader = session.read.format(table.kind)
    if table.version is not None:
        reader = reader.option("versionAsOf", table.version)
    try:
        return reader.load(in_hadoop(table.address.removeprefix(CATALOG), session))
    except JOB_FAILURES as error:
        if _UNKNOWN in str(error):
            return None
        raise InputError(
            f"Spark cannot read the {table.title}",
            where=table.address,
            found=reason(str(error)),
            todo="Check that all of it is there, and that Spark's catalogues know it by this name",
        ) from error


def in_hadoop(address: str, session: SparkSession) -> str:
    """An address of S3 by the scheme that the session knows: s3a, unless a platform made s3 its own."""
    if not address.startswith(_S3) or not is_classic(session):
        return address
    state = session._jsparkSession.sessionState()  # noqa: SLF001  (Spark tells it nowhere else)
    known = state.newHadoopConf().get("fs.s3.impl")
    return address if known else f"s3a://{address.removeprefix(_S3)}"


def _configuration(master: str | None) -> dict[str, str]:
    settings = {f"spark.executorEnv.{name}": value for name, value in WORKER_ENVIRONMENT.items()}
    if master is None and any(os.environ.get(name) for name in _CONFIGURED_BY):
        return settings
    if runtime.java_home() is None:
        raise EngineError(
            "Spark needs Java, and there is none",
            expected=f"Java {runtime.JAVA_VERSION} in JAVA_HOME or on the PATH",
            todo="Install it or use --runner local",
        )
    os.environ.update(runtime.session_environment())
    jar = runtime.deequ_jar() if pyspark_version.startswith(runtime.DEEQU_SPARK) else None
    settings |= {"spark.master": master} if master else {}
    settings |= {"spark.jars": str(jar)} if jar else {}
    if not (master or "local").startswith("local"):
        return settings
    logging = {"spark.driver.extraJavaOptions": f"-Dlog4j2.configurationFile={_LOGGING.as_uri()}"}
    # Java reads no file in a zip on Python's path.
    return settings | _LOCAL | (logging if _LOGGING.exists() else {})
