"""Fetches the Deequ jar into the cache, once: `python .ci/jar.py`.

Spark's own resolver fetches it, so mirrors and proxies that are set up for Spark work here too.
What stands in the cache already is used as it is, with no network at all.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from driftkit.compute import runtime
from driftkit.errors import DriftkitError, EngineError, SettingsError

SHA256 = "ab902814dec56dc39ff16d1c5c80e7101a5dff8c1aa380fdafce522da1cd1546"
# Spark brings all of these itself but dqdl, which cannot be resolved and is not used.
EXCLUDED = (
    "net.sourceforge.f2j:arpack_combined_all",
    "org.scala-lang:scala-library",
    "org.scala-lang:scala-reflect",
    "org.scalanlp:breeze_2.12",
    "software.amazon.glue:dqdl",
)
PATIENCE_SECONDS = 300


def main() -> None:
    """Says where the jar is, or in one sentence why it is not there."""
    try:
        jar = runtime.deequ_jar() or fetched(runtime.cache_folder() / runtime.DEEQU_JAR)
    except DriftkitError as error:
        sys.exit(str(error))
    sys.stdout.write(f"Deequ: {jar}\n")


def fetched(target: Path) -> Path:
    """Fetches the jar and moves it to its place in the cache.

    Raises:
        EngineError: it could not be fetched, or is not the jar that was asked for.
        SettingsError: the cache cannot be written.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        # Beside its place, so that the last step is a rename and nobody sees half a jar.
        with tempfile.TemporaryDirectory(dir=target.parent) as folder:
            return checked(resolved(Path(folder))).replace(target)
    except OSError as error:
        raise SettingsError(
            "the cache cannot be written",
            where=str(target.parent),
            found=error.strerror,
            todo="Let DRIFTKIT_CACHE name a folder that can",
        ) from error


def resolved(folder: Path) -> Path:
    """Lets Spark resolve the jar into a folder, by submitting a program that does nothing."""
    program = folder / "nothing.py"
    program.touch()
    command = [
        *spark_submit(),
        *("--packages", runtime.DEEQU_COORDINATE),
        *("--exclude-packages", ",".join(EXCLUDED)),
        *("--conf", f"spark.jars.ivy={folder}", str(program)),
    ]
    said = output(command)
    jar = next(folder.glob("jars/*deequ*.jar"), None)
    if jar is None:
        raise not_fetched(reason(said))
    return jar


def spark_submit() -> list[str]:
    """Gives the command of the installed Spark."""
    spec = find_spec("pyspark")
    if spec is None or spec.origin is None:
        raise not_fetched("pyspark is not installed")
    return [str(Path(spec.origin).with_name("bin") / "spark-submit")]


def output(command: list[str]) -> str:
    """Runs Spark and gives all that it said."""
    environment = {**os.environ, **runtime.session_environment()}
    environment["SPARK_HOME"] = str(Path(command[0]).parents[1])
    try:
        ended = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment,
            timeout=PATIENCE_SECONDS,
            text=True,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise not_fetched(f"no answer within {PATIENCE_SECONDS} seconds") from None
    return ended.stdout


def reason(said: str) -> str:
    """Gives the line that tells why; Spark buries it under a stack trace."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    if refused := [line for line in lines if line.startswith("Server access error")]:
        # The address is in every line of it; what the connection failed at stands in brackets.
        return refused[0].partition("(")[2].removesuffix(")")
    if "UNRESOLVED DEPENDENCIES" in said:
        return "no repository that Spark asks has it or can be reached"
    telling = (line for line in lines if "Exception" in line or "rror" in line)
    return next(telling, (lines or ["Spark said nothing"])[-1])


def checked(jar: Path) -> Path:
    """Gives the jar back if it is the one that driftkit was tested with."""
    found = hashlib.sha256(jar.read_bytes()).hexdigest()
    if found == SHA256:
        return jar
    raise EngineError(
        "the Deequ jar that was fetched is not the one that driftkit was tested with",
        expected=f"SHA-256 {SHA256}",
        found=found,
        todo="Check the repository that Spark is set up to use",
    )


def not_fetched(why: str) -> EngineError:
    """Gives the error for a jar that is not to be had, with what still works."""
    return EngineError(
        f"the Deequ jar {runtime.DEEQU_COORDINATE} could not be fetched ({why})",
        todo="All but the deequ engine works without it; `make jar` tries again, "
        "and DRIFTKIT_DEEQU_JAR may name a copy",
    )


if __name__ == "__main__":
    main()
