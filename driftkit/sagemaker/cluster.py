"""Starts a Spark standalone cluster on a processing job's hosts."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from driftkit.compute import runtime
from driftkit.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PORT = 7077
PATIENCE_SECONDS = 300
_MASTER = "org.apache.spark.deploy.master.Master"
_WORKER = "org.apache.spark.deploy.worker.Worker"
_REGISTERED = "Registering worker"
_POLL_SECONDS = 0.5
# So many refused connections in a row say that the driver is gone, not busy.
_REFUSALS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """The hosts of a job.

    Attributes:
        current: this host.
        hosts: all of them, the driver first.
    """

    current: str
    hosts: tuple[str, ...]

    @property
    def is_one(self) -> bool:
        """Whether there is nothing to form."""
        return len(self.hosts) == 1

    @property
    def drives(self) -> bool:
        """Whether this host runs the job; the others lend their cores."""
        return self.current == self.hosts[0]

    @property
    def master(self) -> str:
        """The address of the cluster."""
        return f"spark://{self.hosts[0]}:{PORT}"

    @contextmanager
    def formed(self) -> Iterator[None]:
        """Keeps the cluster up while the block runs; a single host needs none.

        Raises:
            EngineError: there is no Spark here, or not all hosts came.
        """
        if self.is_one:
            yield
            return
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="driftkit-")))
            log = folder / "master.log"
            stack.enter_context(
                self._daemon(log, _MASTER, "--port", str(PORT), "--webui-port", "0")
            )
            stack.enter_context(self._worker(folder))
            self._wait_for_workers(log)
            stack.enter_context(_variables(self._session()))
            yield

    def serve(self) -> None:
        """Lends this host to the driver until that is gone.

        Raises:
            EngineError: the driver never came.
        """
        _wait(self._reaches_driver, f"the driver {self.hosts[0]} does not answer")
        with tempfile.TemporaryDirectory(prefix="driftkit-") as folder, self._worker(Path(folder)):
            refused = 0
            while refused < _REFUSALS:
                time.sleep(_POLL_SECONDS)
                refused = 0 if self._reaches_driver() else refused + 1

    def _reaches_driver(self) -> bool:
        with suppress(OSError), socket.create_connection((self.hosts[0], PORT), timeout=5):
            return True
        return False

    @contextmanager
    def _worker(self, folder: Path) -> Iterator[None]:
        options = ("--webui-port", "0", "--work-dir", str(folder / "work"), self.master)
        with self._daemon(folder / "worker.log", _WORKER, *options):
            yield

    @contextmanager
    def _daemon(self, log: Path, kind: str, *options: str) -> Iterator[None]:
        command = [spark_class(), kind, "--host", self.current, *options]
        environment = {**os.environ, **runtime.session_environment()}
        environment |= {"SPARK_LOCAL_IP": self.current, "SPARK_DAEMON_MEMORY": "512m"}
        with log.open("wb") as file:
            process = subprocess.Popen(  # noqa: S603  (Spark's own command)
                command,
                env=environment,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            yield
        finally:
            # Its group, so that a worker takes its executors along.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _wait_for_workers(self, log: Path) -> None:
        def all_came() -> bool:
            return log.read_text(errors="replace").count(_REGISTERED) >= len(self.hosts)

        _wait(all_came, f"not all of {', '.join(self.hosts)} joined the cluster")

    def _session(self) -> dict[str, str]:
        settings = {"spark.driver.host": self.current, "spark.driver.bindAddress": self.current}
        settings |= {
            "spark.executor.memory": f"{executor_megabytes()}m",
            "spark.ui.enabled": "false",
        }
        settings |= {"spark.sql.session.timeZone": "UTC"}
        confs = " ".join(f"--conf {name}={value}" for name, value in settings.items())
        variables = {"PYSPARK_SUBMIT_ARGS": f"--master {self.master} {confs} pyspark-shell"}
        return variables | runtime.session_environment() | {"SPARK_LOCAL_IP": self.current}


def spark_class() -> str:
    """The command that starts Spark's daemons.

    Raises:
        EngineError: Spark is not installed.
    """
    home = os.environ.get("SPARK_HOME")
    spec = find_spec("pyspark")
    if home is None and spec is not None and spec.origin is not None:
        home = str(Path(spec.origin).parent)
    if home is None:
        raise EngineError(
            "several instances need Spark, which is not installed",
            todo="Use the image with Spark, or one instance",
        )
    return str(Path(home) / "bin" / "spark-class")


def executor_megabytes() -> int:
    """Half of this machine's memory: the rest is for Python's workers."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return max(1024, total // 2 // 2**20)


@contextmanager
def _variables(values: dict[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _wait(what: Callable[[], bool], failure: str) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not what():
        if time.monotonic() > end:
            raise EngineError(
                "the cluster is not complete",
                where="resourceconfig.json",
                found=failure,
                todo="Check that the instances reach one another, or use one instance",
            )
        time.sleep(_POLL_SECONDS)
