"""Runs single iterations: makes a case from a seed, attacks a target, says what went wrong."""

from __future__ import annotations

import pickle
import re
import shutil
import traceback
import warnings
from contextlib import contextmanager
from dataclasses import dataclass, replace
from random import Random
from typing import TYPE_CHECKING, Any

from tests.fuzz import broken, configs, jobs, monitors, reading, typed
from tests.fuzz.cases import Case, WrongError
from tests.fuzz.paths import PLAIN, load_compiled, taken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.fuzz.cases import Target

TARGETS: tuple[Target, ...] = (
    *reading.TARGETS,
    *typed.TARGETS,
    *broken.TARGETS,
    *configs.TARGETS,
    *monitors.TARGETS,
    *jobs.TARGETS,
)
# The case of the iteration that runs, should it end the process.
CURRENT = "current.pickle"
_VARYING = re.compile(r"/\S+|[0-9]+|'[^']*'|\"[^\"]*\"|b'.*")
_WORDS_SHOWN = 90
_TRIES = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """An iteration in which driftkit was wrong.

    Attributes:
        target: that was attacked.
        seed: from which the case was made.
        kind: what failures with one cause have in common.
        said: the exception, for people.
        case: what was run.
    """

    target: str
    seed: str
    kind: str
    said: str
    case: Case


def seed_of(seed: int, target: str, number: int) -> str:
    """The seed of an iteration; the same case for the same three."""
    return f"{seed}/{target}/{number}"


def attempt(target: Target, case: Case, seed: str, folder: Path) -> str | Failure:
    """Runs a case in a fresh folder; ERROR or RESULT, or what went wrong."""
    place = folder / "run"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    case.put(place)
    try:
        return target.run(case, place)
    except Exception as error:  # noqa: BLE001  (to find these is what this is for)
        return _failure(target, case, seed, error)


def iterate(target: Target, seed: str, folder: Path) -> str | Failure:
    """Makes the case of a seed, notes it, and runs it."""
    try:
        case = target.make(Random(seed))  # noqa: S311  (to be made again, not to be secret)
    except Exception as error:  # noqa: BLE001  (a fault of the fuzzer is told like any other)
        return _failure(target, Case(), seed, error)
    (folder / CURRENT).write_bytes(pickle.dumps((target.name, seed, case)))
    return attempt(target, case, seed, folder)


def _failure(target: Target, case: Case, seed: str, error: Exception) -> Failure:
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if "/driftkit/" in frame.filename] or frames
    where = "" if isinstance(error, WrongError) else f" in {own[-1].name}"
    text = _VARYING.sub("#", str(error))[:_WORDS_SHOWN]
    said = "".join(traceback.format_exception(error, limit=-12))
    kind = f"{type(error).__name__}{where}: {text}"
    return Failure(target=target.name, seed=seed, kind=kind, said=said, case=case)


def shrunk(target: Target, failure: Failure, folder: Path) -> Failure:
    """The same failure with chunks of its files left out, as long as it stays; where files decide."""
    if target.structured:
        return failure
    best, size = failure, 0
    for name in failure.case.files:
        chunk = len(best.case.files[name]) // 2
        for _ in range(_TRIES):
            if not chunk:
                break
            found = _without(target, best, name, chunk, folder)
            best, size = (found, size + 1) if found else (best, size)
            chunk = chunk if found else chunk // 2
    return best


def _without(
    target: Target, failure: Failure, name: str, chunk: int, folder: Path
) -> Failure | None:
    content = failure.case.files[name]
    for start in range(0, len(content), chunk):
        files = {**failure.case.files, name: content[:start] + content[start + chunk :]}
        found = attempt(target, replace(failure.case, files=files), failure.seed, folder)
        if isinstance(found, Failure) and found.kind == failure.kind:
            return found
    return None


def explored(
    target: Target, count: int, seed: int, work: Callable[[Case, str], None]
) -> Failure | None:
    """Lets hypothesis choose the cases of a target whose structure is known.

    Args:
        target: that is structured.
        count: how many cases at most.
        seed: of hypothesis.
        work: runs a case, and raises what went wrong.
    """
    # Only iterations of this kind need hypothesis.
    from hypothesis import HealthCheck, Phase, given, settings  # noqa: PLC0415
    from hypothesis import seed as seeded  # noqa: PLC0415
    from hypothesis import strategies as st  # noqa: PLC0415

    name = f"hypothesis {seed}/{target.name}"
    last: list[Case] = []

    def run(random: Any) -> None:
        last[:] = [target.make(random)]
        work(last[0], name)

    asked = settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    test = seeded(seed)(asked(given(st.randoms(use_true_random=False))(run)))
    try:
        test()
    except Exception as error:  # noqa: BLE001  (hypothesis raises what was smallest at last)
        return _failure(target, last[0], name, error)
    return None


@contextmanager
def settled() -> Iterator[None]:
    """All that iterations have in common: loops loaded, few draws, and warnings of arithmetic that raise."""
    load_compiled()
    with taken(PLAIN), warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        yield
