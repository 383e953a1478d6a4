"""Spreads the iterations over processes, and outlives those that crash, hang or fill memory."""

from __future__ import annotations

import multiprocessing as mp
import os
import pickle
import signal
import sys
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from tests.fuzz.cases import KNOWN, LIMITS, WrongError
from tests.fuzz.running import (
    CURRENT,
    Failure,
    attempt,
    explored,
    iterate,
    seed_of,
    settled,
    shrunk,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from multiprocessing.connection import Connection

    from tests.fuzz.cases import Case, Target

TASK = 250
# One task in so many of a structured target is left to hypothesis.
_EXPLORED = 16
_POLL_SECONDS = 0.01
# Where a worker's standard error goes: what a library says as it ends the process.
_SAID = "stderr"
_SAID_SHOWN = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be run.

    Attributes:
        iterations: how many.
        seed: of all of them.
        workers: processes at a time.
        seconds: after which no more tasks are begun; None for all.
        hanging_seconds: an iteration that takes longer hangs, however busy the machine is: they
            are milliseconds.
        most_bytes: of memory that a worker may take; inputs are a few kilobytes.
        module: whose TARGETS are attacked.
    """

    iterations: int
    seed: int
    workers: int = 2
    seconds: float | None = None
    hanging_seconds: float = 60.0
    most_bytes: int = 1_500_000_000
    module: str = "tests.fuzz.running"

    @property
    def targets(self) -> tuple[Target, ...]:
        """What is attacked."""
        found: tuple[Target, ...] = import_module(self.module).TARGETS
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Iterations of one target, by their numbers."""

    target: int
    start: int
    stop: int
    by_hypothesis: bool = False


@dataclass(slots=True, kw_only=True)
class Tally:
    """What came of all iterations.

    Attributes:
        done: by target and outcome.
        seconds: of processor time by target.
        failures: how many of each kind, and the smallest.
    """

    done: Counter[tuple[str, str]] = field(default_factory=Counter)
    seconds: dict[str, float] = field(default_factory=dict)
    failures: dict[tuple[str, str], tuple[int, Failure]] = field(default_factory=dict)

    @property
    def iterations(self) -> int:
        """How many there were."""
        return sum(self.done.values())

    def add(self, target: str, outcome: str | Failure, count: int = 1) -> None:
        """Counts an outcome."""
        if isinstance(outcome, str):
            self.done[target, outcome] += count
            return
        self.done[target, "failure"] += count
        key = outcome.target, outcome.kind
        seen, smallest = self.failures.get(key, (0, outcome))
        smaller = min(smallest, outcome, key=lambda each: each.case.size)
        self.failures[key] = seen + count, smaller

    def merge(self, other: Tally) -> None:
        """Takes over what another has counted."""
        self.done += other.done
        for name, spent in other.seconds.items():
            self.seconds[name] = self.seconds.get(name, 0.0) + spent
        for (target, _), (count, failure) in other.failures.items():
            before = self.done[target, "failure"]
            self.add(target, failure, count)
            self.done[target, "failure"] = before


def tasks(iterations: int, targets: Sequence[Target]) -> list[Task]:
    """The iterations by target, in shares, so that every stretch of tasks has all of them."""
    whole = sum(target.share for target in targets)
    found: list[tuple[float, Task]] = []
    for number, target in enumerate(targets):
        count = max(round(iterations * target.share / whole), 1)
        for turn, start in enumerate(range(0, count, TASK)):
            stop = min(start + TASK, count)
            by_hypothesis = target.structured and turn % _EXPLORED == _EXPLORED - 1
            task = Task(target=number, start=start, stop=stop, by_hypothesis=by_hypothesis)
            found.append(((start + 1) / count, task))
    return [task for _, task in sorted(found, key=lambda pair: pair[0])]


def run_task(task: Task, plan: Plan, folder: Path, begun: Callable[[], None]) -> Tally:
    """Runs the iterations of a task in this process.

    Args:
        task: which.
        plan: that it is part of.
        folder: for the files of an iteration.
        begun: is called before each.
    """
    target, seed, tally = plan.targets[task.target], plan.seed, Tally()
    began = time.process_time()
    if task.by_hypothesis:
        _explore(target, task, seed, folder, (tally, begun))
    else:
        for number in range(task.start, task.stop):
            begun()
            found = iterate(target, seed_of(seed, target.name, number), folder)
            if isinstance(found, Failure) and (target.name, found.kind) not in tally.failures:
                found = shrunk(target, found, folder)
            tally.add(target.name, found)
    tally.seconds[target.name] = time.process_time() - began
    return tally


def _explore(
    target: Target, task: Task, seed: int, folder: Path, to: tuple[Tally, Callable[[], None]]
) -> None:
    tally, begun = to

    def work(case: Case, name: str) -> None:
        begun()
        (folder / CURRENT).write_bytes(pickle.dumps((target.name, name, case)))
        found = attempt(target, case, name, folder)
        if isinstance(found, Failure):
            raise WrongError(found.kind)
        tally.add(target.name, found)

    failure = explored(target, task.stop - task.start, seed + task.start, work)
    if failure is not None:
        tally.add(target.name, failure)


def _work(pipe: Connection, plan: Plan, folder: str, clock: Any) -> None:
    """The life of a worker: tasks come, tallies go."""
    place = Path(folder)
    # A person's Ctrl-C is for the parent, which has a report to print.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with (place / _SAID).open("wb", buffering=0) as said:
        os.dup2(said.fileno(), sys.stderr.fileno())

    def begun() -> None:
        clock.value = time.monotonic()

    with settled():
        while True:
            task = pipe.recv()
            if task is None:
                return
            pipe.send(run_task(task, plan, place, begun))
            clock.value = 0.0


class Worker:
    """A process that runs tasks; what ends it becomes a failure, and another takes its place."""

    def __init__(self, plan: Plan, folder: Path) -> None:
        self.plan, self.folder = plan, folder
        self.task: Task | None = None
        self.rest: list[Task] = []
        self._start()

    def _start(self) -> None:
        context = mp.get_context("spawn")
        self.folder.mkdir(parents=True, exist_ok=True)
        self.clock = context.Value("d", 0.0, lock=False)
        self.pipe, theirs = context.Pipe()
        arguments = (theirs, self.plan, str(self.folder), self.clock)
        self.process = context.Process(target=_work, args=arguments, daemon=True)
        self.process.start()
        theirs.close()

    def give(self, task: Task | None) -> None:
        """Sends a task; None ends the worker."""
        self.task = task
        self.pipe.send(task)

    def taken(self) -> Tally | None:
        """What came of the task, or of the process, if either has ended."""
        if self.pipe.poll():
            try:
                tally: Tally = self.pipe.recv()
            except EOFError:
                return self._lost("the process ended by itself")
            self.task = None
            return tally
        if not self.process.is_alive():
            return self._lost(f"the process ended with exit code {self.process.exitcode}")
        most, longest = self.plan.most_bytes, self.plan.hanging_seconds
        if self.clock.value and time.monotonic() - self.clock.value > longest:
            return self._lost(f"an iteration took more than {longest:g} s")
        if _resident(self.process.pid) > most:
            return self._lost(f"the process took more than {most:,} bytes of memory")
        return None

    def _lost(self, said: str) -> Tally:
        """Ends the process, keeps the case that it ran, and begins anew after it."""
        self.process.kill()
        self.process.join()
        name, seed, case = pickle.loads((self.folder / CURRENT).read_bytes())  # noqa: S301
        last = (self.folder / _SAID).read_bytes()[-_SAID_SHOWN:]
        tally = Tally()
        if any(limit in last for limit in LIMITS):
            tally.add(name, KNOWN)
        else:
            words = f"{said}\n{last.decode('utf-8', 'backslashreplace')}"
            tally.add(name, Failure(target=name, seed=seed, kind=said, said=words, case=case))
        if self.task is not None and not self.task.by_hypothesis:
            # What was counted before is lost with the process, and is run again.
            number = int(seed.rpartition("/")[2])
            parts = (self.task.start, number), (number + 1, self.task.stop)
            self.rest += [replace(self.task, start=i, stop=j) for i, j in parts if i < j]
        self.task = None
        self._start()
        return tally

    def close(self) -> None:
        """Ends the process."""
        self.pipe.send(None)
        self.process.join(10)
        self.process.kill()


def _resident(pid: int | None) -> int:
    try:
        pages = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]
    except (OSError, IndexError):
        return 0
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def run(plan: Plan) -> Iterator[Tally]:
    """Runs the iterations of a plan; yields the tally so far, time and again."""
    total, began = Tally(), time.monotonic()
    left = tasks(plan.iterations, plan.targets)[::-1]
    memory = Path("/dev/shm")  # noqa: S108  (a folder in memory, where there is one)
    with TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        crew = [Worker(plan, Path(folder) / str(number)) for number in range(plan.workers)]
        while left or any(worker.task for worker in crew):
            if plan.seconds is not None and time.monotonic() - began > plan.seconds:
                left = []
            for worker in crew:
                if worker.task is None and left:
                    worker.give(left.pop())
                elif worker.task is not None and (tally := worker.taken()) is not None:
                    total.merge(tally)
                    left += worker.rest
                    worker.rest = []
                    yield total
            time.sleep(_POLL_SECONDS)
        for worker in crew:
            worker.close()
    yield total
